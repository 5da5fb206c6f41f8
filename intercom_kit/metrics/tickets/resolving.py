"""How long tickets take until they are resolved, whom they wait for, and whether they come back."""

from intercom_kit.metrics.aggregates import Distribution, Share
from intercom_kit.metrics.definition import CALENDAR, Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.sql import sql
from intercom_kit.metrics.subjects import OF_TICKETS
from intercom_kit.metrics.support.sources import seconds
from intercom_kit.metrics.tickets.sources import (
    CONTRADICTED,
    CUT,
    CUT_SHORT,
    NOT_RESOLVED_YET,
    PARTS,
    RESOLVES,
    RESOLVES_JOIN,
    STAYS,
    UNSEEN,
)

_REPORT = f"{PARTS}; Intercom's report, ticket_time_to_resolve"
_UNMEASURED = {CUT_SHORT: CUT, UNSEEN: CONTRADICTED}


def _until(moment: str, text: str, source: str, known: str) -> Definition:
    """Return the definition of the time from a ticket's creation to one of its transitions into resolved."""
    return Definition(
        text,
        source,
        f"case when {known} then {seconds('ticket.created_at', moment)} end",
        hours=CALENDAR,
        steps=RESOLVES,
        join=RESOLVES_JOIN,
        needs=("ticket_parts",),
        unmeasured=_UNMEASURED,
    )


TICKET_TIME_TO_RESOLVE = Metric(
    name="ticket_time_to_resolve",
    title="Time to resolve",
    aliases=("ttr", "ticket resolution time"),
    question="How long does it take until a ticket is resolved?",
    unit="seconds",
    denominator="tickets that have been resolved",
    calculation=Distribution(unmeasured=NOT_RESOLVED_YET),
    definitions={
        "last": _until(
            "resolves.last_at",
            "From the creation of the ticket to the last time that it was resolved, even if it is open again. "
            "Whoever resolved it counts, bots and customers, too: the filter and group `resolver` (admin, bot, user) "
            "tells them apart.",
            _REPORT,
            f"not ({CONTRADICTED})",
        ),
        "first": _until(
            "resolves.first_at",
            "From the creation of the ticket to the first time that it was resolved, even if it was opened again. "
            "Whoever resolved it counts, bots and customers, too: the filter and group `first_resolver` (admin, bot, "
            "user) tells them apart.",
            PARTS,
            f"not ({CONTRADICTED}) and not ({CUT})",
        ),
    },
    subject=OF_TICKETS,
)

TICKETS_REOPENED = Metric(
    name="tickets_reopened",
    title="Reopened tickets",
    question="How many of the resolved tickets had to be opened again?",
    unit="share",
    denominator="tickets that have been resolved",
    calculation=Share(),
    definitions={
        "parts": Definition(
            "Tickets that went from resolved to another state at least once, by anybody, bots included, among those "
            "ever resolved. A ticket counts when it was created.",
            PARTS,
            f"case when resolves.reopenings > 0 then true when not ({CUT}) and not ({CONTRADICTED}) "
            "and resolves.last_at is not null then false end",
            steps=RESOLVES,
            join=RESOLVES_JOIN,
            needs=("ticket_parts",),
            unmeasured={**_UNMEASURED, NOT_RESOLVED_YET: "true"},
        )
    },
    subject=OF_TICKETS,
)

# Up to the last time that the ticket was resolved; what a ticket begins with is no transition.
_WAITED = sql(
    """
    {stays},
    waited as (
        select
            ticket,
            any_value(ends_in) as ends_in,
            any_value(resolved_at) as resolved_at,
            coalesce(
                sum(epoch(until) - epoch(since))
                    filter (where state = 'waiting_on_customer' and until <= resolved_at),
                0
            ) as seconds
        from (
            select *, max(since) filter (where state = 'resolved' and part <> '') over (partition by ticket)
                as resolved_at
            from stays
        )
        group by ticket
    )
    """,
    stays=STAYS,
)
_AT_ONCE = "resolved in the second in which it was created"

TICKET_WAITING_SHARE = Metric(
    name="ticket_waiting_share",
    title="Share of time waiting on the customer",
    question="How much of the time to resolve a ticket is spent waiting on the customer?",
    unit="share",
    denominator="tickets that have been resolved",
    calculation=Distribution(unmeasured=NOT_RESOLVED_YET),
    definitions={
        "calendar": Definition(
            "Of each ticket, the time in the state waiting_on_customer divided by the time from its creation to the "
            "last time that it was resolved.",
            PARTS,
            f"case when not ({CUT}) and waited.ends_in is not distinct from ticket.state then waited.seconds "
            "/ nullif(epoch(waited.resolved_at) - epoch(ticket.created_at), 0) end",
            hours=CALENDAR,
            steps=_WAITED,
            join="left join waited on waited.ticket = ticket.id",
            needs=("ticket_parts",),
            unmeasured={
                CUT_SHORT: CUT,
                UNSEEN: "waited.ends_in is distinct from ticket.state",
                _AT_ONCE: "waited.resolved_at is not null",
            },
        )
    },
    subject=OF_TICKETS,
)

RESOLVING = (TICKET_TIME_TO_RESOLVE, TICKET_WAITING_SHARE, TICKETS_REOPENED)
