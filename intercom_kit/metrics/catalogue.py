"""All metrics by name, and the checks that turn a request into a query."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from intercom_kit.errors import BadMetricError
from intercom_kit.hints import hint
from intercom_kit.metrics import office_hours, periods
from intercom_kit.metrics.conditions import compared, conditions
from intercom_kit.metrics.engagement.activity import ACTIVITY
from intercom_kit.metrics.engagement.churn import CHURN_RISK
from intercom_kit.metrics.engagement.cohorts import COHORTS
from intercom_kit.metrics.engagement.funnel import FUNNEL
from intercom_kit.metrics.engagement.health import ACCOUNT_HEALTH
from intercom_kit.metrics.engagement.load import LOAD
from intercom_kit.metrics.engagement.population import MEMBERSHIPS
from intercom_kit.metrics.engagement.stickiness import STICKINESS
from intercom_kit.metrics.help_center.views import HELP_CENTER
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.query import MetricQuery
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL
from intercom_kit.metrics.subjects import Dimension, as_columns
from intercom_kit.metrics.support.counts import COUNTS
from intercom_kit.metrics.support.durations import DURATIONS
from intercom_kit.metrics.support.fin import FIN
from intercom_kit.metrics.support.fin_sources import FIN_SOURCES
from intercom_kit.metrics.support.outcomes import OUTCOMES
from intercom_kit.metrics.support.survival import SURVIVAL
from intercom_kit.metrics.support.volume import VOLUME
from intercom_kit.metrics.support.waiting import WAITING
from intercom_kit.metrics.teammates.presence import TEAMMATES
from intercom_kit.metrics.tickets.backlog import TICKET_BACKLOG
from intercom_kit.metrics.tickets.counts import TICKET_COUNTS
from intercom_kit.metrics.tickets.resolving import RESOLVING
from intercom_kit.metrics.tickets.states import TICKET_TIME_IN_STATE
from intercom_kit.tables import Kind

SUPPORT = (*VOLUME, *DURATIONS, *COUNTS, *WAITING, *SURVIVAL, *OUTCOMES, *FIN, FIN_SOURCES)
ENGAGEMENT = (*ACTIVITY, STICKINESS, *COHORTS, FUNNEL, *LOAD, ACCOUNT_HEALTH, CHURN_RISK)
TICKETS = (*TICKET_COUNTS, TICKET_BACKLOG, *RESOLVING, TICKET_TIME_IN_STATE)
METRICS = {metric.name: metric for metric in (*SUPPORT, *TEAMMATES, *HELP_CENTER, *TICKETS, *ENGAGEMENT)}


# The arguments of `Workspace.metric` besides filters and the metric's own options.
_ARGUMENTS = ("by", "period", "since", "until", "definition", "compare", "max_requests", "fresh")


def find(name: str) -> Metric:
    """Return the metric of a name, title or alias in any spelling; raise BadMetricError with the nearest names."""
    if isinstance(name, str) and (found := _NAMES.get(_plain(name))):
        return METRICS[found]
    raise BadMetricError(f"There is no metric {name!r}: {hint(name, METRICS)}")


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().lower())


_NAMES = {
    _plain(called): metric.name
    for metric in METRICS.values()
    for called in (*metric.aliases, metric.title, metric.name)
}


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
    weight: str | None = None,
) -> MetricQuery:
    """Return the query of a request; raise BadMetricError or BadFilterError with what would be valid."""
    period = period or metric.period
    _check_period(metric, period)
    _check_compare(metric, compare)
    names = (by,) if isinstance(by, str) else tuple(metric.by if by is None else by)
    options, given = _options_and_filters(metric, filters or {})
    chosen = metric.definition(definition)
    hours = office_hours.chosen(options.pop("hours", None), needed=chosen.own_hours, metric=metric.name)
    if hours:
        chosen, options = replace(chosen, hours=office_hours.summary(hours)), options | {"hours": str(hours)}
    if chosen.now and until and until < now:
        raise BadMetricError(f"{metric.name} is about the present and has no history: leave until out.")
    asked, since = since, periods.start(since, period, zone) if period else since
    request = metric.calculation.begun(
        MetricRequest(
            metric=metric.name,
            subject=metric.subject,
            definition=chosen,
            asked=asked,
            since=since,
            begins=since,
            now=now,
            zone=zone,
            until=until,
            by=as_columns(tuple(map(metric.subject.dimension, names))),
            grouped=names,
            period=period,
            compare=(compare or metric.compare) is not None,
            filters=tuple(conditions(metric.subject, given, [*metric.options, *_ARGUMENTS])),
            options=options,
            weight=_weight(metric, weight),
        )
    )
    open_hours = office_hours.steps(hours, request.begins, now) if hours else SQL()
    filled = chosen.filled(now=now, day=request.day, open_hours=open_hours)
    return MetricQuery(metric, replace(request, definition=filled))


def _weight(metric: Metric, name: str | None) -> Dimension | None:
    """Return what rows are weighed by; raise BadMetricError where they cannot be, or for what is no number."""
    if name is None:
        return None
    if not metric.calculation.weighs:
        able = ", ".join(each.name for each in METRICS.values() if each.calculation.weighs)
        raise BadMetricError(f"{metric.name} cannot be weighed: counts and shares can, which are {able}.")
    dimension = metric.subject.dimension(name)
    if dimension.kind not in (Kind.INTEGER, Kind.NUMBER):
        raise BadMetricError(f"weight={name!r} is not a column of numbers: name one, as in weight='accounts.arr'.")
    return dimension


def compared_values(metric: Metric, filters: Mapping[str, Any]) -> Iterator[tuple[Dimension, Any]]:
    """Return what the filters of a request compare, each dimension with its value."""
    _, given = _options_and_filters(metric, filters)
    return compared(metric.subject, given, [*metric.options, *_ARGUMENTS])


def _options_and_filters(metric: Metric, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the metric's own options, and the filters, those of its population included."""
    filters = dict(given)
    options = {name: filters.pop(name, default) for name, default in metric.options.items()}
    if isinstance(population := options.get("contacts"), Mapping):
        filters |= {name: value for name, value in population.items() if name not in MEMBERSHIPS}
    return options, filters


def _check_period(metric: Metric, period: str | None) -> None:
    if period is not None and (not isinstance(period, str) or period not in periods.PERIODS):
        raise BadMetricError(f"There is no period {period!r}: {hint(period, periods.PERIODS)}")
    if period and metric.lifetime:
        raise BadMetricError(f"{metric.name} counts over whole lifetimes, without dates: leave period out.")
    if period and not metric.periods:
        raise BadMetricError(f"{metric.name} is about one span, and has no periods: leave period out.")


def _check_compare(metric: Metric, compare: str | None) -> None:
    if compare and not metric.compares:
        raise BadMetricError(f"{metric.name} cannot be compared with a previous period: leave compare out.")
    if compare not in (None, "previous"):
        raise BadMetricError(f"A metric cannot be compared with {compare!r}: give compare='previous', or leave it out.")


def list_metrics() -> pd.DataFrame:
    """Return the metrics, a row each: what they mean, and the tables that they need."""
    rows = [
        (
            metric.name,
            metric.title,
            metric.question,
            metric.unit,
            "\n".join(f"{name}: {definition.text}" for name, definition in metric.definitions.items()),
            metric.subject.spelled(),
            ", ".join(dict.fromkeys(table for each in metric.definitions.values() for table in metric.needs(each))),
            ", ".join(metric.aliases),
        )
        for metric in METRICS.values()
    ]
    return pd.DataFrame(rows, columns=["name", "title", "question", "unit", "definitions", "by", "needs", "aliases"])
