"""Where the pages of one fetch land: a temporary DuckDB table, filled batch by batch, then read as a frame."""

import contextlib
import re
import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb

from intercom_kit.api.heads import Page
from intercom_kit.errors import BadRequestError
from intercom_kit.live.filters import Selection
from intercom_kit.live.frames import Frame, frame
from intercom_kit.live.receipt import Receipt
from intercom_kit.tables import Table, misfits, projection
from intercom_kit.tables.privacy import KEY, Privacy

# Planning a statement costs as much as parsing some megabytes, one statement over everything would hold all pages
# several times in memory, and what comes last is parsed while nothing else comes: this is near the best of all.
BATCH_BYTES = 16_000_000

_NAME = "landing"


def open_database(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Open the in-memory DuckDB of one workspace; what does not fit into memory is refused, not written to a disk."""
    database = duckdb.connect()
    database.execute("set global temp_directory = ''")
    if memory_limit is not None:
        _limit(database, memory_limit)
    database.execute("set global TimeZone = 'UTC'")
    # Of what parsing a batch took only so much is kept for the next; by default a large listing keeps half a gigabyte.
    database.execute("set global allocator_bulk_deallocation_flush_threshold = '64MB'")
    return database


def _limit(database: duckdb.DuckDBPyConnection, memory_limit: str) -> None:
    """Set how much memory a database may use."""
    if not re.fullmatch(r"\d+(\.\d+)? ?[MGT]i?B", str(memory_limit), re.IGNORECASE):
        database.close()
        raise BadRequestError(f"memory_limit={memory_limit!r} must be an amount such as '500MB' or '2GB'.")
    database.execute(f"set global memory_limit = '{memory_limit}'")


@cache
def _insert(table: Table, items: str, privacy: Privacy) -> duckdb.Statement:
    """Read the statement that parses a batch, once: that takes longer than running it over a few pages."""
    with duckdb.connect() as database:
        return database.extract_statements(projection.insert(table, _NAME, items, privacy))[0]


@dataclass
class Batch:
    """Hold the texts of some pages, and the keys that they were asked for."""

    pages: list[str] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)
    size: int = 0

    def add(self, text: str, asked: str | None) -> None:
        """Take one page."""
        self.pages.append(text)
        self.asked.append(asked)
        self.size += len(text)


class Landing:
    """Collect the objects of one table from pages of text; safe to add to from several threads.

    It works on a cursor of its own, since a DuckDB connection cannot be shared between threads, and its table is
    temporary: closing the cursor forgets it.
    """

    def __init__(
        self, database: duckdb.DuckDBPyConnection, table: Table, items: str, privacy: Privacy = "full"
    ) -> None:
        self.table = table
        self.privacy = privacy
        self.items = items
        self.misfits: Counter[str] = Counter()
        self._odd = 0
        self._batches = deque([Batch()])  # the last one fills
        self._lock = threading.Lock()  # for the pages that wait
        self._reading = threading.Lock()  # for the cursor
        self._cursor = database.cursor()
        self._cursor.execute(projection.ddl(table, _NAME))

    def add(self, page: Page, asked: str | None = None) -> bool:
        """Take one page, and the key that it was asked for; tell whether it fills a batch, to be parsed."""
        with self._lock:
            self._batches[-1].add(page.text, asked)
            self.misfits["characters that are no Unicode"] += page.repaired
            full = self._batches[-1].size >= BATCH_BYTES
            if full:
                self._batches.append(Batch())
            return full

    def parse(self) -> None:
        """Parse the batches that are full, while the next one fills."""
        with self._reading:
            self._parse()

    def _flush(self) -> None:
        """Parse all pages that wait, few as they are."""
        with self._lock:
            if self._batches[-1].pages:
                self._batches.append(Batch())
        self._parse()

    def _parse(self) -> None:
        while len(self._batches) > 1:
            batch = self._batches[0]
            parameters: dict[str, Any] = {"pages": batch.pages, "asked": batch.asked}
            if self.privacy == "masked" and any(column.personal for column in self.table.columns):
                parameters["key"] = KEY
            self._cursor.execute(_insert(self.table, self.items, self.privacy), parameters)
            odd = self._count("select count(*) filter (odd) from landing")
            if odd > self._odd:
                self._odd = odd
                self._audit(batch.pages)
            self._batches.popleft()

    def _audit(self, pages: list[str]) -> None:
        query = misfits.audit(self.table, self.items)
        counted: dict[str, Any] = self._cursor.execute(query, {"pages": pages}).fetchnumpy()
        self.misfits.update({name: int(count[0]) for name, count in counted.items() if count[0]})

    def _count(self, query: str, parameters: dict[str, Any] | None = None) -> int:
        return int(self._cursor.execute(query, parameters or {}).fetchall()[0][0])

    def rows(self, selection: Selection | None = None) -> int:
        """Count the objects that a selection means, each once however often it came."""
        selection = selection or Selection()
        with self._reading:
            self._flush()
            key = f'"{self.table.key}"'
            counted = f"count(distinct {key}) + count(*) - count({key})" if self.table.key else "count(*)"
            return self._count(f"select {counted} from landing where {selection.sql()}", selection.parameters)

    def frame(self, receipt: Receipt, selection: Selection, limit: int | None = None) -> Frame:
        """Read the rows that a selection means, each object once, in the table's order."""
        with self._reading:
            self._flush()
            receipt.misfits = dict(+self.misfits)
            order: dict[str, Any] = self._cursor.execute(
                self._select(selection.sql(), limit), selection.parameters
            ).fetchnumpy()
            if selection.where and receipt.complete:
                receipt.total = len(order["rowid"])  # Intercom counts what the search found, which may be more
            return frame(self._read, order["rowid"], self.table.columns, receipt)

    def _read(self, columns: list[str]) -> dict[str, Any]:
        """Read whole columns, in the order in which rows landed."""
        names = ", ".join(f'"{name}"' for name in columns)
        arrays: dict[str, Any] = self._cursor.execute(f"select {names} from landing").fetchnumpy()
        return arrays

    def pour(self, receipt: Receipt) -> None:
        """Add each object once to the session's table of the same name, in place of what that held of it."""
        names, name = ", ".join(f'"{column.name}"' for column in self.table.columns), self.table.name
        same = " and ".join(f'held."{key}" = landing."{key}"' for key in (self.table.key, *self.table.pair) if key)
        with self._reading:
            self._flush()
            receipt.misfits = dict(+self.misfits)
            newest = self._newest()
            # Rows without a key are the same where all their values are; finding that out takes long.
            distinct = "distinct " if self._count(f"select count(*) from landing where {self._keyless()}") else ""
            with self._together():
                self._cursor.execute(f'delete from "{name}" held where exists (select 1 from landing where {same})')
                self._cursor.execute(f'insert into "{name}" ({names}) select {distinct}{names} from landing {newest}')
            receipt.rows = self._count(f"select count(*) from (select 1 from landing {newest})")

    def take_out(self, name: str, where: str, parameters: dict[str, Any]) -> None:
        """Take the objects that landed, of those that a condition means, out of one of the session's tables."""
        with self._reading:
            self._flush()
            gone = f"select id from landing where {where}"
            self._cursor.execute(f'delete from "{name}" where id in ({gone})', parameters)

    @contextlib.contextmanager
    def _together(self) -> Iterator[None]:
        """Let statements take effect all together, or not at all."""
        self._cursor.begin()
        try:
            yield
        except BaseException:
            self._cursor.rollback()
            raise
        self._cursor.commit()

    def oldest(self, newest: int | None = None) -> int | None:
        """Give the unix second in which the oldest row was created, or the oldest of so many of the newest.

        None where no row says.
        """
        limit = "" if newest is None else f" order by created_at desc nulls last limit {newest}"
        with self._reading:
            self._flush()
            query = f"select epoch(min(created_at)) from (select created_at from landing{limit})"
            ((oldest,),) = self._cursor.execute(query).fetchall()
            return None if oldest is None else int(oldest)

    def _select(self, where: str, limit: int | None) -> str:
        end = f" limit {limit}" if limit is not None else ""
        return (
            f"select rowid from (select rowid, * from landing {self._newest()}) where {where} "
            f"order by {self.table.order}{end}"
        )

    def _newest(self) -> str:
        """Keep the newest of several answers about one object: rows that change while pages are read come twice."""
        key, changed = self.table.key, self.table.changed
        if not key or self._count(f'select count("{key}") - count(distinct "{key}") from landing') == 0:
            return ""
        newest = f'"{changed}" desc' if changed else "rowid desc"
        return f'qualify "{key}" is null or row_number() over (partition by "{key}" order by {newest}, rowid desc) = 1'

    def _keyless(self) -> str:
        return f'"{self.table.key}" is null' if self.table.key else "true"

    def close(self) -> None:
        """Forget the rows, once nobody adds to them any more."""
        with self._reading:
            self._batches = deque([Batch()])
            self._cursor.close()
