"""The writing of an export: what each step fetches lands in a database of its own, and is written as files."""

import shutil
from collections.abc import Callable, Coroutine, Iterable, Iterator
from functools import partial
from typing import Any

import duckdb

from intercom_kit.concurrency import loop, stopping
from intercom_kit.database import open_database
from intercom_kit.errors import IntercomError
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.fetch.landing import Landing
from intercom_kit.fetch.listing import created_in, whole_list
from intercom_kit.fetch.session import Session
from intercom_kit.fetch.staging import Staging
from intercom_kit.fetch.whole_search import all_found
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import files
from intercom_kit.lake.manifest import Manifest, PlannedSpan
from intercom_kit.lake.planning import listing_of
from intercom_kit.lake.progress import ExportMeter
from intercom_kit.lake.steps import Step, Steps
from intercom_kit.live.several_lists import REFUSALS
from intercom_kit.search.spans import Search, Span
from intercom_kit.sql.quoting import location
from intercom_kit.tables import Table

# What the rows of one step may take in memory; beyond that they are spilled into the lake's folder.
MEMORY = "400MB"


class Writer:
    """The writing of one lake by one session, until closed; every step ends with the manifest on disk."""

    def __init__(self, session: Session, manifest: Manifest, meter: ExportMeter, look: Callable[[], None]) -> None:
        self.session = session
        self.manifest = manifest
        self.meter = meter
        self._look = look
        self._spill = manifest.store.spill()
        self.database = open_database(MEMORY)
        self.database.execute(f"set global temp_directory = {location(self._spill)}")
        manifest.store.open_to(self.database)
        self._staging = Staging(self.database)

    def close(self) -> None:
        """Drop what is not written."""
        self.database.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for some work on the event loop, and show progress meanwhile."""
        with self.session.translated_errors():
            loop.run(work, self._look)

    def take(self, steps: Iterable[Step]) -> None:
        """Fetch and write steps."""
        Steps(self.session, self._staging, self.meter, self._look).run(steps)

    def span(self, table: Table, planned: PlannedSpan) -> Step:
        """Return the step that fetches a span of a search, and writes a file for each month in it."""
        work = found_in(table, Search((), planned.span))
        return Step(table, work, partial(self._write_span, table, planned))

    def _write_span(self, table: Table, planned: PlannedSpan, gathering: Gathering) -> None:
        """Write the rows of a span, and those that came inside them."""
        receipt, known = gathering.receipt, self.manifest.table(table.name)
        known.generation += 1
        name = f"{planned.name}-{known.generation}"
        with gathering.landing.settled(receipt) as (cursor, landed):
            rows = f"(from {landed} where {_inside(planned.span)})"
            written = self._by_month(cursor, table, rows, name)
            if carried := gathering.landing.carried:
                self._add(carried.table, self._carried(carried, cursor, table, rows, name), planned.name)
                self.note_carried(table, carried, cursor, landed, planned.name)
        self._add(table, written, planned.name)
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

    def whole(self, table: Table) -> Iterator[Step]:
        """Yield the steps that fetch a list anew; after the last one it stands in for the one before.

        Of several lists, those that Intercom refuses are noted, and the others go on.
        """
        known, parts = self.manifest.table(table.name), table.listed_by or (table,)
        begun, new, missing = int(self.session.transport.budget.clock.now()), dict[str, int](), dict[str, str]()

        def end(place: int) -> None:
            if place + 1 == len(parts):
                known.generation += 1
                known.columns, known.as_of, known.missing = files.names_of(table), begun, missing
                files.replaced(self.manifest, known, list(known.files), new)

        def write(place: int, gathering: Gathering) -> None:
            with gathering.landing.settled(gathering.receipt) as (cursor, landed):
                file = files.file_name(table, None, f"{known.generation + 1}-{place}")
                new[file] = self._write(cursor, table, landed, file)
            if not gathering.receipt.complete:
                missing[f"list {place}"] = gathering.receipt.why
            end(place)

        def refused(place: int, error: IntercomError) -> None:
            if not table.listed_by or not isinstance(error, REFUSALS):
                raise error
            missing[f"list {place}"] = str(error)
            end(place)

        for place, part in enumerate(parts):
            yield Step(part, whole_list(part), partial(write, place), refused=partial(refused, place))

    def _by_month(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: str, name: str) -> dict[str, int]:
        written = {}
        for month in files.months(cursor, rows):
            file = files.file_name(table, month, name)
            written[file] = self._write(cursor, table, f"{rows} where {files.MONTH} = '{month}'", file)
        return written

    def _write(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: str, file: str) -> int:
        distinct = "" if table.key else "distinct "  # rows without a key may have come twice
        select = f"select {distinct}{files.columns_of(table)} from {rows} order by {table.order}"
        store = self.manifest.store
        return stopping.interruptible(lambda: files.write(store, cursor, select, file), cursor.interrupt)

    def _add(self, table: Table, written: dict[str, int], step: str) -> None:
        """Add the files of a step, in place of those that it wrote when not all rows came."""
        known = self.manifest.table(table.name)
        known.columns = files.names_of(table)
        old = [file for file in known.files if file.rpartition("/")[2].rpartition("-")[0] == step]
        if old:
            files.replaced(self.manifest, known, old, written)
        else:
            known.files |= {file: rows for file, rows in written.items() if rows}

    def _note(self, table: Table, step: str, receipt: Receipt) -> None:
        """Note that a step is done, or, where rows are missing that the next export may get, why it is not."""
        known = self.manifest.table(table.name)
        known.missing.pop(step, None)
        if receipt.complete:
            known.done.append(step)
        else:
            known.missing[step] = receipt.why
        self.manifest.write()


def _inside(span: Span) -> str:
    """Return the condition for the rows of a span, since a search may find more."""
    bounds = [f"created_at >= to_timestamp({span.first})"] if span.first is not None else []
    bounds += [f"created_at < to_timestamp({span.last + 1})"] if span.last is not None else []
    return " and ".join(bounds) or "true"


def found_in(table: Table, search: Search) -> Work:
    """Return the work that fetches what a search finds, or what a list between two times has."""
    if table.is_bounded:
        return created_in(listing_of(table), search.span)
    return partial(all_found, search=search)
