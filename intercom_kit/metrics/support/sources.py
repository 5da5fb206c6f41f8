"""Where definitions come from, and what several of them share."""

from intercom_kit.metrics.asking import select

REPORTS = "Intercom help, Reports, article 3653556"
STATISTICS = "Intercom OpenAPI 2.16, conversation_statistics; help article 6762778"
DBT = "Fivetran dbt_intercom 1.6.1, intercom__conversation_metrics"

NO_REPLY_YET = "no teammate has replied yet"
NOT_CLOSED_YET = "not closed yet"
NEVER_CLOSED = "never closed"

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
            "and part.author_type = 'admin' and part.body is not null)",
            "assigned_at": "min(part.created_at) filter (where part.part_type like '%assignment%')",
            "closed_at": "min(part.created_at) filter (where part.part_type = 'close')",
            "last_closed_at": "max(part.created_at) filter (where part.part_type = 'close')",
        },
        "from asked\njoin conversation_parts as part on part.conversation_id = asked.id\ngroup by part.conversation_id",
    )
}
DBT_JOIN = "left join dbt on dbt.conversation_id = conversation.id"


# A reply that customers see: of a teammate, with text, and no note.
TEAMMATE_REPLIED = (
    "part.author_type = 'admin' and not coalesce(part.from_ai_agent, false) "
    "and part.body <> '' and part.part_type not like 'note%'"
)
CUSTOMER_WROTE = "part.author_type in ('user', 'lead') and part.body <> ''"

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
        "select id, 2 * epoch_us(created_at) from asked where source_delivered_as = 'customer_initiated'",
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
