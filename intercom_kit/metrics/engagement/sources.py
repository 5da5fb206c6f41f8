"""The steps and the words that several metrics of engagement share."""

from intercom_kit.metrics.periods import quarter_of
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, group_by, sql

EVENTS = "Intercom's events, of the last 90 days"
CONTACTS = "contacts that the filters choose"
COST = (
    "Intercom lists events contact by contact: a request or more for each contact that the filters choose, and only "
    "those of the last 90 days."
)
NO_EVENT = {"contacts without an event in the span": "event.created_at is null"}


def activity(request: MetricRequest) -> SQL:
    """Return the step `active`, a row per contact with a bit in `marks` for each period, and `numbered`, the periods.

    Periods are numbered from 0. Marking bits costs less than half of grouping by contact and period. Periods are
    joined by a left join, so that events are joined to contacts first: the events of others need no period.
    """
    return sql(
        """
        numbered as (
            select *, set_bit(repeat('0', 1 + max(number) over ())::bit, number, 1) as mark
            from (select *, (dense_rank() over (order by period) - 1)::integer as number from calendar)
        ),
        active as (
            select contact.id as person, bit_or(numbered.mark) as marks
            from selected as contact
            join events as event on event.intercom_user_id = contact.id and {in_span}
            left join numbered on numbered.quarter = {quarter}
            group by contact.id
            having bit_or(numbered.mark) is not null
        )
        """,
        in_span=request.in_span("event.created_at"),
        quarter=quarter_of("event.created_at"),
    )


def visitors(request: MetricRequest, columns: str = "", also: str = "") -> SQL:
    """Return the step `measured`: the active contacts, once for each group, with the `numbers` of their periods."""
    columns = "contact.id as person" + columns
    rows = request.rows(columns, also=also, dated=False, distinct=True)
    return sql(
        """
        people as (
            {rows}
        ),
        measured as (
            select
                people.*,
                list_filter(range(bit_length(marks)), lambda number: get_bit(marks, number::integer) = 1) as numbers
            from people
            join active using (person)
        )
        """,
        rows=rows,
    )


def people(request: MetricRequest) -> SQL:
    """Return the steps `people`, the selected contacts once for each group, and `populations`, their number in each."""
    return sql(
        """
        people as (
            {rows}
        ),
        populations as (
            select {groups:,} count(*) as n
            from people
            {by_group}
            having count(*) > 0
        )
        """,
        rows=request.rows("contact.id as person", dated=False, distinct=True),
        groups=request.groups,
        by_group=group_by(request.groups),
    )


def of_conversations(request: MetricRequest, condition: str) -> SQL:
    """Return the condition that a company has a conversation in the span for which another condition holds."""
    return sql(
        """
        company.id in (
            select conversation.company_id
            from conversations as conversation
            where {in_span} and {condition}
        )
        """,
        in_span=request.in_span("conversation.created_at"),
        condition=SQL(condition),
    )
