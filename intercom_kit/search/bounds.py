"""Bounds of a search in time, as wide as they must be to find every row that is meant.

UNCONFIRMED [search-days], [bounds]: whether searches compare seconds or whole days, of which timezone, and whether `>`
and `<` find the bound itself. As long as a workspace has not shown it, bounds hold under all of that, and what comes
too much is cut off here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo

DAY = 86_400
# No day of any timezone is longer, so two instants this far apart never share one.
LONGEST_DAY = 26 * 3600


@dataclass(frozen=True)
class Days:
    """The ways in which a search may compare times: to the `second`, or by whole days of one of the `zones`.

    `anywhere` stands for whole days of a timezone that nobody knows.
    """

    second: bool = False
    zones: tuple[tzinfo, ...] = ()
    anywhere: bool = False

    @property
    def exact(self) -> bool:
        """Tell whether the search surely compares seconds."""
        return self.second and not self.zones and not self.anywhere

    @property
    def grain(self) -> int:
        """Return how many seconds apart two bounds must be to tell rows apart for sure."""
        return 1 if self.exact else DAY

    def wider(self, second: int, operator: str) -> int:
        """Return the value with which `>` (or `<`) surely finds a second and all after (or before) it."""
        values = list(self._values(second, operator))
        return min(values) if operator == ">" else max(values)

    def _values(self, second: int, operator: str) -> Iterable[int]:
        sign = -1 if operator == ">" else 1
        if self.second or not (self.zones or self.anywhere):
            yield second + sign
        if self.anywhere:
            yield second + sign * LONGEST_DAY
        for zone in self.zones:
            begins = start_of_day(second, zone)
            yield begins - 1 if operator == ">" else start_of_day(begins + LONGEST_DAY, zone)

    def start(self, second: int) -> int:
        """Return where the day begins that a second is in, or the second itself where seconds are compared."""
        return second if self.exact else start_of_day(second, self.zones[0] if self.zones else UTC)


SECONDS = Days(second=True)
UTC_DAYS = Days(zones=(UTC,))


def start_of_day(second: int, zone: tzinfo) -> int:
    """Return the first second of the day of a timezone that a second is in."""
    day = datetime.fromtimestamp(second, zone).date()
    return int(datetime.combine(day, time(), zone).timestamp())
