"""A page of an answer: its text, and the few values that say how to go on, read by DuckDB without the rest.

Reading a page whole into Python objects would hold Python's lock for milliseconds per page, and all pages of a large
listing pass through here.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import duckdb

_database = duckdb.connect()

_READ = (
    "select json_extract($text, ['$.pages.next', '$.pages.total_pages', $total, '$.scroll_param']), "
    "json_type($text, $items), json_array_length($text, $items)"
)


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
    path = "$" + "".join(f'."{key}"' for key in items.split(".") if key)
    total = f"{path.rpartition('.')[0] or '$'}.total_count"  # it stands beside the list that it counts
    values = {"text": text, "items": path, "total": total}
    try:
        ((heads, kind, count),) = _database.cursor().execute(_READ, values).fetchall()
    except duckdb.InvalidInputException:
        return replace(read_page(_repaired(text), items), repaired=True)
    if kind != ("ARRAY" if items else "OBJECT"):
        raise ValueError(f"the answer holds no list under {items!r}" if items else "the answer is no object")
    following, total_pages, total_count, scroll_param = (None if head is None else json.loads(head) for head in heads)
    return Page(text, following, _whole(total_pages), _whole(total_count), scroll_param, count)


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float | str) and str(value).isdigit() else None


def _repaired(text: str) -> str:
    """Replace half surrogates, which Python's JSON reader lets pass and DuckDB's does not."""
    whole = json.dumps(json.loads(text), ensure_ascii=False)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
