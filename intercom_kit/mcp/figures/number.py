"""What is behind one number of a metric: the row is named by what stands before its value, as the answer shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.mcp.answers import compact
from intercom_kit.mcp.cells import cell

if TYPE_CHECKING:
    import pandas as pd

_MOST_NAMED = 8  # rows in an error


def row_of(frame: "pd.DataFrame", named: Mapping[str, Any]) -> int:
    """Return the place of the row that has these groups, period and other labels, of which it has to be the only one.

    Raises ToolError, with the labels that there are, unless it is.
    """
    columns = [str(name) for name in frame.columns]
    keys = [name for name in columns[: columns.index("value")] if name != "complete"]
    for name in named:
        if name not in keys:
            takes = f"it takes {', '.join(keys)}" if keys else "this number has no groups: give {}"
            raise ToolError(f"behind has no {name!r}: {takes}")
    rows = frame[keys].to_dict("records")
    places = [place for place, row in enumerate(rows) if all(_is(row[key], named[key]) for key in named)]
    if len(places) != 1:
        shown = [{key: cell(rows[place][key]) for key in keys} for place in places or range(len(rows))]
        some = ", ".join(map(compact, shown[-_MOST_NAMED:] if "period" in keys else shown[:_MOST_NAMED]))
        raise ToolError(f"behind names {len(places)} numbers, not one: give one of {some}")
    return places[0]


def _is(value: Any, named: Any) -> bool:
    """Return whether a group or period is the named one; a period by its beginning, as shown, or the day of that."""
    label = cell(value)
    if label is None or named is None:
        return label is named
    forms = {str(label), *((f"{value:%Y-%m-%d}",) if isinstance(value, datetime) else ())}
    return str(named).casefold() in {form.casefold() for form in forms}
