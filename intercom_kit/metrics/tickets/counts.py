"""How many tickets are created, and how often they change hands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from intercom_kit.metrics.aggregates import Count, Tally
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.subjects import OF_TICKETS
from intercom_kit.metrics.tickets.sources import CUT, CUT_SHORT, PARTS

TICKETS = Metric(
    name="tickets",
    title="Tickets",
    question="How many tickets are created?",
    unit="tickets",
    denominator="tickets",
    calculation=Count(),
    definitions={
        "calendar": Definition(
            "All tickets, at the time they were created. Deleted ones are gone from every past count, too.",
            "the API's created_at",
        )
    },
    subject=OF_TICKETS,
)

_ASSIGNED = """
    assigned as (
        select part.ticket_id as ticket, count(*) as times
        from selected
        join ticket_parts as part on part.ticket_id = selected.id
        where part.part_type like '%assign%'
        group by part.ticket_id
    )
"""
_COUNTED = """count(times) as n,
count(*) as total,
avg(times) as mean,
sum(times) as assignments,
count(*) filter (where times > 1) as reassigned"""
_ANSWER = """mean as value,
coalesce(n, 0) as n,
coalesce(total, 0) as total,
coalesce(assignments, 0)::bigint as assignments,
coalesce(reassigned, 0) as reassigned"""


@dataclass(frozen=True)
class Assignments(Tally):
    """The mean number of assignments, over the tickets whose parts are all returned."""

    counted: ClassVar[Mapping[str, str]] = {"n": "times is not null", "total": "true"}


TICKET_REASSIGNMENTS = Metric(
    name="ticket_reassignments",
    title="Assignments of tickets",
    question="How often do tickets change hands?",
    unit="assignments per ticket",
    denominator="tickets whose parts are all returned",
    calculation=Assignments(
        columns=("value", "n", "total", "assignments", "reassigned"),
        sums=_COUNTED,
        answer=_ANSWER,
    ),
    definitions={
        "parts": Definition(
            "The mean number of assignments to a teammate or team, the first one included; `reassigned` is how many "
            "tickets were assigned more than once. A ticket counts when it was created.",
            PARTS,
            measures={"times": f"case when not ({CUT}) then coalesce(assigned.times, 0) end"},
            left_out={CUT_SHORT: CUT},
            steps=_ASSIGNED,
            join="left join assigned on assigned.ticket = ticket.id",
            needs=("ticket_parts",),
        )
    },
    subject=OF_TICKETS,
)

TICKET_COUNTS = (TICKETS, TICKET_REASSIGNMENTS)
