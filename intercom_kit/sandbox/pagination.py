"""Cut lists into pages in Intercom's four styles: cursor, page number, scroll (see scroll.py) and none."""

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
from intercom_kit.sandbox.paging_faults import Breaks, Place, turn

MAX_PER_PAGE = 150
LISTABLE_COMPANIES = 10_000


class Position(NamedTuple):
    """After which row a page of a cursor list begins: its sort value, as it travels, and its id."""

    sort_value: int | None
    last_id: str

    @classmethod
    def after(cls, key: float, last_id: str) -> "Position":
        """Stand after a row by its sort key; dates travel as milliseconds, and a null one as -1, as recorded."""
        return cls(round(key) if key == MISSING else round(key * 1000), last_id)

    @property
    def key(self) -> float:
        value = self.sort_value or 0
        return value if value == MISSING else value / 1000


START = Position(None, "")
CursorPlace = Place[Position]


def write_cursor(place: CursorPlace) -> str:
    """Write a place as Intercom's cursors are: base64 of [sort value, last id, page number], and a fault's mark."""
    marked = [place.mark] if place.mark or place.position == START else []
    return base64.b64encode(encode([*place.position, place.number, *marked]).encode()).decode()


def read_cursor(text: str) -> CursorPlace:
    """Read the opaque text, or refuse it (UNCONFIRMED [error-codes])."""
    try:
        sort_value, last_id, number, *marked = json.loads(base64.b64decode(text, validate=True))
        begins = sort_value is None and marked
        position = START if begins else Position(int(sort_value), str(last_id))
        return Place(int(number), position, str(marked[0]) if marked else "")
    except (ValueError, TypeError, binascii.Error):
        raise bad_parameter("starting_after is not valid", "starting_after") from None


@dataclass(frozen=True)
class Ordered:
    """The rows that match, ascending, and what they are sorted by; cheap to keep between pages."""

    rows: NDArray[np.int64]
    keys: NDArray[np.float64]
    descending: bool

    def first(self, count: int) -> NDArray[np.int64]:
        return self.rows[::-1][:count] if self.descending else self.rows[:count]

    def after(self, key: float, row: int | None, count: int) -> NDArray[np.int64]:
        """List the next rows after a position that need not exist any more: cursors keep no state."""
        first = int(np.searchsorted(self.keys, key, "left"))
        beyond = int(np.searchsorted(self.keys, key, "right"))
        ties = self.rows[first:beyond]
        if self.descending:
            end = beyond if row is None else first + int(np.searchsorted(ties, row, "left"))
            return self.rows[max(0, end - count) : end][::-1]
        start = first if row is None else first + int(np.searchsorted(ties, row, "right"))
        return self.rows[start : start + count]

    def is_last(self, row: int) -> bool:
        return bool(row == (self.rows[0] if self.descending else self.rows[-1]))


@dataclass(frozen=True)
class Request:
    """What page of a cursor list is asked for, wherever in the request that stood."""

    size: int
    echo: object  # `per_page` as it is repeated in the answer
    cursor: CursorPlace | None
    breaks: Breaks | None

    @property
    def place(self) -> CursorPlace:
        return self.cursor or Place(1, START)


def list_request(query: Mapping[str, str], default: int, over: str, breaks: Breaks | None) -> Request:
    """Read the page asked for from the query of a GET; the page size is echoed as the text it came as."""
    after = query.get("starting_after")
    if after == "":
        raise ApiError(500, "server_error", "Internal server error")  # recorded: an empty cursor breaks Intercom
    size = per_page(query.get("per_page"), default, over)
    return Request(size, str(size) if "per_page" in query else size, read_cursor(after) if after else None, breaks)


def search_request(body: Record, default: int, over: str, breaks: Breaks | None) -> Request:
    """Read the page asked for from the body of a search; whatever stands in its address has no effect."""
    pagination = body.get("pagination") or {}
    if not isinstance(pagination, dict):
        raise bad_parameter("pagination must be an object", "pagination")
    size = per_page(pagination.get("per_page"), default, over)
    after = pagination.get("starting_after")
    request = Request(size, size, read_cursor(str(after)) if after else None, breaks)
    if breaks is not None:
        breaks.refuse_search(request.place.number)
    return request


