"""A query's syntax, as DuckDB serializes it, and the ways through it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from intercom_kit.errors import BadQueryError

# The guard and the planner ask for the same tree one after the other; large ones are not kept for that.
_latest: tuple[str, dict[str, Any]] = ("", {})
_KEPT = 200_000  # characters


def read(cursor: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    """Give the tree of a query, which nobody may change; its `error` is true where the query is no SELECT."""
    global _latest
    known, tree = _latest
    if known == query:
        return tree
    ((serialized,),) = cursor.execute("select json_serialize_sql(?)", [query]).fetchall()
    with shallow_enough():
        tree = dict(json.loads(serialized))
    if len(serialized) <= _KEPT:
        _latest = query, tree
    return tree


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Give every node of a tree, the outer ones first."""
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
    """Refuse what nests deeper than can be followed."""
    try:
        yield
    except RecursionError:
        raise too_deep() from None


def too_deep() -> BadQueryError:
    """Say that a query nests too deeply, and what to write instead."""
    return BadQueryError(
        "The query nests too deeply: take it apart by WITH, add up a list with list_sum([…]), or compare with IN (…)."
    )
