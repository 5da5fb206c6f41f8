"""Fill the session's tables with what a query's scans need: what is narrow first, and along its joins the rest."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

import duckdb

from intercom_kit.errors import BadQueryError
from intercom_kit.live.bounds import wider
from intercom_kit.live.gathering import BeyondPages, Work
from intercom_kit.live.receipt import Receipt
from intercom_kit.live.session import Session
from intercom_kit.live.sql.keys import EXAMPLES, KEY_COLUMNS, NAMED_BY_CONTACT, constant_keys, is_key
from intercom_kit.live.sql.lowering import Search, searches
from intercom_kit.live.sql.memory import TableMemory
from intercom_kit.live.sql.planner import Edge, Needs, Scan
from intercom_kit.live.sql.predicates import NEVER, as_sql, earliest, spelled
from intercom_kit.live.sql.works import keyed, listing, one_company, searching, without_deleted
from intercom_kit.tables import COMPANIES, COMPANY_CONTACTS, CONTACTS, CONVERSATIONS, TABLES, Column, Kind, Table

# Up to so many values, a searchable table is searched for the rows that a join wants.
MOST_VALUES = 1_000
VALUES_IN_A_SEARCH = 100

Fresh = Literal["live", "session", "refetch"]


@dataclass
class Fetching:
    """Fetch what one query needs and the session does not hold, in at most `most_requests` for one table.

    `fresh` says what of the session still counts: with "live" what it holds is brought up to date first, and what
    cannot be is asked for again; "session" takes it as it is; "refetch" starts over.
    """

    session: Session
    cursor: duckdb.DuckDBPyConnection
    needs: Needs
    memory: dict[str, TableMemory]
    most_requests: int
    fresh: Fresh
    receipts: list[Receipt] = field(default_factory=list)
    done: list[Scan] = field(default_factory=list)

    def run(self) -> None:
        """Fetch every scan, the narrow ones first, and then along joins what they ask for."""
        waiting = [scan for scan in self.needs.scans if scan.table in TABLES and scan.predicate != NEVER]
        for name in sorted({scan.table for scan in waiting}):
            self._refresh(TABLES[name], self.memory[name])
        while waiting:
            scan = min(waiting, key=self._rank)
            waiting.remove(scan)
            self._fetch(scan)
            self.done.append(scan)

    def _refresh(self, table: Table, memory: TableMemory) -> None:
        """Bring what is held of a table up to date, or forget it."""
        if self.fresh == "refetch" or (self.fresh == "live" and not table.search):
            self.cursor.execute(f'delete from "{table.name}"')
            memory.forget()
        elif self.fresh == "live" and memory.as_of is not None:
            since, begun = memory.as_of, memory.begin()
            changed = {"field": "updated_at", "operator": ">", "value": wider(since, ">", self._days(table))}
            self._pour(table, searching(table, [changed], self._days(table), self._most_rows), asked="what changed")
            if table is CONVERSATIONS:
                self.receipts.append(without_deleted(self.session, self.cursor, since))
            memory.as_of = begun

    def _rank(self, scan: Scan) -> int:
        """Say how soon a scan should be fetched: constants, then what joins narrow, then the rest."""
        table = TABLES[scan.table]
        if scan.table in KEY_COLUMNS:
            return 0 if self._constants(scan) else 2 if self._joined(scan, KEY_COLUMNS[scan.table]) else 9
        if table.search:
            own = searches(table, scan.predicate, None)
            return 5 if any(search.is_for_everything for search in own) and not self._values(scan) else 1
        return 4 if table is COMPANIES and not self._point(scan) else 0

    def _fetch(self, scan: Scan) -> None:
        table, memory = TABLES[scan.table], self.memory[scan.table]
        if scan.table in KEY_COLUMNS:
            self._fetch_keys(scan, memory)
        elif table.search:
            for search, asked in self._searches(scan):
                self._fetch_search(table, memory, search, asked)
        elif not memory.whole:
            point = self._point(scan)
            work = one_company(*point) if point else listing(table)
            self._pour(
                table, work, items="" if point else None, asked=spelled(scan.predicate) if point else "every row"
            )
            if not point:
                memory.whole, memory.as_of = True, memory.begin()

    def _fetch_search(self, table: Table, memory: TableMemory, search: Search, asked: str) -> None:
        """Ask for the spans of a search that are not held; each is remembered once it is here whole."""
        conditions, days = list(search.conditions), self._days(table)
        for span in memory.missing(conditions, search.span):
            begun = memory.begin()
            everything = [*conditions, *span.conditions(days)]
            self._pour(table, searching(table, everything, days, self._most_rows), asked=asked)
            if self.receipts[-1].complete:
                memory.hold(conditions, span)
                memory.as_of = memory.as_of or begun

    def _searches(self, scan: Scan) -> Iterator[tuple[Search, str]]:
        """Give the searches for a scan, by its own predicate or else by the values that a join wants."""
        own = searches(TABLES[scan.table], scan.predicate, self._days(TABLES[scan.table]))
        joined = self._values(scan) if any(search.is_for_everything for search in own) else None
        if joined is None:
            yield from ((search, spelled(scan.predicate)) for search in own)
            return
        name, values = joined
        for start in range(0, len(values), VALUES_IN_A_SEARCH):
            some = values[start : start + VALUES_IN_A_SEARCH]
            yield Search(({"field": name, "operator": "IN", "value": some},)), f"{len(some):,} different {name}"

    def _fetch_keys(self, scan: Scan, memory: TableMemory) -> None:
        """Ask key by key for the rows of a table that are not held; raise BadQueryError where there are no keys."""
        found = self._constants(scan) or self._joined(scan, KEY_COLUMNS[scan.table])
        if found is None:
            raise BadQueryError(
                f"Intercom lists {scan.table} only for a given {' or '.join(KEY_COLUMNS[scan.table])}: compare that "
                f"with constants, or join a table that has it, such as {EXAMPLES[scan.table]}"
            )
        column, wanted = found
        if column in NAMED_BY_CONTACT:
            column, wanted = "intercom_user_id", self._contacts(NAMED_BY_CONTACT[column], wanted)
        since = earliest(scan.predicate) if scan.table == "events" else None
        held = memory.held_keys(column, since)
        keys = [key for key in wanted if key not in held and is_key(key)]
        if len(keys) > self.most_requests:
            raise BadQueryError(
                f"The query needs {scan.table} of {len(keys):,} different {column}, a request for each, and "
                f"max_requests={self.most_requests:,}: narrow what it is joined to, or allow more."
            )
        if keys:
            table = COMPANY_CONTACTS if column == "company_id" else TABLES[scan.table]
            self._pour(table, keyed(scan.table, column, keys, since), asked=f"{len(keys):,} different {column}")
            memory.keys.setdefault((column, since), set()).update(set(keys) - set(self.receipts[-1].failures))
            memory.as_of = memory.as_of or memory.begin()

    def _contacts(self, column: str, values: list[str]) -> list[str]:
        """Find the contacts with some external ids or email addresses: events are asked for by Intercom's own id.

        By an external id Intercom gives events of users only, and by an email address those of one contact that has it.
        """
        if CONTACTS.name not in {scan.table for scan in self.needs.scans}:
            self._refresh(CONTACTS, self.memory[CONTACTS.name])
        for start in range(0, len(values), VALUES_IN_A_SEARCH):
            some = values[start : start + VALUES_IN_A_SEARCH]
            search = Search(({"field": column, "operator": "IN", "value": some},))
            self._fetch_search(CONTACTS, self.memory[CONTACTS.name], search, f"{len(some):,} different {column}")
        query = f'select id from contacts where "{column}" in (select unnest($values::varchar[])) order by id'
        return [id for (id,) in self.cursor.execute(query, {"values": values}).fetchall()]

    def _pour(self, table: Table, work: Work, *, items: str | None = None, asked: str) -> None:
        try:
            self.receipts.append(self.session.pour(table, work, items=items, filters={"asks": asked}))
        except BeyondPages as beyond:
            raise BadQueryError(
                f"The query needs {beyond.rows:,} {table.name} ({asked}), {math.ceil(beyond.rows / 150):,} requests, "
                f"and max_requests={self.most_requests:,}: add a condition, such as created_at > now() - interval "
                "30 day, or allow more."
            ) from None

    @property
    def _most_rows(self) -> int:
        return self.most_requests * 150

    def _days(self, table: Table) -> tzinfo | None:
        return self.session.timezone if table.whole_day_search else None

    def _point(self, scan: Scan) -> tuple[str, str] | None:
        """Give the one company that a scan asks for by name or id."""
        for column in ("id", "company_id", "name") if TABLES[scan.table] is COMPANIES else ():
            keys = constant_keys(scan.predicate, column)
            if keys and len(keys) == 1 and is_key(next(iter(keys))):
                return column, next(iter(keys))
        return None

    def _constants(self, scan: Scan) -> tuple[str, list[str]] | None:
        """Give the keys that a scan names itself, with their column."""
        for column in KEY_COLUMNS[scan.table]:
            if (keys := constant_keys(scan.predicate, column)) is not None:
                return column, sorted(keys)
        return None

    def _values(self, scan: Scan) -> tuple[str, list[str]] | None:
        """Give the few values that a join wants of a searchable table, with the search's name of their column."""
        searchable = {column.name: column.search for column in TABLES[scan.table].columns if _names_rows(column)}
        joined = self._joined(scan, searchable)
        return (searchable[joined[0]], joined[1]) if joined and len(joined[1]) <= MOST_VALUES else None

    def _joined(self, scan: Scan, columns: dict[str, str]) -> tuple[str, list[str]] | None:
        """Give the values of one of a scan's columns that rows fetched before want, if a join says so."""
        best: tuple[str, list[str]] | None = None
        for edge in self._edges(scan):
            if edge.column in columns:
                column, values_of = _key_of(edge)
                query = f'select distinct "{values_of}" from {self._rows(edge.source, edge.values)}'
                values = sorted(str(value) for (value,) in self.cursor.execute(query).fetchall())
                if best is None or len(values) < len(best[1]):
                    best = column, values
        return best

    def _edges(self, scan: Scan) -> list[Edge]:
        """Give the joins along which what was fetched before restricts a scan."""
        before = self.done[: self.done.index(scan)] if scan in self.done else self.done
        return [edge for edge in self.needs.edges if edge.scan is scan and edge.source in before]

    def _rows(self, scan: Scan, present: str) -> str:
        """Write the rows of a table that matter for a scan and have a column: others are held from other queries."""
        conditions = [f'"{present}" is not null', as_sql(scan.predicate)]
        for edge in self._edges(scan):
            conditions.append(
                f'"{edge.column}" in (select "{edge.values}" from {self._rows(edge.source, edge.values)})'
            )
        return f'"{scan.table}" where {" and ".join(conditions)}'


def _names_rows(column: Column) -> bool:
    """Tell whether a search by many values of a column finds what SQL's equality does."""
    return bool(column.search) and (column.kind is Kind.ID or column.name in ("external_id", "email"))


def _key_of(edge: Edge) -> tuple[str, str]:
    """Give the column to ask by, and where its values stand: Intercom's own id of a contact finds leads, too."""
    if edge.source.table == "contacts" and (edge.column, edge.values) == ("user_id", "external_id"):
        return "intercom_user_id", "id"
    return edge.column, edge.values
