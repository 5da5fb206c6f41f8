"""Who stays: retention by cohort, and who is new, returns, comes back or goes dormant."""

from dataclasses import dataclass
from datetime import datetime

from intercom_kit.metrics import periods
from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, USERS, OverEvents, listed
from intercom_kit.metrics.engagement.sources import activity, columns, same, visitors
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.shapes import share
from intercom_kit.metrics.subjects import OF_CONTACTS

SIGNED_UP = "coalesce(contact.signed_up_at, contact.created_at)"


@dataclass(frozen=True)
class Retention(OverEvents):
    """The share of each cohort that was active, for each period since: a triangle.

    `age` 0 is the period of the cohort itself. The `value` of a period that is not over yet, or that begins before
    Intercom lists events, is NULL.
    """

    columns: tuple[str, ...] = ("age", "value", "n", "hits", "low", "high")
    order: str = "age"

    def bounds(self, asked: Asked) -> str:
        """Ask for who signed up in the span, or was created then: some never signed up."""
        joined = f"({asked.between('contact.signed_up_at')} or {asked.between('contact.created_at')})"
        return " and ".join(filter(None, [super().bounds(asked), joined]))

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        groups = columns(asked.groups)
        cohorts = f"join numbered on numbered.quarter = {periods.quarter_of(SIGNED_UP)}"
        rolling = asked.definition.name == "rolling"
        came, test = ("numbers[-1]", ">=") if rolling else ("unnest(numbers)", "=")
        return {
            **asked.asked(),
            **asked.names(),
            **asked.calendar(),
            **activity(asked),
            **visitors(asked, {"cohort": "numbered.period", "first": "numbered.number"}, cohorts),
            "sizes": select(
                {"cohort": "cohort", "first": "first", **groups, "n": "count(*)"}, "from people\ngroup by all"
            ),
            "visits": select(
                {"cohort": "cohort", **groups, "age": "number - first", "hits": "count(*)"},
                f"from (select *, {came} as number from measured)\ngroup by all",
            ),
            "cells": select(
                {
                    "sizes.*": "sizes.*",
                    "age": "later.number - sizes.first",
                    "complete": "later.complete",
                    "at": "later.period",
                },
                "from sizes\njoin (select distinct number, period, complete from numbered) as later "
                "on later.number >= sizes.first",
            ),
            "sums": select(
                {
                    **{key: f"cells.{key}" for key in ["cohort", *groups]},
                    "age": "cells.age",
                    "hits": "sum(visits.hits)::bigint",
                },
                f"from cells\njoin visits on visits.age {test} cells.age and "
                f"{same('visits', 'cells', ['cohort', *groups])}\ngroup by all",
            ),
            "answer": select(
                {
                    "period": "cells.cohort",
                    "complete": "cells.complete",
                    **{group: f"cells.{group}" for group in groups},
                    "age": "cells.age",
                    **_masked(asked, share("coalesce(hits, 0)", "n")),
                },
                f"from cells\nleft join sums on sums.age = cells.age and {same('sums', 'cells', ['cohort', *groups])}",
            ),
        }


def _masked(asked: Asked, share: dict[str, str]) -> dict[str, str]:
    """Leave out the shares of a period that is not over, or not listed whole."""
    hidden = {
        name: listed(asked, "cells.at", f"case when cells.complete then {sql} end") for name, sql in share.items()
    }
    return {**hidden, "n": share["n"], "hits": share["hits"]}


RETENTION = Metric(
    name="retention",
    title="Retention",
    question="How many of those who signed up together are still active later?",
    unit="share",
    denominator="contacts who signed up in the period",
    shape=Retention(),
    definitions={
        "bracket": of_events(
            "Of those who signed up in a period (or were created, where Intercom knows no sign-up), the share with an "
            "event in the period that lies `age` periods later."
        ),
        "rolling": of_events(
            "Of those who signed up in a period (or were created, where Intercom knows no sign-up), the share with an "
            "event in the period that lies `age` periods later, or in any after it. The last ages are low by nature."
        ),
    },
    subject=OF_CONTACTS,
    window="8w",
    period="week",
    compares=False,
    options=USERS,
)


@dataclass(frozen=True)
class Lifecycle(OverEvents):
    """The number of contacts that are new, return, come back, or have gone dormant, in each period."""

    columns: tuple[str, ...] = ("stage", "value", "n")
    order: str = "stage"

    def begins(self, asked: Asked) -> datetime:
        """Look back one period, for who was active in it."""
        return periods.before(asked.since, asked.period or "week", asked.zone)

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        groups = columns(asked.groups)
        joined = f"left join numbered on numbered.quarter = {periods.quarter_of(SIGNED_UP)}"
        over = "if(kinds.stage <> 'dormant' or spread.complete, coalesce(n, 0)::double, null)"
        return {
            **asked.asked(),
            **asked.names(),
            **asked.calendar(),
            **activity(asked),
            **visitors(asked, {"joined": "numbered.number"}, joined),
            "periods": "select *, lag(period) over (order by period) as prior\n"
            "from (select distinct number, period from numbered)",
            "turns": select(
                {**groups, **columns(["joined", "number", "earlier", "later"]), "n": "count(*)"},
                "from (select *, unnest(numbers) as number, unnest(list_prepend(null, numbers[:-2])) as earlier, "
                "unnest(numbers[2:]) as later from measured)\ngroup by all",
            ),
            "stages": select(
                {
                    **groups,
                    "number": "number",
                    "stage": "case when joined = number then 'new' when earlier = number - 1 then 'returning' "
                    "else 'resurrected' end",
                    "n": "n",
                },
                "from turns",
            )
            + "\nunion all\n"
            + select(
                {**groups, "number": "number + 1", "stage": "'dormant'", "n": "n"},
                "from turns\nwhere later is distinct from number + 1",
            ),
            "sums": select(
                {**groups, "number": "number", "stage": "stage", "n": "sum(n)::bigint"}, "from stages\ngroup by all"
            ),
            **asked.spread(),
            "answer": select(
                {
                    "spread.*": "spread.*",
                    "stage": "kinds.stage",
                    "n": "coalesce(n, 0)",
                    "value": listed(asked, "periods.prior", over),
                },
                "from spread\njoin periods on periods.period = spread.period\n"
                "cross join (values ('new'), ('returning'), ('resurrected'), ('dormant')) as kinds(stage)\n"
                "left join sums on sums.number = periods.number and sums.stage = kinds.stage "
                f"and {same('sums', 'spread', groups)}\n"
                f"where spread.period >= {periods.instant(asked.since)}",
            ),
        }


LIFECYCLE = Metric(
    name="lifecycle",
    title="Lifecycle",
    question="How many active contacts are new, returning or back again, and how many have gone dormant?",
    unit="contacts",
    denominator="contacts in that stage in the period",
    shape=Lifecycle(),
    definitions={
        "events": of_events(
            "new: active, and signed up (or created) in the period. returning: active in the period before, too. "
            "resurrected: active, but not in the period before, and not new. dormant: active in the period before, and "
            "not in this one: told once it is over.",
            "the lifecycle analysis of product-analytics tools, over Intercom's events",
        )
    },
    subject=OF_CONTACTS,
    window="8w",
    period="week",
    compares=False,
    options=SEEN,
)

COHORTS = (RETENTION, LIFECYCLE)
