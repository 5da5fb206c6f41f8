"""Find the calendar day that a moment lies in."""

from datetime import UTC, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

DAY = 86_400


def day_of(moment: float, zone: ZoneInfo | None) -> tuple[float, float]:
    """Give the begin and the end of a moment's day, in UTC or in a zone, where days may have 23 or 25 hours."""
    if zone is not None:
        try:
            # Where the clock passes midnight twice, the day begins the first time.
            day = datetime.fromtimestamp(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
            return day.astimezone(UTC).timestamp(), (day + timedelta(days=1)).astimezone(UTC).timestamp()
        except (ValueError, OverflowError, OSError):
            pass  # beyond the years that Python's calendar knows, no zone changes its clock any more
    begin = floor(moment / DAY) * DAY
    return float(begin), float(begin + DAY)
