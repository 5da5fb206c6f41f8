"""When to ask again, and after how long: pure functions, so that each rule can be read and tested alone."""

import math
import random
from collections.abc import Mapping

from intercom_kit.api.clock import moment_of
from intercom_kit.errors import (
    AnswerTooLargeError,
    CertificateError,
    ConnectionFailedError,
    IntercomError,
    NotIntercomError,
    ProxySettingsError,
    RateLimitedError,
    SearchFailedError,
)

FIRST_PAUSE = 0.5  # seconds
LONGEST_PAUSE = 15.0  # seconds
ATTEMPTS = 10

# What is not Intercom will hardly become Intercom: a login page is asked for three times, not ten. The same goes for a
# search that fails although it was understood: one page may fail in passing, and the next time is as good as the tenth.
ATTEMPTS_AT_ANOTHER_SERVER = 4

# No server that means it asks for a longer pause, and no window ends farther from now, in whichever unit.
FARTHEST = 86_400.0  # seconds
_UNITS = (1.0, 1e3, 1e6, 1e9)  # of which a second has so many


def worthwhile(problem: IntercomError, attempt: int, attempts: int = ATTEMPTS) -> bool:
    """Return whether asking again can help; a request that Intercom understood and refused is never repeated.

    Nor is one that no proxy or certificate lets through: somebody has to mend that first; or whose answer is too large.
    """
    if isinstance(problem, ProxySettingsError | CertificateError | AnswerTooLargeError):
        return False
    if isinstance(problem, NotIntercomError | SearchFailedError):
        attempts = min(attempts, ATTEMPTS_AT_ANOTHER_SERVER)
    return isinstance(problem, ConnectionFailedError | RateLimitedError) and attempt + 1 < attempts


def backoff(attempt: int, chance: float | None = None) -> float:
    """Return the pause before the next attempt: doubling from half a second, and up to a quarter longer by chance.

    The jitter keeps requests that failed together from coming back together.
    """
    jitter = random.random() if chance is None else chance  # noqa: S311 - no secret depends on it
    return min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE) * (1 + jitter / 4)


def asked_pause(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """Read how long the server asks to wait: `Retry-After` (seconds or a date), or for a 429 the window's reset.

    Every answer carries `X-RateLimit-Reset`; only a 429 means that one has to wait for it. What cannot be read asks for
    nothing.
    """
    if (pause := _retry_after(headers.get("retry-after", ""), now)) is not None:
        return pause
    reset = reset_of(headers, now) if status == 429 else None
    return max(0.0, reset - now) if reset is not None else None


def reset_of(headers: Mapping[str, str], now: float) -> float | None:
    """Read when the window of the rate limit ends, in Unix seconds; None where no header says.

    A window ends within minutes of now, so that milliseconds, or still smaller units, are known by their size.
    """
    told = _number(headers.get("x-ratelimit-reset", ""))
    if told is None:
        return None
    return next((told / unit for unit in _UNITS if abs(told / unit - now) <= FARTHEST), None)


def _retry_after(value: str, now: float) -> float | None:
    seconds = _number(value)
    if seconds is None and (moment := moment_of(value)) is not None:
        seconds = moment - now
    return None if seconds is None else min(max(0.0, seconds), FARTHEST)


def _number(text: str) -> float | None:
    """Read a number of a header; None where it is none, or without end."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
