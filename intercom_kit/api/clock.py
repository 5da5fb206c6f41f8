"""Tell the time by Intercom's clock: the machine's own may be minutes off, and then waits and top-ups would be too."""

import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

AGREED = 5.0  # seconds; a `Date` header knows whole seconds, and takes a moment to arrive

# Dates of headers beyond these years are mistakes, by which no time can be told.
EARLIEST, LATEST = 0.0, 4_102_444_800.0  # 1970 to 2100


class Clock:
    """The time in Unix seconds, put right by the `Date` header of Intercom's answers."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Tell the time."""
        return self.put_right(time.time())

    def put_right(self, moment: float) -> float:
        """Tell a moment of the machine's clock by Intercom's, also one from before the two were compared."""
        return moment - self._ahead

    def observe(self, headers: Mapping[str, str]) -> None:
        """Compare the machine's clock with the time of an answer."""
        told = moment_of(headers.get("date", ""))
        if told is not None:
            ahead = time.time() - told
            self._ahead = ahead if abs(ahead) > AGREED else 0.0


def moment_of(date: str) -> float | None:
    """Read a header's date as Unix seconds; None where it is none, or one of no time that can be meant."""
    try:
        read = parsedate_to_datetime(date)
        moment = read.replace(tzinfo=read.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None
