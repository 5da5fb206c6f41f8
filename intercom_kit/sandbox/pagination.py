"""Intercom's pagination: by cursor and by page number; scroll.py has the third style."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple, cast
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from intercom_kit.sandbox.contents.columns import MISSING
from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.contents.store import Collection
from intercom_kit.sandbox.errors import ApiError, bad_parameter
from intercom_kit.sandbox.paging_faults import PagingFaults, Place, read_page

MAX_PER_PAGE = 150
LISTABLE_COMPANIES = 10_000


class Position(NamedTuple):
    """The row after which a page of a cursor list begins: its sort value, as the cursor encodes it, and its id."""

    sort_value: int | None
    last_id: str

    @classmethod
    def after(cls, key: float, last_id: str) -> "Position":
        """Return the position after a row; recorded: a cursor encodes dates in milliseconds, and null as -1."""
        return cls(round(key) if key == MISSING else round(key * 1000), last_id)

    @property
    def key(self) -> float:
        value = self.sort_value or 0
        return value if value == MISSING else value / 1000


START = Position(None, "")
CursorPlace = Place[Position]


def write_cursor(place: CursorPlace) -> str:
    """Return a place as a cursor like Intercom's: base64 of [sort value, last id, page number], plus a fault's mark."""
    marked = [place.mark] if place.mark or place.position == START else []
    return base64.b64encode(encode([*place.position, place.number, *marked]).encode()).decode()


def read_cursor(text: str) -> CursorPlace:
    """Return the place that a cursor encodes; an invalid cursor is an error (UNCONFIRMED [error-codes])."""
    try:
        sort_value, last_id, number, *marked = json.loads(base64.b64decode(text, validate=True))
        at_start = sort_value is None and marked
        position = START if at_start else Position(int(sort_value), str(last_id))
        return Place(int(number), position, str(marked[0]) if marked else "")
    except (ValueError, TypeError, binascii.Error):
        raise bad_parameter("starting_after is not valid", "starting_after") from None


@dataclass(frozen=True)
class Ordered:
    """The matching rows in ascending order, with the sort key of each."""

    rows: NDArray[np.int64]
    keys: NDArray[np.float64]
    descending: bool

    def first(self, count: int) -> NDArray[np.int64]:
        return self.rows[::-1][:count] if self.descending else self.rows[:count]

    def after(self, key: float, row: int | None, count: int) -> NDArray[np.int64]:
        """Return the next rows after a position, whose row may be gone by now: cursors are stateless."""
        first = int(np.searchsorted(self.keys, key, "left"))
        end_of_ties = int(np.searchsorted(self.keys, key, "right"))
        ties = self.rows[first:end_of_ties]
        if self.descending:
            end = end_of_ties if row is None else first + int(np.searchsorted(ties, row, "left"))
            return self.rows[max(0, end - count) : end][::-1]
        start = first if row is None else first + int(np.searchsorted(ties, row, "right"))
        return self.rows[start : start + count]

    def is_last(self, row: int) -> bool:
        return bool(row == (self.rows[0] if self.descending else self.rows[-1]))


@dataclass(frozen=True)
class Request:
    """The requested page of a cursor list."""

    size: int
    echo: object  # `per_page` as the response repeats it
    cursor: CursorPlace | None
    paging_faults: PagingFaults | None

    @property
    def place(self) -> CursorPlace:
        return self.cursor or Place(1, START)


def list_request(query: Mapping[str, str], default: int, oversize: str, paging_faults: PagingFaults | None) -> Request:
    """Return the page that a GET requests in its query; a requested page size is echoed as text."""
    after = query.get("starting_after")
    if after == "":
        raise ApiError(500, "server_error", "Internal server error")  # recorded: an empty cursor breaks Intercom
    size = per_page(query.get("per_page"), default, oversize)
    echo = str(size) if "per_page" in query else size
    return Request(size, echo, read_cursor(after) if after else None, paging_faults)


def search_request(body: Record, default: int, oversize: str, paging_faults: PagingFaults | None) -> Request:
    """Return the page that a search requests in its body; its query parameters have no effect."""
    pagination = body.get("pagination") or {}
    if not isinstance(pagination, dict):
        raise bad_parameter("pagination must be an object", "pagination")
    size = per_page(pagination.get("per_page"), default, oversize)
    after = pagination.get("starting_after")
    request = Request(size, size, read_cursor(str(after)) if after else None, paging_faults)
    if paging_faults is not None:
        paging_faults.refuse_search(request.place.number)
    return request


def cursor_list(
    collection: Collection, ordered: Ordered, request: Request, render: Callable[[int], str], key: str, kind: str
) -> str:
    """Return one page of a cursor list as JSON; `render` returns the JSON of a row."""

    def read(position: Position) -> tuple[list[int], Position | None]:
        if position == START:
            rows = ordered.first(request.size)
        else:
            rows = ordered.after(position.key, collection.row(position.last_id), request.size)
        if not len(rows) or ordered.is_last(last := int(rows[-1])):
            return rows.tolist(), None
        sort_key = float(ordered.keys[np.flatnonzero(ordered.rows == last)[0]])
        return rows.tolist(), Position.after(sort_key, collection.id_of(last))

    place, paging_faults = request.place, request.paging_faults
    shown, next_place = read_page(place, START, read, paging_faults)
    texts = list(map(render, shown))
    total: int | None = len(ordered.rows)
    if paging_faults is not None:
        texts, total = paging_faults.with_nulls(place.number, texts, "null"), paging_faults.total(len(ordered.rows))
    pages: Record = {"type": "pages"}  # recorded: `next` is absent, not null, on the last page
    if next_place is not None:
        pages["next"] = {"page": next_place.number, "starting_after": write_cursor(next_place)}
    pages |= {"page": place.number, "per_page": request.echo} | _total_pages(total, request.size)
    counted = "" if total is None else f'"total_count":{total},'
    return f'{{"type":"{kind}","{key}":[{",".join(texts)}],{counted}"pages":{encode(pages)}}}'


def _total_pages(total: int | None, size: int) -> Record:
    return {} if total is None else {"total_pages": ceil(total / size)}


@dataclass(frozen=True)
class NumberedPages:
    """The pages of a numbered list, by its total and page size."""

    total: int
    size: int

    @property
    def last(self) -> int:
        return ceil(self.total / self.size)

    def read(self, page: int) -> tuple[range, int | None]:
        """Return the rows of a page, and the next page's number."""
        rows = range((page - 1) * self.size, page * self.size)
        return rows, page + 1 if page < self.last else None


