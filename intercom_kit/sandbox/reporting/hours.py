"""Office hours of reports, by the workspace's first schedule; written apart from those of statistics, on purpose."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from intercom_kit.sandbox.contents import zones
from intercom_kit.sandbox.contents.record import Record

WORKING_WEEK = tuple((day, 9 * 60, 18 * 60) for day in range(5))  # where the workspace has no schedule
MINUTES = 24 * 60


class ReportHours:
    """The hours of a week that count; exceptions do not (UNCONFIRMED [office-exceptions])."""

    def __init__(self, schedules: Sequence[Record], timezone: str) -> None:
        schedule = schedules[0] if schedules else None
        self._zone = zones.zone(schedule["time_zone_name"] if schedule else timezone)
        self._week = _intervals(schedule) if schedule else WORKING_WEEK
        self._open_on = lru_cache(maxsize=4_000)(self._opening)

    def between(self, earlier: int, later: int) -> int:
        """Return the seconds of office hours between two instants."""
        day = datetime.fromtimestamp(earlier, self._zone).date() - timedelta(days=1)
        last = datetime.fromtimestamp(later, self._zone).date()
        counted = 0
        while day <= last:
            for opens, closes in self._open_on(day):
                counted += max(0, min(later, closes) - max(earlier, opens))
            day += timedelta(days=1)
        return counted

    def _opening(self, day: date) -> list[tuple[int, int]]:
        spans = [span for span in self._week if span[0] == day.weekday()]
        return [(self._instant(day, opens), self._instant(day, closes)) for _, opens, closes in spans]

    def _instant(self, day: date, minute: int) -> int:
        day += timedelta(days=minute // MINUTES)
        hour, minute = divmod(minute % MINUTES, 60)
        wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self._zone)
        return int(wall.astimezone(UTC).timestamp())


def _intervals(schedule: Record) -> tuple[tuple[int, int, int], ...]:
    """Return weekday, and opening and closing in minutes of that day."""
    if schedule.get("twenty_four_seven"):
        return tuple((day, 0, MINUTES) for day in range(7))
    return tuple(
        (
            each["start_minute"] // MINUTES,
            each["start_minute"] % MINUTES,
            each["end_minute"] - each["start_minute"] // MINUTES * MINUTES,
        )
        for each in schedule.get("time_intervals") or []
    )
