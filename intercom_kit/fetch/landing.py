"""Where the pages of one fetch land: a table, filled batch by batch, then read as a frame or kept for queries."""

import contextlib
import itertools
import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb

from intercom_kit.api.heads import Page
from intercom_kit.concurrency import stopping
from intercom_kit.frames.frame import Frame, frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.search.filters import Selection
from intercom_kit.sql.database import bare_database
from intercom_kit.tables import Table, misfits, projection
from intercom_kit.tables.privacy import KEY, Privacy

# Planning a statement costs as much as parsing some megabytes, one statement over everything would hold all pages
# several times in memory, and what comes last is parsed while nothing else comes: this is near the best of all.
BATCH_BYTES = 24_000_000
# The first batches are smaller, so that parsing begins early; from there on they double.
FIRST_BATCH_BYTES = 4_000_000
# Pages come in bursts, so some batches may wait; whoever brings more waits too.
WAITING_BATCHES = 4

# Letters that hardly any program expects within a text; values keep them.
NULLS = "NULs in texts"

# Names of tables where nothing lands now, to be used again: statements that were read are remembered by name.
_free: list[str] = []
_named = itertools.count(1)


@cache
def _statement(table: Table, name: str, items: str, privacy: Privacy, sifted: bool) -> duckdb.Statement:
    """Read the statement that parses a batch, once: that takes longer than running it over a few pages."""
    with bare_database() as database:
        return database.extract_statements(projection.insert(table, name, items, privacy, sifted=sifted))[0]


def _free_name() -> str:
    """Give a name that no other landing has."""
    try:
        return _free.pop()
    except IndexError:
        return f"landing {next(_named)}"


@dataclass
class Batch:
    """The texts of some pages, and the keys that they were asked for."""

    pages: list[str] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)
    size: int = 0
    plain: bool = True  # no key was seen to come twice

    def add(self, page: Page, asked: str | None) -> None:
        """Take one page."""
        self.pages.append(page.text)
        self.asked.append(asked)
        self.size += len(page.text)
        self.plain = self.plain and page.plain


