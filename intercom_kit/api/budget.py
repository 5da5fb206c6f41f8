"""The rate budget: how many requests Intercom still allows in this window, shared by all requests of a workspace.

Intercom spreads its quota over windows of ten seconds, and every response carries the window's limit, its remainder and
its reset. The budget counts down with each request, is corrected by each response, and blocks requests at zero.
"""

import asyncio
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from intercom_kit.api.clock import Clock
from intercom_kit.api.retry import FARTHEST, reset_of
from intercom_kit.errors import RateLimitedError, RequestsUsedUpError

PROBE = 1.0  # seconds within which the first request of a window should be answered
LOOK_EVERY = 0.1  # seconds
_LATE = 60.0  # seconds by which a response may overtake another
_MAX_LIMIT = 1_000_000_000  # requests; no window allows more


class RateBudget:
    """The rate budget of one workspace; used from the event loop only, hence without locks."""

    def __init__(self, *, longest_wait: float) -> None:
        self.longest_wait = longest_wait
        self.clock = Clock()
        self.limit: int | None = None
        self.remaining: int | None = None
        self.resets_at = 0.0
        self.requests = 0
        self.allowed: int | None = None  # in all; None for no limit
        self.in_flight = 0
        self.answered = 0
        self._reported_reset = 0.0  # by the last response; `resets_at` may be an estimate

    async def admit(self, deadline: float = math.inf) -> float:
        """Wait until one more request may be sent, and count it; return the seconds until the last other response.

        Those seconds extend the deadline (a `time.monotonic` value): while other requests are being answered, the queue
        moves. Raises RateLimitedError where the wait would exceed the deadline, and RequestsUsedUpError where no
        further request is allowed at all.
        """
        if self.left == 0:
            raise RequestsUsedUpError(
                f"This workspace has sent all of the {self.allowed:,} requests that it may send: allow more with "
                "INTERCOM_MAX_REQUESTS, connect(max_requests=…), or --max-requests of a report."
            )
        began, answered, moved = time.monotonic(), self.answered, 0.0
        while self.remaining is not None and self.remaining <= 0:
            pause = self.resets_at - self.clock.now()
            if not 0 < pause <= FARTHEST:  # over, or longer than any window: a clock was wrong when its reset was read
                # One request probes whether a new window has begun: clocks and whole seconds are not exact, and
                # otherwise all that wait here would be refused together.
                self.remaining, self.resets_at = 1, self.clock.now() + PROBE
                break
            self.refuse_if_too_long(pause)
            if self.answered > answered:
                answered, moved = self.answered, time.monotonic() - began
            if time.monotonic() + pause > deadline + moved:
                raise self.refusal(pause)
            await asyncio.sleep(min(pause, LOOK_EVERY))
        if self.remaining is not None:
            self.remaining -= 1
        self.requests += 1
        self.in_flight += 1
        return moved

    @property
    def left(self) -> int | None:
        """Return how many more requests are allowed in all; None for any number."""
        return None if self.allowed is None else max(0, self.allowed - self.requests)

    def settle(self, *, answered: bool = False) -> None:
        """Count a request as finished; a 429 does not count as answered."""
        self.in_flight -= 1
        self.answered += answered

    def observe(self, headers: Mapping[str, str]) -> None:
        """Update the window from the headers of a response.

        Responses arrive out of order, and an early one may report a larger remainder than is left: within a window, the
        lower count wins. Implausible headers are ignored.
        """
        self.clock.observe(headers)
        try:
            limit, remaining = int(headers["x-ratelimit-limit"]), max(0, int(headers["x-ratelimit-remaining"]))
        except (KeyError, ValueError):
            return
        resets_at = reset_of(headers, self.clock.now())
        if resets_at is None or not 1 <= limit <= _MAX_LIMIT or remaining > limit:
            return
        if self.remaining is None or resets_at > self._reported_reset or resets_at < self._reported_reset - _LATE:
            # Requests in flight may still be counted against this new window.
            self.remaining = remaining - max(0, self.in_flight - 1)
        elif resets_at == self._reported_reset:
            self.remaining = min(self.remaining, remaining)
        else:
            return  # a window that is over
        self.limit, self.resets_at, self._reported_reset = limit, resets_at, resets_at

    def exhaust(self, pause: float) -> None:
        """Set the remainder to zero for a pause, after Intercom refused a request (429)."""
        self.remaining = 0
        self.resets_at = max(self.resets_at, self.clock.now() + pause)

    def refuse_if_too_long(self, pause: float) -> None:
        """Raise RateLimitedError where a pause exceeds `longest_wait`."""
        if pause > self.longest_wait:
            raise self.refusal(pause)

    def refusal(self, pause: float, request_id: str | None = None) -> RateLimitedError:
        """Return the error that says when the rate limit ends."""
        until = datetime.fromtimestamp(self.clock.now() + pause, UTC)
        day = "%Y-%m-%d " if pause > FARTHEST / 2 else ""
        return RateLimitedError(
            f"Intercom's rate limit is used up until {until:{day}%H:%M:%S} UTC, {pause:,.0f} s from now, and this "
            f"workspace waits for {self.longest_wait:.0f} s at most. Try again then, or connect with more `patience`.",
            until=until,
            request_id=request_id,
        )
