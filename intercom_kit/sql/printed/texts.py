"""Texts of a plan without their ambiguities: plans print names without quotes, and split texts at line breaks."""

from typing import Any

import duckdb

# The columns of a frame whose names could be read as an expression: `not churned`, `a or b`, `false`.
_MISLEADING = r"""
    select column_name from duckdb_columns() where table_name = ? and (
        not regexp_full_match(column_name, '[\pL_][\pL\pN_]*') or lower(column_name) in (
            select keyword_name from duckdb_keywords() where keyword_category = 'reserved'))
"""


def texts(value: Any) -> list[str]:
    """Return as a list what a plan has as one text or as several."""
    return [value] if isinstance(value, str) else list(value or [])


def expressions(value: Any) -> list[str]:
    """Return expressions with constants joined again that the plan split at line breaks.

    A part of such a constant might be read as another expression. Empty lines, left by hints without text, are dropped.
    """
    joined: list[str] = []
    for line in texts(value):
        if joined and joined[-1].count("'") % 2:
            joined[-1] += f"\n{line}"
        elif line:
            joined.append(line)
    return joined


def without_misleading(cursor: duckdb.DuckDBPyConnection, table: str, scan: dict[str, Any], filters: list[str]) -> None:
    """Remove from a scan of a frame, in place, the filters and column names that are ambiguous."""
    names = [name for (name,) in cursor.execute(_MISLEADING, [table]).fetchall()]
    filters[:] = [text for text in filters if not any(name in text for name in names)]
    if any("\n" in name for name in names):
        filters.clear()
        scan["Projections"] = []
