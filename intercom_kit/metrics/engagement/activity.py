"""How many contacts are active, how often, and with what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from intercom_kit.metrics import periods
from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.engagement.population import EVERYBODY, SEEN, OverEvents, listed, require_events
from intercom_kit.metrics.engagement.sources import (
    CONTACTS,
    EVENTS,
    NO_EVENT,
    activity,
    columns,
    done,
    once,
    people,
    same,
)
from intercom_kit.metrics.metric import Definition, Metric
from intercom_kit.metrics.shapes import grouped, share
from intercom_kit.metrics.subjects import OF_CONTACTS


def of_events(text: str, source: str = EVENTS, left_out: Mapping[str, str] = NO_EVENT) -> Definition:
    """Declare a definition from events; where all contacts count, those without an event too, nobody is left out."""
    return Definition(text, source, at="event.created_at", left_out=left_out, needs=("events",), events=True)


@dataclass(frozen=True)
class Active(OverEvents):
    """The number of contacts that did something in each period, and what they did."""

    columns: tuple[str, ...] = ("value", "n", "events")

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        return grouped(
            asked,
            {},
            {"n": "count(distinct id)", "events": "count(*)"},
            {
                "value": listed(asked, "spread.period", "coalesce(n, 0)::double"),
                "n": "coalesce(n, 0)",
                "events": "coalesce(events, 0)",
            },
        )


ACTIVE_CONTACTS = Metric(
    name="active_contacts",
    title="Active contacts",
    question="How many contacts are active each day, week or month?",
    unit="contacts",
    denominator="contacts with an event in the period",
    shape=Active(),
    definitions={"events": of_events("Different contacts with at least one event in the period.")},
    subject=OF_CONTACTS,
    period="day",
    options=SEEN,
)


@dataclass(frozen=True)
class ActiveDays(OverEvents):
    """Contacts by the number of days on which they were active, from none on."""

    columns: tuple[str, ...] = ("days", "value", "n", "hits", "low", "high")
    order: str = "days"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        require_events(asked)
        groups = columns(asked.groups)
        most = "(select coalesce(max(days), 0) from days_of)"
        return {
            **asked.asked(),
            **asked.names(),
            **people(asked),
            "calendar": periods.calendar("day", asked.begins, asked.ends, asked.zone),
            **activity(asked),
            "days_of": select(
                {**groups, "days": "coalesce(bit_count(marks), 0)"}, "from people\nleft join active using (person)"
            ),
            "sums": select({**groups, "days": "days", "hits": "count(*)"}, "from days_of\ngroup by all"),
            "answer": select(
                {
                    **{group: f"populations.{group}" for group in groups},
                    "days": "numbers.days",
                    **share("coalesce(hits, 0)", "n"),
                },
                f"from populations\ncross join range({most} + 1) as numbers(days)\n"
                f"left join sums on {same('sums', 'populations', groups)} and sums.days = numbers.days",
            ),
        }


ACTIVE_DAYS = Metric(
    name="active_days",
    title="Active days",
    question="On how many days is a contact active?",
    unit="share",
    denominator=CONTACTS,
    shape=ActiveDays(),
    definitions={
        "events": of_events("Contacts by the number of days of the span on which they had an event.", left_out={})
    },
    subject=OF_CONTACTS,
    periods=False,
    compares=False,
    options=SEEN,
)


@dataclass(frozen=True)
class ActiveShare(OverEvents):
    """The share of contacts that were active in the span, and what they did last and in all."""

    columns: tuple[str, ...] = ("value", "n", "hits", "low", "high", "events", "last_active_at")
    order: str = "value desc nulls last"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        require_events(asked)
        groups = columns(asked.groups)
        by_events = once(done(asked, {"done_at": "max(event.created_at)", "times": "count(*)"}))
        by_snapshot = "select id as person, last_seen_at as done_at, null as times from asked"
        return {
            **asked.asked(),
            **asked.names(),
            **people(asked),
            "measured": by_events if asked.definition.events else by_snapshot,
            "sums": select(
                {
                    **groups,
                    "hits": f"count(*) filter (where {asked.between('done_at')})",
                    "events": "sum(times)::bigint",
                    "last_active_at": "max(done_at)",
                },
                "from people\njoin measured using (person)\ngroup by all",
            ),
            "answer": select(
                {
                    **{group: f"populations.{group}" for group in groups},
                    **share("coalesce(hits, 0)", "n"),
                    "events": "coalesce(events, 0)" if asked.definition.events else "events",
                    "last_active_at": "last_active_at",
                },
                f"from populations\nleft join sums on {same('sums', 'populations', groups)}",
            ),
        }


ACTIVE_SHARE = Metric(
    name="active_share",
    title="Active share",
    question="How many of the contacts are active?",
    unit="share",
    denominator=CONTACTS,
    shape=ActiveShare(),
    definitions={
        "last_seen": Definition(
            "Contacts last seen within the span, by Intercom's last_seen_at: cheap, and only for spans that end now, "
            "since of who came again later nothing earlier is told.",
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


@dataclass(frozen=True)
class Adoption(OverEvents):
    """The share of contacts that had a kind of event at least once, for each."""

    columns: tuple[str, ...] = ("event", "value", "n", "hits", "low", "high", "times")
    order: str = "value desc, event"

    def tables(self, asked: Asked) -> dict[str, str]:
        """Write the tables."""
        require_events(asked)
        groups = columns(asked.groups)
        return {
            **asked.asked(),
            **asked.names(),
            **people(asked),
            "measured": once(done(asked, {"event": "event.event_name", "times": "count(*)"})),
            "sums": select(
                {**groups, "event": "event", "hits": "count(*)", "times": "sum(times)"},
                "from people\njoin measured using (person)\ngroup by all",
            ),
            "kinds": "select distinct event from sums",
            "answer": select(
                {
                    **{group: f"populations.{group}" for group in groups},
                    "event": "kinds.event",
                    **share("coalesce(hits, 0)", "n"),
                    "times": "coalesce(times, 0)::bigint",
                },
                f"from populations\ncross join kinds\n"
                f"left join sums on {same('sums', 'populations', groups)} "
                "and sums.event is not distinct from kinds.event",
            ),
        }


FEATURE_ADOPTION = Metric(
    name="feature_adoption",
    title="Feature adoption",
    question="How many contacts use each feature?",
    unit="share",
    denominator=CONTACTS,
    shape=Adoption(),
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
