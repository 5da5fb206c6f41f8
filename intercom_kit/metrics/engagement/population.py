"""Whom a metric over events asks about, and how far back: Intercom lists events contact by contact, for 90 days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.asking import Asked
from intercom_kit.metrics.conditions import constant
from intercom_kit.metrics.metric import Shape
from intercom_kit.metrics.periods import instant

KEPT = timedelta(days=90)
POPULATIONS = {
    "seen": "users whom Intercom has seen since {since}",
    "users": "all users",
    "all": "all contacts, leads too",
}
SEEN = {"contacts": "seen"}
USERS = {"contacts": "users"}
EVERYBODY = {"contacts": "all"}
MEMBERSHIPS = {"company": "companies", "segment": "segments"}
NARROWER = (
    "Ask about fewer contacts: contacts={'company': 'Acme'} or {'segment': 'Active'}, filters such as "
    "country='France', or a later since."
)


@dataclass(frozen=True)
class OverEvents(Shape):
    """What the metrics over events have in common.

    The option `contacts` says who is asked about: "seen" (users whom Intercom has seen since the first event that
    matters), "users", "all", or a mapping of filters; of a company or a segment in it only the members are asked about.
    """

    def bounds(self, asked: Asked) -> str:
        """Write who is asked about, in a form that Intercom can be asked for."""
        population = asked.options["contacts"]
        if isinstance(population, Mapping):
            return ""
        if not isinstance(population, str) or population not in POPULATIONS:
            shown = repr(population) if isinstance(population, str | int | None) else f"a {type(population).__name__}"
            raise BadMetricError(
                f"contacts={shown} is no population: give {', '.join(map(repr, POPULATIONS))}, or filters such "
                "as {'company': 'Acme'}, {'segment': 'Active'} or {'id': ids}."
            )
        seen = f"contact.last_seen_at >= {instant(asked.begins)}" if population == "seen" else ""
        return " and ".join(filter(None, ["" if population == "all" else "contact.role = 'user'", seen]))

    def restricted(self, asked: Asked) -> str:
        """Write the ways from a company, and from a segment, to its members."""
        population = asked.options["contacts"]
        return "".join(
            f"semi join (contact_{table} as {noun}_link semi join {table} as of_{noun} "
            f"on of_{noun}.id = {noun}_link.{noun}_id and of_{noun}.name in ({_names(population[noun])})) "
            f"on {noun}_link.contact_id = contact.id\n"
            for noun, table in MEMBERSHIPS.items()
            if isinstance(population, Mapping) and noun in population
        )

    def notes(self, asked: Asked, rows: int) -> list[str]:
        """Say how many are asked about, what that costs, and how far back events reach."""
        if not asked.definition.events:
            return []
        population, since = asked.options["contacts"], asked.begins.astimezone(asked.zone)
        who = f"contacts with {population}"
        if isinstance(population, str):
            who = POPULATIONS[population].format(since=f"{since:%Y-%m-%d %H:%M}")
        count = f"{rows:,} contact{'s' * (rows != 1)}"
        said = [f"Asked about: {who}; {count}, and events take at least a request for each."]
        if population == "seen":
            said.append("Users whom only your servers saw, and not Intercom, are left out: contacts='users' adds them.")
        if since < horizon(asked):
            said.append(f"Intercom lists no events before {horizon(asked):%Y-%m-%d}: what would need them is NULL.")
        return said


def _names(given: Any) -> str:
    return ", ".join(map(constant, given if isinstance(given, list | tuple | set) else [given])) or "null"


def horizon(asked: Asked) -> datetime:
    """Give the time before which Intercom lists no events."""
    return asked.now - KEPT


def listed(asked: Asked, since: str, value: str) -> str:
    """Write a value that is NULL where it would need events from before Intercom lists them."""
    return f"case when {since} >= {instant(horizon(asked))} then {value} end"


def require_events(asked: Asked) -> None:
    """Refuse one span that begins before Intercom lists events."""
    if asked.definition.events and asked.begins < horizon(asked):
        first = horizon(asked).astimezone(asked.zone)
        raise BadMetricError(
            f"{asked.metric.name} is about one span of events, and Intercom lists those of the last 90 days only: "
            f"give a since that is not before {first:%Y-%m-%d %H:%M}."
        )
