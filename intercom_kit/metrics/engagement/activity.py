"""How many contacts are active, how often, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from intercom_kit.metrics.aggregates import share
from intercom_kit.metrics.definition import Definition
from intercom_kit.metrics.engagement.population import EVERYBODY, SEEN, OverEvents, listed, require_events
from intercom_kit.metrics.engagement.sources import CONTACTS, EVENTS, NO_EVENT, activity, people
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, group_by, qualified, same, sql, step
from intercom_kit.metrics.subjects import OF_CONTACTS


def of_events(text: str, source: str = EVENTS, left_out: Mapping[str, str] = NO_EVENT) -> Definition:
    """Return a definition from events; nothing is left out where contacts without an event count too."""
    return Definition(text, source, at="event.created_at", left_out=left_out, needs=("events",), events=True)


# Events are counted by contact and period before contacts stand once for each group: 80 million become 4 million rows.
_ACTIVE = """
    measured as (
        select {keys:,} id, times
        from people
        join counted using (person)
    ),
    sums as (
        select {keys:,} count(*) as n, sum(times)::bigint as events
        from measured
        {by_key}
    )
"""
_OF_PERIODS = """
    answer as (
        select
            spread.*,
            case when {listed} then coalesce(n, 0)::double end as value,
            coalesce(n, 0) as n,
            coalesce(events, 0) as events
        from spread
        left join sums on {of_key}
    )
"""


@dataclass(frozen=True)
class Active(OverEvents):
    """The number of contacts with an event in each period, and of their events."""

    columns: tuple[str, ...] = ("value", "n", "events")
    counted: ClassVar[Mapping[str, str]] = {"n": "true"}
    distinct = True

    def steps(self, request: MetricRequest) -> list[SQL]:
        """Return the steps, among them `measured`, the contacts with events in each period, once for each group."""
        return [
            *self.selection(request),
            *request.calendar(),
            step("counted", request.events_in_periods()),
            step("people", request.rows("contact.id as id, contact.id as person", dated=False, distinct=True)),
            sql(_ACTIVE, keys=request.keys, by_key=group_by(request.keys)),
            request.spread(),
            sql(
                _OF_PERIODS,
                listed=listed(request, "spread.period"),
                of_key=same("spread", "sums", request.keys),
            ),
        ]


ACTIVE_CONTACTS = Metric(
    name="active_contacts",
    title="Active contacts",
    aliases=("active users",),
    question="How many contacts are active each day, week or month?",
    unit="contacts",
    denominator="contacts with an event in the period",
    calculation=Active(),
    definitions={"events": of_events("Different contacts with at least one event in the period.")},
    subject=OF_CONTACTS,
    period="day",
    options=SEEN,
)


_DAYS = """
    days_of as (
        select {groups:,} coalesce(bit_count(marks), 0) as days
        from people
        left join active using (person)
    ),
    sums as (
        select {groups:,} days, count(*) as hits
        from days_of
        group by {groups:,} days
    ),
    answer as (
        select
            {groups_of_populations:,}
            numbers.days,
            {share}
        from populations
        cross join range((select coalesce(max(days), 0) from days_of) + 1) as numbers(days)
        left join sums on {of_group} and sums.days = numbers.days
    )
"""


@dataclass(frozen=True)
class ActiveDays(OverEvents):
    """The share of contacts that were active on each number of days, from none on."""

    columns: tuple[str, ...] = ("days", "value", "n", "hits", "low", "high")
    order: str = "days"

    def steps(self, request: MetricRequest) -> list[SQL]:
        require_events(request)
        return [
            *self.selection(request),
            people(request),
            *request.calendar("day"),
            activity(request),
            sql(_DAYS, **_of_populations(request)),
        ]


def _of_populations(request: MetricRequest) -> dict[str, Any]:
    """Return the parts of a template that computes shares of the populations."""
    return {
        "groups": request.groups,
        "by_group": group_by(request.groups),
        "groups_of_populations": qualified("populations", request.groups),
        "of_group": same("sums", "populations", request.groups),
        "share": share("coalesce(hits, 0)", "n"),
    }


ACTIVE_DAYS = Metric(
    name="active_days",
    title="Active days",
    question="On how many days is a contact active?",
    unit="share",
    denominator=CONTACTS,
    calculation=ActiveDays(),
    definitions={
        "events": of_events("Contacts by the number of days of the span on which they had an event.", left_out={})
    },
    subject=OF_CONTACTS,
    periods=False,
    compares=False,
    options=SEEN,
)


_LAST_EVENT = """
    {events}
    group by contact.id
