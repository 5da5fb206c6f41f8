"""What a session knows about Intercom's disputed behaviours, and how it learns more.

One request per table shows both how its search compares dates and whether it honours `sort`: it searches for known
rows by their ids and by times close to theirs.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from intercom_kit.api.asking import Request
from intercom_kit.api.behaviours import Findings, registry
from intercom_kit.api.heads import Page, Sample
from intercom_kit.api.identity import Identity
from intercom_kit.api.transport import Transport
from intercom_kit.errors import (
    BadRequestError,
    ConnectionFailedError,
    NotIntercomError,
    RefusedError,
    ScopeMissingError,
)
from intercom_kit.search.bounds import DAY, LONGEST_DAY, SECONDS, UTC_DAYS, Days, start_of_day
from intercom_kit.search.conditions import Condition, Order, comparison, either, search_body
from intercom_kit.tables import CONVERSATIONS, Table

# The seconds that a search index may lag behind, until a longer lag is seen: Intercom speaks of a few minutes.
LAG = 900
LONGEST_LAG = DAY

# The finding that days are compared, if it is not known in which timezone.
EITHER = "utc or workspace"

TICKETS = "tickets"
WITH_TICKETS = "Tickets are among the conversations, since this token may read them"
WITHOUT_TICKETS = (
    "This token may not read tickets, and Intercom may leave them out of conversations: tick “Read tickets” in the "
    "Developer Hub to count them too"
)

# The number of rows that show the order, and whether the search works at all.
_CONTROLS = 8
_FEWEST_CONTROLS = 3


# A row, the lower bound of the search for it, and whose days find it: those of UTC or of the workspace.
ZoneProbe = tuple[Sample, int, str]


@dataclass(frozen=True)
class Experiment:
    """A search for known rows whose result shows how dates are compared, and in which order rows come.

    `inside` is searched from a second before its time, on the same day: only a comparison of whole days misses it.
    `after` is searched from a second after its time: only a comparison of whole days with closed bounds finds it.
    `apart` (with open bounds) and `close` (with closed ones) are found by days of UTC or by days of the workspace, but
    not by both.
    """

    controls: tuple[Sample, ...]
    inside: Sample
    after: Sample
    apart: ZoneProbe | None = None
    close: ZoneProbe | None = None
    order: Order = "ascending"

    def query(self) -> dict[str, Any]:
        """Return the body of the search."""
        probes = [(self.inside, self.inside.created_at - 1), (self.after, self.after.created_at + 1)]
        probes += [(row, since) for row, since, _ in filter(None, (self.apart, self.close))]
        alternatives: list[Condition] = [_named(row) for row in self.controls]
        alternatives += [
            {"operator": "AND", "value": [_named(row), comparison("created_at", ">", since)]} for row, since in probes
        ]
        body = search_body([either(alternatives)], self.order)
        return body | {"pagination": {"per_page": 50}}

    def days(self, found: set[str]) -> str | None:
        """Return how dates are compared, from the ids of the rows found; None if they contradict each other."""
        if not {row.id for row in self.controls} <= found:
            return None
        inside, after = self.inside.id in found, self.after.id in found
        if inside and not after:
            return "seconds"
        probe = self.close if inside else self.apart
        if after and not inside:
            return None
        if probe is None:  # no known row distinguishes days of UTC from days of the workspace
            return EITHER
        row, _, zone = probe
        return zone if row.id in found else {"utc": "workspace", "workspace": "utc"}[zone]


def _named(row: Sample) -> Condition:
    return comparison("id", "=", row.id)


def experiment(rows: Sequence[Sample], zone: tzinfo | None) -> Experiment | None:
    """Return an experiment with known rows, listed in the order in which they came; None if they are not suitable.

    It requests the order in which its controls did not come, which shows whether the search honours it.
    """
    known = list({row.id: row for row in rows if row.created_at > 10 * DAY}.values())
    zones = [UTC] if zone is None else [UTC, zone]
    inside = _pick(known, lambda row: all(_in_the_middle(row.created_at, each) for each in zones))
    after = _pick(known, lambda row: all(_in_the_middle(row.created_at + 2, each) for each in zones))
    apart, close = telling_zones(known, zone)
    step = max(1, len(known) // _CONTROLS)
    controls = known[::step][:_CONTROLS]
    if inside is None or after is None or len({row.created_at for row in controls}) < _FEWEST_CONTROLS:
        return None
    ascending = [row.created_at for row in controls] == sorted(row.created_at for row in controls)
    return Experiment(
        tuple(controls),
        inside,
        after,
        apart,
        close,
        "descending" if ascending else "ascending",
    )


def telling_zones(known: list[Sample], zone: tzinfo | None) -> tuple[ZoneProbe | None, ZoneProbe | None]:
    """Return probes, taken from `known`, that distinguish days of UTC from a zone's, for open and closed bounds."""
    return _zone_probe(known, zone, _apart), _zone_probe(known, zone, _close)


