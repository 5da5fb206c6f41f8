"""When to ask again, and after how long: pure functions, so that each rule can be read and tested alone."""

import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from intercom_kit.errors import ConnectionFailedError, IntercomError, NotIntercomError, RateLimitedError

FIRST_PAUSE = 0.5  # seconds
LONGEST_PAUSE = 15.0  # seconds
ATTEMPTS = 10

# What is not Intercom will hardly become Intercom: a login page is asked for three times, not ten.
ATTEMPTS_AT_ANOTHER_SERVER = 4


def worthwhile(problem: IntercomError, attempt: int, attempts: int = ATTEMPTS) -> bool:
    """Tell whether asking again can help; a request that Intercom understood and refused is never repeated."""
    if isinstance(problem, NotIntercomError):
        return attempt + 1 < ATTEMPTS_AT_ANOTHER_SERVER
    return isinstance(problem, ConnectionFailedError | RateLimitedError) and attempt + 1 < attempts


def backoff(attempt: int, chance: float | None = None) -> float:
    """Give the pause before the next attempt: doubling from half a second, and up to a quarter longer by chance.

    The jitter keeps requests that failed together from coming back together.
    """
    jitter = random.random() if chance is None else chance  # noqa: S311 - no secret depends on it
    return min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE) * (1 + jitter / 4)


def asked_pause(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """Read how long the server asks to wait: `Retry-After` (seconds or a date), or for a 429 the window's reset.

    Every answer carries `X-RateLimit-Reset`; only a 429 means that one has to wait for it.
    """
    if (after := headers.get("retry-after")) is not None:
        return _retry_after(after, now)
    reset = headers.get("x-ratelimit-reset", "")
    return max(0.0, float(reset) - now) if status == 429 and reset.isdigit() else None


def _retry_after(value: str, now: float) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None
