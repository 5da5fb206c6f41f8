"""Where definitions come from, and the SQL that several of them share."""

from intercom_kit.metrics import office_hours
from intercom_kit.metrics.definition import Instead
from intercom_kit.metrics.sql import SQL, join, sql

REPORTS = "Intercom help, Reports, article 3653556"
STATISTICS = "Intercom OpenAPI 2.16, conversation_statistics; help article 6762778"
DBT = "Fivetran dbt_intercom 1.6.1, intercom__conversation_metrics"

NO_REPLY_YET = "without a reply yet"
NOT_CLOSED_YET = "not closed yet"
NEVER_CLOSED = "never closed"
NOBODY_WROTE = "without a customer's message"
MISSING = "with missing statistics"


def begun_by_customer(conversation: str) -> SQL:
    """Return the condition that the opening message is a customer's."""
    template = (
        "({conversation}.source_delivered_as = 'customer_initiated' "
        "or {conversation}.source_author_type in ('user', 'lead', 'contact'))"
    )
    return sql(template, conversation=SQL(conversation))


# When the customer first wrote: as Intercom's statistics have it or, without these, when the opening message was sent.
WROTE = Instead("created_at", begun_by_customer("conversation"))
WRITTEN_AT = f"coalesce(conversation.first_contact_reply_at, case when {WROTE.where} then conversation.created_at end)"

# Some conversations come without any statistics, others without some. What these would show is then unknown, which is
# not the same as "not yet". Where there are statistics, there are counts.
WITHOUT_STATISTICS = (
    "(coalesce(conversation.count_conversation_parts, conversation.count_reopens, conversation.count_assignments) "
    "is null and coalesce(conversation.first_contact_reply_at, conversation.first_admin_reply_at, "
    "conversation.first_close_at, conversation.last_close_at) is null)"
)
# Until a customer writes, statistics contain nothing but counts.
_SILENT = {NOBODY_WROTE: f"{WRITTEN_AT} is null"}


def _known(*columns: str) -> SQL:
    return sql("({any})", any=join(" or ", (f"conversation.{column} is not null" for column in columns)))


REPLIED = _known("first_admin_reply_at", "last_admin_reply_at", "time_to_admin_reply", "median_time_to_reply")
_CLOSED = (
    f"({_known('first_close_at', 'last_close_at', 'time_to_first_close', 'time_to_last_close')} "
    f"or conversation.count_reopens > 0 or (conversation.state = 'closed' and {WRITTEN_AT} is not null))"
)
_ASSIGNED = f"({_known('first_assignment_at', 'last_assignment_at')} or conversation.count_assignments > 0)"

# Why something was not measured: its statistic is missing although another one shows that it has happened.
UNMEASURED_REPLY = {MISSING: f"{WITHOUT_STATISTICS} or {REPLIED}", **_SILENT}
UNMEASURED_CLOSE = {MISSING: f"{WITHOUT_STATISTICS} or {_CLOSED}", **_SILENT}
UNMEASURED_ASSIGNMENT = {MISSING: f"{WITHOUT_STATISTICS} or {_ASSIGNED}", **_SILENT}

# The moments of dbt_intercom, by the rules of its models: from parts alone, without the opening message.
DBT_MOMENTS = """
    dbt as (
        select
            part.conversation_id,
            count(*) as parts,
            count(*) filter (where part.part_type like '%assignment%') as assignments,
            count(*) filter (where part.part_type = 'open') as reopens,
            min(part.created_at) filter (where part.part_type = 'comment' and part.author_type in ('lead', 'user'))
                as contact_replied_at,
            min(part.created_at) filter (
                where part.part_type in ('comment', 'assignment') and part.author_type = 'admin' and part.body <> ''
            ) as admin_responded_at,
            min(part.created_at) filter (where part.part_type like '%assignment%') as assigned_at,
            min(part.created_at) filter (where part.part_type = 'close') as closed_at,
            max(part.created_at) filter (where part.part_type = 'close') as last_closed_at
        from selected
        join conversation_parts as part on part.conversation_id = selected.id
        group by part.conversation_id
    )
"""
DBT_JOIN = "left join dbt on dbt.conversation_id = conversation.id"


# A message may consist of a file or an image, or its text may have been redacted; an empty body is no message.
_SAID = "(part.body <> '' or len(part.attachment_urls) > 0 or part.redacted)"
# A reply that customers see: by a teammate, and not a note.
TEAMMATE_REPLIED = SQL(
    "part.author_type = 'admin' and not coalesce(part.from_ai_agent, false) "
    f"and {_SAID} and part.part_type not like 'note%'"
)
CUSTOMER_WROTE = f"part.author_type in ('user', 'lead', 'contact') and {_SAID}"

# Each reply of a teammate, with how long the customer had waited for it; a message while nobody waits is no reply.
# A message is one number, since lists of numbers are sorted several times as fast as rows in windows: its time in half
# microseconds, odd for a teammate's, so that of two messages at the same time the customer's comes first.
WAITS = sql(
    """
    messages as (
        select
            part.conversation_id as talk,
            2 * epoch_us(part.created_at) + if(part.author_type = 'admin', 1, 0) as message
        from selected
        join conversation_parts as part on part.conversation_id = selected.id
        where ({teammate_replied}) or ({customer_wrote})
        union all
        select id as talk, 2 * epoch_us(created_at) as message
        from selected
        where {begun_by_customer}
    ),
    talks as (
        select talk, list_sort(list(message)) as messages from messages where message is not null group by talk
    ),
    turns as (
        select
            talk,
            list_filter(messages, lambda message, place: place = 1 or message % 2 <> messages[place - 1] % 2) as turns
        from talks
    ),
    waits as (
        select talk, question // 2 as asked, reply // 2 as answered, (reply - 1 - question) / 2000000 as seconds
        from (select talk, unnest(turns) as reply, unnest(list_prepend(null, turns)) as question from turns)
        where reply % 2 = 1 and question is not null
    )
    """,
    teammate_replied=TEAMMATE_REPLIED,
    customer_wrote=SQL(CUSTOMER_WROTE),
    begun_by_customer=begun_by_customer("selected"),
)

# The same in office hours, and the median of each conversation.
OFFICE_WAITS = sql(
    """
    office_waits as (
        select talk, seconds, median(seconds) over (partition by talk) as typical
        from (
            select talk, {seconds} as seconds
            from waits
            {joins}
        )
    )
    """,
    seconds=office_hours.seconds("asked", "answered"),
    joins=office_hours.joins("asked", "answered"),
)


def seconds(earlier: str, later: str) -> str:
    """Return the seconds between two instants."""
    return f"epoch({later}) - epoch({earlier})"


def dbt_minutes(earlier: str, later: str) -> str:
    """Return the minutes between two instants, rounded as dbt_intercom does."""
    return f"round(({seconds(earlier, later)}) / 60, 2)"
