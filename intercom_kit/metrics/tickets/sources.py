"""What the parts of tickets tell: when their state changed, and how long they stayed in each."""

from intercom_kit.metrics.sql import sql

PARTS = "the API's ticket parts, the newest 500 of each ticket"

# Intercom returns the newest 500 parts of a ticket: of one with more, the beginning is unknown.
CUT = "coalesce(ticket.part_count, 0) > 500"
CUT_SHORT = "with more than 500 parts, of which Intercom does not return the first"
NOT_RESOLVED_YET = "not resolved yet"
UNSEEN = "with a change of state that no part shows"

# A part whose states are equal is no change: so begins every ticket, and so do moves between two states of a category.
_CHANGES = "part.state is not null and part.state is distinct from part.previous_state"

# Of two parts of the same second the greater id is the later one.
RESOLVES = sql(
    """
    resolves as (
        select
            part.ticket_id as ticket,
            min(part.created_at) filter (where part.state = 'resolved') as first_at,
            max(part.created_at) filter (where part.state = 'resolved') as last_at,
            count(*) filter (where part.previous_state = 'resolved') as reopenings,
            last(part.state order by greatest(part.created_at, selected.created_at), length(part.id), part.id) as state
        from selected
        join ticket_parts as part on part.ticket_id = selected.id
        where {changes}
        group by part.ticket_id
    )
    """,
    changes=sql(_CHANGES),
)
RESOLVES_JOIN = "left join resolves on resolves.ticket = ticket.id"
# The parts end in another state than the ticket's, as far as it matters here: only one of the two is resolved.
CONTRADICTED = "(coalesce(resolves.state, '') = 'resolved') <> (coalesce(ticket.state, '') = 'resolved')"

# The states of a ticket one after another, each with the moment from which it holds. The first is where the first
# change came from; without a change it is `submitted`, or for a ticket whose beginning is unknown its state now.
# Nothing happens before a ticket is created.
TURNS = sql(
    """
    changes as (
        select
            part.ticket_id as ticket,
            part.id as part,
            greatest(part.created_at, selected.created_at) as moment,
            part.previous_state as before,
            part.state as state
        from selected
        join ticket_parts as part on part.ticket_id = selected.id
        where {changes}
    ),
    firsts as (
        select ticket, first(before order by moment, length(part), part) as before from changes group by ticket
    ),
    returned as (
        select part.ticket_id as ticket, min(part.created_at) as since
        from selected
        join ticket_parts as part on part.ticket_id = selected.id
        where selected.part_count > 500
        group by part.ticket_id
    ),
    turns as (
        select ticket, part, moment, state
        from changes
        union all
        select
            selected.id as ticket,
            '' as part,
            coalesce(greatest(returned.since, selected.created_at), selected.created_at) as moment,
            coalesce(
                firsts.before,
                case when firsts.ticket is null and selected.part_count > 500 then selected.state end,
                'submitted'
            ) as state
        from selected
        left join firsts on firsts.ticket = selected.id
        left join returned on returned.ticket = selected.id
    )
    """,
    changes=sql(_CHANGES),
)

# The time in each state; the last one has no end.
STAYS = sql(
    """
    {turns},
    stays as (
        select
            ticket,
            part,
            state,
            moment as since,
            lead(moment) over turns_of_ticket as until,
            last_value(state) over (turns_of_ticket rows between unbounded preceding and unbounded following) as ends_in
        from turns
        window turns_of_ticket as (partition by ticket order by moment, length(part), part)
    )
    """,
    turns=TURNS,
)
