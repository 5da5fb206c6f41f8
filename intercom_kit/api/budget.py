"""The rate budget: how many requests Intercom still allows in this window, shared by everything one workspace does.

Intercom spreads its quota over windows of ten seconds and tells, with every answer, the window's limit, what remains
and when it resets. The budget counts down at sending, is put right by every answer, and lets nobody send at zero.
"""

import asyncio
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from intercom_kit.api.clock import Clock
from intercom_kit.api.retry import FARTHEST, reset_of
from intercom_kit.errors import RateLimitedError

PROBE = 1.0  # seconds, in which the first request of a window should be answered
LOOK_EVERY = 0.1  # seconds
_LATE = 60.0  # seconds by which answers overtake each other, at most
_MOST = 1_000_000_000  # requests; no window allows more


class RateBudget:
    """An account of what one workspace may still send; used from the event loop only, hence without locks."""

    def __init__(self, *, longest_wait: float) -> None:
        self.longest_wait = longest_wait
        self.clock = Clock()
        self.limit: int | None = None
        self.remaining: int | None = None
        self.resets_at = 0.0
        self.requests = 0
        self.in_flight = 0
        self.answered = 0
        self._told = 0.0  # the reset that the last answer named; `resets_at` may be a guess meanwhile

    async def admit(self, deadline: float = math.inf) -> float:
        """Wait until one more request may be sent, and count it; give for how long of that others were answered.

        Raises RateLimitedError where the wait would go beyond the deadline (as `time.monotonic` tells the time), later
        by as long as others were answered: who stands in a line that moves waits for its turn.
        """
        began, answered, moved = time.monotonic(), self.answered, 0.0
        while self.remaining is not None and self.remaining <= 0:
            pause = self.resets_at - self.clock.now()
            if not 0 < pause <= FARTHEST:  # no window is as long: a clock was wrong when its end was read
                # One request finds out whether the window has turned; clocks and whole seconds are not exact, and all
                # that wait here would be refused together.
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

    def settle(self, *, answered: bool = False) -> None:
        """Take note that a request is over, answered or not; a refusal for the rate limit's sake is no answer."""
        self.in_flight -= 1
        self.answered += answered

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take over what an answer says of the window.

        Answers arrive out of order, and one written before others were counted knows of more left than there is:
        within a window only the lower count is believed. Headers that make no sense are not believed at all.
        """
        self.clock.observe(headers)
        try:
            limit, remaining = int(headers["x-ratelimit-limit"]), max(0, int(headers["x-ratelimit-remaining"]))
        except (KeyError, ValueError):
            return
        resets_at = reset_of(headers, self.clock.now())
        if resets_at is None or not 1 <= limit <= _MOST or remaining > limit:
            return
        if self.remaining is None or resets_at > self._told or resets_at < self._told - _LATE:
            # What is on its way may yet be counted in the window that this answer tells of.
            self.remaining = remaining - max(0, self.in_flight - 1)
        elif resets_at == self._told:
            self.remaining = min(self.remaining, remaining)
        else:
            return  # a window that is over
        self.limit, self.resets_at, self._told = limit, resets_at, resets_at

    def exhaust(self, pause: float) -> None:
        """Take over that Intercom refused a request and wants a pause."""
        self.remaining = 0
        self.resets_at = max(self.resets_at, self.clock.now() + pause)

    def refuse_if_too_long(self, pause: float) -> None:
        """Raise RateLimitedError where a pause exceeds what the workspace is willing to wait."""
        if pause > self.longest_wait:
            raise self.refusal(pause)

    def refusal(self, pause: float, request_id: str | None = None) -> RateLimitedError:
        """Say when the rate limit ends, and that it was not waited for any longer."""
        until = datetime.fromtimestamp(self.clock.now() + pause, UTC)
        day = "%Y-%m-%d " if pause > FARTHEST / 2 else ""
        return RateLimitedError(
            f"Intercom's rate limit is used up until {until:{day}%H:%M:%S} UTC, {pause:,.0f} s from now, and this "
            f"workspace waits for {self.longest_wait:.0f} s at most. Try again then, or connect with more `patience`.",
            until=until,
            request_id=request_id,
        )
