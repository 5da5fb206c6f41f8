"""Which accounts do well, and which may leave, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.engagement.sources import COST, columns, of_conversations
from intercom_kit.metrics.metric import Definition, Metric, Shape
from intercom_kit.metrics.periods import instant
from intercom_kit.metrics.subjects import OF_COMPANIES
from intercom_kit.metrics.support.sources import MISSING

WEIGHTS = {"usage": 40, "engagement": 25, "support": 20, "outcome": 15}
_STALE = timedelta(days=7)
_SLIPPING = timedelta(days=30)


@dataclass(frozen=True)
class Accounts(Shape):
    """What is known of each company: its contacts, when they were last seen, and its conversations."""

    ties: str = "company_id"

    def bounds(self, asked: Asked) -> str:  # noqa: ARG002
        """Ask for all companies that the filters choose."""
        return ""

    def gathered(self, asked: Asked) -> dict[str, str]:
        """Write the tables that lead to `accounts`, one row per company."""
        stale = instant(asked.now - _STALE)
        waits = f"state <> 'closed' and waiting_since < {instant(asked.now - timedelta(days=1))}"
        tags = " or ".join(f"lower(tag) like '%{word}%'" for word in ("cancel", "churn"))
        tagged = f"len(list_filter(coalesce(tag_names, []), lambda tag: {tags})) > 0"
        return {
            **asked.asked(),
            **asked.names(),
            "members": "select unnest(list_distinct(company_ids)) as account, last_seen_at from contacts",
            "seen": select(
                {
                    "account": "account",
                    "contacts": "count(*)",
                    "active": f"count(*) filter (where {asked.between('last_seen_at')})",
                    "last_seen_at": "max(last_seen_at)",
                },
                "from members\ngroup by account",
            ),
            "talks": select(
                {
                    "account": "company_id",
                    "conversations": "count(*)",
                    "troubled": f"count(*) filter (where count_reopens > 0 or ({waits}))",
                    "judged": f"count(*) filter (where count_reopens is not null or ({waits}))",
                    "stale": f"count(*) filter (where state <> 'closed' and created_at < {stale})",
                    "rated": "count(*) filter (where rating between 1 and 5)",
                    "good": "count(*) filter (where rating between 4 and 5)",
                    "bad": "count(*) filter (where rating between 1 and 2)",
                    "leaving": f"count(*) filter (where {tagged})",
                },
                f"from conversations\nwhere {asked.between('created_at')}\ngroup by company_id",
            ),
            "listed": asked.rows(
                {"id": "company.id", "spend": "company.monthly_spend", "asked_at": "company.last_request_at"},
                dated=False,
            ),
            "accounts": select(
                {
                    "listed.*": "listed.*",
                    **{name: f"coalesce({name}, 0)" for name in ("contacts", "active", "conversations", "rated")},
                    **columns(["troubled", "judged", "stale", "good", "bad", "leaving"]),
                    "seen_at": "greatest(last_seen_at, asked_at)",
                },
                "from listed\nleft join seen on seen.account = listed.id\nleft join talks on talks.account = listed.id",
            ),
        }


@dataclass(frozen=True)
class Health(Accounts):
    """Weigh what is known of each company into a number from 0 to 100, with all that it is made of.

    `usage` to `outcome` are the parts, from 0 to 1; `usage_points` to `outcome_points` what each adds to `value`.
    """

    columns: tuple[str, ...] = (
        *("value", "band", "usage", "engagement", "support", "outcome", "known_weight"),
        *(f"{part}_points" for part in WEIGHTS),
        *("n", "active", "conversations", "rated", "monthly_spend", "last_seen_at", "company_id"),
    )
    order: str = "value nulls last"

    def left_out(self, asked: Asked) -> dict[str, str]:
        """Name the companies of whose conversations not all is told."""
        untold = "conversation.count_reopens is null"
        return {f"companies with conversations of which {MISSING}": of_conversations(asked, untold)}

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        weights = _weights(asked.options["weights"])
        known = " + ".join(f"if({name} is null, 0, {weight})" for name, weight in weights.items())
        scored = " + ".join(f"coalesce({name} * {weight}, 0)" for name, weight in weights.items())
        days = f"(epoch({instant(asked.now)}) - epoch(seen_at)) / 86400"
        return {
            **self.gathered(asked),
            "parts": select(
                {
                    "*": "*",
                    "usage": "active / nullif(contacts, 0)",
                    "engagement": f"if(seen_at is null, null, least(greatest(1 - {days} / {_SLIPPING.days}, 0), 1))",
                    "support": "1 - troubled / nullif(judged, 0)",
                    "outcome": "good / nullif(rated, 0)",
                },
                "from accounts",
            ),
            "answer": select(
                {
                    **columns(asked.groups),
                    "value": f"round(100 * ({scored}) / nullif({known}, 0), 9)",
                    "band": "case when value >= 80 then 'green' when value >= 50 then 'yellow' "
                    "when value is not null then 'red' end",
                    **columns(["usage", "engagement", "support", "outcome"]),
                    "known_weight": f"({known})::double",
                    **{
                        f"{name}_points": f"100 * {name} * {weight} / nullif({known}, 0)"
                        for name, weight in weights.items()
                    },
                    "n": "contacts",
                    **columns(["active", "conversations", "rated"]),
                    "monthly_spend": "spend",
                    "last_seen_at": "seen_at",
                    "company_id": "id",
                },
                "from parts",
            ),
        }


def _weights(given: Any) -> dict[str, float]:
    numbers = given.values() if isinstance(given, Mapping) else ()
    if set(given or ()) <= set(WEIGHTS) and all(isinstance(each, int | float) and each >= 0 for each in numbers):
        return {**dict.fromkeys(WEIGHTS, 0), **given}
    raise BadMetricError(f"{given!r} are no weights: give a number for some of {', '.join(WEIGHTS)}, as {WEIGHTS}.")


ACCOUNT_HEALTH = Metric(
    name="account_health",
    title="Account health",
    question="Which accounts do well, and which do not?",
    unit="points of 100",
    denominator="contacts of the company",
    shape=Health(),
    definitions={
        "last_seen": Definition(
            "The weighted mean of four parts, each from 0 to 1: usage, the share of contacts seen in the span; "
            "engagement, how lately anybody was, falling to 0 in 30 days; support, the share of conversations that "
            "were neither reopened nor have waited for a day, of those of which that is told; outcome, the share of "
            "ratings of 4 and 5. A part of which nothing is known is left out, and the others weigh more: see "
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


@dataclass(frozen=True)
class ChurnRisk(Accounts):
    """The companies with a reason to think that they may leave, those with the most reasons first."""

    columns: tuple[str, ...] = ("value", "reasons", "n", "monthly_spend", "last_seen_at", "company_id")
    order: str = "value desc, monthly_spend desc nulls last"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        slipping = instant(asked.now - _SLIPPING)
        reasons = {
            f"nobody seen for {_SLIPPING.days} days": f"seen_at < {slipping}",
            "rated 2 or less": "bad > 0",
            f"a conversation open for over {_STALE.days} days": "stale > 0",
            "a conversation tagged as cancelling": "leaving > 0",
        }
        tables, joined = self.gathered(asked), ""
        if asked.definition.name == "events":
            tables["flow"] = _flow(asked)
            joined = "\nleft join flow on flow.account = accounts.id"
            reasons["activity fell by more than half"] = "earlier > 0 and recent * 2 < earlier"
        listed = ", ".join(f"if({test}, '{reason}', null)" for reason, test in reasons.items())
        return {
            **tables,
            "answer": select(
                {
                    **columns(asked.groups),
                    "reasons": f"list_filter([{listed}], lambda reason: reason is not null)",
                    "value": "len(reasons)::double",
                    "n": "contacts",
                    "monthly_spend": "spend",
                    "last_seen_at": "seen_at",
                    "company_id": "accounts.id",
                },
                f"from accounts{joined}\nwhere len(reasons) > 0",
            ),
        }


def _flow(asked: Asked) -> str:
    """Write what each company's contacts did in the first and in the second half of the span."""
    middle = instant(asked.since + (asked.ends - asked.since) / 2)
    halves = {"earlier": f"done_at < {middle}", "recent": f"done_at >= {middle}"}
    counts = ", ".join(f"count(*) filter (where {test}) as {half}" for half, test in halves.items())
    done = (
        f"select contact.id as person, {counts.replace('done_at', 'event.created_at')}\n"
        "from contacts as contact join events as event on event.intercom_user_id = contact.id\n"
        f"where {asked.between('event.created_at')} group by contact.id"
    )
    each = (
        "select unnest(list_distinct(contact.company_ids)) as account, earlier, recent\n"
        f"from ({done}) as done\njoin contacts as contact on contact.id = done.person"
    )
    return select(
        {"account": "account", "earlier": "sum(earlier)", "recent": "sum(recent)"}, f"from ({each})\ngroup by account"
    )


_RISK = (
    "Companies with at least one reason: nobody seen for 30 days (Intercom's “slipping away”), a rating of 2 or less, "
    "a conversation begun in the span and open for over 7 days, or one with a tag that says cancel or churn."
)

CHURN_RISK = Metric(
    name="churn_risk",
    title="Churn risk",
    question="Which accounts may leave, and why?",
    unit="reasons",
    denominator="contacts of the company",
    shape=ChurnRisk(),
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

ACCOUNTS = (ACCOUNT_HEALTH, CHURN_RISK)
