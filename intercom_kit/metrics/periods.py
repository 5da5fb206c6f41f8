"""Periods of a workspace's own calendar: where they begin, and the SQL that puts instants into them.

An instant belongs to the period of its local time, whatever the clocks do in between, and a period begins with its
first instant: a day at midnight, or where clocks leap over that, right after. Offsets from UTC are whole quarters of an
hour, so a small table from quarters to periods, joined by equality, says for any number of rows where they belong; it
lists the periods in which nothing happened, too. Python and SQL reckon with the same offsets, which stand in the SQL as
constants: DuckDB has zone data of its own, and other.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from intercom_kit.zones import offsets

PERIODS = ("hour", "day", "week", "month", "quarter")

_SECOND = timedelta(seconds=1)


def start(moment: datetime, period: str, zone: tzinfo) -> datetime:
    """Give the instant at which the period of a moment begins; weeks begin on Monday."""
    local = moment.astimezone(zone)
    if period == "hour":
        full = local.replace(minute=0, second=0, microsecond=0, fold=0)
        elapsed = moment.astimezone(UTC) - (local.replace(tzinfo=None) - full.replace(tzinfo=None))
        return later if _wall(later := elapsed.astimezone(zone)) == _wall(full) else _first(full)
    return midnight(_first_day(local.date(), period), zone)


def before(moment: datetime, period: str, zone: tzinfo) -> datetime:
    """Give the start of the period before the one that begins at a moment."""
    return start(moment.astimezone(UTC) - _SECOND, period, zone)


def shifted(moment: datetime, until: datetime, zone: tzinfo) -> datetime:
    """Give the start of the span that is as long by the clock, and ends at a moment."""
    local, end = (each.astimezone(zone).replace(tzinfo=None) for each in (moment, until))
    return (local - (end - local)).replace(tzinfo=zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Give the instant at which a day begins."""
    return _first(datetime.combine(day, time(), zone))


def _first(local: datetime) -> datetime:
    """Give a time by the clock or, where clocks leap over it, the instant at which they do."""
    told = local.astimezone(UTC).astimezone(local.tzinfo)
    if local.tzinfo is None or _wall(told) == _wall(local):
        return local
    *_, (change, _) = _changes(local.tzinfo, told.astimezone(UTC) - timedelta(days=1), told)
    return change.astimezone(local.tzinfo)


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, fold=0)


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


def _changes(zone: tzinfo, first: datetime, last: datetime) -> list[tuple[datetime, timedelta]]:
    """List the offsets between two instants, each with the quarter of an hour from which on it counts."""
    return [(_quarter(each, upwards=True), offset) for each, offset in offsets(zone, first, last)]


def _quarter(moment: datetime, *, upwards: bool = False) -> datetime:
    """Round to a whole quarter of an hour."""
    seconds = moment.timestamp()
    return datetime.fromtimestamp(-(-seconds // 900) * 900 if upwards else seconds // 900 * 900, UTC)


def local(moment: str, zone: tzinfo, first: datetime, last: datetime) -> str:
    """Write an instant between two others as the clock on the workspace's wall shows it."""
    (_, offset), *changes = _changes(zone, first, last)
    wall = f"make_timestamp(epoch_us({moment}))"
    if not changes:
        return f"{wall} + {_interval(offset)}" if offset else wall
    cases = []
    for change, later in changes:
        cases.append(f"when {moment} < {instant(change)} then {_interval(offset)}")
        offset = later
    return (
        f"{wall} + case\n" + "\n".join(f"        {each}" for each in cases) + f"\n        else {_interval(offset)} end"
    )


def _interval(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    return f"interval '{seconds} seconds'" if seconds % 60 else f"interval '{seconds // 60} minutes'"


def day_of(moment: str, zone: tzinfo, first: datetime, last: datetime) -> str:
    """Write the local date of an instant between two others."""
    return f"({local(moment, zone, first, last)})::date"


def quarter_of(moment: str) -> str:
    """Write the number of the quarter of an hour, counted from 1970, that an instant belongs to."""
    return f"epoch_us({moment}) // 900000000"


def calendar(period: str, first: datetime, last: datetime, zone: tzinfo) -> str:
    """Write the table from quarters of an hour to periods, from that of the first instant up to the last instant.

    `complete` says that the whole period lies before the last instant.
    """
    moments = f"""select moment, {quarter_of("moment")} as quarter, wall, date_trunc('{period}', wall) as began
    from {clock(start(first, period, zone), last, zone)}"""
    same = "began"
    if period == "hour":  # one whose first minute comes twice, as clocks go back, is two
        turn = "count(*) filter (where wall = began) over (partition by began order by moment)"
        moments, same = f"select *, {turn} as turn\n    from ({moments})", "began, turn"
    return f"""select *, period < {instant(start(last, period, zone))} as complete
from (
    select quarter, min(moment) over (partition by {same}) as period
    from ({moments})
)"""


def clock(first: datetime, last: datetime, zone: tzinfo) -> str:
    """Write the table of the moments at which quarters of an hour begin between two instants, and the clock then."""
    begins = _quarter(first)
    ends = max(begins, last - timedelta(microseconds=1))
    moments = f"generate_series({instant(begins)}, {instant(ends)}, interval 15 minute) as quarters(moment)"
    return f"(select moment, {local('moment', zone, begins, ends)} as wall from {moments})"


def instant(moment: datetime) -> str:
    """Write an instant as a constant, in the form in which the planner hands it on to Intercom."""
    return f"timestamptz '{moment.astimezone(UTC).isoformat(sep=' ')}'"
