"""How long things take: first response, responses, closing, handling."""

from collections.abc import Mapping
from dataclasses import replace

from intercom_kit.metrics import office_hours
from intercom_kit.metrics.aggregates import Distribution
from intercom_kit.metrics.definition import CALENDAR, OFFICE_HOURS, Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.support.sources import (
    DBT,
    DBT_JOIN,
    DBT_MOMENTS,
    MISSING,
    NO_REPLY_YET,
    NOBODY_WROTE,
    NOT_CLOSED_YET,
    OFFICE_WAITS,
    REPORTS,
    STATISTICS,
    UNMEASURED_ASSIGNMENT,
    UNMEASURED_CLOSE,
    UNMEASURED_REPLY,
    WAITS,
    WITHOUT_STATISTICS,
    WRITTEN_AT,
    dbt_minutes,
    seconds,
)

# By office hours, Intercom counts the time to the last assignment before the first reply.
_TOO_LATE = "assigned only after the first reply"
_UNMEASURED_BEFORE_REPLY = {
    _TOO_LATE: "conversation.first_assignment_at >= conversation.first_admin_reply_at",
    **UNMEASURED_ASSIGNMENT,
}
_UNMEASURED_HANDLING = {
    MISSING: f"{WITHOUT_STATISTICS} or coalesce(conversation.handling_time, conversation.adjusted_handling_time) "
    "is not null or (conversation.state = 'closed' and conversation.admin_assignee_id is not null "
    "and conversation.first_admin_reply_at is not null)"
}
_UNMEASURED_DBT_CLOSE = {
    "with only one message of the customer": "dbt.closed_at is not null and dbt.contact_replied_at is null",
    "closed, but by none of the parts that Intercom returns": "conversation.state = 'closed'",
}


_BY_HOURS = "Only time in the office hours given as `hours` counts."


def _statistic(name: str, text: str, unmeasured: Mapping[str, str], source: str = STATISTICS) -> Definition:
    return Definition(text, source, f"conversation.{name}", hours=OFFICE_HOURS, unmeasured=unmeasured)


def _calendar(text: str, until: str, unmeasured: Mapping[str, str]) -> Definition:
    measure = seconds(WRITTEN_AT, f"conversation.{until}")
    return Definition(text, STATISTICS, measure, hours=CALENDAR, unmeasured=unmeasured)


def _office(
    text: str, until: str, unmeasured: Mapping[str, str], statistic: str, comparable: str = "true"
) -> Definition:
    earlier, later = f"epoch_us({WRITTEN_AT})", f"epoch_us(conversation.{until})"
    return Definition(
        f"{text} {_BY_HOURS}",
        office_hours.SOURCE,
        measure := office_hours.seconds(earlier, later),
        steps="{open_hours}",
        join=office_hours.joins(earlier, later),
        once=True,
        unmeasured={office_hours.FAR_OFF: f"{earlier} is not null and {later} is not null", **unmeasured},
        own_hours=True,
        statistic=statistic,
        each=measure,
        comparable=comparable,
    )


def _dbt(text: str, earlier: str, later: str, unmeasured: Mapping[str, str] | None = None) -> Definition:
    return Definition(
        text,
        DBT,
        dbt_minutes(earlier, later),
        hours=CALENDAR,
        unit="minutes",
        steps=DBT_MOMENTS,
        join=DBT_JOIN,
        needs=("conversation_parts",),
        negative=True,
        unmeasured=unmeasured or {},
    )


