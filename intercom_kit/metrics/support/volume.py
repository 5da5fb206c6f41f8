"""How many conversations come in, when, about what, and who works on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from intercom_kit.metrics import periods
from intercom_kit.metrics.aggregates import Count, Portion, Tally
from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, same, sql
from intercom_kit.metrics.support.sources import MISSING, WITHOUT_STATISTICS, WROTE

_NEW = Definition(
    "New conversations, inbound and outbound, at the time of the customer's first message. Outbound ones that nobody "
    "answered do not count, nor those without statistics.",
    "Intercom help, New conversations, article 7837533",
    at="first_contact_reply_at",
    instead=WROTE,
)
_CREATED = Definition(
    "All conversations, at the time they were created; outbound ones that nobody answered are included.",
    "the API's created_at",
)

CONVERSATIONS = Metric(
    name="conversations",
    title="Conversations",
    aliases=("volume", "conversation volume", "new conversations"),
    question="How many conversations come in?",
    unit="conversations",
    denominator="conversations",
    calculation=Count(),
    definitions={"intercom": _NEW, "calendar": _CREATED},
)


_HOURS_OF_THE_WEEK = """
    clock as (
        select {quarter} as quarter, isodow(wall) as weekday, hour(wall) as hour
        from {clock}
    ),
    times as (
        select weekday, hour, count(quarter) / 4 as times
        from range(1, 8) as days(weekday)
        cross join range(24) as hours(hour)
        left join clock using (weekday, hour)
        group by weekday, hour
    ),
    measured as (
        {measured}
    ),
    sums as (
        select {groups:,} weekday, hour, count(*) as n
        from measured
        group by {groups:,} weekday, hour
    ),
    answer as (
        select
            every_group.*,
            times.weekday,
            times.hour,
            coalesce(n, 0) / nullif(times, 0) as value,
            coalesce(n, 0) as n
        from times
        cross join (select distinct {groups_or_none} from measured) as every_group
        left join sums on sums.weekday = times.weekday and sums.hour = times.hour and {of_group}
    )
"""


@dataclass(frozen=True)
class WeekdaysAndHours(Calculation):
    """Rows by weekday (1 is Monday) and hour of local time, all 168, for an average week.

    The average is over how often each hour occurred in the span, which clocks may skip or repeat; NULL if never.
    """

    columns: tuple[str, ...] = ("weekday", "hour", "value", "n")
    order: str = "weekday, hour"
    counted: ClassVar[Mapping[str, str]] = {"n": "true"}

    def of_row(self, row: Mapping[str, Any]) -> list[SQL]:
        """Return the condition of the row's hour of the week."""
        return [sql("weekday = {weekday} and hour = {hour}", weekday=int(row["weekday"]), hour=int(row["hour"]))]

    def steps(self, request: MetricRequest) -> list[SQL]:
        clock = f"join clock on clock.quarter = {periods.quarter_of(request.moment)}"
        hours = sql(
            _HOURS_OF_THE_WEEK,
            quarter=periods.quarter_of("moment"),
            clock=periods.clock(request.begins, request.ends, request.zone),
            measured=request.rows("conversation.id, clock.weekday, clock.hour", also=clock),
            groups=request.groups,
            groups_or_none=request.groups or SQL("true as any_row"),
            of_group=same("sums", "every_group", request.groups),
        )
        return [*self.selection(request), hours]


BUSIEST_HOURS = Metric(
    name="busiest_hours",
    title="Busiest hours",
    aliases=("peak hours", "heatmap"),
    question="At which hours of the week do conversations come in?",
    unit="conversations in that hour of an average week",
    denominator="conversations that came in at that weekday and hour",
    calculation=WeekdaysAndHours(),
    definitions={"intercom": _NEW, "calendar": _CREATED},
    periods=False,
    compares=False,
)

TOPICS = Metric(
    name="topics",
    title="Topics",
    aliases=("tags", "contact reasons"),
    question="What are conversations about, and which topics have grown or shrunk?",
    unit="share",
    denominator="conversations of the period, including those without a topic",
    calculation=Portion(),
    definitions={
        "intercom": Definition(
            "Conversations of each topic, among all that were created in the period. A topic is a tag, or another "
            "group given by by=, such as 'custom_attributes.Topic'.",
            "the API's tags and attributes of conversations",
        )
    },
    by=("tag",),
    compare="previous",
)

_LOAD = {
    "day": "{day}",
    "closed": "conversation.state = 'closed'",
    "replied": "conversation.first_admin_reply_at is not null",
    "reopened": "conversation.count_reopens > 0",
    "handled": "case when conversation.handling_time >= 0 then conversation.handling_time end",
}

_WORK = """count(*) as n,
count(*) filter (where replied) as replied,
count(*) filter (where closed) as closed,
count(*) filter (where not closed) as still_open,
count(*) filter (where reopened) as reopened,
count(distinct day) as active_days,
count(*) / nullif(count(distinct day), 0) as per_active_day,
sum(handled) as handling_time"""
_WORKLOAD = """coalesce(n, 0)::double as value,
coalesce(n, 0) as n,
coalesce(replied, 0) as replied,
coalesce(closed, 0) as closed,
coalesce(still_open, 0) as still_open,
coalesce(reopened, 0) as reopened,
coalesce(active_days, 0) as active_days,
per_active_day,
handling_time"""

WORKLOAD = Metric(
    name="workload",
    title="Workload",
    question="How much work does each teammate or team have?",
    unit="conversations",
    denominator="conversations",
    calculation=Tally(
        columns=(
            "value",
            "n",
            "replied",
            "closed",
            "still_open",
            "reopened",
            "active_days",
            "per_active_day",
            "handling_time",
        ),
        order="value desc",
        sums=_WORK,
        answer=_WORKLOAD,
    ),
    definitions={
        "intercom": Definition(
            "Conversations created in the span in which each teammate took part (by='participant'); each counts for "
            "every teammate in it. by='teammate' or 'team' counts for the assignee, by='closer' for whoever closed it "
            "last. Active days are those on which such a conversation began; handling_time is seconds of office hours "
            "of the whole conversation, whoever spent them.",
            "the API's teammates and statistics",
            measures=_LOAD,
            left_out={
                f"{MISSING}: counted, but not as replied, reopened or handled": f"{WITHOUT_STATISTICS} "
                "or conversation.count_reopens is null"
            },
        )
    },
    by=("participant",),
)

VOLUME = (CONVERSATIONS, BUSIEST_HOURS, TOPICS, WORKLOAD)
