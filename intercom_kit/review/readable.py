"""Frames of numbers in several units, shown in a notebook as people read them."""

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

from intercom_kit.days import day
from intercom_kit.frames.frame import Frame
from intercom_kit.numbers.names import heading
from intercom_kit.numbers.quantities import percent, written

_IN_UNIT = ("value", "usual", "low", "high")
_NAMES = {"value": "latest", "explains": "explains", "low": "95 % interval", "by": "split by"}


class Readable(Frame):
    """A frame whose rows have a `unit`, in which a notebook shows their numbers; the numbers stay as they are."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return Frame

    def _records(self) -> list[dict[str, Any]]:
        return [{str(name): value for name, value in row.items()} for row in pd.DataFrame(self).to_dict("records")]

    def _repr_html_(self) -> str:
        if not {"unit", "value"} <= set(self.columns):
            return super()._repr_html_()
        if not len(self):
            return f"<p>Nothing is unusual.</p><p><small>{escape(self.receipt)}</small></p>"
        shown = [_shown(row) for row in self._records()]
        columns = [name for name in _shown(dict.fromkeys(self.columns)) if name]
        table = pd.DataFrame(shown, columns=columns).to_html(index=False, border=0)
        return f"{table}<p><small>{escape(self.receipt)}</small></p>"


def _shown(row: dict[str, Any]) -> dict[str, str]:
    """Return the cells of a row as text, without the unit, which numbers have."""
    known = {name: value for name, value in row.items() if not _is_missing(value)}
    cells = {}
    for name in row:
        if name in ("unit", "high"):
            continue
        words = _NAMES.get(str(name), str(name))
        cells[words] = _cell(str(name), known) if name in known else ""
    return cells


def _cell(name: str, known: dict[str, Any]) -> str:
    value = known[name]
    if name == "low":
        return f"{written(value, known['unit'])} to {written(known['high'], known['unit'])}"
    if name in _IN_UNIT:
        return written(value, known["unit"])
    if name == "period":
        return day(value)
    if name == "unusual":
        return "unusual" if value else ""
    if name == "explains":
        return percent(value)
    return heading(value) if name == "by" else f"{value:,.0f}" if name == "n" else str(value)


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))
