"""The syntax tree of a query, as DuckDB serializes it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from intercom_kit.errors import BadQueryError

# A cache of one tree, since the guard and the planner read the same one in turn; large trees are not cached.
_latest: tuple[str, dict[str, Any]] = ("", {})
_LARGEST_CACHED = 200_000  # characters


def read(cursor: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    """Return the tree of a query, which must not be changed; its `error` is true if the query is not a SELECT."""
    global _latest
    cached, tree = _latest
    if cached == query:
        return tree
    ((serialized,),) = cursor.execute("select json_serialize_sql(?)", [query]).fetchall()
    with shallow_enough():
        tree = dict(json.loads(serialized))
    if len(serialized) <= _LARGEST_CACHED:
        _latest = query, tree
    return tree


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of a tree, parents before children."""
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            yield node
            left += reversed(node.values())
        elif isinstance(node, list):
            left += reversed(node)


@contextmanager
def shallow_enough() -> Iterator[None]:
    """Raise BadQueryError if what runs inside nests too deeply for Python's stack."""
    try:
        yield
    except RecursionError:
        raise too_deep() from None


def too_deep() -> BadQueryError:
    """Return the error for a query that nests too deeply."""
    return BadQueryError(
        "The query nests too deeply: split it up by WITH, add up a list with list_sum([…]), or compare with IN (…)."
    )
