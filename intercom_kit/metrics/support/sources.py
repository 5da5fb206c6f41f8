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
WAITS = {
    "messages": select(
        {
            "talk": "part.conversation_id",
            "sent_at": "part.created_at",
            "of_customer": "part.author_type <> 'admin'",
        },
        "from asked\njoin conversation_parts as part on part.conversation_id = asked.id\n"
        f"where ({TEAMMATE_REPLIED}) or ({CUSTOMER_WROTE})\n"
        "union all\n"
        "select id, created_at, true from asked where source_delivered_as = 'customer_initiated'",
    ),
    "turns": select(
        {
            "*": "*",
            "turn": "count(*) filter (where not of_customer) over (partition by talk "
            "order by sent_at, of_customer desc rows between unbounded preceding and 1 preceding)",
        },
        "from messages",
    ),
    "waits": select(
        {
            "talk": "talk",
            "seconds": "epoch(max(sent_at) filter (where not of_customer)) - "
            "epoch(min(sent_at) filter (where of_customer))",
        },
        "from turns\ngroup by talk, turn\nhaving seconds is not null",
    ),
}


def seconds(earlier: str, later: str) -> str:
    """Write the seconds between two instants."""
    return f"epoch({later}) - epoch({earlier})"


def dbt_minutes(earlier: str, later: str) -> str:
    """Write the minutes between two instants as dbt_intercom rounds them."""
    return f"round(({seconds(earlier, later)}) / 60, 2)"
