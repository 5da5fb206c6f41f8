"""The share of a month's active contacts who are active on a given day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics import periods
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, OverEvents, horizon
from intercom_kit.metrics.engagement.sources import activity, visitors
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, partition, qualified, same, sql
from intercom_kit.metrics.subjects import OF_CONTACTS

_LONGEST_WINDOW = timedelta(days=28)

# From each active day to the contact's next one, and from these the changes in who counts as active.
_CHANGES = """
    days as (
        select distinct number, {day} as day from numbered
    ),
    turns as (
        select {groups:,} number, after, count(*) as n
        from (select *, unnest(numbers) as number, unnest(numbers[2:]) as after from measured)
        group by {groups:,} number, after
    ),
    visits as (
        select {groups:,} days.day, later.day as again, n
        from turns
        join days using (number)
        left join days as later on later.number = turns.after
    ),
    moves as (
        select {groups:,} day, n as daily, n as week, n as month from visits
        union all
        select {groups:,} least(day + 7, coalesce(again, day + 7)) as day, 0, -n, 0 from visits
        union all
        select {groups:,} least(day + 28, coalesce(again, day + 28)) as day, 0, 0, -n from visits
    ),
    sums as (
        select {groups:,} day, sum(daily) as daily, sum(week) as week, sum(month) as month
        from moves
        group by {groups:,} day
    )
"""
_ANSWER = """
    windows as (
        select
            spread.*,
            coalesce(sums.daily, 0)::bigint as daily,
            (sum(coalesce(week, 0)) over so_far)::bigint as weekly,
            (sum(coalesce(month, 0)) over so_far)::bigint as monthly
        from (select *, {day} as day from spread) as spread
        left join sums on {same_day}
        window so_far as ({by_group} order by spread.period)
    ),
    answer as (
        select
            {keys:,}
            complete,
            case when day >= {first_day} then daily end as daily,
            case when day - 6 >= {first_day} then weekly end as weekly,
            case when day - 27 >= {first_day} then monthly end as monthly,
            case when day - 27 >= {first_day} then daily / nullif(windows.monthly, 0) end as value,
            case when day - 27 >= {first_day} then windows.monthly end as n
        from windows
        where period >= {since}
    )
"""


@dataclass(frozen=True)
class Stickiness(OverEvents):
    """The number of contacts active on a day, and in the 7 and 28 days that end with it.

    A contact counts from an active day until the next one, or for the window's length if that is less. So a window is
    a running sum of arrivals and departures, and no day is read again for each window that holds it. By week, the
    days are Mondays.
    """

    columns: tuple[str, ...] = ("value", "n", "daily", "weekly", "monthly")

    def begins(self, request: MetricRequest) -> datetime:
        """Return the start of the longest window that ends with the first day."""
        first = request.since.astimezone(request.zone).date()
        return periods.midnight(first - _LONGEST_WINDOW + timedelta(days=1), request.zone)

    def steps(self, request: MetricRequest) -> list[SQL]:
        if request.period not in ("day", "week"):
            raise BadMetricError(f"{request.metric} is counted by day or by week: give period='day' or 'week'.")
        groups = request.groups
        day = periods.day_of("period", request.zone, request.begins, request.ends)
        return [
            *self.selection(request),
            *request.calendar(),
            activity(request),
            visitors(request),
            sql(_CHANGES, day=day, groups=groups),
            request.spread(),
            sql(
                _ANSWER,
                day=day,
                same_day=same("spread", "sums", ["day", *groups]),
                by_group=partition(qualified("spread", groups)),
                keys=request.keys,
                first_day=_first_whole_day(request),
                since=request.since,
            ),
        ]


def _first_whole_day(request: MetricRequest) -> date:
    """Return the first day of which Intercom lists all events."""
    day = horizon(request).astimezone(request.zone).date()
    return day if periods.midnight(day, request.zone) >= horizon(request) else day + timedelta(days=1)


STICKINESS = Metric(
    name="stickiness",
    title="Stickiness",
    aliases=("dau/mau",),
    question="How many of a month's active contacts are active on a given day?",
    unit="share",
    denominator="contacts active in the 28 days that end with the day",
    calculation=Stickiness(),
    definitions={
        "events": of_events(
            "Contacts active on the day, as a share of those active in the 28 days that end with it; `weekly` counts "
            "those of 7 days.",
            "Statsig's DAU, WAU and MAU: trailing windows of whole days",
        )
    },
    subject=OF_CONTACTS,
    period="day",
    compares=False,
    options=SEEN,
)
