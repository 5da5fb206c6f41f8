"""How long tickets stay in each state."""

from dataclasses import dataclass

from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import CALENDAR, Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, same, sql, step
from intercom_kit.metrics.subjects import OF_TICKETS
from intercom_kit.metrics.tickets.sources import CUT, CUT_SHORT, PARTS, STAYS, UNSEEN

_BY_STATE = """
    sums as (
        select
            {keys:,}
            in_state,
            count(*) as n,
            sum(seconds) as seconds,
            avg(seconds) as mean,
            median(seconds) as median
        from measured
        where in_state is not null
        group by {keys:,} in_state
    )
"""
_ANSWER = """
    answer as (
        select
            spread.*,
            place,
            states.in_state,
            mean as value,
            coalesce(n, 0) as n,
            median,
            coalesce(seconds, 0) as seconds
        from spread
        cross join (values
            (1, 'submitted'),
            (2, 'in_progress'),
            (3, 'waiting_on_customer'),
            (4, 'resolved')
        ) as states(place, in_state)
        left join sums on sums.in_state = states.in_state and {of_key}
    )
"""


@dataclass(frozen=True)
class TimeInState(Calculation):
    """The time that rows spent in each of the four states, over those that were in it at all."""

    columns: tuple[str, ...] = ("in_state", "value", "n", "median", "seconds")
    ties: str = "place"

    def steps(self, request: MetricRequest) -> list[SQL]:
        measured = request.rows("ticket.id as id,\nspent.state as in_state,\nspent.seconds")
        return [
            *self.selection(request),
            *request.calendar(),
            SQL(request.definition.steps),
            step("measured", measured),
            sql(_BY_STATE, keys=request.keys),
            request.spread(),
            sql(_ANSWER, of_key=same("spread", "sums", request.keys)),
        ]


# A ticket that is resolved now stays so: only the time until it was opened again counts as time in that state.
_SPENT = sql(
    """
    {stays},
    spent as (
        select ticket, state, ends_in, sum(epoch(coalesce(until, greatest(since, {now}))) - epoch(since)) as seconds
        from stays
        where until is not null or state <> 'resolved'
        group by ticket, state, ends_in
    )
    """,
    stays=STAYS,
    now=SQL("{now}"),
)
_KNOWN = f"not ({CUT}) and spent.ends_in is not distinct from ticket.state"

TICKET_TIME_IN_STATE = Metric(
    name="ticket_time_in_state",
    title="Time in each state",
    question="How long do tickets stay in each state?",
    unit="seconds",
    denominator="tickets that were in the state",
    calculation=TimeInState(),
    definitions={
        "calendar": Definition(
            "The mean over tickets of all the time that each spent in a state, up to now or until it was resolved; "
            "`seconds` is the sum. In `resolved` only the time counts until a ticket was opened again. A ticket counts "
            "when it was created, and in the category of its state: custom states of one category are the same.",
            PARTS,
            hours=CALENDAR,
            steps=_SPENT,
            join=f"left join spent on spent.ticket = ticket.id and {_KNOWN}",
            needs=("ticket_parts",),
            left_out={CUT_SHORT: CUT, UNSEEN: f"spent.ticket is null and not ({CUT})"},
        )
    },
    subject=OF_TICKETS,
    compares=False,
)
