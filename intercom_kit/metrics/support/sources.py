"""Where definitions come from, and what several of them share."""

from intercom_kit.metrics.asking import select
from intercom_kit.metrics.metric import Instead

REPORTS = "Intercom help, Reports, article 3653556"
STATISTICS = "Intercom OpenAPI 2.16, conversation_statistics; help article 6762778"
DBT = "Fivetran dbt_intercom 1.6.1, intercom__conversation_metrics"

NO_REPLY_YET = "no teammate has replied yet"
NOT_CLOSED_YET = "not closed yet"
NEVER_CLOSED = "never closed"
NOBODY_WROTE = "no customer has written"
MISSING = "statistics are missing"


def begun_by_customer(conversation: str) -> str:
    """Write that the opening message is a customer's."""
    return (
        f"({conversation}.source_delivered_as = 'customer_initiated' "
        f"or {conversation}.source_author_type in ('user', 'lead', 'contact'))"
    )


# When the customer first wrote. Intercom's statistics say so, where it gives them; else only the opening message does.
WROTE = Instead("created_at", begun_by_customer("conversation"))
ASKED = f"coalesce(conversation.first_contact_reply_at, case when {WROTE.where} then conversation.created_at end)"

# Of some conversations Intercom gives no statistics at all, of others not each of them: what these would tell is then
# not known, and that is no "not yet". Where there are statistics, there are counts.
WITHOUT_STATISTICS = (
    "(coalesce(conversation.count_conversation_parts, conversation.count_reopens, conversation.count_assignments) "
    "is null and coalesce(conversation.first_contact_reply_at, conversation.first_admin_reply_at, "
    "conversation.first_close_at, conversation.last_close_at) is null)"
)
# Until a customer writes, statistics hold no more than counts.
_SILENT = {NOBODY_WROTE: f"{ASKED} is null"}


def _told(*columns: str) -> str:
    return "(" + " or ".join(f"conversation.{column} is not null" for column in columns) + ")"


REPLIED = _told("first_admin_reply_at", "last_admin_reply_at", "time_to_admin_reply", "median_time_to_reply")
_CLOSED = (
    f"({_told('first_close_at', 'last_close_at', 'time_to_first_close', 'time_to_last_close')} "
    f"or conversation.count_reopens > 0 or (conversation.state = 'closed' and {ASKED} is not null))"
)
_ASSIGNED = f"({_told('first_assignment_at', 'last_assignment_at')} or conversation.count_assignments > 0)"

# Why something was not measured: its statistic is missing where another one says that it has happened.
UNMEASURED_REPLY = {MISSING: f"{WITHOUT_STATISTICS} or {REPLIED}", **_SILENT}
UNMEASURED_CLOSE = {MISSING: f"{WITHOUT_STATISTICS} or {_CLOSED}", **_SILENT}
UNMEASURED_ASSIGNMENT = {MISSING: f"{WITHOUT_STATISTICS} or {_ASSIGNED}", **_SILENT}

# dbt_intercom's moments, from parts alone: the opening message is none. Rules as its models state them.
DBT_MOMENTS = {
    "dbt": select(
        {
            "conversation_id": "part.conversation_id",
            "parts": "count(*)",
            "assignments": "count(*) filter (where part.part_type like '%assignment%')",
            "reopens": "count(*) filter (where part.part_type = 'open')",
            "contact_replied_at": "min(part.created_at) filter "
            "(where part.part_type = 'comment' and part.author_type in ('lead', 'user'))",
            "admin_responded_at": "min(part.created_at) filter (where part.part_type in ('comment', 'assignment') "
            "and part.author_type = 'admin' and part.body <> '')",
            "assigned_at": "min(part.created_at) filter (where part.part_type like '%assignment%')",
            "closed_at": "min(part.created_at) filter (where part.part_type = 'close')",
            "last_closed_at": "max(part.created_at) filter (where part.part_type = 'close')",
        },
        "from asked\njoin conversation_parts as part on part.conversation_id = asked.id\ngroup by part.conversation_id",
    )
}
DBT_JOIN = "left join dbt on dbt.conversation_id = conversation.id"


# A message may be a file or an image alone, or have lost its text since; an empty body is none.
_SAID = "(part.body <> '' or len(part.attachment_urls) > 0 or part.redacted)"
# A reply that customers see: of a teammate, and no note.
TEAMMATE_REPLIED = (
    "part.author_type = 'admin' and not coalesce(part.from_ai_agent, false) "
    f"and {_SAID} and part.part_type not like 'note%'"
)
CUSTOMER_WROTE = f"part.author_type in ('user', 'lead', 'contact') and {_SAID}"

# Each reply of a teammate, and how long the customer had waited for it. What is said while nobody waits is no answer.
# A message is one number, since lists of numbers are sorted several times as fast as rows in windows: its time in half
# microseconds, odd for a teammate's, so that of two at the same time the customer's comes first.
WAITS = {
    "messages": select(
        {
            "talk": "part.conversation_id",
            "message": "2 * epoch_us(part.created_at) + if(part.author_type = 'admin', 1, 0)",
        },
        "from asked\njoin conversation_parts as part on part.conversation_id = asked.id\n"
        f"where ({TEAMMATE_REPLIED}) or ({CUSTOMER_WROTE})\n"
        "union all\n"
        f"select id, 2 * epoch_us(created_at) from asked where {begun_by_customer('asked')}",
    ),
    "talks": "select talk, list_sort(list(message)) as messages from messages where message is not null group by talk",
    "turns": select(
        {
            "talk": "talk",
            "turns": "list_filter(messages, lambda message, place: "
            "place = 1 or message % 2 <> messages[place - 1] % 2)",
        },
        "from talks",
    ),
    "waits": select(
        {"talk": "talk", "seconds": "(reply - 1 - question) / 2000000"},
        "from (select talk, unnest(turns) as reply, unnest(list_prepend(null, turns)) as question from turns)\n"
        "where reply % 2 = 1 and question is not null",
    ),
}


def seconds(earlier: str, later: str) -> str:
    """Write the seconds between two instants."""
    return f"epoch({later}) - epoch({earlier})"


def dbt_minutes(earlier: str, later: str) -> str:
    """Write the minutes between two instants as dbt_intercom rounds them."""
    return f"round(({seconds(earlier, later)}) / 60, 2)"