def _zone_probe(
    known: list[Sample], zone: tzinfo | None, bound: Callable[[int, tzinfo], tuple[int, str] | None]
) -> ZoneProbe | None:
    if zone is None:
        return None
    row = _pick(known, lambda row: bound(row.created_at, zone) is not None)
    found = bound(row.created_at, zone) if row else None
    return (row, *found) if row and found else None


def _pick(known: list[Sample], suits: Callable[[Sample], bool]) -> Sample | None:
    """Remove the last suitable row from the known ones, and return it; None if there is none."""
    for place in range(len(known) - 1, -1, -1):
        if suits(known[place]):
            return known.pop(place)
    return None


def _in_the_middle(second: int, zone: tzinfo) -> bool:
    """Return whether the seconds around one are on the same day."""
    return start_of_day(second - 3, zone) == start_of_day(second + 3, zone)


def _apart(second: int, zone: tzinfo) -> tuple[int, str] | None:
    """Return the last second before the later of the two days began, and whose day that is; None if they agree."""
    begun = {"utc": start_of_day(second, UTC), "workspace": start_of_day(second, zone)}
    later = max(begun, key=lambda name: begun[name])
    return (begun[later] - 1, later) if begun["utc"] != begun["workspace"] else None


def _close(second: int, zone: tzinfo) -> tuple[int, str] | None:
    """Return the second in which the earlier of the two days ends, and whose day ends later; None if they agree."""
    ends = {
        "utc": start_of_day(start_of_day(second, UTC) + LONGEST_DAY, UTC),
        "workspace": start_of_day(start_of_day(second, zone) + LONGEST_DAY, zone),
    }
    later = max(ends, key=lambda name: ends[name])
    return (min(ends.values()), later) if ends["utc"] != ends["workspace"] else None


