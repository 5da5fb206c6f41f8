"""Durations in office hours, worked out in SQL: the time that the office was open between two instants.

Each day of a span, in the timezone of the hours, has the intervals of its date, else of its day in every year, else of
its weekday. Their ends are instants; where clocks skip a time, the instant of the change, and where a time comes twice,
the first. A small table of the intervals, with the time that the office was open before each, makes a duration one
difference: open until its end, less open until its beginning.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.sql import SQL, join, sql
from intercom_kit.values.office_hours import OfficeHours
from intercom_kit.zones import offsets, zone

# Times of a conversation lie between the beginning of the span and the present, if its times are right; hours are known
# for longer, and what lies beyond is left out with the reason.
_MARGIN = timedelta(days=400)
_AROUND = timedelta(days=3)  # in which an interval of any day and zone has ended
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FAR_OFF = "with times far outside the span"

SOURCE = "worked out here, from the times that the API returns"

OPTIONS = {"hours": None}
GIVE_OWN = (
    "give hours=ik.OfficeHours('Europe/Dublin', 'Mon-Fri 09:00-17:00', holidays=['2026-12-25']), or the same as text, "
    "'Europe/Dublin Mon-Fri 09:00-17:00; 2026-12-25'"
)
GIVE = f"{GIVE_OWN}, or the name of a schedule of the workspace."


def chosen(given: object, *, needed: bool, metric: str) -> OfficeHours | None:
    """Return the office hours of a request, if its definition needs some; raise BadMetricError if they are missing."""
    if not needed:
        if given is not None:
            raise BadMetricError(f"{metric} uses hours= with definition='office' only: give that, or leave hours out.")
        return None
    if given is None:
        raise BadMetricError(f"{metric} by definition 'office' needs office hours: {GIVE}")
    return given if isinstance(given, OfficeHours) else OfficeHours.read(str(given))


def summary(hours: OfficeHours) -> str:
    """Return office hours in a few words, for captions."""
    exceptions = len(hours.holidays)
    also = f" and {exceptions} other {'day' if exceptions == 1 else 'days'}" if exceptions else ""
    return f"office hours of {hours.zone}, {hours.weekly}{also}"


def steps(hours: OfficeHours, begins: datetime, now: datetime) -> SQL:
    """Return the steps up to `open_hours`: intervals in microseconds since 1970, in order and apart from each other.

    `before` is how long the office was open before an interval. The first and the last row are where what is known
    begins and ends.
    """
    first, last = max(begins.astimezone(UTC), _EARLIEST) - _MARGIN, now.astimezone(UTC) + _MARGIN
    first_day, last_day = first.date() - _AROUND, last.date() + _AROUND
    return sql(
        """
        hours(name, opens, closes) as (
            values
                {hours}
        ),
        days as (
            select day, unnest([strftime(day, '%a'), strftime(day, '%m-%d'), strftime(day, '%Y-%m-%d')]) as name
            from generate_series({first_day}, {last_day}, interval 1 day) as days(day)
        ),
        scheduled as (
            select day + to_minutes(hours.opens) as opens, day + to_minutes(hours.closes) as closes
            from days
            join hours using (name)
            -- of a date, a day of every year and a weekday the longest name is the strongest
            qualify length(name) = max(length(name)) over (partition by day)
        ),
        clocks(wall, since, ahead) as (
            values
                {clocks}
        ),
        intervals as (
            select
                greatest(epoch_us(greatest(opens - at_opening.ahead, at_opening.since)), {begins}) as opens,
                least(epoch_us(greatest(closes - at_closing.ahead, at_closing.since)), {ends}) as closes
            from scheduled
            asof join clocks as at_opening on opens >= at_opening.wall
            asof join clocks as at_closing on closes >= at_closing.wall
        ),
        apart as (
            select
                greatest(opens, max(closes) over (
                    order by opens, closes rows between unbounded preceding and 1 preceding
                )) as opens,
                closes
            from intervals
        ),
        open_hours as (
            select
                opens,
                closes,
                (sum(closes - opens) over (order by opens) - (closes - opens))::bigint as before
            from (
                select * from apart where opens < closes
                union all
                select {begins} - 1, {begins} - 1
            )
            union all
            select {ends}, null::bigint, null::bigint
        )
        """,
        hours=join(",\n", _rows(hours)),
        first_day=first_day,
        last_day=last_day,
        clocks=join(",\n", _clocks(hours, first - 2 * _AROUND, last + 2 * _AROUND)),
        begins=sql("epoch_us({first})", first=first),
        ends=sql("epoch_us({last})", last=last),
    )


def _rows(hours: OfficeHours) -> Iterator[SQL]:
    for name, spans in hours.days:
        if not spans:
            yield sql("({name}, null, null)", name=name)
        for opens, closes in spans:
            yield sql("({name}, {opens}, {closes})", name=name, opens=opens, closes=closes)


def _clocks(hours: OfficeHours, first: datetime, last: datetime) -> Iterator[SQL]:
    """Return what clocks are ahead of UTC: the local time from which on, the instant of the change, and the interval.

    A time that clocks skip is later than that local time, and less the interval it is before the change.
    """
    before = None
    for change, ahead in offsets(zone(hours.zone), first, last):
        wall = change + (ahead if before is None else before)
        yield sql("({wall}, {change}, {ahead})", wall=_plain(wall), change=_plain(change), ahead=ahead)
        before = ahead


def _plain(moment: datetime) -> SQL:
    return SQL(f"timestamp '{moment.replace(tzinfo=None)}'")


def joins(earlier: str, later: str) -> SQL:
    """Return the joins by which two instants, in microseconds, find the interval that they lie in or after."""
    return sql(
        """
        asof left join open_hours as at_first on {earlier} >= at_first.opens
        asof left join open_hours as at_last on {later} >= at_last.opens
        """,
        earlier=SQL(earlier),
        later=SQL(later),
    )


def seconds(earlier: str, later: str) -> SQL:
    """Return the seconds of office hours between two instants, in microseconds, that `joins` has joined.

    Instants in the wrong order give their calendar time, which is negative, since there may be no hours between them.
    """
    template = """
        (case
            when {later} < {earlier} then {later} - {earlier}
            else at_last.before + least({later}, at_last.closes) - at_last.opens
                - (at_first.before + least({earlier}, at_first.closes) - at_first.opens)
        end / 1000000)
    """
    return sql(template, earlier=SQL(earlier), later=SQL(later))
