"""Every question of the matrix, as metrics are asked: enumerated from what metrics declare, and a list of hard ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from intercom_kit.lake.opened import Lake
from intercom_kit.live.query_call import QueryCall
from intercom_kit.metrics import METRICS
from intercom_kit.metrics.query import MetricQuery
from intercom_kit.verbs.measuring import MetricCall, question_of
from intercom_kit.zones import zone

HOURS = "Europe/Dublin Mon-Fri 09:00-17:00"
STEPS = ["logged-in", "created-project", "connected-integration"]
GROUPS = {
    "conversation": "team",
    "contact": "plan",
    "company": "plan",
    "ticket": "type",
    "admin": "team",
    "article": "author",
}
ZONES = (
    "America/Havana",
    "America/Santiago",
    "America/New_York",
    "America/Vancouver",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
)


@dataclass(frozen=True)
class Case:
    """One question of a metric."""

    metric: str
    definition: str
    by: str | None = None
    period: str | None = None
    since: str | None = None
    compare: str | None = None
    zone: str = "Europe/Dublin"
    filters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    until: str | None = None

    def __str__(self) -> str:
        asked = [self.metric, self.definition, self.by, self.period, self.since, self.until, self.compare]
        return "-".join([*filter(None, asked), *[self.zone] * (self.zone != "Europe/Dublin"), *map(str, self.filters)])

    def question(self, lake: Lake) -> MetricQuery:
        """Return the question as of the lake's time."""
        metric, filters = METRICS[self.metric], dict(self.filters)
        if self.metric == "funnel":
            filters.setdefault("steps", STEPS)
        if metric.definition(self.definition).own_hours:
            filters.setdefault("hours", HOURS)
        since = None if metric.lifetime else self.since
        call = MetricCall(self.metric, self.by, self.period, since, self.until, self.definition, self.compare, filters)
        return question_of(_In(lake, self.zone), call)


@dataclass(frozen=True)
class _In:
    """A lake, asked as if its workspace were in another timezone."""

    lake: Lake
    name: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.lake, name)

    @property
    def identity(self) -> Any:
        """Return the zone, which is all of an identity that a question needs."""
        return type("Identity", (), {"zone": zone(self.name)})


def main() -> Iterator[Case]:
    """Give every definition plain, by group, by week, and both."""
    for name, metric in METRICS.items():
        by = GROUPS[metric.subject.alias]
        for definition in metric.definitions:
            yield Case(name, definition)
            yield Case(name, definition, by=by)
            if metric.periods:
                yield Case(name, definition, period="week", since="60d")
                yield Case(name, definition, by=by, period="week", since="60d")


def hard() -> Iterator[Case]:
    """Give other groups, comparisons, zones and their clock changes, filters and populations."""
    for by in ("teammate", "participant", "closer", "channel", "direction", "tag", "company", "segment", "country"):
        yield Case("first_response_time", "intercom", by=by)
    for by in ("contact.role", "company.industry", "custom_attributes.Topic", "custom_attributes.it's", "teammate_ids"):
        yield Case("csat", "intercom", by=by, since="180d")
    for by in ("company", "segment", "country", "company.industry", "role", "tag_ids"):
        yield Case("active_contacts", "events", by=by, period="week", since="60d")
        yield Case("retention", "bracket", by=by)
    for by in ("category", "state", "resolver", "first_resolver", "company"):
        yield Case("tickets", next(iter(METRICS["tickets"].definitions)), by=by)
    for name in ("first_response_time", "csat", "conversations", "contact_rate", "topics"):
        definition = next(iter(METRICS[name].definitions))
        yield Case(name, definition, compare="previous")
        yield Case(name, definition, compare="previous", period="week", since="50d")
    for where in ZONES:
        for period in ("hour", "day", "week", "month", "quarter"):
            since = "11d" if period == "hour" else "300d"
            yield Case("conversations", "calendar", period=period, since=since, zone=where)
        yield Case("backlog", "parts", period="day", since="300d", zone=where)
        yield Case("stickiness", "events", since="50d", zone=where)
        yield Case("busiest_hours", "calendar", since="300d", zone=where)
        yield Case("lifecycle", "events", zone=where)
        yield Case(
            "time_to_close", "office", since="300d", zone=where, filters={"hours": f"{where} Mon-Fri 09:00-17:00"}
        )
    for where, since, until in (
        ("Europe/Dublin", "2026-10-24", "2026-10-27"),
        ("America/New_York", "2026-10-31", "2026-11-03"),
        ("America/Santiago", "2026-09-05", "2026-09-08"),
        ("America/Havana", "2026-10-31", "2026-11-03"),
        ("Australia/Lord_Howe", "2026-10-03", "2026-10-06"),
        ("Europe/Dublin", "2026-03-28", "2026-03-31"),
        ("America/Havana", "2026-03-07", "2026-03-10"),
    ):
        yield Case("conversations", "calendar", period="hour", since=since, until=until, zone=where)
    for filters in (
        {"team": "Support"},
        {"tag_names": ["bug", "billing"]},
        {"segment": "Active"},
        {"country": None},
        {"rating_min": 4},
        {"custom_attributes": {"Topic": ["Billing", 5]}},
        {"custom_attributes": {"it's": "a\\b"}},
        {"state": ["open", "closed"]},
        {"tag_names": None},
    ):
        yield Case("first_response_time", "calendar", since="90d", filters=filters)
    for population in ("users", "all", {"company": "Acme Corp"}, {"segment": "Active"}, {"country": "France"}):
        yield Case("active_days", "events", filters={"contacts": population})
        yield Case("feature_adoption", "events", filters={"contacts": population})


def answered(lake: Lake, sql: str) -> pd.DataFrame:
    """Return the answer to a metric's SQL, as metrics ask it."""
    return pd.DataFrame(lake._sql(QueryCall(sql), lake._engine.read))


def compared(here: Lake, there: Lake, case: Case) -> int:
    """Compare the answer and the excluded rows of a question; return how many rows there are. Fails where they differ.

    Counts, texts and times have to be equal, in the same order, and floats within 1e-9.
    """
    question, rows = case.question(here), 0
    for sql in (question.sql(), question.exclusions_sql()):
        expected = answered(here, sql)
        pd.testing.assert_frame_equal(answered(there, sql), expected, rtol=1e-9, atol=1e-9)
        rows += len(expected)
    return rows
