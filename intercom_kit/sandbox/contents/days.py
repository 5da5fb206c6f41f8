"""Calendar days."""

from datetime import UTC, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

DAY = 86_400


def day_of(moment: float, zone: ZoneInfo | None) -> tuple[float, float]:
    """Return the start and end of a moment's day, in UTC or in a zone, where days may have 23 or 25 hours."""
    if zone is not None:
        try:
            # fold=0: where midnight occurs twice, the day begins at the first.
            day = datetime.fromtimestamp(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
            return day.astimezone(UTC).timestamp(), (day + timedelta(days=1)).astimezone(UTC).timestamp()
        except (ValueError, OverflowError, OSError):
            pass  # outside Python's range of years, use UTC
    start = floor(moment / DAY) * DAY
    return float(start), float(start + DAY)
