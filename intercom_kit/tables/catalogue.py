"""The tables and their columns as frames, for `schema()`, documentation and assistants."""

import pandas as pd

from intercom_kit.errors import BadRequestError
from intercom_kit.tables import TABLES
from intercom_kit.tables.filters import filters_of
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
                ", ".join(filters_of(column)) if column.search and (privacy == "full" or not column.personal) else "",
            )
            for column in TABLES[name].columns
        ],
        columns=["column", "type", "unit", "meaning", "filter"],
    )
