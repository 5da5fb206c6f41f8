"""The grammar of filters: the names that filter by a column, and how each compares it."""

from typing import Literal

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Table

Comparison = Literal["equal", "since", "until", "min", "max"]

# The bounds of a span of time or numbers: its end is excluded for times and included for numbers.
OPERATORS: dict[Comparison, str] = {"since": ">=", "until": "<", "min": ">=", "max": "<="}


def filters_of(column: Column) -> dict[str, Comparison]:
    """Return the names of the filters by a column, with how each compares it: an instant is only bounded."""
    if column.kind is Kind.TIME:
        base = column.name.removesuffix("_at")
        return {f"{base}_since": "since", f"{base}_until": "until"} if base != column.name else {}
    if column.kind is Kind.INTEGER:
        return {column.name: "equal", f"{column.name}_min": "min", f"{column.name}_max": "max"}
    return {column.name: "equal"}


def bounded(table: Table, name: str) -> tuple[Column, Comparison] | None:
    """Return the column that a filter bounds, and how; None for a filter that is no bound, as any column's own name."""
    if name in table:
        return None
    found = ((column, filters_of(column).get(name)) for column in table.columns)
    return next(((column, comparison) for column, comparison in found if comparison), None)
