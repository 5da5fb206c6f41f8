"""The comparison of two lakes, or of a lake with a workspace, row by row."""

from typing import Any, Protocol

import pandas as pd

from intercom_kit.tables import TABLES


class Answers(Protocol):
    """Anything that answers SQL with a frame."""

    def sql(self, query: str, /) -> pd.DataFrame: ...


def rows(source: Answers, table: str, **options: Any) -> list[tuple[str, ...]]:
    """Return all rows of a table as text, in an order of their own."""
    columns = ", ".join(f'"{column.name}"::varchar as "{column.name}"' for column in TABLES[table].columns)
    frame = source.sql(f"select {columns} from {table}", **options)
    return sorted(tuple(map(str, row)) for row in frame.itertuples(index=False))


def digest(source: Answers, table: str) -> tuple[str, ...]:
    """Return what tells all rows of a table from others, whatever their order: how many, and what their hashes make."""
    columns = ", ".join(f'"{column.name}"::varchar' for column in TABLES[table].columns)
    (found,) = source.sql(
        f"select count(*), bit_xor(h), sum(h % 1000000007) from (select hash({columns}) as h from {table})"
    ).values
    return tuple(map(str, found))


def difference(one: list[tuple[str, ...]], other: list[tuple[str, ...]]) -> str:
    """Say how two lists of rows differ; empty if they do not."""
    if one == other:
        return ""
    lacks, more = [row for row in other if row not in one], [row for row in one if row not in other]
    return f"{len(one)} rows against {len(other)}; lacking {lacks[:2]}, too many or other {more[:2]}"
