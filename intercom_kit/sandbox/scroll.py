"""Scroll over all companies: one at a time per workspace, forgotten after a minute of silence."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from intercom_kit.sandbox.errors import ApiError, not_found

PAGE = 100  # fixed; per_page is ignored (UNCONFIRMED [scroll-page])


@dataclass
class _Scroll:
    parameter: str
    companies: list[dict[str, Any]]
    position: int
    touched: float


class Scroll:
    """The workspace's one scroll."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._open: _Scroll | None = None

    def answer(self, parameter: str | None, companies: list[dict[str, Any]]) -> dict[str, Any]:
        """Open the scroll or continue it; recorded: an empty page ends it, and asking once more is a 404."""
        scroll = self._begin(companies) if parameter is None else self._continue(parameter)
        page = scroll.companies[scroll.position : scroll.position + PAGE]
        scroll.position += PAGE
        if not page:
            self._open = None  # UNCONFIRMED [scroll-page]: the next scroll might have to wait out the minute even then
        return {"type": "list", "data": page, "pages": None, "total_count": None, "scroll_param": scroll.parameter}

    def expire(self) -> None:
        self._open = None

    def _begin(self, companies: list[dict[str, Any]]) -> _Scroll:
        if self._alive():
            raise ApiError(400, "scroll_exists", "scroll already exists for this workspace")
        self._open = _Scroll(str(uuid4()), companies, 0, time.monotonic())
        return self._open

    def _continue(self, parameter: str) -> _Scroll:
        if not self._alive() or self._open is None or self._open.parameter != parameter:
            raise not_found("scroll parameter not found")
        self._open.touched = time.monotonic()
        return self._open

    def _alive(self) -> bool:
        return self._open is not None and time.monotonic() - self._open.touched < self._idle_seconds