@dataclass
class Learning:
    """A session's knowledge of Intercom's behaviours; the callback `keep` stores it when something new is learnt."""

    findings: Findings = field(default_factory=Findings)
    keep: Callable[[Findings], None] = lambda _: None
    identity: Identity | None = None
    reads_tickets: bool | None = None
    _tried: set[str] = field(default_factory=set)

    @property
    def zone(self) -> tzinfo | None:
        """Return the workspace's timezone, if it is known."""
        return self.identity.zone if self.identity and self.identity.zone_is_known else None

    def days(self, table: Table) -> Days:
        """Return how the search of a table may compare dates, as far as it is known."""
        zone = self.zone
        whole = Days(zones=(zone,)) if zone else Days(anywhere=True)
        match self.findings.of("search-days", table.name):
            case "seconds":
                return SECONDS
            case "utc":
                return UTC_DAYS
            case "workspace":
                return whole
            case _ if self.findings.of("search-days", table.name) == EITHER:
                return Days(zones=(UTC, *whole.zones), anywhere=whole.anywhere)
        return Days(second=True, zones=(UTC, *whole.zones), anywhere=whole.anywhere)

    def knows(self, table: Table) -> bool:
        """Return whether everything about the search of a table is known."""
        return bool(self.findings.of("search-days", table.name) and self.findings.of("sort", table.name))

    def honours_sort(self, table: Table) -> bool:
        """Return whether the search of a table has been seen to honour `sort`."""
        return self.findings.of("sort", table.name) == "honoured"

    def lag(self, table: Table) -> int:
        """Return how many seconds the search of a table may lag behind: 15 minutes, or twice the longest lag seen."""
        seen = int(self.findings.of("index-lag", table.name) or 0)
        return min(max(LAG, 2 * seen), LONGEST_LAG)

    def saw_lag(self, seconds: int, table: Table) -> None:
        """Store how long the search of a table took to show a change, if that is the longest lag so far."""
        if 2 * seconds > self.lag(table) and self.lag(table) < LONGEST_LAG:
            self.saw("index-lag", str(seconds), table)

    def saw(self, name: str, choice: str, about: Table | str = "") -> None:
        """Store what a response showed about a table, about a kind of object, or about the API as a whole."""
        if self.findings.learn(name, choice, about if isinstance(about, str) else about.name):
            self.keep(self.findings)

    def notes(self, table: Table) -> list[str]:
        """Return what is known to differ from the documentation, for the receipt of a fetch that it affects."""
        days, search = self.findings.of("search-days", table.name), f"Intercom's search of {table.name}"
        notes = []
        if days not in (None, "seconds", registry()["search-days"].said("documented", table.name)):
            notes.append(f"{search} compares dates by whole days ({days}): rows were trimmed to the exact times here")
        if self.findings.of("sort", table.name) == "ignored":
            notes.append(f"{search} ignores the requested order: rows were sorted here")
        if table.name == CONVERSATIONS.name and self.reads_tickets is not None:
            notes.append(WITH_TICKETS if self.reads_tickets else WITHOUT_TICKETS)
        return notes

    async def learn_of_tickets(self, transport: Transport) -> None:
        """Learn with one request per session whether the token may read tickets, and so whether they are counted.

        UNCONFIRMED [tickets]: Intercom leaves tickets out of conversations for tokens that may not read them.
        """
        if self.reads_tickets is not None or TICKETS in self._tried:
            return
        self._tried.add(TICKETS)
        body = search_body([]) | {"pagination": {"per_page": 1}}
        try:
            page = await transport.send(Request("POST", "/tickets/search", body=body, items="tickets"))
        except ScopeMissingError:
            self.reads_tickets = False
        except (RefusedError, BadRequestError, ConnectionFailedError):
            return  # a plan without tickets, or a response that shows nothing
        else:
            self.reads_tickets = True if page.total_count else None

    async def learn(self, transport: Transport, table: Table, known: Page) -> None:
        """Learn with one request what is still unknown about a table's search, if the rows of a page can show it.

        That is tried once per table; searches allow for every behaviour that stays possible.
        """
        listing = table.search
        if listing is None or self.knows(table) or table.name in self._tried:
            return
        chosen = experiment(_samples(known, (table.listing or listing).items), self.zone)
        if chosen is None:
            return
        self._tried.add(table.name)
        try:
            page = await transport.send(Request(listing.method, listing.path, body=chosen.query(), items=listing.items))
        except BadRequestError:
            return  # a search that rejects such a query: nothing is learnt
        found = _samples(page, listing.items)
        if days := chosen.days({row.id for row in found}):
            days = "utc" if days == EITHER and self.zone and is_utc(self.zone) else days
            self.findings.learn("search-days", days, table.name)
            controls = {row.id for row in chosen.controls}
            times = [row.created_at for row in found if row.id in controls]
            honoured = times == sorted(times, reverse=chosen.order == "descending")
            self.findings.learn("sort", "honoured" if honoured else "ignored", table.name)
            await asyncio.to_thread(self.keep, self.findings)


def is_utc(zone: tzinfo) -> bool:
    """Return whether a timezone has not differed from UTC since Intercom has existed."""
    months = (datetime(year, month, 1, tzinfo=zone) for year in range(2011, 2038) for month in range(1, 13))
    return not any(month.utcoffset() for month in months)


def _samples(page: Page, items: str) -> list[Sample]:
    """Return the ids and times of a page's rows; empty if only DuckDB can parse them."""
    try:
        members = page.members(items)
    except NotIntercomError:
        return []
    return [
        Sample(str(each["id"]), int(each["created_at"]))
        for each in members
        if isinstance(each.get("created_at"), int) and each.get("id")
    ]