FIRST_RESPONSE_TIME = Metric(
    name="first_response_time",
    title="First response time",
    aliases=("frt", "first reply time", "first response"),
    question="How long do customers wait for the first reply of a teammate?",
    unit="seconds",
    denominator="conversations that a teammate has replied to",
    calculation=Distribution(unmeasured=NO_REPLY_YET),
    options=office_hours.OPTIONS,
    definitions={
        "intercom": _statistic(
            "time_to_admin_reply",
            "From the customer's first message to the first reply of a teammate; bots do not count.",
            UNMEASURED_REPLY,
            REPORTS,
        ),
        "calendar": _calendar(
            "From the customer's first message to the first reply of a teammate; bots do not count.",
            "first_admin_reply_at",
            UNMEASURED_REPLY,
        ),
        "office": _office(
            "From the customer's first message to the first reply of a teammate; bots do not count.",
            "first_admin_reply_at",
            UNMEASURED_REPLY,
            "time_to_admin_reply",
        ),
        "dbt": _dbt(
            "time_to_first_response_minutes: from the start of the conversation to the first comment or assignment "
            "with text by an admin. In outbound conversations it includes the time before the customer wrote.",
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
    calculation=Distribution(unmeasured=NOT_CLOSED_YET),
    options=office_hours.OPTIONS,
    definitions={
        "intercom": _statistic(
            "time_to_first_close", "From the customer's first message to the first close.", UNMEASURED_CLOSE
        ),
        "calendar": _calendar(
            "From the customer's first message to the first close.", "first_close_at", UNMEASURED_CLOSE
        ),
        "office": _office(
            "From the customer's first message to the first close.",
            "first_close_at",
            UNMEASURED_CLOSE,
            "time_to_first_close",
        ),
        "dbt": _dbt(
            "time_to_first_close_minutes: from the customer's first comment after the opening message to the first "
            "close by anybody. NULL where the customer wrote only once, negative where they wrote again after it.",
            "dbt.contact_replied_at",
            "dbt.closed_at",
            _UNMEASURED_DBT_CLOSE,
        ),
    },
)

TIME_TO_CLOSE = Metric(
    name="time_to_close",
    title="Time to close",
    aliases=("resolution time", "time to resolution"),
    question="How long does it take until a conversation is closed for good?",
    unit="seconds",
    denominator="conversations that have been closed",
    calculation=Distribution(unmeasured=NOT_CLOSED_YET),
    options=office_hours.OPTIONS,
    definitions={
        "intercom": _statistic(
            "time_to_last_close",
            "From the customer's first message to the last close.",
            UNMEASURED_CLOSE,
            "Intercom help, Time to close, article 4549035",
        ),
        "calendar": _calendar(
            "From the customer's first message to the last close.", "last_close_at", UNMEASURED_CLOSE
        ),
        "office": _office(
            "From the customer's first message to the last close.",
            "last_close_at",
            UNMEASURED_CLOSE,
            "time_to_last_close",
        ),
        "dbt": _dbt(
            "time_to_last_close_minutes: from the customer's first comment after the opening message to the last "
            "close by anybody. NULL where the customer wrote only once, negative where they wrote again after it.",
            "dbt.contact_replied_at",
            "dbt.last_closed_at",
            _UNMEASURED_DBT_CLOSE,
        ),
    },
)

RESPONSE_TIME = Metric(
    name="response_time",
    title="Response time",
    aliases=("reply time",),
    question="How long do customers wait for any reply of a teammate, the first or a later one?",
    unit="seconds",
    denominator="conversations with a reply; by the definitions 'calendar' and 'office', replies",
    calculation=Distribution(unmeasured=NO_REPLY_YET),
    options=office_hours.OPTIONS,
    definitions={
        "intercom": _statistic(
            "median_time_to_reply",
            "The median over conversations of each one's median over all replies that follow a customer's message. "
            "Intercom's own report takes the median over all replies, which the API does not return.",
            UNMEASURED_REPLY,
        ),
        "calendar": Definition(
            "Over all replies: from the customer's first unanswered message to the next reply of a teammate. Bots and "
            "notes do not count.",
            REPORTS,
            "waits.seconds",
            hours=CALENDAR,
            steps=WAITS,
            join="left join waits on waits.talk = conversation.id",
            needs=("conversation_parts",),
            unmeasured={NOBODY_WROTE: f"{WRITTEN_AT} is null and not {WITHOUT_STATISTICS}"},
        ),
        "office": Definition(
            "Over all replies: from the customer's first unanswered message to the next reply of a teammate. Bots and "
            f"notes do not count. {_BY_HOURS}",
            office_hours.SOURCE,
            "office_waits.seconds",
            steps=f"{{open_hours}},\n{WAITS},\n{OFFICE_WAITS}",
            join="left join office_waits on office_waits.talk = conversation.id",
            needs=("conversation_parts",),
            unmeasured={
                office_hours.FAR_OFF: "office_waits.talk is not null",
                NOBODY_WROTE: f"{WRITTEN_AT} is null and not {WITHOUT_STATISTICS}",
            },
            own_hours=True,
            statistic="median_time_to_reply",
            each="office_waits.typical",
        ),
    },
)

TIME_TO_ASSIGNMENT = Metric(
    name="time_to_assignment",
    title="Time to assignment",
    question="How long does it take until a conversation is assigned to whoever answers it?",
    unit="seconds",
    denominator="conversations that were assigned",
    calculation=Distribution(unmeasured="not assigned yet"),
    options=office_hours.OPTIONS,
    definitions={
        "intercom": _statistic(
            "time_to_assignment",
            "From the customer's first message to the last assignment before the first reply of a teammate.",
            _UNMEASURED_BEFORE_REPLY,
        ),
        "calendar": _calendar(
            "From the customer's first message to the first assignment.", "first_assignment_at", UNMEASURED_ASSIGNMENT
        ),
        "office": _office(
            "From the customer's first message to the first assignment.",
            "first_assignment_at",
            UNMEASURED_ASSIGNMENT,
            "time_to_assignment",
            "conversation.first_assignment_at = conversation.last_assignment_at",
        ),
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
    aliases=("aht", "handle time", "average handle time", "average handling time"),
    question="How much work does a conversation take?",
    unit="seconds",
    denominator="conversations that have been closed and have a handling time",
    calculation=Distribution(unmeasured="not closed yet, or never with a teammate"),
    definitions={
        "intercom": _statistic(
            "handling_time",
            "Time in which it was open and assigned to a teammate; time with a team, snoozed or with a bot does not "
            "count.",
            _UNMEASURED_HANDLING,
            "Intercom help, article 7022438; OpenAPI 2.13 and later",
        ),
        "adjusted": _statistic(
            "adjusted_handling_time",
            "Time in which a teammate had it open on the screen.",
            _UNMEASURED_HANDLING,
            "Intercom help, article 14653430; OpenAPI 2.13 and later",
        ),
    },
)

NEW_LEAD_RESPONSE = replace(
    FIRST_RESPONSE_TIME,
    name="new_lead_response",
    aliases=(),
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
