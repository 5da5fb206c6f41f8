"""The steps of an export: each fetches some rows into a database of its own, writes them, and notes that it is done."""

import shutil
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from intercom_kit.api.counting import counting
from intercom_kit.concurrency import loop, stopping
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.fetch.landing import Landing
from intercom_kit.fetch.listing import created_in, whole_list
from intercom_kit.fetch.meter import QueryMeter
from intercom_kit.fetch.session import Session
from intercom_kit.fetch.staging import Staging
from intercom_kit.fetch.whole_search import all_found
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import files
from intercom_kit.lake.manifest import Manifest, PlannedSpan
from intercom_kit.lake.planning import listing_of
from intercom_kit.live.several_lists import REFUSALS
from intercom_kit.search.spans import Search, Span
from intercom_kit.sql.database import open_database
from intercom_kit.sql.quoting import location
from intercom_kit.tables import Table

# What the rows of one step may take in memory; beyond that they are spilled into the lake's folder.
MEMORY = "400MB"


class Writer:
    """The writing of one lake by one session, until closed; every step ends with the manifest on disk."""

    def __init__(self, session: Session, manifest: Manifest, meter: QueryMeter, look: Callable[[], None]) -> None:
        self.session = session
        self.manifest = manifest
        self._meter = meter
        self._look = look
        self._spill = Path(mkdtemp(prefix=files.SPILL, dir=manifest.folder))
        self.database = open_database(MEMORY)
        self.database.execute(f"set global temp_directory = {location(self._spill)}")
        self._staging = Staging(self.database)

    def close(self) -> None:
        """Drop what is not written."""
        self.database.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for some work on the event loop, and show progress meanwhile."""
        with self.session.translated_errors():
            loop.run(work, self._look)

    @contextmanager
    def fetched(self, table: Table, work: Work, purpose: str) -> Iterator[Gathering]:
        """Yield what some work brought, until the block ends."""
        meter = self._meter.part(table.name)
        gathering = self.session.gathering(table, purpose, meter, staging=self._staging)
        try:
            with counting(gathering.sent):
                self.run(_awaited(work(gathering)))
            self.session.receipts.append(gathering.receipt)
            yield gathering
        finally:
            stopping.to_the_end(gathering.landing.close)

    def span(self, table: Table, planned: PlannedSpan) -> None:
        """Fetch a span of a search, and write a file for each month in it; rows that come inside others, too."""
        with self.fetched(table, found_in(table, Search((), planned.span)), "export") as gathering:
            receipt = gathering.receipt
            with gathering.landing.settled(receipt) as (cursor, landed):
                rows = f"(from {landed} where {_inside(planned.span)})"
                written = self._by_month(cursor, table, rows, planned.name)
                if carried := gathering.landing.carried:
                    self._add(carried.table, self._carried(carried, cursor, table, rows, planned.name))
                    self.note_carried(table, carried, cursor, landed, planned.name)
            self._add(table, written)
            self._note(table, planned.name, receipt)

    def _carried(
        self, carried: Landing, cursor: duckdb.DuckDBPyConnection, table: Table, rows: str, name: str
    ) -> dict[str, int]:
        """Write the rows that came inside others, in files of the same months."""
        written, key = {}, carried.table.every_key.column
        with carried.settled(Receipt(carried.table.name)) as (_, landed):
            for month in files.months(cursor, rows):
                ids = f"(select {table.key} from {rows} where {files.MONTH} = '{month}')"
                file = files.file_name(carried.table, month, name)
                written[file] = self._write(cursor, carried.table, f"{landed} where {key} in {ids}", file)
        return written

    def note_carried(
        self, table: Table, carried: Landing, cursor: duckdb.DuckDBPyConnection, landed: str, step: str
    ) -> None:
        """Note as of when the rows are that came inside others, and whether Intercom has more of them."""
        known, outer = self.manifest.table(carried.table.name), self.manifest.table(table.name)
        known.as_of, known.since = outer.as_of, outer.since
        own = carried.table.every_key.column
        with carried.settled(Receipt(carried.table.name)) as (_, inner):
            came = f'select "{own}" as "{table.key}", count(*) as came from {inner} group by "{own}"'
            query = (
                f'select count(*) from {landed} left join ({came}) using ("{table.key}") '
                f'where "{table.carried_count}" > coalesce(came, 0)'
            )
            ((cut,),) = cursor.execute(query).fetchall()
        known.missing.pop(step, None)
        if cut:
            known.missing[step] = f"of {cut:,} {table.name}, Intercom has more than it returned"

    def whole(self, table: Table) -> None:
        """Fetch a list anew, and let it stand in for the one before; of several lists, those that are not refused."""
        known = self.manifest.table(table.name)
        begun = int(self.session.transport.budget.clock.now())
        known.generation += 1
        new: dict[str, int] = {}
        known.missing.clear()
        for place, part in enumerate(table.listed_by or (table,)):
            step = f"list {place}"
            try:
                with self.fetched(part, whole_list(part), "export") as gathering:
                    with gathering.landing.settled(gathering.receipt) as (cursor, landed):
                        file = files.file_name(table, None, f"{known.generation}-{place}")
                        new[file] = self._write(cursor, table, landed, file)
                    if not gathering.receipt.complete:
                        known.missing[step] = gathering.receipt.why
            except REFUSALS as error:
                if not table.listed_by:
                    raise
                known.missing[step] = str(error)
        known.columns, known.as_of = [column.name for column in table.columns], begun
        files.replaced(self.manifest, known, list(known.files), new)

    def _by_month(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: str, name: str) -> dict[str, int]:
        written = {}
        for month in files.months(cursor, rows):
            file = files.file_name(table, month, name)
            written[file] = self._write(cursor, table, f"{rows} where {files.MONTH} = '{month}'", file)
        return written

    def _write(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: str, file: str) -> int:
        distinct = "" if table.key else "distinct "  # rows without a key may have come twice
        select = f"select {distinct}{files.columns_of(table)} from {rows} order by {table.order}"
        target = self.manifest.path(file)
        return stopping.interruptible(lambda: files.write(cursor, select, target), cursor.interrupt)

    def _add(self, table: Table, written: dict[str, int]) -> None:
        known = self.manifest.table(table.name)
        known.files |= {file: rows for file, rows in written.items() if rows}
        known.columns = [column.name for column in table.columns]

    def _note(self, table: Table, step: str, receipt: Receipt) -> None:
        """Note that a step is done, or, where rows are missing that the next export may get, why it is not."""
        known = self.manifest.table(table.name)
        known.missing.pop(step, None)
        if receipt.complete:
            known.done.append(step)
        else:
            known.missing[step] = receipt.why
        self.manifest.write()


def found_in(table: Table, search: Search) -> Work:
    """Return the work that fetches what a search finds, or what a list between two times has."""
    if table.is_bounded:
        return created_in(listing_of(table), search.span)
    return lambda gathering: all_found(gathering, search)


def _inside(span: Span) -> str:
    """Return the condition for the rows of a span, since a search may find more."""
    bounds = [f"created_at >= to_timestamp({span.first})"] if span.first is not None else []
    bounds += [f"created_at < to_timestamp({span.last + 1})"] if span.last is not None else []
    return " and ".join(bounds) or "true"


async def _awaited(work: Awaitable[None]) -> None:
    await work