class Landing:
    """A table of its own for the objects of some pages of text; safe to add to from several threads.

    It works on a cursor of its own, since a DuckDB connection cannot be shared between threads. What will be poured
    lands in a table among the session's, so that it can become one of them; else the table goes with the cursor.
    """

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        table: Table,
        items: str,
        privacy: Privacy = "full",
        *,
        poured: bool = False,
    ) -> None:
        self.table = table
        self.privacy = privacy
        self.items = items
        self.misfits: Counter[str] = Counter()
        self._odd = 0
        self._batches = deque([Batch()])  # the last one fills
        self._full = min(FIRST_BATCH_BYTES, BATCH_BYTES)
        self._lock = threading.Lock()  # for the pages that wait
        self._reading = threading.Lock()  # for the cursor
        self._name = _free_name()
        self._table = f'"{self._name}"'
        self._cursor = database.cursor()
        self._cursor.execute(projection.ddl(table, self._name, temporary=not poured))

    def add(self, page: Page, asked: str | None = None) -> bool:
        """Take one page, and the key that it was asked for; tell whether it fills a batch, to be parsed."""
        with self._lock:
            self._batches[-1].add(page, asked)
            self.misfits["characters that are no Unicode"] += page.repaired
            self.misfits[NULLS] += page.nulls
            full = self._batches[-1].size >= self._full
            if full:
                self._full = min(2 * self._full, BATCH_BYTES)
                self._batches.append(Batch())
            return full

    @property
    def is_behind(self) -> bool:
        """Tell whether so many batches wait to be parsed that no more should come."""
        return len(self._batches) > WAITING_BATCHES

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
            last = self._count(f"select coalesce(max(rowid), -1) from {self._table}")
            self._insert(batch)
            self._batches.popleft()
            if not batch.plain:
                self.misfits[misfits.TWICE] += self._count(
                    misfits.twice(self.table, self.items), {"pages": batch.pages}
                )
            odd = self._odd_rows()
            if odd > self._odd and self._audit(batch.pages):
                self._cursor.execute(f"delete from {self._table} where rowid > {last}")
                self._insert(batch, sifted=True)
                odd = self._odd_rows()
            self._odd = odd

    def _insert(self, batch: Batch, *, sifted: bool = False) -> None:
        parameters: dict[str, Any] = {"pages": batch.pages, "asked": batch.asked}
        if self.privacy == "masked" and any(column.personal for column in self.table.columns):
            parameters["key"] = KEY
        self._cursor.execute(_statement(self.table, self._name, self.items, self.privacy, sifted), parameters)

    def _odd_rows(self) -> int:
        return self._count(f"select count(*) filter (odd) from {self._table}")

    def _audit(self, pages: list[str]) -> bool:
        """Count what is amiss in pages; tell whether their lists hold something else than they should."""
        query = misfits.audit(self.table, self.items)
        counted: dict[str, Any] = self._cursor.execute(query, {"pages": pages}).fetchnumpy()
        amiss = {name: int(count[0]) for name, count in counted.items() if count[0]}
        self.misfits.update(amiss)
        return not misfits.lists(self.table).isdisjoint(amiss)

    def _count(self, query: str, parameters: dict[str, Any] | None = None) -> int:
        return int(self._cursor.execute(query, parameters or {}).fetchall()[0][0])

    def rows(self, selection: Selection | None = None) -> int:
        """Count the objects that a selection means, each once however often it came.

        Without a selection, count all that Intercom does: also what came where an object belongs, and is none.
        """
        meant = selection or Selection()
        with self._reading:
            self._flush()
            key = f'"{self.table.key}"'
            counted = f"count(distinct {key}) + count(*) - count({key})" if self.table.key else "count(*)"
            rows = self._count(f"select {counted} from {self._table} where {meant.sql()}", meant.parameters)
            return rows + self.misfits[misfits.NO_OBJECTS] * (selection is None)

    def frame(self, receipt: Receipt, selection: Selection, limit: int | None = None) -> Frame:
        """Read the rows that a selection means, each object once, in the table's order."""
        return stopping.interruptible(lambda: self._frame(receipt, selection, limit), self._cursor.interrupt)

    def _frame(self, receipt: Receipt, selection: Selection, limit: int | None) -> Frame:
        with self._reading:
            self._settle(receipt)
            order: dict[str, Any] = self._cursor.execute(
                self._select(selection.sql(), limit), selection.parameters
            ).fetchnumpy()
            if selection.where and receipt.complete and receipt.total is not None:
                receipt.total = len(order["place"])  # Intercom counts what the search found, which may be more
            return frame(self._read, order["place"], self.table.columns, receipt)

    def _read(self, columns: list[str]) -> dict[str, Any]:
        """Read whole columns, in the order in which rows landed."""
        names = ", ".join(f'"{name}"' for name in columns)
        arrays: dict[str, Any] = self._cursor.execute(f"select {names} from {self._table}").fetchnumpy()
        return arrays

    def _settle(self, receipt: Receipt) -> None:
        """Parse what waits, and keep the newest of several answers about one object.

        Rows that change while pages are read come twice, and those of a search that was cut into spans, too.
        """
        self._flush()
        receipt.misfits = dict(+self.misfits)
        if key := self.table.key:
            newest = f'"{self.table.changed}" desc, rowid desc' if self.table.changed else "rowid desc"
            several = f'select "{key}" from {self._table} group by "{key}" having count(*) > 1'
            aged = f'rowid, row_number() over (partition by "{key}" order by {newest}) as age'
            older = f'select rowid from (select {aged} from {self._table} where "{key}" in ({several})) where age > 1'
            self._cursor.execute(f"delete from {self._table} where rowid in ({older})")

    def pour(self, receipt: Receipt) -> None:
        """Add each object once to the session's table of the same name, in place of what that held of it."""
        with self._reading:
            self._settle(receipt)
            receipt.rows = self._count(f"select count(*) from {self._table}")
            without_key = self._count(f"select count(*) from {self._table} where {self._keyless()}")
            with self._together():
                if without_key or self._count(f'select count(*) from (select 1 from "{self.table.name}" limit 1)'):
                    self._add(distinct=without_key > 0)
                else:
                    self._take_place()

    def _take_place(self) -> None:
        """Become the session's table, which is empty: that takes no time, and no memory."""
        self._cursor.execute(f'drop table "{self.table.name}"')
        self._cursor.execute(f"alter table {self._table} drop column odd")
        self._cursor.execute(f'alter table {self._table} rename to "{self.table.name}"')

    def _add(self, distinct: bool) -> None:
        """Add the rows to the session's table; without a key they are the same where all their values are."""
        names, held = ", ".join(f'"{column.name}"' for column in self.table.columns), f'"{self.table.name}"'
        same = " and ".join(f'held."{key}" = new."{key}"' for key in (self.table.key, *self.table.pair) if key)
        self._cursor.execute(f"delete from {held} held where exists (select 1 from {self._table} new where {same})")
        rows = f"select {'distinct ' * distinct}{names} from {self._table}"
        self._cursor.execute(f"insert into {held} ({names}) {rows}")

    def newly_changed_before(self, second: int) -> int:
        """Return how many seconds before one a row changed of which the session holds an older state; 0 for none."""
        with self._reading:
            self._flush()
            key, changed = self.table.key, self.table.changed
            older = f'held."{key}" = new."{key}" and held."{changed}" < new."{changed}"'
            query = f'select min(new."{changed}") from {self._table} new join "{self.table.name}" held on {older}'
            return max(0, second - self._count(f"select coalesce(epoch(({query})), $second)", {"second": second}))

    def empty(self) -> None:
        """Forget the rows that landed, to begin again."""
        with self._reading:
            self._flush()
            self._cursor.execute(f"delete from {self._table}")
            self._odd = 0
            self.misfits.clear()

    def take_out(self, name: str, where: str, parameters: dict[str, Any]) -> None:
        """Take the objects that landed, of those that a condition means, out of one of the session's tables."""
        with self._reading:
            self._flush()
            gone = f"select id from {self._table} where {where}"
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
            query = f"select epoch(min(created_at)) from (select created_at from {self._table}{limit})"
            ((oldest,),) = self._cursor.execute(query).fetchall()
            return None if oldest is None else int(oldest)

    def _select(self, where: str, limit: int | None) -> str:
        end = f" limit {limit}" if limit is not None else ""
        placed = f"select row_number() over () - 1 as place, rowid, * from {self._table}"
        return f"select place from ({placed}) where {where} order by {self.table.order}{end}"

    def _keyless(self) -> str:
        return f'"{self.table.key}" is null' if self.table.key else "true"

    def close(self) -> None:
        """Forget the rows, once nobody adds to them any more."""
        with self._lock:
            self._batches = deque([Batch()])  # of which nothing need be parsed any more
        with self._reading, contextlib.suppress(duckdb.Error):  # a session that was closed has forgotten all rows
            self._cursor.execute(f"drop table if exists {self._table}")
            self._cursor.close()
        _free.append(self._name)
