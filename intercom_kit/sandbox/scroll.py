"""Scroll over all companies: one at a time per workspace, forgotten after a minute of silence."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from intercom_kit.sandbox.errors import ApiError, not_found
from intercom_kit.sandbox.paging_faults import Breaks, Place, turn

PAGE = 100  # fixed; per_page is ignored (UNCONFIRMED [scroll-page])


@dataclass
class _Scroll:
    parameter: str
    companies: list[dict[str, Any]]
    place: Place[int]
    touched: float

    def read(self, position: int) -> tuple[list[dict[str, Any]], int | None]:
        """Read a page; recorded: an empty one ends the scroll."""
        page = self.companies[position : position + PAGE]
        return page, position + PAGE if page else None


class Scroll:
    """The workspace's one scroll."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._open: _Scroll | None = None

    def answer(
        self, parameter: str | None, companies: list[dict[str, Any]], breaks: Breaks | None = None
    ) -> dict[str, Any]:
        """Open the scroll or continue it; after an empty page, asking once more is a 404."""
        scroll = self._begin(companies) if parameter is None else self._continue(parameter)
        known: str | None = scroll.parameter
        shown, onward = turn(scroll.place, 0, scroll.read, breaks)
        page = list(shown)
        if breaks is not None:
            page, onward, known = _broken(scroll, page, onward, breaks)
        if onward is None:
            self._open = None  # UNCONFIRMED [scroll-page]: the next scroll might have to wait out the minute even then
        else:
            scroll.place = onward
        return {"type": "list", "data": page, "pages": None, "total_count": None, "scroll_param": known}

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


def _broken(
    scroll: _Scroll, page: list[dict[str, Any]], onward: Place[int] | None, breaks: Breaks
) -> tuple[list[dict[str, Any]], Place[int] | None, str | None]:
    """Break a scroll as others are broken, although it has one parameter throughout and ends with an empty page."""
    if not page and breaks.on("next_forever") and scroll.companies:
        page = scroll.companies[-(len(scroll.companies) % PAGE or PAGE) :]
    if onward is None and page:  # the pointer to the next page is left out, but the scroll stays open
        return page, Place(scroll.place.number + 1, scroll.place.position + PAGE), None
    return page, onward, scroll.parameter
