"""The rate limit, in Intercom's windows of ten seconds."""

import time
from collections.abc import Callable

from intercom_kit.sandbox.errors import ApiError

WINDOW = 10
DEFAULT_LIMIT = 1666  # 10,000 per minute, divided among its six windows


class RateLimit:
    """The rate budget of one credential; windows begin at multiples of ten seconds."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._clock = clock
        self._window = 0
        self._used = 0

    def spend(self) -> dict[str, str]:
        """Count one request and return the rate limit headers, or raise a 429."""
        headers = self._take()
        if self._used > self._limit:
            raise self._exceeded(headers)
        return headers

    def refuse(self) -> ApiError:
        """Count one request and return a 429, whatever remains."""
        return self._exceeded({**self._take(), "X-RateLimit-Remaining": "0"})

    def _take(self) -> dict[str, str]:
        window = int(self._clock()) // WINDOW
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(max(0, self._limit - self._used)),
            "X-RateLimit-Reset": str((window + 1) * WINDOW),
        }

    def _exceeded(self, headers: dict[str, str]) -> ApiError:
        """Return the 429; Intercom documents no Retry-After."""
        message = f"Exceeded rate limit of {self._limit} in 10_seconds"
        return ApiError(429, "rate_limit_exceeded", message, headers=headers)
