"""The scroll over all companies: one per workspace at a time, expiring after a minute without requests."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from intercom_kit.sandbox.errors import ApiError, not_found
from intercom_kit.sandbox.paging_faults import PagingFaults, Place, read_page

PAGE = 100  # fixed; per_page is ignored (UNCONFIRMED [scroll-page])


@dataclass
class _Scroll:
    parameter: str
    companies: list[dict[str, Any]]
    place: Place[int]
    touched: float

    def read(self, position: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return a page and the next position; recorded: an empty page ends the scroll."""
        page = self.companies[position : position + PAGE]
        return page, position + PAGE if page else None


class Scroll:
    """The only scroll of a workspace."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._open: _Scroll | None = None

    def answer(
        self, parameter: str | None, companies: list[dict[str, Any]], paging_faults: PagingFaults | None = None
    ) -> dict[str, Any]:
        """Return the next page of the scroll, opening it if needed; after an empty page, the next request is a 404."""
        scroll = self._begin(companies) if parameter is None else self._continue(parameter)
        scroll_param: str | None = scroll.parameter
        shown, next_place = read_page(scroll.place, 0, scroll.read, paging_faults)
        page = list(shown)
        if paging_faults is not None:
            page, next_place, scroll_param = _with_faults(scroll, page, next_place, paging_faults)
        if next_place is None:
            self._open = None  # UNCONFIRMED [scroll-page]: the next scroll may have to wait for a minute even then
        else:
            scroll.place = next_place
        return {"type": "list", "data": page, "pages": None, "total_count": None, "scroll_param": scroll_param}

    def expire(self) -> None:
        self._open = None

    def _begin(self, companies: list[dict[str, Any]]) -> _Scroll:
        if self._alive():
            raise ApiError(400, "scroll_exists", "scroll already exists for this workspace")
        self._open = _Scroll(str(uuid4()), companies, Place(1, 0), time.monotonic())
        return self._open

    def _continue(self, parameter: str) -> _Scroll:
        if not self._alive() or self._open is None or self._open.parameter != parameter:
            raise not_found("scroll parameter not found")
        self._open.touched = time.monotonic()
        return self._open

    def _alive(self) -> bool:
        return self._open is not None and time.monotonic() - self._open.touched < self._idle_seconds


def _with_faults(
    scroll: _Scroll, page: list[dict[str, Any]], next_place: Place[int] | None, paging_faults: PagingFaults
) -> tuple[list[dict[str, Any]], Place[int] | None, str | None]:
    """Apply paging faults to a scroll, which has one parameter for all pages and ends with an empty one."""
    if not page and paging_faults.on("next_forever") and scroll.companies:
        page = scroll.companies[-(len(scroll.companies) % PAGE or PAGE) :]
    if next_place is None and page:  # the link is dropped, but the scroll stays open
        return page, Place(scroll.place.number + 1, scroll.place.position + PAGE), None
    return page, next_place, scroll.parameter
