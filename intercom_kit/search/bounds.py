"""Time bounds of a search, widened so that every matching row is found.

UNCONFIRMED [search-days], [bounds]: whether searches compare seconds or whole days, of which timezone, and whether `>`
and `<` include the bound itself. Until a workspace has shown it, bounds are wide enough for all of these behaviours,
and extra rows are dropped afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo

DAY = 86_400
# No day in any timezone is longer, so two instants this far apart are never on the same day.
LONGEST_DAY = 26 * 3600


@dataclass(frozen=True)
class Days:
    """The ways in which a search may compare times: to the `second`, or by whole days in one of the `zones`.

    `anywhere` stands for whole days in an unknown timezone.
    """

    second: bool = False
    zones: tuple[tzinfo, ...] = ()
    anywhere: bool = False

    @property
    def exact(self) -> bool:
        """Return whether the search is known to compare seconds."""
        return self.second and not self.zones and not self.anywhere

    @property
    def grain(self) -> int:
        """Return how many seconds apart two bounds must be to surely separate rows."""
        return 1 if self.exact else DAY

    def wider(self, second: int, operator: str) -> int:
        """Return the bound with which `>` (or `<`) surely finds a second and all later (or earlier) ones."""
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
        """Return the start of a second's day, or the second itself if the search compares seconds."""
        return second if self.exact else start_of_day(second, self.zones[0] if self.zones else UTC)


SECONDS = Days(second=True)
UTC_DAYS = Days(zones=(UTC,))


def start_of_day(second: int, zone: tzinfo) -> int:
    """Return the first second of a second's day in a timezone."""
    day = datetime.fromtimestamp(second, zone).date()
    return int(datetime.combine(day, time(), zone).timestamp())
