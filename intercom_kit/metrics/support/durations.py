"""How long things take: first response, responses, closing, handling."""

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
            "close by anybody. NULL where the customer wrote no second time; negative where he did so after it.",
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
            "Intercom help, Time to close: https://www.intercom.com/help/en/articles/4549035",
        ),
        "calendar": _calendar("From the customer's first message to the last close.", "last_close_at"),
        "dbt": _dbt(
            "time_to_last_close_minutes: from the customer's first comment after the opening message to the last "
            "close by anybody. NULL where the customer wrote no second time; negative where he did so after it.",
            "dbt.contact_replied_at",
            "dbt.last_closed_at",
        ),
    },
)

DURATIONS = (FIRST_RESPONSE_TIME, TIME_TO_FIRST_CLOSE, TIME_TO_CLOSE)
