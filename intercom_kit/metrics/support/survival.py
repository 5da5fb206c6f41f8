"""How long things take, with those that are still waiting: without these every team looks faster than it is."""

from dataclasses import dataclass

from intercom_kit.metrics.aggregates import named
from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import CALENDAR, Definition
from intercom_kit.metrics.intervals import Z
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, partition, sql
from intercom_kit.metrics.support.sources import MISSING, NOBODY_WROTE, REPLIED, WITHOUT_STATISTICS, WRITTEN_AT

_DONE = "case when conversation.state = 'closed' then conversation.last_close_at end"
# A conversation closed at an unknown time has not waited until now.
_OPEN = "case when conversation.state is distinct from 'closed' then {now} end"
_CLOSED_AT_UNKNOWN_TIME = (
    f"(conversation.state = 'closed' and conversation.last_close_at is null and {WRITTEN_AT} is not null)"
)

_CURVE = """
    measured as (
        {measured}
    ),
    moments as (
        select {keys:,} seconds, count(*) as leaving, count(*) filter (where ended) as ends
        from measured
        where seconds >= 0
        group by {keys:,} seconds
    ),
    risks as (
        select *, sum(leaving) over ({by_key} order by seconds desc) as at_risk
        from moments
    ),
    curve as (
        -- Rounded, so that one half is exactly that.
        select
            *,
            sum(leaving) over ({by_key}) as n,
            round(product(1 - ends / at_risk) over onward, 9) as value,
            sum(ends / nullif(at_risk * (at_risk - ends), 0)) over onward as variance
        from risks
        window onward as ({by_key} order by seconds)
    ),
    answer as (
        -- Without a loss, or with nothing left, there is no interval.
        select
            {keys:,}
            {complete}
            seconds,
            value,
            n::bigint as n,
            at_risk::bigint as at_risk,
            case when value > 0 and value < 1 then value ** exp({minus_z} * sqrt(variance) / ln(value)) end as low,
            case when value > 0 and value < 1 then value ** exp({z} * sqrt(variance) / ln(value)) end as high,
            min(seconds) filter (where value <= 0.5) over ({by_key}) as median
        from curve
        window onward as ({by_key} order by seconds)
        qualify floor(round(value * 100, 6)) is distinct from lag(floor(round(value * 100, 6))) over onward
    )
"""


@dataclass(frozen=True)
class Survival(Calculation):
    """Kaplan and Meier's estimate of the share that still waits after some time, with those whose end is not known yet.

    There is a row per percent that is lost. The interval is Greenwood's, on the scale of log(-log). `median` is the
    time by which half are done, NULL if that is not reached.
    """

    columns: tuple[str, ...] = ("seconds", "value", "n", "at_risk", "low", "high", "median")
    order: str = "seconds"

    def steps(self, request: MetricRequest) -> list[SQL]:
        curve = sql(
            _CURVE,
            measured=request.rows(named(request.definition.measures)),
            keys=request.keys,
            by_key=partition(request.keys),
            complete=SQL("true as complete," if request.period else ""),
            minus_z=-Z,
            z=Z,
        )
        return [*self.selection(request), *request.calendar(), curve]


def _survival(name: str, title: str, question: str, text: str, until: str, ended: str, unknown: str) -> Metric:
    """Return the metric of how long something takes; conversations for which `unknown` holds are left out."""
    elapsed = f"epoch({until}) - epoch({WRITTEN_AT})"
    return Metric(
        name=name,
        title=title,
        question=question,
        unit="share",
        denominator="conversations in which a customer wrote",
        calculation=Survival(),
        definitions={
            "calendar": Definition(
                text,
                "Kaplan and Meier's estimate, over the API's statistics",
                measures={"seconds": f"case when ({unknown}) is not true then {elapsed} end", "ended": ended},
                hours=CALENDAR,
                left_out={
                    MISSING: unknown,
                    NOBODY_WROTE: f"({unknown}) is not true and {WRITTEN_AT} is null",
                    "with times that contradict each other": f"({unknown}) is not true and {until} < {WRITTEN_AT}",
                },
            )
        },
        compares=False,
    )


FIRST_RESPONSE_SURVIVAL = _survival(
    "first_response_survival",
    "Waiting for a first response",
    "Which share of customers still waits for the first reply after some time?",
    "Share without a reply of a teammate, by the time since the customer's first message. Unanswered conversations "
    "count for as long as they have waited, those closed without a reply until they were closed.",
    f"coalesce(conversation.first_admin_reply_at, {_DONE}, {_OPEN})",
    "conversation.first_admin_reply_at is not null",
    f"{WITHOUT_STATISTICS} or (conversation.first_admin_reply_at is null and ({REPLIED} or {_CLOSED_AT_UNKNOWN_TIME}))",
)

TIME_TO_CLOSE_SURVIVAL = _survival(
    "time_to_close_survival",
    "Still open",
    "Which share of conversations is still open after some time?",
    "Share not closed for good, by the time since the customer's first message. Open and snoozed conversations "
    "count for as long as they have been open.",
    f"coalesce({_DONE}, {_OPEN})",
    f"({_DONE}) is not null",
    f"{_CLOSED_AT_UNKNOWN_TIME} or ({WITHOUT_STATISTICS} and {WRITTEN_AT} is null)",
)

SURVIVAL = (FIRST_RESPONSE_SURVIVAL, TIME_TO_CLOSE_SURVIVAL)
