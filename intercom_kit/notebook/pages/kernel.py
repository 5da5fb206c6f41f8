"""What happens in the kernel of a notebook that becomes a page, beside its own cells."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from IPython.core.formatters import BaseFormatter
from IPython.core.getipython import get_ipython
from pandas.io.formats.style import Styler
from traitlets import ObjectName, Unicode

from intercom_kit.notebook.pages.numbers import numbers

CSV = "text/csv"


class CsvFormatter(BaseFormatter):
    """The formatter that puts out frames as CSV, too, since their HTML shows only the first and last of many rows."""

    format_type = Unicode(CSV)
    print_method = ObjectName("_repr_csv_")


def begin(*, csv: bool = False) -> None:
    """Have frames put out for a page: rounded, and with `csv` as CSV as well."""
    pd.set_option("display.precision", 3, "display.max_colwidth", 120)
    if csv:
        shell: Any = get_ipython()
        formatter = CsvFormatter(parent=shell.display_formatter)
        for kind in (pd.DataFrame, Styler):
            formatter.for_type(kind, _csv)  # type: ignore[no-untyped-call]
        shell.display_formatter.formatters[CSV] = formatter


def told(names: Mapping[str, Any]) -> str:
    """Return as JSON what the notebook fetched, and the numbers that its variables hold.

    By convention a notebook's workspace is called `ws`; without one, nothing was fetched.
    """
    workspace = names.get("ws")
    fetches = getattr(workspace, "fetches", None)
    columns = ["table", "rows", "requests", "seconds"]
    fetched = [] if fetches is None else json.loads(fetches[columns].to_json(orient="records"))
    return json.dumps({"fetches": fetched, "numbers": numbers(names)})


def _csv(shown: pd.DataFrame | Styler) -> str:
    """Return a frame as CSV, with its index where that has a name."""
    frame: pd.DataFrame = shown.data if isinstance(shown, Styler) else shown  # type: ignore[attr-defined]
    return str(frame.to_csv(index=any(frame.index.names)))