def cursor_list(
    collection: Collection, ordered: Ordered, request: Request, render: Callable[[int], str], key: str, kind: str
) -> str:
    """Write one page of a cursor list, joining what `render` writes for each row."""

    def read(position: Position) -> tuple[list[int], Position | None]:
        if position == START:
            rows = ordered.first(request.size)
        else:
            rows = ordered.after(position.key, collection.row(position.last_id), request.size)
        if not len(rows) or ordered.is_last(last := int(rows[-1])):
            return rows.tolist(), None
        sort_key = float(ordered.keys[np.flatnonzero(ordered.rows == last)[0]])
        return rows.tolist(), Position.after(sort_key, collection.id_of(last))

    place, breaks = request.place, request.breaks
    shown, onward = turn(place, START, read, breaks)
    texts = list(map(render, shown))
    total: int | None = len(ordered.rows)
    if breaks is not None:
        texts, total = breaks.with_nulls(place.number, texts, "null"), breaks.total(len(ordered.rows))
    pages: Record = {"type": "pages"}  # recorded: `next` is absent, not null, on the last page
    if onward is not None:
        pages["next"] = {"page": onward.number, "starting_after": write_cursor(onward)}
    pages |= {"page": place.number, "per_page": request.echo} | _total_pages(total, request.size)
    counted = "" if total is None else f'"total_count":{total},'
    return f'{{"type":"{kind}","{key}":[{",".join(texts)}],{counted}"pages":{encode(pages)}}}'


def _total_pages(total: int | None, size: int) -> Record:
    return {} if total is None else {"total_pages": ceil(total / size)}


@dataclass(frozen=True)
class Numbers:
    """How many pages of which size a numbered list has."""

    total: int
    size: int

    @property
    def last(self) -> int:
        return ceil(self.total / self.size)

    def read(self, page: int) -> tuple[range, int | None]:
        """Give the rows of a page, and the next page's number."""
        rows = range((page - 1) * self.size, page * self.size)
        return rows, page + 1 if page < self.last else None


def numbered(
    address: str, query: Mapping[str, str], total: int, default: int, most: int, over: str, breaks: Breaks | None
) -> tuple[slice, Record]:
    """Read which numbered page is asked for: the rows it shows, and its `pages`; `next` is null on the last one.

    Live, `next` always begins with https://api.intercom.io, whatever region or proxy was asked; here it begins
    with the sandbox's own address, so that a client which follows it does not leave the machine.
    """
    page = _positive(query.get("page", 1), "page")
    size = numbered_per_page(query.get("per_page"), default, most, over)
    numbers = Numbers(total, size)
    if breaks is None:
        rows, following = numbers.read(page)
        total_pages = _total_pages(total, size)
    else:
        rows, following, total_pages = _broken_page(numbers, page, breaks)
    onward = urlencode({**query, "page": str(following), "per_page": str(size)})
    pages: Record = {"type": "pages", "next": f"{address}?{onward}" if following else None, "page": page}
    return slice(rows.start, rows.stop), {**pages, "per_page": size, **total_pages}


def _broken_page(numbers: Numbers, page: int, breaks: Breaks) -> tuple[range, int | None, Record]:
    """Walk to a page of a broken list, since whoever counts pages is to see what those see who follow addresses."""
    place, _ = _walk(numbers, breaks, page - 1)
    claimed = breaks.total(numbers.total)
    total_pages = _total_pages(claimed, numbers.size)
    if breaks.on("page_repeated", "page_skipped") and claimed == numbers.total:
        total_pages = {"total_pages": _walk(numbers, breaks, 2 * numbers.last)[1]}
    if place is None:
        return range(0), None, total_pages
    rows, onward = breaks.turn(place, 1, numbers.read)
    return cast(range, rows), onward.number if onward else None, total_pages


def _walk(numbers: Numbers, breaks: Breaks, steps: int) -> tuple[Place[int] | None, int]:
    """Take some steps from the first page, or as many as lead on: where that ends, and how many they were."""
    place: Place[int] | None = Place(1, 1)
    taken, most = 0, 2 * numbers.last  # the longest list is the one in which every page comes twice
    while place is not None and taken < min(steps, most):
        place, taken = breaks.turn(place, 1, numbers.read, drops=False)[1], taken + 1
    return place, taken


def refuse_beyond_listable(rows: slice) -> None:
    """Refuse to list past 10,000 companies; the limit is documented, the error UNCONFIRMED [companies-beyond]."""
    if rows.start >= LISTABLE_COMPANIES:
        message = "page limit reached, please use the scroll API to retrieve more than 10000 companies"
        raise ApiError(400, "page_limit_reached", message)


def per_page(given: object, default: int, over: str) -> int:
    """Read a page size; above the maximum it is cut down, or refused as measured (UNCONFIRMED [per-page-over])."""
    size = default if given is None else _positive(given, "per_page")
    if size > MAX_PER_PAGE and over == "refuse":
        raise ApiError(400, "invalid_per_page", f"must be an integer between 0 and {MAX_PER_PAGE}", field="per_page")
    return min(size, MAX_PER_PAGE)


def numbered_per_page(given: object, default: int, most: int, over: str) -> int:
    """Read the page size of a numbered list; recorded: companies have words of their own for one that is too large."""
    size = default if given is None else _positive(given, "per_page")
    if size > most and over == "refuse":
        raise bad_parameter("Per Page is too big", "per_page")
    return min(size, most)


def _positive(given: object, name: str) -> int:
    try:
        number = int(str(given))
    except ValueError:
        number = 0
    if number < 1:
        raise bad_parameter(f"{name} must be a positive number", name)  # UNCONFIRMED [error-codes]
    return number
