"""Cut lists into pages in Intercom's four styles: cursor, page number, scroll (see scroll.py) and none."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from intercom_kit.sandbox.columns import MISSING
from intercom_kit.sandbox.errors import ApiError, bad_parameter

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
        """Give the sort key again."""
        return self.sort_value if self.sort_value == MISSING else self.sort_value / 1000

    def encode(self) -> str:
        """Write the opaque text."""
        text = json.dumps([self.sort_value, self.last_id, self.page], separators=(",", ":"))
        return base64.b64encode(text.encode()).decode()

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read the opaque text, or refuse it (code UNCONFIRMED)."""
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

    def first(self, count: int) -> NDArray[np.int64]:
        """List the first rows."""
        return self.rows[::-1][:count] if self.descending else self.rows[:count]

    def key_of(self, row: int) -> float:
        """Give the sort key of a matching row."""
        return float(self.keys[np.flatnonzero(self.rows == row)[0]])

    def is_last(self, row: int) -> bool:
        """Say whether nothing follows this row."""
        return bool(row == (self.rows[0] if self.descending else self.rows[-1]))


def per_page(given: object, default: int, most: int = MAX_PER_PAGE) -> int:
    """Read a page size; above the maximum it is cut down (UNCONFIRMED: Intercom might refuse instead)."""
    if given is None:
        return default
    return min(_positive(given, "per_page"), most)


def page_number(given: object) -> int:
    """Read a page number."""
    return 1 if given is None else _positive(given, "page")


def _positive(given: object, name: str) -> int:
    try:
        number = int(str(given))
    except ValueError:
        number = 0
    if number < 1:
        raise bad_parameter(f"{name} must be a positive number", name)  # UNCONFIRMED code
    return number


def cursor_pages(following: Cursor | None, page: int, size: int, echo: object, total: int) -> dict[str, Any]:
    """Describe a page of a cursor list; recorded: `next` is absent, not null, on the last one."""
    pages: dict[str, Any] = {"type": "pages"}
    if following:
        pages["next"] = {"page": following.page, "starting_after": following.encode()}
    return {**pages, "page": page, "per_page": echo, "total_pages": ceil(total / size)}


def numbered_pages(address: str, query: Mapping[str, str], page: int, size: int, total: int) -> dict[str, Any]:
    """Describe a page of a numbered list; `next` is a whole address, and null on the last page.

    Live, that address always begins with https://api.intercom.io, whatever region or proxy was asked;
    here it begins with the sandbox's own, so that a client which follows it does not leave the machine.
    """
    last = ceil(total / size)
    following = {**query, "page": str(page + 1), "per_page": str(size)}
    return {
        "type": "pages",
        "next": f"{address}?{urlencode(following)}" if page < last else None,
        "page": page,
        "per_page": size,
        "total_pages": last,
    }


def numbered_slice(page: int, size: int) -> slice:
    """Say which rows a numbered page shows."""
    return slice((page - 1) * size, page * size)


def refuse_beyond_listable(page: int, size: int) -> None:
    """Refuse to list past 10,000 companies. UNCONFIRMED: only the limit is documented, not the error."""
    if (page - 1) * size >= LISTABLE_COMPANIES:
        message = "page limit reached, please use the scroll API to retrieve more than 10000 companies"
        raise ApiError(400, "page_limit_reached", message)
