"""Tell what a plan prints from what it only seems to print: names stand there without quotes, and lines are cut."""

from typing import Any

import duckdb

# Of a frame's columns, those whose names may read as something else: `not churned`, `a or b`, `false`.
_MISLEADING = r"""
    select column_name from duckdb_columns() where table_name = ? and (
        not regexp_full_match(column_name, '[\pL_][\pL\pN_]*') or lower(column_name) in (
            select keyword_name from duckdb_keywords() where keyword_category = 'reserved'))
"""


def texts(value: Any) -> list[str]:
    """List what a plan gives as one text, or as several."""
    return [value] if isinstance(value, str) else list(value or [])


def expressions(value: Any) -> list[str]:
    """List expressions: a constant with line breaks is cut there, and a part of it might read as another expression.

    What DuckDB does not print of a hint leaves an empty one.
    """
    whole: list[str] = []
    for line in texts(value):
        if whole and whole[-1].count("'") % 2:
            whole[-1] += f"\n{line}"
        elif line:
            whole.append(line)
    return whole


def without_misleading(cursor: duckdb.DuckDBPyConnection, table: str, scan: dict[str, Any], filters: list[str]) -> None:
    """Take out of a scan of a frame the filters, and the names of columns, that can be read in two ways."""
    names = [name for (name,) in cursor.execute(_MISLEADING, [table]).fetchall()]
    filters[:] = [text for text in filters if not any(name in text for name in names)]
    if any("\n" in name for name in names):
        filters.clear()
        scan["Projections"] = []
