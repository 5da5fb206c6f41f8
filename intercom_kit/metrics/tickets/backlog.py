"""Tickets that are not resolved, over time."""

from dataclasses import dataclass

from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, sql
from intercom_kit.metrics.subjects import OF_TICKETS
from intercom_kit.metrics.support.waiting import Stock
from intercom_kit.metrics.tickets.sources import CUT, PARTS, TURNS


@dataclass(frozen=True)
class TicketStock(Stock):
    """The number of tickets that are not resolved at the end of each period."""

    def bounds(self, request: MetricRequest) -> SQL:
        """Return the condition of tickets that were not resolved at some time in the span.

        Those resolved in it have changed since it began.
        """
        unresolved = "(ticket.state <> 'resolved' or ticket.updated_at >= {begins})"
        before_the_end = " and ticket.created_at < {until}" if request.until else ""
        return sql(unresolved + before_the_end, begins=request.begins, until=request.until)

    def notes(self, request: MetricRequest, rows: int) -> list[str]:  # noqa: ARG002
        """Return what parts cannot tell."""
        return [
            "Types are those of today: parts do not tell which type a ticket had before.",
            "Of a ticket with more than 500 parts Intercom returns the newest: what was before is unknown, and it does "
            "not count then.",
        ]


# From where it begins until a part resolves it, and from each change back until the next one resolves it.
_SPELLS = sql(
    """
    {turns},
    spells as (
        select
            ticket,
            moment as came,
            min(if(state = 'resolved', moment, null)) over (in_order rows between current row and unbounded following)
                as gone,
            last_value(state) over (in_order rows between unbounded preceding and unbounded following) as ends_in
        from turns
        window in_order as (partition by ticket order by moment, length(part), part)
        qualify state <> 'resolved' and coalesce(lag(state) over in_order, 'resolved') = 'resolved'
    )
    """,
    turns=TURNS,
)
_UNSEEN = "(spells.ends_in = 'resolved') <> (ticket.state = 'resolved')"

TICKET_BACKLOG = Metric(
    name="ticket_backlog",
    title="Backlog of tickets",
    question="How many tickets are not resolved at the end of each day?",
    unit="tickets",
    denominator="tickets that are not resolved at the end of the period, or now",
    calculation=TicketStock(),
    definitions={
        "parts": Definition(
            "From its creation until a part resolves a ticket, and from each that takes it back from resolved until "
            "the next one resolves it: the past is exact. `opened` and `closed` count each time. Whether the "
            "conversation is open in the Inbox does not matter.",
            PARTS,
            measures={
                "came": f"case when not ({_UNSEEN}) then spells.came end",
                "gone": f"case when not ({_UNSEEN}) then spells.gone end",
            },
            left_out={
                "resolved or opened again at a time that no part shows": _UNSEEN,
                "with more than 500 parts: counted from the first on that Intercom returns": CUT,
            },
            steps=_SPELLS,
            join="left join spells on spells.ticket = ticket.id",
            needs=("ticket_parts",),
        )
    },
    subject=OF_TICKETS,
    by=("type",),
    period="day",
)
