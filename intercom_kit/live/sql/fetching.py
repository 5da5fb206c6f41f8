"""Fill the session's tables with what a query's scans need: what is narrow first, and along its joins the rest."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo

import duckdb

from intercom_kit.errors import BadQueryError
from intercom_kit.live.companies import every_company
from intercom_kit.live.contacts import links_of
from intercom_kit.live.conversations import parts_of
from intercom_kit.live.events import events_of, summaries_of
from intercom_kit.live.filters import Condition
from intercom_kit.live.gathering import BeyondPages, Gathering, Work
from intercom_kit.live.lists import filled
from intercom_kit.live.receipt import Receipt
from intercom_kit.live.session import Session
from intercom_kit.live.sql.keys import EXAMPLES, KEY_COLUMNS, constant_keys
from intercom_kit.live.sql.lowering import searches
from intercom_kit.live.sql.planner import Edge, Needs, Scan
from intercom_kit.live.sql.predicates import NEVER, earliest, spelled
from intercom_kit.tables import COMPANIES, COMPANY_CONTACTS, CONTACTS, SEGMENTS, TABLES, Table

# Up to so many values, a searchable table is searched for the rows that a join wants.
MOST_VALUES = 1_000
VALUES_IN_A_SEARCH = 100


@dataclass
class Fetching:
    """Fetch what one query needs; no table may ask for more keys than `most_requests`."""

    session: Session
    cursor: duckdb.DuckDBPyConnection
    needs: Needs
    most_requests: int
    receipts: list[Receipt] = field(default_factory=list)

    def run(self) -> None:
        """Fetch every scan: the narrow ones first, and then along joins what they ask for."""
        waiting = [scan for scan in self.needs.scans if scan.table in TABLES]
        for name in {scan.table for scan in waiting}:
            self.cursor.execute(f'delete from "{name}"')
        waiting = [scan for scan in waiting if scan.predicate != NEVER]
        while waiting:
            scan = min(waiting, key=lambda each: self._rank(each, waiting))
            waiting.remove(scan)
            for table, work, items, asked in self._works(scan, waiting):
                try:
                    self.receipts.append(self.session.pour(table, work, items=items, filters={"asks": asked}))
                except BeyondPages as beyond:
                    raise self._too_many(table, beyond.rows, asked) from None

    def _too_many(self, table: Table, rows: int, asked: str) -> BadQueryError:
        pages = math.ceil(rows / 150)
        return BadQueryError(
            f"The query needs {rows:,} {table.name} ({asked}), {pages:,} requests, and max_requests="
            f"{self.most_requests:,}: add a condition, such as created_at > now() - interval 30 day, or allow more."
        )

    def _rank(self, scan: Scan, waiting: list[Scan]) -> int:
        """Say how soon a scan should be fetched: constants, then what joins narrow, then the rest."""
        table = TABLES[scan.table]
        if scan.table in KEY_COLUMNS:
            return 0 if self._constants(scan) else 2 if self._joined(scan, waiting, KEY_COLUMNS[scan.table]) else 9
        if table.search:
            return 1 if searches(table, scan.predicate, None) != [[]] else 3 if self._values(scan, waiting) else 5
        return 4 if table is COMPANIES and not self._point(scan) else 0

    def _works(self, scan: Scan, waiting: list[Scan]) -> Iterator[tuple[Table, Work, str | None, str]]:
        """Give the work, table by table, that fetches a scan."""
        table = TABLES[scan.table]
        if scan.table in KEY_COLUMNS:
            yield from self._keyed(scan, waiting)
        elif table.search:
            days = self.session.timezone if table.whole_day_search else None
            for conditions, asked in self._searches(scan, waiting, days):
                yield table, _searching(table, conditions, days, self.most_requests * 150), None, asked
        elif point := self._point(scan):
            yield table, _one_company(*point), "", spelled(scan.predicate)
        else:
            yield table, _listing(table), None, "every row"

    def _searches(self, scan: Scan, waiting: list[Scan], days: tzinfo | None) -> Iterator[tuple[list[Condition], str]]:
        """Give the searches for a scan, by its own predicate or else by the values that a join wants."""
        own = searches(TABLES[scan.table], scan.predicate, days)
        joined = self._values(scan, waiting) if own == [[]] else None
        if joined is None:
            yield from ((conditions, spelled(scan.predicate)) for conditions in own)
            return
        name, values = joined
        for start in range(0, len(values), VALUES_IN_A_SEARCH):
            some = values[start : start + VALUES_IN_A_SEARCH]
            yield [{"field": name, "operator": "IN", "value": some}], f"{len(some):,} different {name}"

    def _point(self, scan: Scan) -> tuple[str, str] | None:
        """Give the one company that a scan asks for by name or id."""
        if TABLES[scan.table] is not COMPANIES:
            return None
        for column in ("id", "company_id", "name"):
            keys = constant_keys(scan.predicate, column)
            if keys and len(keys) == 1:
                return column, next(iter(keys))
        return None

    def _constants(self, scan: Scan) -> tuple[str, list[str]] | None:
        """Give the keys that a scan names itself, with their column."""
        for column in KEY_COLUMNS[scan.table]:
            if (keys := constant_keys(scan.predicate, column)) is not None:
                return column, sorted(keys)
        return None

    def _values(self, scan: Scan, waiting: list[Scan]) -> tuple[str, list[str]] | None:
        """Give the few values that a join wants of a searchable table, with the search's name of their column."""
        searchable = {column.name: column.search for column in TABLES[scan.table].columns if column.search}
        joined = self._joined(scan, waiting, searchable)
        return (searchable[joined[0]], joined[1]) if joined and len(joined[1]) <= MOST_VALUES else None

    def _joined(self, scan: Scan, waiting: list[Scan], columns: dict[str, str]) -> tuple[str, list[str]] | None:
        """Give the values of one of a scan's columns that rows fetched before want, if a join says so."""
        best: tuple[str, list[str]] | None = None
        for edge in self.needs.edges:
            if edge.scan is scan and edge.column in columns and edge.source not in waiting:
                column, values_of = self._key_of(edge)
                query = f'select distinct "{values_of}" from "{edge.source.table}" where "{edge.values}" is not null'
                values = sorted(str(value) for (value,) in self.cursor.execute(query).fetchall())
                if best is None or len(values) < len(best[1]):
                    best = column, values
        return best

    def _key_of(self, edge: Edge) -> tuple[str, str]:
        """Give the column to ask by, and where its values stand: Intercom's own id of a contact finds leads, too."""
        if edge.source.table == "contacts" and edge.scan.table in ("events", "event_summaries"):
            return "intercom_user_id", "id"
        return edge.column, edge.values

    def _keyed(self, scan: Scan, waiting: list[Scan]) -> Iterator[tuple[Table, Work, str | None, str]]:
        """Give the work for a table that is asked for key by key; raise BadQueryError where there are no keys."""
        found = self._constants(scan) or self._joined(scan, waiting, KEY_COLUMNS[scan.table])
        if found is None:
            raise BadQueryError(
                f"Intercom lists {scan.table} only for a given {' or '.join(KEY_COLUMNS[scan.table])}: compare that "
                f"with constants, or join a table that has it, such as {EXAMPLES[scan.table]}"
            )
        column, keys = found
        if len(keys) > self.most_requests:
            raise BadQueryError(
                f"The query needs {scan.table} of {len(keys):,} different {column}, a request for each, and "
                f"max_requests={self.most_requests:,}: narrow what it is joined to, or allow more."
            )
        asked = f"{len(keys):,} different {column}"
        match scan.table:
            case "events":
                yield (
                    TABLES["events"],
                    events_of(KEY_COLUMNS["events"][column], keys, earliest(scan.predicate)),
                    None,
                    asked,
                )
            case "event_summaries":
                name = KEY_COLUMNS["event_summaries"][column]
                yield TABLES["event_summaries"], summaries_of(name, keys), None, asked
            case "conversation_parts":
                yield TABLES["conversation_parts"], parts_of(keys, {"display_as": "plaintext"}), None, asked
            case _ if column == "company_id":
                yield COMPANY_CONTACTS, links_of(COMPANY_CONTACTS, keys), None, asked
            case _:
                yield TABLES[scan.table], links_of(TABLES[scan.table], keys), None, asked


def _searching(table: Table, conditions: list[Condition], days: tzinfo | None, largest: int) -> Work:
    async def gather(gathering: Gathering) -> None:
        assert table.search is not None  # noqa: S101 - searchable
        everyone = table.listing if table is CONTACTS and not conditions else None
        await gathering.all_found(table.search, conditions, days, everyone, largest)

    return gather


def _listing(table: Table) -> Work:
    async def gather(gathering: Gathering) -> None:
        if table is COMPANIES:
            await every_company(gathering)
        elif table.listing is not None:
            await gathering.all_of(table.listing, {"include_count": "true"} if table is SEGMENTS else None)

    return gather


def _one_company(column: str, value: str) -> Work:
    async def gather(gathering: Gathering) -> None:
        if column == "id":
            await gathering.one_if_any(filled(COMPANIES.one, value))
        else:
            await gathering.one_if_any("/companies", {column: value})

    return gather