"""
_LAST_SEEN = "select id as person, last_seen_at as done_at, null::bigint as times from selected"
_SHARES = """
    measured as (
        {measured}
    ),
    sums as (
        select
            {groups:,}
            count(*) filter (where {in_span}) as hits,
            sum(times)::bigint as events,
            max(done_at) as last_active_at
        from people
        join measured using (person)
        {by_group}
    ),
    answer as (
        select
            {groups_of_populations:,}
            {share},
            {counted} as events,
            last_active_at
        from populations
        left join sums on {of_group}
    )
"""


@dataclass(frozen=True)
class ActiveShare(OverEvents):
    """The share of contacts that were active in the span, the number of their events, and when the last one was."""

    columns: tuple[str, ...] = ("value", "n", "hits", "low", "high", "events", "last_active_at")
    order: str = "value desc nulls last"

    def steps(self, request: MetricRequest) -> list[SQL]:
        require_events(request)
        with_events = request.definition.events
        events = request.events("max(event.created_at) as done_at, count(*) as times")
        shares = sql(
            _SHARES,
            measured=sql(_LAST_EVENT, events=events) if with_events else SQL(_LAST_SEEN),
            in_span=request.in_span("done_at"),
            counted=SQL("coalesce(events, 0)" if with_events else "events"),
            **_of_populations(request),
        )
        return [*self.selection(request), people(request), shares]


ACTIVE_SHARE = Metric(
    name="active_share",
    title="Active share",
    question="How many of the contacts are active?",
    unit="share",
    denominator=CONTACTS,
    calculation=ActiveShare(),
    definitions={
        "last_seen": Definition(
            "Contacts last seen within the span, by Intercom's last_seen_at: cheap, and only for spans that end now, "
            "since last_seen_at keeps only the latest visit.",
            "the API's last_seen_at",
            at="last_seen_at",
            now=True,
            left_out={"contacts never seen": "contact.last_seen_at is null"},
        ),
        "events": of_events("Contacts with at least one event in the span.", left_out={}),
    },
    subject=OF_CONTACTS,
    window="30d",
    periods=False,
    compares=False,
    options=EVERYBODY,
)
COMPANY_ACTIVITY = replace(
    ACTIVE_SHARE,
    name="company_activity",
    title="Activity per company",
    question="How many of each company's contacts are active?",
    by=("company",),
    notes=("A contact in several companies counts in each; Intercom embeds the first ten.",),
)
SEGMENT_COMPARISON = replace(
    ACTIVE_SHARE,
    name="segment_comparison",
    title="Segments compared",
    question="In which segments are contacts more active?",
    by=("segment",),
    notes=("Segments overlap: a contact counts in each. Finding them costs a request per contact or 150 members.",),
)


_ADOPTION = """
    measured as (
        {events}
        group by contact.id, event.event_name
    ),
    sums as (
        select {groups:,} event, count(*) as hits, sum(times) as times
        from people
        join measured using (person)
        group by {groups:,} event
    ),
    kinds as (
        select distinct event from sums
    ),
    answer as (
        select
            {groups_of_populations:,}
            kinds.event,
            {share},
            coalesce(times, 0)::bigint as times
        from populations
        cross join kinds
        left join sums on {of_group} and sums.event is not distinct from kinds.event
    )
"""


@dataclass(frozen=True)
class Adoption(OverEvents):
    """The share of contacts with at least one event of a kind, for each kind."""

    columns: tuple[str, ...] = ("event", "value", "n", "hits", "low", "high", "times")
    order: str = "value desc, event"

    def steps(self, request: MetricRequest) -> list[SQL]:
        require_events(request)
        events = request.events("event.event_name as event, count(*) as times")
        adoption = sql(_ADOPTION, events=events, **_of_populations(request))
        return [*self.selection(request), people(request), adoption]


FEATURE_ADOPTION = Metric(
    name="feature_adoption",
    title="Feature adoption",
    aliases=("adoption",),
    question="How many contacts use each feature?",
    unit="share",
    denominator=CONTACTS,
    calculation=Adoption(),
    definitions={"events": of_events("Contacts with at least one such event in the span.", left_out={})},
    subject=OF_CONTACTS,
    periods=False,
    compares=False,
    options=SEEN,
)

ACTIVITY = (
    ACTIVE_CONTACTS,
    ACTIVE_DAYS,
    ACTIVE_SHARE,
    COMPANY_ACTIVITY,
    SEGMENT_COMPARISON,
    FEATURE_ADOPTION,
)
