"""How much support is needed: by active contacts, and by companies beside their spend."""

from dataclasses import dataclass

from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.definition import OFFICE_HOURS, Definition
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, OverEvents, listed
from intercom_kit.metrics.engagement.sources import activity, of_conversations, visitors
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, group_by, qualified, same, sql
from intercom_kit.metrics.subjects import OF_COMPANIES, OF_CONTACTS
from intercom_kit.metrics.support.sources import MISSING, UNMEASURED_REPLY

_VISITS = """
    talks as (
        {talks}
    ),
    visits as (
        select * exclude (numbers), unnest(numbers) as number from measured
    ),
    came as (
        select {groups:,} number, count(*) as n
        from visits
        group by {groups:,} number
    ),
    active_then as (
        select {keys:,} n
        from came
        join (select distinct number, period from numbered) using (number)
    ),
    wrote as (
        select {keys:,} count(*) as conversations
        from talks
        {by_key}
    )
"""
_RATE = """
    answer as (
        select
            spread.*,
            case when {listed} then 100 * coalesce(conversations, 0) / nullif(n, 0) end as value,
            coalesce(n, 0) as n,
            coalesce(conversations, 0) as conversations
        from spread
        left join active_then on {active_in_key}
        left join wrote on {wrote_in_key}
    )
"""


@dataclass(frozen=True)
class ContactRate(OverEvents):
    """Conversations per 100 contacts that were active in the same period."""

    columns: tuple[str, ...] = ("value", "n", "conversations")

    def steps(self, request: MetricRequest) -> list[SQL]:
        began = request.in_span("conversation.created_at")
        talk = f"join conversations as conversation on conversation.contact_id = contact.id and {began}"
        talks = request.rows("conversation.id as talk", also=talk, at="conversation.created_at")
        return [
            *self.selection(request),
            *request.calendar(),
            activity(request),
            visitors(request),
            sql(_VISITS, talks=talks, groups=request.groups, keys=request.keys, by_key=group_by(request.keys)),
            request.spread("(from active_then select * exclude (n) union all from talks select * exclude (talk))"),
            sql(
                _RATE,
                listed=listed(request, "spread.period"),
                active_in_key=same("spread", "active_then", request.keys),
                wrote_in_key=same("spread", "wrote", request.keys),
            ),
        ]


CONTACT_RATE = Metric(
    name="contact_rate",
    title="Contact rate",
    question="How many conversations come from 100 active contacts?",
    unit="conversations per 100 active contacts",
    denominator="contacts with an event in the period",
    calculation=ContactRate(),
    definitions={
        "events": of_events(
            "Conversations created in the period whose first contact is among those chosen, for 100 of them that had "
            "an event in it. Contacts who wrote need not have had an event."
        )
    },
    subject=OF_CONTACTS,
    period="week",
    options=SEEN,
)


_REQUESTS = """
    talks as (
        select * from conversations as conversation where {in_span}
    ),
    spending as (
        {companies}
    ),
    measured as (
        {conversations}
    ),
    paid as (
        select {groups:,} count(*) as n, sum(spend) as monthly_spend
        from spending
        {by_group}
        having count(*) > 0
    ),
    requested as (
        select
            {groups:,}
            count(talk) as conversations,
            count(distinct company) as writing_companies,
            median(reply) as first_response_time,
            count(rating) as rated,
            count(*) filter (where rating >= 4) as rated_4_or_5
        from measured
        {by_group}
    ),
    answer as (
        select
            {groups_of_paid:,}
            n,
            coalesce(conversations, 0) / n as value,
            coalesce(conversations, 0) as conversations,
            coalesce(writing_companies, 0) as writing_companies,
            monthly_spend,
            1000 * coalesce(conversations, 0) / nullif(monthly_spend, 0) as per_1000_spend,
            first_response_time,
            rated_4_or_5 / nullif(rated, 0) as csat,
            coalesce(rated, 0) as rated
        from paid
        left join requested on {of_group}
    )
"""
_COMPANIES = "company.id as company, greatest(company.monthly_spend, 0) as spend"
_CONVERSATIONS = """case when conversation.time_to_admin_reply >= 0 then conversation.time_to_admin_reply end as reply,
case when conversation.rating between 1 and 5 then conversation.rating end as rating,
company.id as company,
conversation.id as talk"""


@dataclass(frozen=True)
class SupportLoad(Calculation):
    """The conversations of companies, beside what these pay."""

    columns: tuple[str, ...] = (
        *("value", "n", "conversations", "writing_companies", "monthly_spend", "per_1000_spend"),
        *("first_response_time", "csat", "rated"),
    )
    order: str = "value desc nulls last"

    def bounds(self, request: MetricRequest) -> SQL:  # noqa: ARG002
        """Return no condition: companies without conversations count too."""
        return SQL()

    def left_out(self, request: MetricRequest) -> dict[str, SQL]:
        """Return the condition of companies with conversations that lack statistics."""
        missing = f"conversation.time_to_admin_reply is null and ({UNMEASURED_REPLY[MISSING]})"
        return {"companies with conversations that lack statistics": of_conversations(request, missing)}

    def steps(self, request: MetricRequest) -> list[SQL]:
        also = "join talks as conversation on conversation.company_id = company.id"
        requests = sql(
            _REQUESTS,
            in_span=request.in_span("conversation.created_at"),
            companies=request.rows(_COMPANIES, dated=False),
            conversations=request.rows(_CONVERSATIONS, also=also, dated=False),
            groups=request.groups,
            by_group=group_by(request.groups),
            groups_of_paid=qualified("paid", request.groups),
            of_group=same("requested", "paid", request.groups),
        )
        return [*self.selection(request), requests]


SUPPORT_LOAD = Metric(
    name="support_load",
    title="Support load",
    question="How much support do companies need, beside what they pay?",
    unit="conversations per company",
    denominator="companies that Intercom lists",
    calculation=SupportLoad(),
    definitions={
        "intercom": Definition(
            "Conversations created in the span that Intercom counts to a company, per company and per 1,000 of its "
            "monthly spend; first response time is the median, in seconds, csat the share of ratings of 4 and 5.",
            "the API's conversations and companies",
            hours=OFFICE_HOURS,
            left_out={"companies with a spend below zero, counted as none": "company.monthly_spend < 0"},
            needs=("conversations",),
        )
    },
    subject=OF_COMPANIES,
    by=("plan",),
    periods=False,
    compares=False,
)

LOAD = (CONTACT_RATE, SUPPORT_LOAD)
