"""Where definitions come from, and what several of them share."""

from intercom_kit.metrics.asking import select

REPORTS = "Intercom help, Reports: https://www.intercom.com/help/en/articles/3653556"
STATISTICS = "Intercom OpenAPI 2.16, conversation_statistics; help article 6762778"
DBT = "Fivetran dbt_intercom 1.6.1, intercom__conversation_metrics"

NO_REPLY_YET = "no teammate has replied yet"
NOT_CLOSED_YET = "not closed yet"

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


def seconds(earlier: str, later: str) -> str:
    """Write the seconds between two instants."""
    return f"epoch({later}) - epoch({earlier})"


def dbt_minutes(earlier: str, later: str) -> str:
    """Write the minutes between two instants as dbt_intercom rounds them."""
    return f"round(({seconds(earlier, later)}) / 60, 2)"
