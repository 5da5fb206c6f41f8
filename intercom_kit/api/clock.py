"""Tell the time by Intercom's clock: the machine's own may be minutes off, and then waits and top-ups would be too."""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

AGREED = 5.0  # seconds; a `Date` header knows whole seconds, and takes a moment to arrive


class Clock:
    """Give the time in Unix seconds, put right by the `Date` header of Intercom's answers."""

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
        try:
            ahead = time.time() - parsedate_to_datetime(headers["date"]).timestamp()
        except (KeyError, ValueError):
            return
        self._ahead = ahead if abs(ahead) > AGREED else 0.0
