"""How often things happen in a conversation: replies, assignments, reopenings."""

from intercom_kit.metrics.aggregates import Distribution
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.sql import sql
from intercom_kit.metrics.support.sources import DBT, DBT_JOIN, DBT_MOMENTS, MISSING, STATISTICS, TEAMMATE_REPLIED


def _counted(name: str, title: str, question: str, column: str, text: str, dbt: str, dbt_text: str) -> Metric:
    """Return the metric of how often something happened, as Intercom counts it and as dbt_intercom counts parts."""
    return Metric(
        name=name,
        title=title,
        question=question,
        unit="times",
        denominator="conversations with statistics",
        calculation=Distribution(unmeasured=MISSING),
        definitions={
            "intercom": Definition(text, STATISTICS, f"conversation.{column}"),
            "dbt": Definition(
                dbt_text,
                DBT,
                f"coalesce(dbt.{dbt}, 0)",
                steps=DBT_MOMENTS,
                join=DBT_JOIN,
                needs=("conversation_parts",),
            ),
        },
    )


REOPENS = _counted(
    "reopens",
    "Reopens",
    "How often is a conversation opened again?",
    "count_reopens",
    "Times that it was opened again after the customer's first message.",
    "reopens",
    "count_reopens: parts of type 'open'.",
)

ASSIGNMENTS = _counted(
    "assignments",
    "Assignments",
    "How often is a conversation assigned?",
    "count_assignments",
    "Times that it was assigned after the customer's first message.",
    "assignments",
    "count_assignments: parts whose type contains 'assignment'; not 'assign_and_reopen'.",
)

_REPLIES = sql(
    """
    replies as (
        select part.conversation_id as talk, count(*) as replies
        from selected
        join conversation_parts as part on part.conversation_id = selected.id
        where {teammate_replied}
        group by part.conversation_id
    )
    """,
    teammate_replied=TEAMMATE_REPLIED,
)

REPLIES_TO_RESOLVE = Metric(
    name="replies_to_resolve",
    title="Replies to resolve",
    question="How many replies of teammates does it take to resolve a conversation?",
    unit="replies",
    denominator="closed conversations",
    calculation=Distribution(unmeasured="not closed"),
    definitions={
        "calendar": Definition(
            "Replies of teammates that the customer sees, in conversations that are closed. Notes, bots and the "
            "opening message do not count.",
            "parts of conversations",
            "case when conversation.state = 'closed' then coalesce(replies.replies, 0) end",
            steps=_REPLIES,
            join="left join replies on replies.talk = conversation.id",
            needs=("conversation_parts",),
        )
    },
)

COUNTS = (REPLIES_TO_RESOLVE, REOPENS, ASSIGNMENTS)
