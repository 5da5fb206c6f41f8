"""Periods in a workspace's timezone: where they begin, and the SQL that assigns instants to them.

An instant belongs to the period of its local time. A period begins with its first instant: a day at midnight, or right
after it where clocks skip midnight. Offsets from UTC are whole quarters of an hour, so a small table from quarters to
periods, joined by equality, assigns any number of rows; it also lists the periods in which nothing happened. The
offsets are constants in the SQL, the same that Python uses, since DuckDB's own timezone data may differ.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from intercom_kit.metrics.sql import SQL, join, sql
from intercom_kit.zones import offsets

PERIODS = ("hour", "day", "week", "month", "quarter")

_SECOND = timedelta(seconds=1)


def start(moment: datetime, period: str, zone: tzinfo) -> datetime:
    """Return the start of the period that a moment belongs to; weeks begin on Monday."""
    local = moment.astimezone(zone)
    if period == "hour":
        full = local.replace(minute=0, second=0, microsecond=0, fold=0)
        elapsed = moment.astimezone(UTC) - (local.replace(tzinfo=None) - full.replace(tzinfo=None))
        return later if _wall(later := elapsed.astimezone(zone)) == _wall(full) else _first(full)
    return midnight(_first_day(local.date(), period), zone)


def before(moment: datetime, period: str, zone: tzinfo) -> datetime:
    """Return the start of the period before the one that begins at a moment."""
    return start(moment.astimezone(UTC) - _SECOND, period, zone)


def shifted(moment: datetime, until: datetime, zone: tzinfo) -> datetime:
    """Return the start of the span before a moment that is as long, in local time, as from it to `until`."""
    local, end = (each.astimezone(zone).replace(tzinfo=None) for each in (moment, until))
    return (local - (end - local)).replace(tzinfo=zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the instant at which a day begins."""
    return _first(datetime.combine(day, time(), zone))


def _first(local: datetime) -> datetime:
    """Return a local time as it is, or the instant of the change where clocks skip it."""
    shown = local.astimezone(UTC).astimezone(local.tzinfo)
    if local.tzinfo is None or _wall(shown) == _wall(local):
        return local
    *_, (change, _) = _changes(local.tzinfo, shown.astimezone(UTC) - timedelta(days=1), shown)
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
    """List the offsets from UTC between two instants, each with the quarter of an hour from which it applies."""
    return [(_quarter(each, upwards=True), offset) for each, offset in offsets(zone, first, last)]


def _quarter(moment: datetime, *, upwards: bool = False) -> datetime:
    """Return a moment rounded down to a quarter of an hour, or up."""
    seconds = moment.timestamp()
    return datetime.fromtimestamp(-(-seconds // 900) * 900 if upwards else seconds // 900 * 900, UTC)


def local(moment: str, zone: tzinfo, first: datetime, last: datetime) -> SQL:
    """Return the local time of an instant that lies between two others."""
    (_, offset), *changes = _changes(zone, first, last)
    wall = SQL(f"make_timestamp(epoch_us({moment}))")
    if not changes:
        return sql("{wall} + {offset}", wall=wall, offset=offset) if offset else wall
    cases = []
    for change, later in changes:
        cases.append(sql("when {at} < {change} then {offset}", at=SQL(moment), change=change, offset=offset))
        offset = later
    return sql("{wall} + case\n    {cases}\n    else {offset} end", wall=wall, cases=join("\n", cases), offset=offset)


def day_of(moment: str, zone: tzinfo, first: datetime, last: datetime) -> SQL:
    """Return the local date of an instant that lies between two others."""
    return sql("({local})::date", local=local(moment, zone, first, last))


def quarter_of(moment: str) -> SQL:
    """Return the number, counted from 1970, of the quarter of an hour that an instant belongs to."""
    return SQL(f"epoch_us({moment}) // 900000000")


def calendar(period: str, first: datetime, last: datetime, zone: tzinfo) -> SQL:
    """Return the SELECT of all quarters of an hour, from the first instant's period to the last instant, by period.

    A period is `complete` if all of it lies before the last instant.
    """
    # The hour whose first minute comes twice, as clocks go back, is two periods.
    twice = SQL(", count(*) filter (where wall = began) over (partition by began order by moment) as turn")
    return sql(
        """
        select *, period < {last_start} as complete
        from (
            select quarter, min(moment) over (partition by {same_period}) as period
            from (
                select *{turn}
                from (select moment, {quarter} as quarter, wall, date_trunc({period}, wall) as began from {clock})
            )
        )
        """,
        period=period,
        quarter=quarter_of("moment"),
        clock=clock(start(first, period, zone), last, zone),
        turn=twice if period == "hour" else SQL(),
        same_period=SQL("began, turn" if period == "hour" else "began"),
        last_start=start(last, period, zone),
    )


def clock(first: datetime, last: datetime, zone: tzinfo) -> SQL:
    """Return a subquery of the quarters of an hour between two instants: their `moment`, and the local time `wall`."""
    begins = _quarter(first)
    ends = max(begins, last - timedelta(microseconds=1))
    return sql(
        """
        (
            select moment, {wall} as wall
            from generate_series({begins}, {ends}, interval 15 minute) as quarters(moment)
        )
        """,
        wall=local("moment", zone, begins, ends),
        begins=begins,
        ends=ends,
    )
