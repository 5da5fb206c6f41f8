"""How long things take: first response, responses, closing, handling."""

from dataclasses import replace

from intercom_kit.metrics.metric import CALENDAR, OFFICE_HOURS, Definition, Metric
from intercom_kit.metrics.shapes import Distribution
from intercom_kit.metrics.support.sources import (
    DBT,
    DBT_JOIN,
    DBT_MOMENTS,
    NO_REPLY_YET,
    NOT_CLOSED_YET,
    REPORTS,
    STATISTICS,
    WAITS,
    dbt_minutes,
    seconds,
)

_ASKED = "conversation.first_contact_reply_at"


def _statistic(name: str, text: str, source: str = STATISTICS) -> Definition:
    return Definition(text, source, f"conversation.{name}", hours=OFFICE_HOURS)


def _calendar(text: str, until: str) -> Definition:
    return Definition(text, STATISTICS, seconds(_ASKED, f"conversation.{until}"), hours=CALENDAR)


def _dbt(text: str, earlier: str, later: str) -> Definition:
    return Definition(
        text,
        DBT,
        dbt_minutes(earlier, later),
        hours=CALENDAR,
        unit="minutes",
        tables=DBT_MOMENTS,
        join=DBT_JOIN,
        needs=("conversation_parts",),
        negative=True,
    )


FIRST_RESPONSE_TIME = Metric(
    name="first_response_time",
    title="First response time",
    question="How long do customers wait for the first reply of a teammate?",
    unit="seconds",
    denominator="conversations that a teammate has replied to",
    shape=Distribution(unmeasured=NO_REPLY_YET),
    definitions={
        "intercom": _statistic(
            "time_to_admin_reply",
            "From the customer's first message to the first reply of a teammate; bots do not count.",
            REPORTS,
        ),
        "calendar": _calendar(
            "From the customer's first message to the first reply of a teammate; bots do not count.",
            "first_admin_reply_at",
        ),
        "dbt": _dbt(
            "time_to_first_response_minutes: from the start of the conversation to the first comment or assignment "
            "with text by an admin. Of outbound conversations it holds the customer's silence, too.",
            "conversation.created_at",
            "dbt.admin_responded_at",
        ),
    },
)

TIME_TO_FIRST_CLOSE = Metric(
    name="time_to_first_close",
    title="Time to first close",
    question="How long does it take until a conversation is closed for the first time?",
    unit="seconds",
    denominator="conversations that have been closed",
    shape=Distribution(unmeasured=NOT_CLOSED_YET),
    definitions={
        "intercom": _statistic("time_to_first_close", "From the customer's first message to the first close."),
        "calendar": _calendar("From the customer's first message to the first close.", "first_close_at"),
        "dbt": _dbt(
            "time_to_first_close_minutes: from the customer's first comment after the opening message to the first "
            "close by anybody. NULL where the customer wrote no second time; negative where they did so after it.",
            "dbt.contact_replied_at",
            "dbt.closed_at",
        ),
    },
)

TIME_TO_CLOSE = Metric(
    name="time_to_close",
    title="Time to close",
    question="How long does it take until a conversation is closed for good?",
    unit="seconds",
    denominator="conversations that have been closed",
    shape=Distribution(unmeasured=NOT_CLOSED_YET),
    definitions={
        "intercom": _statistic(
            "time_to_last_close",
            "From the customer's first message to the last close.",
            "Intercom help, Time to close, article 4549035",
        ),
        "calendar": _calendar("From the customer's first message to the last close.", "last_close_at"),
        "dbt": _dbt(
            "time_to_last_close_minutes: from the customer's first comment after the opening message to the last "
            "close by anybody. NULL where the customer wrote no second time; negative where they did so after it.",
            "dbt.contact_replied_at",
            "dbt.last_closed_at",
        ),
    },
)

RESPONSE_TIME = Metric(
    name="response_time",
    title="Response time",
    question="How long do customers wait for any reply of a teammate, the first or a later one?",
    unit="seconds",
    denominator="conversations with a reply; by the definition 'calendar', replies",
    shape=Distribution(unmeasured=NO_REPLY_YET),
    definitions={
        "intercom": _statistic(
            "median_time_to_reply",
            "The median over conversations of each one's median over all replies that follow a customer's message. "
            "Intercom's own report takes the median over all replies, which the API does not give.",
        ),
        "calendar": Definition(
            "Over all replies: from the first message of the customer that had no reply yet to the next reply of a "
            "teammate. Bots and notes do not count.",
            REPORTS,
            "waits.seconds",
            hours=CALENDAR,
            tables=WAITS,
            join="left join waits on waits.talk = conversation.id",
            needs=("conversation_parts",),
        ),
    },
)

TIME_TO_ASSIGNMENT = Metric(
    name="time_to_assignment",
    title="Time to assignment",
    question="How long does it take until a conversation is with who answers it?",
    unit="seconds",
    denominator="conversations that were assigned",
    shape=Distribution(unmeasured="not assigned yet"),
    definitions={
        "intercom": _statistic(
            "time_to_assignment",
            "From the customer's first message to the last assignment before the first reply of a teammate.",
        ),
        "calendar": _calendar("From the customer's first message to the first assignment.", "first_assignment_at"),
        "dbt": _dbt(
            "time_to_first_assignment_minutes: from the start of the conversation to the first assignment of any kind.",
            "conversation.created_at",
            "dbt.assigned_at",
        ),
    },
)

HANDLING_TIME = Metric(
    name="handling_time",
    title="Handling time",
    question="How much work is a conversation?",
    unit="seconds",
    denominator="conversations that have been closed, of which Intercom tells the handling time",
    shape=Distribution(unmeasured="not closed yet, or never with a teammate"),
    definitions={
        "intercom": _statistic(
            "handling_time",
            "Time in which it was open and assigned to a teammate; waiting with a team, snoozed or with a bot is none.",
            "Intercom help, article 7022438; OpenAPI 2.13 and later",
        ),
        "adjusted": _statistic(
            "adjusted_handling_time",
            "Time in which a teammate had it open on the screen.",
            "Intercom help, article 14653430; OpenAPI 2.13 and later",
        ),
    },
)

NEW_LEAD_RESPONSE = replace(
    FIRST_RESPONSE_TIME,
    name="new_lead_response",
    title="Response to new leads",
    question="How long do leads wait for the first reply of a teammate?",
    denominator="conversations begun by a lead that a teammate has replied to",
    definitions={
        name: replace(definition, where="conversation.source_author_type = 'lead'")
        for name, definition in FIRST_RESPONSE_TIME.definitions.items()
    },
)

DURATIONS = (
    FIRST_RESPONSE_TIME,
    RESPONSE_TIME,
    TIME_TO_FIRST_CLOSE,
    TIME_TO_CLOSE,
    TIME_TO_ASSIGNMENT,
    HANDLING_TIME,
    NEW_LEAD_RESPONSE,
)