def numbered_page(
    address: str,
    query: Mapping[str, str],
    total: int,
    default: int,
    limit: int,
    oversize: str,
    paging_faults: PagingFaults | None,
) -> tuple[slice, Record]:
    """Return the rows of the requested page, and its `pages`; `next` is null on the last one.

    Intercom's `next` begins with https://api.intercom.io for every region and proxy; here it begins with the sandbox's
    own address, so that a client which follows it stays on this machine.
    """
    page = _positive(query.get("page", 1), "page")
    size = numbered_per_page(query.get("per_page"), default, limit, oversize)
    numbered = NumberedPages(total, size)
    if paging_faults is None:
        rows, next_number = numbered.read(page)
        total_pages = _total_pages(total, size)
    else:
        rows, next_number, total_pages = _faulty_page(numbered, page, paging_faults)
    next_query = urlencode({**query, "page": str(next_number), "per_page": str(size)})
    pages: Record = {"type": "pages", "next": f"{address}?{next_query}" if next_number else None, "page": page}
    return slice(rows.start, rows.stop), {**pages, "per_page": size, **total_pages}


def _faulty_page(numbered: NumberedPages, page: int, paging_faults: PagingFaults) -> tuple[range, int | None, Record]:
    """Return a page of a list with faults, reached link by link, so that page numbers and links show the same pages."""
    place, _ = _walk(numbered, paging_faults, page - 1)
    reported = paging_faults.total(numbered.total)
    total_pages = _total_pages(reported, numbered.size)
    if paging_faults.on("page_repeated", "page_skipped") and reported == numbered.total:
        total_pages = {"total_pages": _walk(numbered, paging_faults, 2 * numbered.last)[1]}
    if place is None:
        return range(0), None, total_pages
    rows, next_place = paging_faults.read_page(place, 1, numbered.read)
    return cast(range, rows), next_place.number if next_place else None, total_pages


def _walk(numbered: NumberedPages, paging_faults: PagingFaults, steps: int) -> tuple[Place[int] | None, int]:
    """Follow up to `steps` links from the first page; return the place, None past the end, and the steps taken."""
    place: Place[int] | None = Place(1, 1)
    taken, limit = 0, 2 * numbered.last  # no list is longer than one whose pages are all repeated
    while place is not None and taken < min(steps, limit):
        place, taken = paging_faults.read_page(place, 1, numbered.read, drop_links=False)[1], taken + 1
    return place, taken


def refuse_beyond_listable(rows: slice) -> None:
    """Raise an error past 10,000 companies; the limit is documented, the error UNCONFIRMED [companies-beyond]."""
    if rows.start >= LISTABLE_COMPANIES:
        message = "page limit reached, please use the scroll API to retrieve more than 10000 companies"
        raise ApiError(400, "page_limit_reached", message)


def per_page(value: object, default: int, oversize: str) -> int:
    """Return the page size; above the maximum it is capped, or an error as measured (UNCONFIRMED [per-page-over])."""
    size = default if value is None else _positive(value, "per_page")
    if size > MAX_PER_PAGE and oversize == "refuse":
        raise ApiError(400, "invalid_per_page", f"must be an integer between 0 and {MAX_PER_PAGE}", field="per_page")
    return min(size, MAX_PER_PAGE)


def numbered_per_page(value: object, default: int, limit: int, oversize: str) -> int:
    """Return the page size of a numbered list; recorded: companies have a different message for a large one."""
    size = default if value is None else _positive(value, "per_page")
    if size > limit and oversize == "refuse":
        raise bad_parameter("Per Page is too big", "per_page")
    return min(size, limit)


def _positive(value: object, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise bad_parameter(f"{name} must be a positive number", name)  # UNCONFIRMED [error-codes]
    return number
