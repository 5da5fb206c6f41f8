"""Who stays: retention by cohort, and who is new, returns, is resurrected or dormant."""

from dataclasses import dataclass
from datetime import datetime

from intercom_kit.metrics import periods
from intercom_kit.metrics.aggregates import share
from intercom_kit.metrics.engagement.activity import of_events
from intercom_kit.metrics.engagement.population import SEEN, USERS, OverEvents, listed
from intercom_kit.metrics.engagement.sources import activity, visitors
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, join, qualified, same, sql
from intercom_kit.metrics.subjects import OF_CONTACTS

_SIGNED_UP = "coalesce(contact.signed_up_at, contact.created_at)"
_SIGN_UP_PERIOD = f"numbered on numbered.quarter = {periods.quarter_of(_SIGNED_UP)}"

_TRIANGLE = """
    sizes as (
        select {groups:,} cohort, first, count(*) as n
        from people
        group by {groups:,} cohort, first
    ),
    visits as (
        select {groups:,} cohort, number - first as age, count(*) as hits
        from (select *, {visited} as number from measured)
        group by {groups:,} cohort, number - first
    ),
    cells as (
        select sizes.*, later.number - sizes.first as age, later.complete, later.period as at
        from sizes
        join (select distinct number, period, complete from numbered) as later on later.number >= sizes.first
    ),
    sums as (
        select {groups_of_cells:,} cells.cohort, cells.age, sum(visits.hits)::bigint as hits
        from cells
        join visits on visits.age {counts} cells.age and {visits_of_cell}
        group by {groups_of_cells:,} cells.cohort, cells.age
    ),
    answer as (
        select
            cells.cohort as period,
            cells.complete,
            {groups_of_cells:,}
            cells.age,
            {share}
        from cells
        left join sums on sums.age = cells.age and {sums_of_cell}
    )
"""


@dataclass(frozen=True)
class Retention(OverEvents):
    """The share of each cohort that was active, for each period since: a triangle.

    `age` 0 is the cohort's own period. The `value` of a period that is not over yet, or that begins before the events
    that Intercom lists, is NULL.
    """

    columns: tuple[str, ...] = ("age", "value", "n", "hits", "low", "high")
    order: str = "age"

    def bounds(self, request: MetricRequest) -> SQL:
        """Return the condition of those who signed up in the span, or were created then: some never signed up."""
        signed_up = sql(
            "({signed_up} or {created})",
            signed_up=request.in_span("contact.signed_up_at"),
            created=request.in_span("contact.created_at"),
        )
        return join(" and ", filter(None, [super().bounds(request), signed_up]))

    def steps(self, request: MetricRequest) -> list[SQL]:
        rolling = request.definition.name == "rolling"
        cohort_keys = ["cohort", *request.groups]
        cohort = ", numbered.period as cohort, numbered.number as first"
        return [
            *self.selection(request),
            *request.calendar(),
            activity(request),
            visitors(request, cohort, f"join {_SIGN_UP_PERIOD}"),
            sql(
                _TRIANGLE,
                groups=request.groups,
                groups_of_cells=qualified("cells", request.groups),
                visited=SQL("numbers[-1]" if rolling else "unnest(numbers)"),
                counts=SQL(">=" if rolling else "="),
                visits_of_cell=same("visits", "cells", cohort_keys),
                sums_of_cell=same("sums", "cells", cohort_keys),
                share=share("coalesce(hits, 0)", "n", f"{listed(request, 'cells.at')} and cells.complete"),
            ),
        ]


RETENTION = Metric(
    name="retention",
    title="Retention",
    aliases=("cohort retention",),
    question="How many of those who signed up together are still active later?",
    unit="share",
    denominator="contacts who signed up in the period",
    calculation=Retention(),
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

_STAGES = """
    periods as (
        select *, lag(period) over (order by period) as prior
        from (select distinct number, period from numbered)
    ),
    turns as (
        select {groups:,} joined, number, earlier, later, count(*) as n
        from (
            select
                *,
                unnest(numbers) as number,
                unnest(list_prepend(null, numbers[:-2])) as earlier,
                unnest(numbers[2:]) as later
            from measured
        )
        group by {groups:,} joined, number, earlier, later
    ),
    stages as (
        select
            {groups:,}
            number,
            case
                when joined = number then 'new'
                when earlier = number - 1 then 'returning'
                else 'resurrected'
            end as stage,
            n
        from turns
        union all
        select {groups:,} number + 1 as number, 'dormant' as stage, n
        from turns
        where later is distinct from number + 1
    ),
    sums as (
        select {groups:,} number, stage, sum(n)::bigint as n
        from stages
        group by {groups:,} number, stage
    )
"""
_STAGES_SPREAD = """
    answer as (
        select
            spread.*,
            kinds.stage,
            coalesce(n, 0) as n,
            case
                when {listed} and (kinds.stage <> 'dormant' or spread.complete) then coalesce(n, 0)::double
            end as value
        from spread
        join periods on periods.period = spread.period
        cross join (values ('new'), ('returning'), ('resurrected'), ('dormant')) as kinds(stage)
        left join sums on sums.number = periods.number and sums.stage = kinds.stage and {of_group}
        where spread.period >= {since}
    )
"""


@dataclass(frozen=True)
class Lifecycle(OverEvents):
    """The number of contacts that are new, returning, resurrected or dormant, in each period."""

    columns: tuple[str, ...] = ("stage", "value", "n")
    order: str = "stage"

    def begins(self, request: MetricRequest) -> datetime:
        """Return the start of the period before, which shows who was active in it."""
        return periods.before(request.since, request.period or "week", request.zone)

    def steps(self, request: MetricRequest) -> list[SQL]:
        return [
            *self.selection(request),
            *request.calendar(),
            activity(request),
            visitors(request, ", numbered.number as joined", f"left join {_SIGN_UP_PERIOD}"),
            sql(_STAGES, groups=request.groups),
            request.spread(),
            sql(
                _STAGES_SPREAD,
                listed=listed(request, "periods.prior"),
                of_group=same("sums", "spread", request.groups),
                since=request.since,
            ),
        ]


LIFECYCLE = Metric(
    name="lifecycle",
    title="Lifecycle",
    question="How many active contacts are new, returning or resurrected, and how many have gone dormant?",
    unit="contacts",
    denominator="contacts in that stage in the period",
    calculation=Lifecycle(),
    definitions={
        "events": of_events(
            "new: active, and signed up (or created) in the period. returning: active in the period before, too. "
            "resurrected: active, but not in the period before, and not new. dormant: active in the period before, and "
            "not in this one; known once it is over.",
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
