"""Which accounts do well, and which do not: a score with the parts that it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.engagement.accounts import SLIPPING, Accounts
from intercom_kit.metrics.engagement.sources import of_conversations
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, sql
from intercom_kit.metrics.subjects import OF_COMPANIES

WEIGHTS = {"usage": 40, "engagement": 25, "support": 20, "outcome": 15}

_HEALTH = """
    parts as (
        select
            *,
            active / nullif(contacts, 0) as usage,
            if(
                seen_at is null,
                null,
                least(greatest(1 - (epoch({now}) - epoch(seen_at)) / 86400 / {slipping_days}, 0), 1)
            ) as engagement,
            1 - troubled / nullif(judged, 0) as support,
            good / nullif(rated, 0) as outcome
        from accounts
    ),
    weighed as (
        select
            *,
            if(usage is null, 0, {weights[usage]})
            + if(engagement is null, 0, {weights[engagement]})
            + if(support is null, 0, {weights[support]})
            + if(outcome is null, 0, {weights[outcome]}) as known,
            coalesce(usage * {weights[usage]}, 0)
            + coalesce(engagement * {weights[engagement]}, 0)
            + coalesce(support * {weights[support]}, 0)
            + coalesce(outcome * {weights[outcome]}, 0) as scored
        from parts
    ),
    scores as (
        select *, round(100 * scored / nullif(known, 0), 9) as value from weighed
    ),
    answer as (
        select
            {groups:,}
            value,
            case when value >= 80 then 'green' when value >= 50 then 'yellow' when value is not null then 'red' end
                as band,
            usage, engagement, support, outcome,
            known::double as known_weight,
            100 * usage * {weights[usage]} / nullif(known, 0) as usage_points,
            100 * engagement * {weights[engagement]} / nullif(known, 0) as engagement_points,
            100 * support * {weights[support]} / nullif(known, 0) as support_points,
            100 * outcome * {weights[outcome]} / nullif(known, 0) as outcome_points,
            contacts as n,
            active, conversations, rated,
            spend as monthly_spend,
            seen_at as last_seen_at,
            id as company_id
        from scores
    )
"""


@dataclass(frozen=True)
class Health(Accounts):
    """A score from 0 to 100 for each company, with all that it is made of.

    `usage` to `outcome` are the parts, from 0 to 1; `usage_points` to `outcome_points` are what each adds to `value`.
    """

    columns: tuple[str, ...] = (
        *("value", "band", "usage", "engagement", "support", "outcome", "known_weight"),
        *(f"{part}_points" for part in WEIGHTS),
        *("n", "active", "conversations", "rated", "monthly_spend", "last_seen_at", "company_id"),
    )
    order: str = "value nulls last"

    def left_out(self, request: MetricRequest) -> dict[str, SQL]:
        """Return the condition of companies with conversations that lack statistics."""
        incomplete = of_conversations(request, "conversation.count_reopens is null")
        return {"companies with conversations that lack statistics": incomplete}

    def steps(self, request: MetricRequest) -> list[SQL]:
        health = sql(
            _HEALTH,
            now=request.now,
            slipping_days=SLIPPING.days,
            weights=_weights(request.options["weights"]),
            groups=request.groups,
        )
        return [*self.accounts(request), health]


def _weights(given: Any) -> dict[str, float]:
    numbers = given.values() if isinstance(given, Mapping) else ()
    if set(given or ()) <= set(WEIGHTS) and all(isinstance(each, int | float) and each >= 0 for each in numbers):
        return {**dict.fromkeys(WEIGHTS, 0), **given}
    raise BadMetricError(f"{given!r} are no weights: give a number for some of {', '.join(WEIGHTS)}, as {WEIGHTS}.")


ACCOUNT_HEALTH = Metric(
    name="account_health",
    title="Account health",
    aliases=("health score", "health"),
    question="Which accounts do well, and which do not?",
    unit="points of 100",
    denominator="contacts of the company",
    calculation=Health(),
    definitions={
        "last_seen": Definition(
            "The weighted mean of four parts, each from 0 to 1: usage, the share of contacts seen in the span; "
            "engagement, how recently anybody was, falling to 0 in 30 days; support, the share of conversations that "
            "were neither reopened nor have waited for a day, where that is known; outcome, the share of "
            "ratings of 4 and 5. An unknown part is left out, and the others weigh more: see "
            "known_weight. Green from 80, yellow from 50.",
            "weights as Successifier's: usage 40, engagement 25, support 20, outcome 15; weights= takes your own",
            left_out={"companies that nobody was ever seen in": "company.last_request_at is null"},
            needs=("contacts", "conversations"),
            now=True,
        )
    },
    subject=OF_COMPANIES,
    window="30d",
    by=("company", "plan"),
    periods=False,
    compares=False,
    options={"weights": WEIGHTS},
    notes=("Not validated against churn: check it against accounts that left before acting on it.",),
)
