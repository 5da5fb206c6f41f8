"""The time by Intercom's clock: this machine's may be minutes off, and so would waits and top-ups."""

import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

AGREED = 5.0  # seconds; a `Date` header knows whole seconds, and takes a moment to arrive

# Header dates beyond these years are mistakes, and ignored.
EARLIEST, LATEST = 0.0, 4_102_444_800.0  # 1970 to 2100


class Clock:
    """The time in Unix seconds, corrected by the `Date` header of Intercom's responses."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return the current time."""
        return self.put_right(time.time())

    def put_right(self, moment: float) -> float:
        """Return a time of this machine's clock by Intercom's clock."""
        return moment - self._ahead

    def observe(self, headers: Mapping[str, str]) -> None:
        """Compare this machine's clock with the `Date` of a response."""
        date = moment_of(headers.get("date", ""))
        if date is not None:
            ahead = time.time() - date
            self._ahead = ahead if abs(ahead) > AGREED else 0.0


def moment_of(date: str) -> float | None:
    """Read a header's date as Unix seconds; None where it is missing, malformed or implausible."""
    try:
        read = parsedate_to_datetime(date)
        moment = read.replace(tzinfo=read.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None
