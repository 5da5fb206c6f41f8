"""What is known of each company, from which its health and its risk follow."""

from dataclasses import dataclass
from datetime import timedelta

from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, sql

STALE = timedelta(days=7)
SLIPPING = timedelta(days=30)

_ACCOUNTS = """
    members as (
        select unnest(list_distinct(company_ids)) as account, last_seen_at from contacts
    ),
    seen as (
        select
            account,
            count(*) as contacts,
            count(*) filter (where {seen_in_span}) as active,
            max(last_seen_at) as last_seen_at
        from members
        group by account
    ),
    talks as (
        select
            company_id as account,
            count(*) as conversations,
            count(*) filter (where count_reopens > 0 or ({waits})) as troubled,
            count(*) filter (where count_reopens is not null or ({waits})) as judged,
            count(*) filter (where state <> 'closed' and created_at < {a_week_ago}) as stale,
            count(*) filter (where rating between 1 and 5) as rated,
            count(*) filter (where rating between 4 and 5) as good,
            count(*) filter (where rating between 1 and 2) as bad,
            count(*) filter (where len(list_filter(
                coalesce(tag_names, []), lambda tag: lower(tag) like '%cancel%' or lower(tag) like '%churn%'
            )) > 0) as leaving
        from conversations
        where {created_in_span}
        group by company_id
    ),
    listed as (
        {companies}
    ),
    accounts as (
        select
            listed.*,
            coalesce(contacts, 0) as contacts,
            coalesce(active, 0) as active,
            coalesce(conversations, 0) as conversations,
            coalesce(rated, 0) as rated,
            troubled, judged, stale, good, bad, leaving,
            greatest(last_seen_at, requested_at) as seen_at
        from listed
        left join seen on seen.account = listed.id
        left join talks on talks.account = listed.id
    )
"""


@dataclass(frozen=True)
class Accounts(Calculation):
    """What is known of each company: its contacts, when they were last seen, and its conversations."""

    ties: str = "company_id"

    def bounds(self, request: MetricRequest) -> SQL:  # noqa: ARG002
        """Return no condition: all companies that the filters choose are needed."""
        return SQL()

    def accounts(self, request: MetricRequest) -> list[SQL]:
        """Return the steps that lead to `accounts`, a row per company."""
        columns = "company.id as id, company.monthly_spend as spend, company.last_request_at as requested_at"
        a_day_ago = request.now - timedelta(days=1)
        accounts = sql(
            _ACCOUNTS,
            seen_in_span=request.in_span("last_seen_at"),
            waits=sql("state <> 'closed' and waiting_since < {a_day_ago}", a_day_ago=a_day_ago),
            a_week_ago=request.now - STALE,
            created_in_span=request.in_span("created_at"),
            companies=request.rows(columns, dated=False),
        )
        return [*self.selection(request), accounts]
