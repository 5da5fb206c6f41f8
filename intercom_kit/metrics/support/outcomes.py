"""How conversations end: ratings, reopenings, service levels."""

from intercom_kit.metrics.aggregates import Share
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.support.sources import NEVER_CLOSED, STATISTICS, UNMEASURED_CLOSE

_UNMEASURED = {**UNMEASURED_CLOSE, NEVER_CLOSED: "true"}
_OUTSIDE = {"with a rating outside 1 to 5": "conversation.rating not between 1 and 5"}

CSAT = Metric(
    name="csat",
    title="Customer satisfaction",
    aliases=("csat score", "satisfaction"),
    question="How many of the ratings are good?",
    unit="share",
    denominator="conversations that were rated",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Ratings of 4 and 5 among all ratings of 1 to 5. A conversation counts when it started.",
            "third parties' descriptions of Intercom's report (UNCONFIRMED [report-definitions])",
            "case when conversation.rating between 1 and 5 then conversation.rating >= 4 end",
            left_out={"not rated": "conversation.rating is null", **_OUTSIDE},
        )
    },
)

RATING_RESPONSE_RATE = Metric(
    name="rating_response_rate",
    title="Rating response rate",
    aliases=("csat response rate",),
    question="How many of the requested ratings were given?",
    unit="share",
    denominator="conversations in which a rating was requested",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Conversations with a rating of 1 to 5, among those in which one was requested.",
            "the API's conversation_rating",
            "case when conversation.rating_requested_at is not null "
            "then coalesce(conversation.rating between 1 and 5, false) end",
            left_out={
                "without a request for a rating": "conversation.rating_requested_at is null",
                "rated without a request": "conversation.rating_requested_at is null and conversation.rating > 0",
                **_OUTSIDE,
            },
        )
    },
)

REOPEN_RATE = Metric(
    name="reopen_rate",
    title="Reopen rate",
    question="How many of the closed conversations had to be opened again?",
    unit="share",
    denominator="conversations that have been closed",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Conversations reopened at least once after the customer's first message, among those ever closed.",
            STATISTICS,
            "case when conversation.first_close_at is not null then conversation.count_reopens > 0 end",
            unmeasured=_UNMEASURED,
        )
    },
)

CLOSED_ON_FIRST_CONTACT = Metric(
    name="closed_on_first_contact",
    title="Closed on first contact",
    aliases=("fcr", "first contact resolution"),
    question="How many conversations take one teammate and one close?",
    unit="share",
    denominator="conversations that have been closed",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Closed exactly once, with exactly one teammate taking part, among those ever closed. Conversations closed "
            "by bots alone have no teammate, and are not among these.",
            "Intercom help, article 7022438; its denominator is UNCONFIRMED [report-definitions]",
            "case when conversation.first_close_at is not null then conversation.state = 'closed' "
            "and conversation.first_close_at = conversation.last_close_at "
            "and coalesce(conversation.count_reopens, 0) = 0 "
            "and coalesce(len(list_distinct(conversation.teammate_ids)), 0) = 1 end",
            unmeasured=_UNMEASURED,
        )
    },
)

SLA_HIT_RATE = Metric(
    name="sla_hit_rate",
    title="SLA hit rate",
    aliases=("sla", "sla attainment"),
    question="How often are service level agreements met?",
    unit="share",
    denominator="conversations whose SLA was hit or missed",
    calculation=Share(),
    definitions={
        "intercom": Definition(
            "Hit among hit and missed; cancelled and active ones do not count. by='sla_name' tells agreements apart.",
            "Intercom help, SLA report, article 2672572",
            "case when conversation.sla_status in ('hit', 'missed') then conversation.sla_status = 'hit' end",
            left_out={
                "without an SLA": "conversation.sla_status is null",
                "with an SLA that is active or was cancelled": "conversation.sla_status not in ('hit', 'missed')",
            },
        )
    },
)

OUTCOMES = (CSAT, RATING_RESPONSE_RATE, REOPEN_RATE, CLOSED_ON_FIRST_CONTACT, SLA_HIT_RATE)
