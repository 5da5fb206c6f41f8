"""All metrics by name, and the way from a name and some words to a checked question."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from intercom_kit.errors import BadMetricError, hint
from intercom_kit.metrics import periods
from intercom_kit.metrics.asking import Asked
from intercom_kit.metrics.conditions import compared, conditions
from intercom_kit.metrics.engagement.accounts import ACCOUNTS
from intercom_kit.metrics.engagement.activity import ACTIVITY
from intercom_kit.metrics.engagement.cohorts import COHORTS
from intercom_kit.metrics.engagement.funnel import FUNNEL
from intercom_kit.metrics.engagement.load import LOAD
from intercom_kit.metrics.engagement.population import MEMBERSHIPS
from intercom_kit.metrics.engagement.stickiness import STICKINESS
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.support.counts import COUNTS
from intercom_kit.metrics.support.durations import DURATIONS
from intercom_kit.metrics.support.fin import FIN
from intercom_kit.metrics.support.outcomes import OUTCOMES
from intercom_kit.metrics.support.survival import SURVIVAL
from intercom_kit.metrics.support.volume import VOLUME
from intercom_kit.metrics.support.waiting import WAITING

SUPPORT = (*VOLUME, *DURATIONS, *COUNTS, *WAITING, *SURVIVAL, *OUTCOMES, *FIN)
ENGAGEMENT = (*ACTIVITY, STICKINESS, *COHORTS, FUNNEL, *LOAD, *ACCOUNTS)
METRICS = {metric.name: metric for metric in (*SUPPORT, *ENGAGEMENT)}


# What `Workspace.metric` takes besides filters and the metric's own options.
_ARGUMENTS = ("by", "period", "since", "until", "definition", "compare", "max_requests", "fresh")


def find(name: str) -> Metric:
    """Find a metric by its name; raise BadMetricError with the nearest."""
    if not isinstance(name, str) or name not in METRICS:
        raise BadMetricError(f"There is no metric {name!r}: {hint(name, METRICS)}")
    return METRICS[name]


def ask(
    metric: Metric,
    *,
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
    until: datetime | None = None,
    by: str | Iterable[str] | None = None,
    period: str | None = None,
    definition: str | None = None,
    compare: str | None = None,
    filters: Mapping[str, Any] | None = None,
) -> Asked:
    """Check a question; raise BadMetricError or BadFilterError with what would be valid."""
    period = period or metric.period
    if period is not None and (not isinstance(period, str) or period not in periods.PERIODS):
        raise BadMetricError(f"There is no period {period!r}: {hint(period, periods.PERIODS)}")
    if period and not metric.periods:
        raise BadMetricError(f"{metric.name} is about one span, and has no periods: leave period out.")
    if compare and not metric.compares:
        raise BadMetricError(f"{metric.name} cannot be compared with a previous period: leave compare out.")
    if compare not in (None, "previous"):
        raise BadMetricError(f"A metric cannot be compared with {compare!r}: give compare='previous', or leave it out.")
    names = (by,) if isinstance(by, str) else tuple(metric.by if by is None else by)
    given = dict(filters or {})
    options = {name: given.pop(name, default) for name, default in metric.options.items()}
    if isinstance(population := options.get("contacts"), Mapping):
        given |= {name: value for name, value in population.items() if name not in MEMBERSHIPS}
    if metric.definition(definition).now and until and until < now:
        raise BadMetricError(f"{metric.name} tells how things are now, and no history: leave until out.")
    asked = Asked(
        metric,
        metric.definition(definition),
        periods.start(since, period, zone) if period else since,
        now,
        zone,
        until,
        tuple(map(metric.subject.dimension, names)),
        period,
        (compare or metric.compare) is not None,
        tuple(conditions(metric.subject, given, [*metric.options, *_ARGUMENTS])),
        options,
        tuple(compared(metric.subject, given)),
    )

    def day() -> str:
        return periods.day_of(asked.moment, zone, asked.begins, asked.ends)

    return replace(asked, definition=asked.definition.filled(now, day))


def describe() -> pd.DataFrame:
    """List the metrics, with what they mean and need."""
    rows = [
        (
            metric.name,
            metric.title,
            metric.question,
            metric.unit,
            "\n".join(f"{name}: {definition.text}" for name, definition in metric.definitions.items()),
            metric.subject.spelled(),
            ", ".join(dict.fromkeys(table for each in metric.definitions.values() for table in metric.needs(each))),
        )
        for metric in METRICS.values()
    ]
    return pd.DataFrame(rows, columns=["name", "title", "question", "unit", "definitions", "by", "needs"])
