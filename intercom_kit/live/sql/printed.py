"""Tell what a plan prints from what it only seems to print: names stand there without quotes, and lines are cut."""

import re
from collections.abc import Callable
from typing import Any

import duckdb

# Of a frame's columns, those whose names may read as something else: `not churned`, `a or b`, `false`.
_MISLEADING = r"""
    select column_name from duckdb_columns() where table_name = ? and (
        not regexp_full_match(column_name, '[\pL_][\pL\pN_]*') or lower(column_name) in (
            select keyword_name from duckdb_keywords() where keyword_category = 'reserved'))
"""


# The picture of a plan, which Graphviz would draw, has whole lines, and in place of some characters others.
_ESCAPED, _MEANS = re.compile(r"\\(.)", re.DOTALL), {"n": "\n", "r": "\r", "t": "\t"}
_CONSTANT = re.compile(r"'(?:[^']|'')*'")


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


def with_lines(node: dict[str, Any], picture: Callable[[], str]) -> None:
    """Write out the line breaks of constants in the conditions of a plan, `'a' || chr(10) || 'b'`.

    Where it cannot be told how many stand there, since empty lines are not printed, the constant stays cut.
    """
    said = node["extra_info"]
    for name in said.keys() & {"Filters", "Expression", "Conditions"}:
        said[name] = [_written_out(each, picture) if "\n" in each else each for each in expressions(said[name])]
    for child in node["children"]:
        with_lines(child, picture)


def _written_out(text: str, picture: Callable[[], str]) -> str:
    drawn = _ESCAPED.sub(lambda mark: _MEANS.get(mark[1], mark[1]), picture())
    whole = set(re.findall("\n+".join(map(re.escape, text.split("\n"))), drawn))
    if len(whole) != 1:
        return text
    return _CONSTANT.sub(lambda constant: f"({constant[0]})".replace("\n", "' || chr(10) || '"), whole.pop())
