"""The tables and their columns as frames, for `schema()`, documentation and assistants."""

import pandas as pd

from intercom_kit.errors import BadRequestError
from intercom_kit.tables import TABLES
from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.privacy import Privacy


def describe(name: str | None, privacy: Privacy = "full") -> pd.DataFrame:
    """Return a frame of the tables, or of one table's columns; raise BadRequestError for an unknown table.

    With masked or removed personal data, personal columns cannot be filtered.
    """
    if name is None:
        return pd.DataFrame(
            [
                (table.name, table.row, len(table.columns), table.order, " ".join(table.notes))
                for table in TABLES.values()
            ],
            columns=["table", "row", "columns", "order", "notes"],
        )
    if name not in TABLES:
        raise BadRequestError(f"There is no table {name!r}: the tables are {', '.join(TABLES)}.")
    return pd.DataFrame(
        [
            (
                column.name,
                column.kind.sql,
                column.unit,
                column.meaning,
                filter_of(column) if privacy == "full" or not column.personal else "",
            )
            for column in TABLES[name].columns
        ],
        columns=["column", "type", "unit", "meaning", "filter"],
    )


def filter_of(column: Column) -> str:
    """Return the filters that verbs take for a column; empty where Intercom's search has none."""
    if not column.search:
        return ""
    if column.kind is Kind.TIME:
        base = column.name.removesuffix("_at")
        return f"{base}_since, {base}_until" if base != column.name else ""
    if column.kind is Kind.INTEGER:
        return f"{column.name}, {column.name}_min, {column.name}_max"
    return column.name
