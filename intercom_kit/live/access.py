"""The access path of each scan: how its rows are requested. A plan counts its requests, and a fetch sends them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from intercom_kit.fetch.session import Session
from intercom_kit.live.joins import Joins, constants, point, spans
from intercom_kit.live.memory import TableMemory
from intercom_kit.paging.paths import is_id
from intercom_kit.paging.searching import LARGEST_GROUP
from intercom_kit.search.conditions import comparison
from intercom_kit.search.lowering import searches
from intercom_kit.search.spans import Search, Span
from intercom_kit.sql.needs import Scan
from intercom_kit.sql.predicates import earliest, spelled
from intercom_kit.tables import CARRIED_BY, CONTACTS, TABLES, Key, Table

VALUES_IN_A_SEARCH = 100


@dataclass(frozen=True)
class ByKey:
    """Requests for the keys that are not cached, each or several at a time; rows older than `since` are not needed.

    `kept` counts the others, whose rows are cached.
    """

    key: Key
    values: list[str]
    since: datetime | None
    kept: int = 0


@dataclass(frozen=True)
class ByContact:
    """Searches for the contacts that have some values of a key, and then a request for each contact's own id."""

    key: Key
    values: list[str]
    searches: list[tuple[Search, str]]


@dataclass(frozen=True)
class BySearch:
    """Searches, each with its description; spans that the session has cached are not requested."""

    searches: list[tuple[Search, str]]


@dataclass(frozen=True)
class BySpan:
    """A list of what was created in each of some spans that the session has not cached."""

    spans: list[Span]


@dataclass(frozen=True)
class OneCompany:
    """A request for the company with an id, a company id or a name."""

    column: str
    value: str


@dataclass(frozen=True)
class WholeList:
    """Requests for every row."""


@dataclass(frozen=True)
class Held:
    """No request, since every row is cached, or comes with the rows of another table."""


AccessPath = ByKey | ByContact | BySearch | BySpan | OneCompany | WholeList | Held


@dataclass(frozen=True)
class AccessPaths:
    """The access paths of one query's scans, given what the session has cached at that time."""

    session: Session
    joins: Joins
    memory: Mapping[str, TableMemory]

    def of(self, scan: Scan) -> AccessPath | None:
        """Return how the rows of a scan are requested; None if its keys depend on rows that are not fetched yet."""
        table = TABLES[scan.table]
        if table.name in CARRIED_BY:
            return Held()
        if table.keys:
            return self._by_key(scan, table)
        if table.search:
            return self._by_search(scan, table)
        if table.is_bounded:
            missing = self.memory[table.name].missing
            return BySpan([part for span in spans(scan) for part in missing((), span)])
        if self.memory[table.name].whole:
            return Held()
        one = point(scan)
        return OneCompany(*one) if one else WholeList()

    def by_own_key(self, scan: Scan, values: list[str]) -> ByKey:
        """Return the path by the key whose values another table lists, such as Intercom's ids of contacts."""
        return self._missing(scan, TABLES[scan.table].every_key, values)

    def _by_key(self, scan: Scan, table: Table) -> ByKey | ByContact | None:
        found = self.joins.keys(scan)
        if found is None:
            return None
        key, values = table.key_for(found[0]), found[1]
        if not key.of_contact:
            return self._missing(scan, key, values)
        lists = self.session.takes_lists(CONTACTS)
        return ByContact(key, values, searches_for_values(key.of_contact, values, lists=lists))

    def _missing(self, scan: Scan, key: Key, values: list[str]) -> ByKey:
        since = earliest(scan.predicate) if scan.table == "events" else None
        wanted = list(filter(is_id, values))
        lacking = self.memory[scan.table].lacking(key.column, since, wanted)
        return ByKey(key, lacking, since, len(wanted) - len(lacking))

    def _by_search(self, scan: Scan, table: Table) -> BySearch:
        """Return searches by the scan's own predicate, or if that is no restriction, by the values a join needs."""
        lists = self.session.takes_lists(table)
        own = searches(table, scan.predicate, self.session.learning.days(table), lists=lists)
        joined = self.joins.values(scan) if any(search.is_for_everything for search in own) else None
        if joined is None:
            return BySearch([(search, spelled(scan.predicate)) for search in own])
        return BySearch(searches_for_values(*joined, lists=lists))


def teller(scan: Scan, memory: Mapping[str, TableMemory]) -> str:
    """Return the table that tells which cached keys of a scan are current; "" where fetching them costs less."""
    return "" if constants(scan) else memory[scan.table].told_by


def searches_for_values(field: str, values: list[str], *, lists: bool) -> list[tuple[Search, str]]:
    """Return the searches for the rows that have one of many values; with few values each if it accepts no lists."""
    size = VALUES_IN_A_SEARCH if lists else LARGEST_GROUP
    chunks = [values[start : start + size] for start in range(0, len(values), size)]
    return [(Search((comparison(field, "IN", each),)), f"{len(each):,} different {field}") for each in chunks]
