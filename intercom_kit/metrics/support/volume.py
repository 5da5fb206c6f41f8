"""How much comes in, when, about what, and whose work it is."""

from dataclasses import dataclass

from intercom_kit.metrics import periods
from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.metric import Definition, Metric, Shape
from intercom_kit.metrics.shapes import Count, Portion, Tally
from intercom_kit.metrics.support.sources import MISSING, WITHOUT_STATISTICS, WROTE

_NEW = Definition(
    "New conversations, inbound and outbound, at the time of the customer's first message. Outbound ones that nobody "
    "answered do not count, nor those of which Intercom gives no statistics.",
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
    question="How many conversations come in?",
    unit="conversations",
    denominator="conversations",
    shape=Count(),
    definitions={"intercom": _NEW, "calendar": _CREATED},
)


@dataclass(frozen=True)
class WeekdaysAndHours(Shape):
    """Rows by weekday (1 is Monday) and hour of the workspace's clock, all 168, for an average week.

    The average is over how often each hour came in the span, which clocks may leap over or repeat; NULL if never.
    """

    columns: tuple[str, ...] = ("weekday", "hour", "value", "n")
    order: str = "weekday, hour"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        hours = {"quarter": periods.quarter_of("moment"), "weekday": "isodow(wall)", "hour": "hour(wall)"}
        clock = f"join clock on clock.quarter = {periods.quarter_of(asked.moment)}"
        groups = ", ".join(["weekday", "hour", *asked.groups])
        every = f"(select distinct {', '.join(asked.groups) or 'true as any_row'} from measured) as every_group"
        same = " and ".join(
            ["sums.weekday = times.weekday", "sums.hour = times.hour"]
            + [f"sums.{group} is not distinct from every_group.{group}" for group in asked.groups]
        )
        return {
            **asked.asked(),
            **asked.names(),
            "clock": select(hours, f"from {periods.clock(asked.begins, asked.ends, asked.zone)}"),
            "times": "select weekday, hour, count(quarter) / 4 as times from range(1, 8) as days(weekday)\n"
            "cross join range(24) as hours(hour) left join clock using (weekday, hour) group by weekday, hour",
            "measured": asked.rows({"weekday": "clock.weekday", "hour": "clock.hour"}, also=clock),
            "sums": f"select {groups}, count(*) as n from measured group by {groups}",
            "answer": select(
                {
                    "every_group.*": "every_group.*",
                    "weekday": "times.weekday",
                    "hour": "times.hour",
                    "value": "coalesce(n, 0) / nullif(times, 0)",
                    "n": "coalesce(n, 0)",
                },
                f"from times cross join {every}\nleft join sums on {same}",
            ),
        }


BUSIEST_HOURS = Metric(
    name="busiest_hours",
    title="Busiest hours",
    question="At which hours of the week do conversations come in?",
    unit="conversations in that hour of an average week",
    denominator="conversations that came in at that weekday and hour",
    shape=WeekdaysAndHours(),
    definitions={"intercom": _NEW, "calendar": _CREATED},
    periods=False,
    compares=False,
)

TOPICS = Metric(
    name="topics",
    title="Topics",
    question="What are conversations about, and what has become more or less?",
    unit="share",
    denominator="conversations of the period, also those without a topic",
    shape=Portion(),
    definitions={
        "intercom": Definition(
            "Conversations of each topic, among all that were created in the period. A topic is a tag, or what by= "
            "says instead, such as 'custom_attributes.Topic'.",
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

WORKLOAD = Metric(
    name="workload",
    title="Workload",
    question="How much work does each teammate or team have?",
    unit="conversations",
    denominator="conversations",
    shape=Tally(
        columns=(
            "value",
            "n",
            "replied",
            "closed",
            "still_open",
            "reopened",
            "active_days",
            "per_active_day",
            "handling_hours",
        ),
        order="value desc",
        counts={
            "n": "count(*)",
            "replied": "count(*) filter (where replied)",
            "closed": "count(*) filter (where closed)",
            "still_open": "count(*) filter (where not closed)",
            "reopened": "count(*) filter (where reopened)",
            "active_days": "count(distinct day)",
        },
        sums={
            "per_active_day": "count(*) / nullif(count(distinct day), 0)",
            "handling_hours": "sum(handled) / 3600",
        },
    ),
    definitions={
        "intercom": Definition(
            "Conversations created in the span in which each teammate took part (by='participant'); each counts for "
            "every teammate in it. by='teammate' or 'team' counts for who is in charge, by='closer' for who closed "
            "last. Active days are those on which such a conversation began; handling hours are office hours of the "
            "whole conversation, whoever spent them.",
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
