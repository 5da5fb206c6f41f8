"""Which accounts may leave, with the reasons."""

from dataclasses import dataclass

from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.engagement.accounts import SLIPPING, STALE, Accounts
from intercom_kit.metrics.engagement.sources import COST
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, join, sql
from intercom_kit.metrics.subjects import OF_COMPANIES

_REASONS = {
    f"nobody seen for {SLIPPING.days} days": "seen_at < {a_month_ago}",
    "rated 2 or less": "bad > 0",
    f"a conversation open for over {STALE.days} days": "stale > 0",
    "a conversation tagged as cancelling": "leaving > 0",
}
_FEWER_EVENTS = {"activity fell by more than half": "earlier > 0 and recent * 2 < earlier"}

# What each company's contacts did in the first and in the second half of the span.
_FLOW = """
    flow as (
        select account, sum(earlier) as earlier, sum(recent) as recent
        from (
            select unnest(list_distinct(contact.company_ids)) as account, earlier, recent
            from (
                select
                    contact.id as person,
                    count(*) filter (where event.created_at < {middle}) as earlier,
                    count(*) filter (where event.created_at >= {middle}) as recent
                from contacts as contact
                join events as event on event.intercom_user_id = contact.id
                where {in_span}
                group by contact.id
            ) as done
            join contacts as contact on contact.id = done.person
        )
        group by account
    )
"""
_RISKS = """
    risks as (
        select accounts.*, list_filter([{reasons}], lambda reason: reason is not null) as reasons
        from accounts
        {flow}
    ),
    answer as (
        select
            {groups:,}
            reasons,
            len(reasons)::double as value,
            contacts as n,
            spend as monthly_spend,
            seen_at as last_seen_at,
            id as company_id
        from risks
        where len(reasons) > 0
    )
"""


@dataclass(frozen=True)
class ChurnRisk(Accounts):
    """The companies with a reason to expect that they may leave, those with the most reasons first."""

    columns: tuple[str, ...] = ("value", "reasons", "n", "monthly_spend", "last_seen_at", "company_id")
    order: str = "value desc, monthly_spend desc nulls last"

    def steps(self, request: MetricRequest) -> list[SQL]:
        steps, reasons, join_of_flow = self.accounts(request), _REASONS, SQL()
        if request.definition.name == "events":
            middle = request.since + (request.ends - request.since) / 2
            steps.append(sql(_FLOW, middle=middle, in_span=request.in_span("event.created_at")))
            reasons, join_of_flow = _REASONS | _FEWER_EVENTS, SQL("left join flow on flow.account = accounts.id")
        tests = [
            sql("if({test}, {reason}, null)", test=sql(test, a_month_ago=request.now - SLIPPING), reason=reason)
            for reason, test in reasons.items()
        ]
        risks = sql(_RISKS, groups=request.groups, reasons=join(",\n", tests), flow=join_of_flow)
        return [*steps, risks]


_RISK = (
    "Companies with at least one reason: nobody seen for 30 days (Intercom's “slipping away”), a rating of 2 or less, "
    "a conversation begun in the span and open for over 7 days, or one with a tag that contains cancel or churn."
)

CHURN_RISK = Metric(
    name="churn_risk",
    title="Churn risk",
    aliases=("churn",),
    question="Which accounts may leave, and why?",
    unit="reasons",
    denominator="contacts of the company",
    calculation=ChurnRisk(),
    definitions={
        "last_seen": Definition(
            _RISK,
            "Intercom help, article 318, and customary signals",
            needs=("contacts", "conversations"),
            now=True,
        ),
        "events": Definition(
            f"{_RISK} Also: in the second half of the span less than half as many events as in the first. {COST}",
            "Intercom help, article 318, and customary signals",
            needs=("contacts", "conversations", "events"),
            now=True,
        ),
    },
    subject=OF_COMPANIES,
    window="60d",
    by=("company", "plan"),
    periods=False,
    compares=False,
)
