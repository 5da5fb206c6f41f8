"""The contacts whose events a metric reads, and how far back: Intercom lists them contact by contact, for 90 days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intercom_kit.errors import BadMetricError
from intercom_kit.metrics.calculation import Calculation
from intercom_kit.metrics.request import MetricRequest
from intercom_kit.metrics.sql import SQL, join, sql

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
    "Choose fewer contacts: contacts={'company': 'Acme'} or {'segment': 'Active'}, filters such as "
    "country='France', or a later since."
)


@dataclass(frozen=True)
class OverEvents(Calculation):
    """What the calculations over events share: their population.

    The option `contacts` chooses it: "seen" (users whom Intercom has seen since the first event that matters),
    "users", "all", or a mapping of filters; of a company or a segment in it only the members are read.
    """

    def bounds(self, request: MetricRequest) -> SQL:
        """Return the condition of the population's contacts, written so that Intercom's search can apply it."""
        population = request.options["contacts"]
        if isinstance(population, Mapping) or (isinstance(population, str) and population == "all"):
            return SQL()
        if not isinstance(population, str) or population not in POPULATIONS:
            shown = repr(population) if isinstance(population, str | int | None) else f"a {type(population).__name__}"
            raise BadMetricError(
                f"contacts={shown} is no population: give {', '.join(map(repr, POPULATIONS))}, or filters such "
                "as {'company': 'Acme'}, {'segment': 'Active'} or {'id': ids}."
            )
        seen = "" if population == "users" else " and contact.last_seen_at >= {begins}"
        return sql("contact.role = 'user'" + seen, begins=request.begins)

    def restricted(self, request: MetricRequest) -> SQL:
        """Return the semi joins that lead from a company, and from a segment, to its members."""
        population = request.options["contacts"]
        chosen = [noun for noun in MEMBERSHIPS if isinstance(population, Mapping) and noun in population]
        return join("\n", (_members_of(noun, population[noun]) for noun in chosen))

    def notes(self, request: MetricRequest, rows: int) -> list[str]:
        """Return who is counted, what that costs, and how far back events reach."""
        if not request.definition.events:
            return []
        population, since = request.options["contacts"], request.begins.astimezone(request.zone)
        who = f"contacts with {population}"
        if isinstance(population, str):
            who = POPULATIONS[population].format(since=f"{since:%Y-%m-%d %H:%M}")
        count = f"{rows:,} contact{'s' * (rows != 1)}"
        notes = [f"Population: {who}; {count}, each of which costs at least a request for its events."]
        if population == "seen":
            notes.append("Users seen only by your servers, not by Intercom, are left out: contacts='users' adds them.")
        if since < horizon(request):
            notes.append(
                f"Intercom lists no events before {horizon(request):%Y-%m-%d}: values that would need them are NULL."
            )
        return notes


def _members_of(noun: str, names: Any) -> SQL:
    """Return the semi join from a company or segment, by name, to the contacts in it."""
    return sql(
        """
        semi join (
            contact_{table} as {noun}_link
            semi join {table} as of_{noun} on of_{noun}.id = {noun}_link.{noun}_id and of_{noun}.name in ({names})
        ) on {noun}_link.contact_id = contact.id
        """,
        noun=SQL(noun),
        table=SQL(MEMBERSHIPS[noun]),
        names=(list(names) if isinstance(names, list | tuple | set) else [names]) or SQL("null"),
    )


def horizon(request: MetricRequest) -> datetime:
    """Return the time before which Intercom lists no events."""
    return request.now - KEPT


def listed(request: MetricRequest, since: str) -> SQL:
    """Return the condition that Intercom lists all events since an instant."""
    return sql("{since} >= {horizon}", since=SQL(since), horizon=horizon(request))


def require_events(request: MetricRequest) -> None:
    """Raise BadMetricError for a span that begins before the events that Intercom lists."""
    if request.definition.events and request.begins < horizon(request):
        first = horizon(request).astimezone(request.zone)
        raise BadMetricError(
            f"{request.metric} counts the events of one span, and Intercom lists only those of the last 90 days: "
            f"give a since that is not before {first:%Y-%m-%d %H:%M}."
        )
