"""How many of a month's active contacts come on a given day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics import periods
from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, OverEvents, horizon
from intercom_kit.metrics.engagement.sources import activity, columns, partition, same, visitors
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.subjects import OF_CONTACTS

_WEEK, _MONTH = 7, 28


@dataclass(frozen=True)
class Stickiness(OverEvents):
    """The number of contacts active on a day, and in the 7 and 28 days that end with it.

    A contact counts from an active day until the next one, or for the window's length, whichever is less: so each
    window is a sum of comings and goings, and no day is looked at again for every window that holds it. By week, days
    are Mondays that stand for their weeks; windows know no other periods.
    """

    columns: tuple[str, ...] = ("value", "n", "daily", "weekly", "monthly")

    def begins(self, asked: Asked) -> datetime:
        """Look back as far as the longest window reaches."""
        return periods.midnight(asked.since.astimezone(asked.zone).date() - timedelta(days=_MONTH - 1), asked.zone)

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        if asked.period not in ("day", "week"):
            raise BadMetricError(f"{asked.metric.name} is told by day or by week: give period='day' or 'week'.")
        groups, each = columns(asked.groups), partition(f"spread.{group}" for group in asked.groups)
        day = periods.day_of("period", asked.zone, asked.begins, asked.ends)
        running = f"over ({each}order by spread.period)"

        whole = _first_whole_day(asked)

        def reaching(days: int, value: str) -> str:
            return f"case when day - {days - 1} >= date '{whole}' then {value} end"

        return {
            **asked.asked(),
            **asked.names(),
            **asked.calendar(),
            **activity(asked),
            **visitors(asked),
            "days": f"select distinct number, {day} as day from numbered",
            "turns": select(
                {**groups, "number": "number", "after": "after", "n": "count(*)"},
                "from (select *, unnest(numbers) as number, unnest(numbers[2:]) as after from measured)\ngroup by all",
            ),
            "visits": select(
                {**groups, "day": "days.day", "again": "later.day", "n": "n"},
                "from turns\njoin days using (number)\nleft join days as later on later.number = turns.after",
            ),
            "moves": "\nunion all\n".join(
                [
                    _moves(groups, "day", "n", "n", "n"),
                    _moves(groups, f"least(day + {_WEEK}, coalesce(again, day + {_WEEK}))", "0", "-n", "0"),
                    _moves(groups, f"least(day + {_MONTH}, coalesce(again, day + {_MONTH}))", "0", "0", "-n"),
                ]
            ),
            "sums": select(
                {**groups, "day": "day", "daily": "sum(daily)", "week": "sum(week)", "month": "sum(month)"},
                "from moves\ngroup by all",
            ),
            **asked.spread(),
            "windows": select(
                {
                    "spread.*": "spread.*",
                    "daily": "coalesce(sums.daily, 0)::bigint",
                    "weekly": f"(sum(coalesce(week, 0)) {running})::bigint",
                    "monthly": f"(sum(coalesce(month, 0)) {running})::bigint",
                },
                f"from (select *, {day} as day from spread) as spread\n"
                f"left join sums on {same('spread', 'sums', ['day', *groups])}",
            ),
            "answer": select(
                {
                    **columns(asked.keys),
                    "complete": "complete",
                    "daily": reaching(1, "daily"),
                    "weekly": reaching(_WEEK, "weekly"),
                    "monthly": reaching(_MONTH, "monthly"),
                    "value": reaching(_MONTH, "daily / nullif(windows.monthly, 0)"),
                    "n": reaching(_MONTH, "windows.monthly"),
                },
                f"from windows\nwhere period >= {periods.instant(asked.since)}",
            ),
        }


def _first_whole_day(asked: Asked) -> date:
    """Give the first day of which Intercom lists all events."""
    day = horizon(asked).astimezone(asked.zone).date()
    return day if periods.midnight(day, asked.zone) >= horizon(asked) else day + timedelta(days=1)


def _moves(groups: dict[str, str], day: str, daily: str, week: str, month: str) -> str:
    """Write that contacts come to count, or cease to, from a day on."""
    return select({**groups, "day": day, "daily": daily, "week": week, "month": month}, "from visits")


STICKINESS = Metric(
    name="stickiness",
    title="Stickiness",
    question="How many of a month's active contacts come on a given day?",
    unit="share",
    denominator="contacts active in the 28 days that end with the day",
    shape=Stickiness(),
    definitions={
        "events": of_events(
            "Contacts active on the day, among those active in the 28 days that end with it; those of 7 days beside.",
            "Statsig's DAU, WAU and MAU: trailing windows of whole days",
        )
    },
    subject=OF_CONTACTS,
    period="day",
    compares=False,
    options=SEEN,
)
