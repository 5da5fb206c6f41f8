"""Count requests in Intercom's windows of ten seconds."""

import time
from collections.abc import Callable

from intercom_kit.sandbox.errors import ApiError

WINDOW = 10
DEFAULT_LIMIT = 1666  # 10,000 a minute, spread over its six windows


class RateLimit:
    """One credential's budget; windows begin at every full ten seconds."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._clock = clock
        self._window = 0
        self._used = 0

    def spend(self) -> dict[str, str]:
        """Take one request from the window and describe what is left, or refuse."""
        headers = self._take()
        if self._used > self._limit:
            raise self._exceeded(headers)
        return headers

    def refuse(self) -> ApiError:
        """Refuse a request, whatever is left."""
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
        """Refuse one request too many; Intercom documents no Retry-After."""
        message = f"Exceeded rate limit of {self._limit} in 10_seconds"
        return ApiError(429, "rate_limit_exceeded", message, headers=headers)
