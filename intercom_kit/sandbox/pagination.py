"""Cut lists into pages in Intercom's four styles: cursor, page number, scroll (see scroll.py) and none."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from intercom_kit.sandbox.columns import MISSING
from intercom_kit.sandbox.errors import ApiError, bad_parameter
from intercom_kit.sandbox.record import Record, encode
from intercom_kit.sandbox.store import Collection

MAX_PER_PAGE = 150
LISTABLE_COMPANIES = 10_000


@dataclass(frozen=True)
class Cursor:
    """Where the last page ended: Intercom's cursors are base64 of [sort value, last id, next page number]."""

    sort_value: int
    last_id: str
    page: int

    @classmethod
    def at(cls, key: float, last_id: str, page: int) -> "Cursor":
        """Make a cursor for a sort key; dates travel as milliseconds, and a null one as -1, as recorded."""
        return cls(round(key) if key == MISSING else round(key * 1000), last_id, page)

    @property
    def key(self) -> float:
        return self.sort_value if self.sort_value == MISSING else self.sort_value / 1000

    def encode(self) -> str:
        return base64.b64encode(encode([self.sort_value, self.last_id, self.page]).encode()).decode()

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read the opaque text, or refuse it (UNCONFIRMED [error-codes])."""
        try:
            sort_value, last_id, page = json.loads(base64.b64decode(text, validate=True))
            return cls(int(sort_value), str(last_id), int(page))
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
    cursor: Cursor | None


def list_request(query: Mapping[str, str], default: int, over: str) -> Request:
    """Read the page asked for from the query of a GET; the page size is echoed as the text it came as."""
    after = query.get("starting_after")
    if after == "":
        raise ApiError(500, "server_error", "Internal server error")  # recorded: an empty cursor breaks Intercom
    size = per_page(query.get("per_page"), default, over)
    return Request(size, str(size) if "per_page" in query else size, Cursor.decode(after) if after else None)


def search_request(body: Record, default: int, over: str) -> Request:
    """Read the page asked for from the body of a search; whatever stands in its address has no effect."""
    pagination = body.get("pagination") or {}
    if not isinstance(pagination, dict):
        raise bad_parameter("pagination must be an object", "pagination")
    size = per_page(pagination.get("per_page"), default, over)
    after = pagination.get("starting_after")
    return Request(size, size, Cursor.decode(str(after)) if after else None)


def cursor_list(
    collection: Collection, ordered: Ordered, request: Request, render: Callable[[int], str], key: str, kind: str
) -> str:
    """Write one page of a cursor list, joining what `render` writes for each row."""
    cursor, page = request.cursor, request.cursor.page if request.cursor else 1
    if cursor is None:
        rows = ordered.first(request.size)
    else:
        rows = ordered.after(cursor.key, collection.row(cursor.last_id), request.size)
    pages: Record = {"type": "pages"}  # recorded: `next` is absent, not null, on the last page
    if len(rows) and not ordered.is_last(int(rows[-1])):
        sort_key = float(ordered.keys[np.flatnonzero(ordered.rows == rows[-1])[0]])
        following = Cursor.at(sort_key, collection.id_of(int(rows[-1])), page + 1)
        pages["next"] = {"page": following.page, "starting_after": following.encode()}
    total = len(ordered.rows)
    pages |= {"page": page, "per_page": request.echo, "total_pages": ceil(total / request.size)}
    data = ",".join(map(render, rows.tolist()))
    return f'{{"type":"{kind}","{key}":[{data}],"total_count":{total},"pages":{encode(pages)}}}'


def numbered(
    address: str, query: Mapping[str, str], total: int, default: int, most: int, over: str
) -> tuple[slice, Record]:
    """Read which numbered page is asked for: the rows it shows, and its `pages`; `next` is null on the last one.

    Live, `next` always begins with https://api.intercom.io, whatever region or proxy was asked; here it begins
    with the sandbox's own address, so that a client which follows it does not leave the machine.
    """
    page = _positive(query.get("page", 1), "page")
    size = numbered_per_page(query.get("per_page"), default, most, over)
    last = ceil(total / size)
    following = urlencode({**query, "page": str(page + 1), "per_page": str(size)})
    next_page = f"{address}?{following}" if page < last else None
    pages = {"type": "pages", "next": next_page, "page": page, "per_page": size, "total_pages": last}
    return slice((page - 1) * size, page * size), pages


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
