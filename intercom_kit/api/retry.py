"""When to retry, and after how long: pure functions, so that each rule can be read and tested alone."""

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

# A response that is not Intercom's, such as a login page, will hardly change. Nor will a search that fails although it
# was valid: one page may fail temporarily, but more retries would not help.
ATTEMPTS_AT_ANOTHER_SERVER = 4

# The longest plausible pause that a server asks for, and the latest plausible end of a window.
FARTHEST = 86_400.0  # seconds
_UNITS = (1.0, 1e3, 1e6, 1e9)  # per second


def worthwhile(problem: IntercomError, attempt: int, attempts: int = ATTEMPTS) -> bool:
    """Return whether a retry can help; a request that Intercom understood and refused is never retried.

    Nor is one that a proxy or a certificate blocks, which somebody has to fix first, or whose response is too large.
    """
    if isinstance(problem, ProxySettingsError | CertificateError | AnswerTooLargeError):
        return False
    if isinstance(problem, NotIntercomError | SearchFailedError):
        attempts = min(attempts, ATTEMPTS_AT_ANOTHER_SERVER)
    return isinstance(problem, ConnectionFailedError | RateLimitedError) and attempt + 1 < attempts


def backoff(attempt: int, chance: float | None = None) -> float:
    """Return the seconds before the next attempt: doubling from half a second, plus up to a quarter of jitter.

    The jitter keeps requests that failed together from being retried together.
    """
    jitter = random.random() if chance is None else chance  # noqa: S311 - no secret depends on it
    return min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE) * (1 + jitter / 4)


def asked_pause(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that the server asks to wait: `Retry-After` (seconds or a date), or the reset after a 429.

    Every response carries `X-RateLimit-Reset`; only after a 429 must one wait for it. Malformed headers are ignored.
    """
    if (pause := _retry_after(headers.get("retry-after", ""), now)) is not None:
        return pause
    reset = reset_of(headers, now) if status == 429 else None
    return max(0.0, reset - now) if reset is not None else None


def reset_of(headers: Mapping[str, str], now: float) -> float | None:
    """Return when the rate limit's window ends, in Unix seconds; None where no header says.

    A window ends within minutes, so milliseconds and smaller units are recognised by their size.
    """
    reset = _number(headers.get("x-ratelimit-reset", ""))
    if reset is None:
        return None
    return next((reset / unit for unit in _UNITS if abs(reset / unit - now) <= FARTHEST), None)


def _retry_after(value: str, now: float) -> float | None:
    seconds = _number(value)
    if seconds is None and (moment := moment_of(value)) is not None:
        seconds = moment - now
    return None if seconds is None else min(max(0.0, seconds), FARTHEST)


def _number(text: str) -> float | None:
    """Read a header's number; None where it is not a finite number."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
