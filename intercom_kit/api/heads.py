"""A page of an answer: its text, and the few values that say how to go on, read by DuckDB without the rest.

Reading a page whole into Python objects would hold Python's lock for milliseconds per page, and all pages of a large
listing pass through here.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Open a DuckDB for parsing alone; not at import, since that would make every import wait for it."""
    return duckdb.connect()


@dataclass(frozen=True)
class Page:
    """Hold one answer of Intercom's.

    `next` is what Intercom says of the next page: a cursor, an address, or None at the end. `count` is the number of
    objects, and `repaired` whether the text was no valid Unicode, so that some characters were replaced.
    """

    text: str
    next: Any = None
    total_pages: int | None = None
    total_count: int | None = None
    scroll_param: str | None = None
    count: int = 0
    repaired: bool = False

    @property
    def cursor(self) -> str | None:
        """Give the `starting_after` of the next page."""
        cursor = self.next.get("starting_after") if isinstance(self.next, dict) else None
        return str(cursor) if cursor else None


def read_page(text: str, items: str) -> Page:
    """Read the head of an answer; raise ValueError if it is no JSON, or holds no list where one must be."""
    if not text.lstrip().startswith("{"):
        raise ValueError("the answer is no object")
    try:
        ((head,),) = _database().cursor().execute(_query(items), {"text": text}).fetchall()
    except duckdb.InvalidInputException:
        return replace(read_page(_repaired(text), items), repaired=True)
    beside = head
    for key in items.split(".")[:-1]:
        beside = beside[key] or {}
    members = beside.get(items.rpartition(".")[2]) if items else []
    if members is None:
        raise ValueError(f"the answer holds no list under {items!r}")
    pages = head["pages"] or {}
    following = json.loads(pages.get("next") or "null")
    total = _whole(beside.get("total_count"))
    return Page(text, following, _whole(pages.get("total_pages")), total, head["scroll_param"], len(members))


@cache
def _query(items: str) -> str:
    """Write the query that parses an answer once, and keeps of its list only how long it is.

    A list's total stands beside it. The members are read as booleans, which they are not: each becomes a NULL.
    """
    structure: dict[str, Any] = {"pages": {"next": "JSON", "total_pages": "VARCHAR"}, "scroll_param": "VARCHAR"}
    beside = structure
    *outer, last = items.split(".")
    for key in outer:
        beside = beside.setdefault(key, {})
    beside["total_count"] = "VARCHAR"
    if last:
        beside[last] = ["BOOLEAN"]
    return f"select from_json($text, '{json.dumps(structure)}')"


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _repaired(text: str) -> str:
    """Replace half surrogates, which Python's JSON reader lets pass and DuckDB's does not."""
    whole = json.dumps(json.loads(text), ensure_ascii=False)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
