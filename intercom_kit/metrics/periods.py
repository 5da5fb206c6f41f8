"""Periods of a workspace's own calendar: where they begin, and the SQL that puts instants into them.

An instant belongs to the period of its local time, whatever the clocks do in between. Offsets from UTC are whole
quarters of an hour, so a small table from quarters to periods, joined by equality, says for any number of rows where
they belong; it lists the periods in which nothing happened, too.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIODS = ("hour", "day", "week", "month", "quarter")

_QUARTER = timedelta(minutes=15)


def start(moment: datetime, period: str, zone: ZoneInfo) -> datetime:
    """Give the instant at which the period of a moment begins; weeks begin on Monday."""
    local = moment.astimezone(zone)
    if period == "hour":
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return (moment - into).astimezone(zone)
    return _midnight(_first_day(local.date(), period), zone)


def before(moment: datetime, period: str, zone: ZoneInfo) -> datetime:
    """Give the start of the period before the one that begins at a moment."""
    if period == "hour":
        return start(moment - timedelta(minutes=1), period, zone)
    day = moment.astimezone(zone).date() - timedelta(days=1)
    return _midnight(_first_day(day, period), zone)


def shifted(moment: datetime, until: datetime, zone: ZoneInfo) -> datetime:
    """Give the start of the span that is as long by the clock, and ends at a moment."""
    local, end = (each.astimezone(zone).replace(tzinfo=None) for each in (moment, until))
    return (local - (end - local)).replace(tzinfo=zone)


def _first_day(day: date, period: str) -> date:
    match period:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case _:
            return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def local(moment: str, zone: ZoneInfo) -> str:
    """Write an instant as the clock on the workspace's wall shows it."""
    return f"{moment} at time zone '{zone.key}'"


def period_of(moment: str, period: str, zone: ZoneInfo) -> str:
    """Write the start of the period that an instant belongs to."""
    wall = f"({local(moment, zone)})"
    if period == "hour":  # when clocks go back an hour comes twice, and stays two
        return f"{moment} - ({wall} - date_trunc('hour', {wall}))"
    return f"date_trunc('{period}', {wall}) at time zone '{zone.key}'"


def quarter_of(moment: str) -> str:
    """Write the number of the quarter of an hour, counted from 1970, that an instant belongs to."""
    return f"epoch_us({moment}) // 900000000"


def calendar(period: str, first: datetime, last: datetime, zone: ZoneInfo) -> str:
    """Write the table from quarters of an hour to periods, from the first instant up to the last.

    `complete` says that the whole period lies before the last instant.
    """
    return f"""
    select *, {period_of(instant(last), period, zone)} > period as complete
    from (
        select {quarter_of("moment")} as quarter, {period_of("moment", period, zone)} as period
        from {quarters(first, last)}
    )"""


def quarters(first: datetime, last: datetime) -> str:
    """Write the table of the moments at which the quarters of an hour between two instants begin."""
    begins = datetime.fromtimestamp(first.timestamp() // 900 * 900, UTC)
    ends = max(begins, last - timedelta(microseconds=1))
    return f"(select unnest(generate_series({instant(begins)}, {instant(ends)}, interval 15 minute)) as moment)"


def instant(moment: datetime) -> str:
    """Write an instant as a constant, in the form in which the planner hands it on to Intercom."""
    return f"timestamptz '{moment.astimezone(UTC).isoformat(sep=' ')}'"
