"""Office hours: Monday to Friday, 9 to 18, in the workspace's timezone."""

from bisect import bisect_right
from datetime import datetime, timedelta

from intercom_kit.sandbox.contents import zones

OPENS, CLOSES = 9, 18


class OfficeHours:
    """Cumulative office seconds, so that a duration is one subtraction."""

    def __init__(self, timezone: str, start: int, end: int) -> None:
        self._opens: list[int] = []
        self._closes: list[int] = []
        self._before: list[int] = []  # office seconds before each opening
        zone = zones.zone(timezone)
        day = datetime.fromtimestamp(start, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        passed = 0
        while day.timestamp() <= end:
            if day.weekday() < 5:
                opens = int(day.replace(hour=OPENS).timestamp())
                closes = int(day.replace(hour=CLOSES).timestamp())
                self._opens.append(opens)
                self._closes.append(closes)
                self._before.append(passed)
                passed += closes - opens
            day = (day + timedelta(days=1, hours=6)).replace(hour=0)

    def passed(self, moment: int) -> int:
        """Return the office seconds from the start of the calendar to this moment."""
        index = bisect_right(self._opens, moment) - 1
        if index < 0:
            return 0
        return self._before[index] + min(moment, self._closes[index]) - self._opens[index]

    def between(self, earlier: int, later: int) -> int:
        return self.passed(later) - self.passed(earlier)

    def after(self, moment: int, seconds: int) -> int:
        """Return the moment at which this many more office seconds have passed."""
        target = self.passed(moment) + seconds
        index = max(bisect_right(self._before, target) - 1, 0)
        return self._opens[index] + target - self._before[index]
