"""The staging table of one fetch: filled batch by batch, then read as a frame or added to the session's tables."""

import contextlib
import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from intercom_kit.api.heads import Page
from intercom_kit.concurrency import stopping
from intercom_kit.fetch.staging import Staging
from intercom_kit.frames.frame import Frame, frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.search.filters import Selection
from intercom_kit.tables import Table, misfits, projection
from intercom_kit.tables.privacy import KEY, Privacy

# Larger batches amortise planning, which costs as much as parsing some megabytes, but hold more memory, and no page
# arrives while the last one is parsed: this size measured near the best.
BATCH_BYTES = 24_000_000
# The first batch is smaller, so that parsing begins early; from there on they double.
FIRST_BATCH_BYTES = 4_000_000
# Pages come in bursts, so some batches may wait for the parser; with more, the fetch waits too.
WAITING_BATCHES = 4

# NUL characters, which few programs expect in a text; values keep them.
NULLS = "NULs in texts"


@dataclass
class Batch:
    """The texts of some pages, and the keys that they were requested for."""

    pages: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    size: int = 0
    plain: bool = True  # no duplicate keys were seen in its JSON

    def add(self, page: Page, key: str | None) -> None:
        """Add one page."""
        self.pages.append(page.text)
        self.keys.append(key)
        self.size += len(page.text)
        self.plain = self.plain and page.plain


class Landing:
    """A staging table for the objects of one fetch's pages; pages may be added from several threads.

    It has its own cursor, since a DuckDB connection cannot be shared between threads. With `poured` the table is one of
    the session's database, so that it can become the session's table; otherwise it is temporary.
    """

    def __init__(
        self,
        staging: Staging,
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
        self._suspect = 0  # rows whose shape is unexpected
        self._batches = deque([Batch()])  # the last one fills
        self._full = min(FIRST_BATCH_BYTES, BATCH_BYTES)
        self._lock = threading.Lock()  # guards the batches
        self._reading = threading.Lock()  # guards the cursor
        self._staging = staging
        self._name = staging.name()
        self._table = f'"{self._name}"'
        self._cursor = staging.database.cursor()
        self._cursor.execute(projection.ddl(table, self._name, temporary=not poured))
        # Only queries read the rows that come inside others.
        inner = table.carries if poured else None
        self._carried = Landing(staging, inner, inner.inside, privacy, poured=True) if inner else None

    def add(self, page: Page, key: str | None = None) -> bool:
        """Add one page, and the key that it was requested for; return whether a batch is full and can be parsed."""
        with self._lock:
            self._batches[-1].add(page, key)
            self.misfits["characters that are no Unicode"] += page.repaired
            self.misfits[NULLS] += page.nulls
            full = self._batches[-1].size >= self._full
            if full:
                self._full = min(2 * self._full, BATCH_BYTES)
                self._batches.append(Batch())
            return full

    @property
    def is_behind(self) -> bool:
        """Return whether so many batches wait to be parsed that fetching should pause."""
        return len(self._batches) > WAITING_BATCHES

    def parse(self) -> None:
        """Parse the batches that are full, while the next one fills."""
        with self._reading:
            self._parse()

    def _flush(self) -> None:
        """Parse all pages that wait, also those of a batch that is not full."""
        with self._lock:
            if self._batches[-1].pages:
                self._batches.append(Batch())
        self._parse()

    def _parse(self) -> None:
        while len(self._batches) > 1:
            batch = self._batches[0]
            # If one of the two fails, both are parsed again; carried rows that come twice are settled by their key.
            if self._carried:
                objects = self._objects(batch)
                self._carried._load(Batch(objects, [None] * len(objects), plain=batch.plain))
            self._load(batch)
            self._batches.popleft()

    def _load(self, batch: Batch) -> None:
        """Insert the objects of a batch, and count those of its values that do not fit."""
        last = self._count(f"select coalesce(max(rowid), -1) from {self._table}")
        self._insert(batch)
        if not batch.plain:
            self.misfits[misfits.TWICE] += self._count(misfits.twice(self.table, self.items), {"pages": batch.pages})
        suspect = self._suspect_rows()
        if suspect > self._suspect and self._audit(batch.pages):
            self._cursor.execute(f"delete from {self._table} where rowid > {last}")
            self._insert(batch, sifted=True)
            suspect = self._suspect_rows()
        self._suspect = suspect

    def _objects(self, batch: Batch) -> list[str]:
        """Return the texts of the objects in a batch, each of which is a page of what it carries."""
        if not self.items:
            return batch.pages
        found = self._cursor.execute(misfits.objects(self.items), {"pages": batch.pages})
        return [text for (text,) in found.fetchall()]

    def _insert(self, batch: Batch, *, sifted: bool = False) -> None:
        parameters: dict[str, Any] = {"pages": batch.pages, "asked": batch.keys}
        if self.privacy == "masked" and any(column.personal for column in self.table.columns):
            parameters["key"] = KEY
        insertion = self._staging.insertion(self.table, self._name, self.items, self.privacy, sifted=sifted)
        self._cursor.execute(insertion, parameters)

    def _suspect_rows(self) -> int:
        return self._count(f"select count(*) filter (odd) from {self._table}")

    def _audit(self, pages: list[str]) -> bool:
        """Count misfits in pages; return whether their lists hold anything but the declared objects."""
        query = misfits.audit(self.table, self.items)
        counts: dict[str, Any] = self._cursor.execute(query, {"pages": pages}).fetchnumpy()
        found = {name: int(count[0]) for name, count in counts.items() if count[0]}
        self.misfits.update(found)
        return not misfits.lists(self.table).isdisjoint(found)

    def _count(self, query: str, parameters: dict[str, Any] | None = None) -> int:
        return int(self._cursor.execute(query, parameters or {}).fetchall()[0][0])

    def rows(self, selection: Selection | None = None) -> int:
        """Return the number of distinct objects that match a selection.

        Without a selection, count as Intercom does: include list members that are not objects.
        """
        selected = selection or Selection()
        with self._reading:
            self._flush()
            key = f'"{self.table.key}"'
            counted = f"count(distinct {key}) + count(*) - count({key})" if self.table.key else "count(*)"
            rows = self._count(f"select {counted} from {self._table} where {selected.sql()}", selected.parameters)
            return rows + self.misfits[misfits.NO_OBJECTS] * (selection is None)

    def texts(self, column: str) -> list[str]:
        """Return the distinct texts of a column."""
        with self._reading:
            self._flush()
            query = f'select distinct "{column}" from {self._table} where "{column}" is not null order by 1'
            return [str(text) for (text,) in self._cursor.execute(query).fetchall()]

    def frame(self, receipt: Receipt, selection: Selection, limit: int | None = None) -> Frame:
        """Return the selected rows, each object once, in the table's order."""
        return stopping.interruptible(lambda: self._frame(receipt, selection, limit), self._cursor.interrupt)

    def _frame(self, receipt: Receipt, selection: Selection, limit: int | None) -> Frame:
        with self._reading:
            self._settle(receipt)
            order: dict[str, Any] = self._cursor.execute(
                self._select(selection.sql(), limit), selection.parameters
            ).fetchnumpy()
            if selection.where and receipt.complete and receipt.total is not None:
                receipt.total = len(order["place"])  # Intercom's total is that of the search, which may be wider
            return frame(self._read, order["place"], self.table.columns, receipt)

    def _read(self, columns: list[str]) -> dict[str, Any]:
        """Return whole columns, in the order in which rows were inserted."""
        names = ", ".join(f'"{name}"' for name in columns)
        arrays: dict[str, Any] = self._cursor.execute(f"select {names} from {self._table}").fetchnumpy()
        return arrays

    def _settle(self, receipt: Receipt) -> None:
        """Parse what waits, and keep only the newest version of each object.

        Rows that change while pages are read are received twice, and so are some when a search is split into spans.
        """
        self._flush()
        receipt.misfits = dict(+self.misfits)
        if key := self.table.key:
            newest = f'"{self.table.changed}" desc, rowid desc' if self.table.changed else "rowid desc"
            several = f'select "{key}" from {self._table} group by "{key}" having count(*) > 1'
            aged = f'rowid, row_number() over (partition by "{key}" order by {newest}) as age'
            older = f'select rowid from (select {aged} from {self._table} where "{key}" in ({several})) where age > 1'
            self._cursor.execute(f"delete from {self._table} where rowid in ({older})")

    @contextlib.contextmanager
    def settled(self, receipt: Receipt) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Yield the cursor, and the quoted name of the staging table, in which each object is once."""
        with self._reading:
            self._settle(receipt)
            yield self._cursor, self._table

    @property
    def carried(self) -> "Landing | None":
        """Return the landing of the rows that come inside these, if any are kept."""
        return self._carried

    def pour(self, receipt: Receipt) -> None:
        """Add each object once to the session's table of the same name, replacing older versions."""
        with self._reading:
            self._settle(receipt)
            receipt.rows = self._count(f"select count(*) from {self._table}")
            without_key = self._count(f"select count(*) from {self._table} where {self._keyless()}")
            if self._carried:
                carried = Receipt(self._carried.table.name)
                self._carried._settle(carried)
                receipt.misfits |= {f"{carried.table}.{name}": count for name, count in carried.misfits.items()}
            with self._transaction():
                if self._carried:
                    self._replace_carried(self._carried)
                if without_key or self._count(f"select count(*) from (select 1 from {self._cached} limit 1)"):
                    self._add(distinct=without_key > 0)
                else:
                    self._take_place()

    @property
    def _cached(self) -> str:
        return self._staging.cached(self.table.name)

    def _replace_carried(self, carried: "Landing") -> None:
        """Replace in the session's table of carried rows those that came inside earlier versions of these."""
        held, own, key = carried._cached, carried.table.every_key.column, self.table.key
        names = ", ".join(f'"{column.name}"' for column in carried.table.columns)
        self._cursor.execute(f'delete from {held} where "{own}" in (select "{key}" from {self._table})')
        self._cursor.execute(f"insert into {held} ({names}) select {names} from {carried._table}")

    def _take_place(self) -> None:
        """Replace the session's table, which is empty, by renaming: this needs no copy."""
        self._cursor.execute(f"drop table {self._cached}")
        self._cursor.execute(f"alter table {self._table} drop column odd")
        self._cursor.execute(f"alter table {self._table} rename to {self._cached}")

    def _add(self, distinct: bool) -> None:
        """Insert the rows into the session's table; rows without a key are duplicates if all their values are equal."""
        names, held = ", ".join(f'"{column.name}"' for column in self.table.columns), self._cached
        pair = [f'held."{key}" is not distinct from new."{key}"' for key in self.table.pair]
        same = " and ".join([f'held."{key}" = new."{key}"' for key in (self.table.key,) if key] + pair)
        self._cursor.execute(f"delete from {held} held where exists (select 1 from {self._table} new where {same})")
        rows = f"select {'distinct ' * distinct}{names} from {self._table}"
        self._cursor.execute(f"insert into {held} ({names}) {rows}")

    def newly_changed_before(self, second: int) -> int:
        """Return by how many seconds the earliest change that the session's table lacks precedes a second, or 0."""
        with self._reading:
            self._flush()
            key, changed = self.table.key, self.table.changed
            older = f'held."{key}" = new."{key}" and held."{changed}" < new."{changed}"'
            query = f'select min(new."{changed}") from {self._table} new join "{self.table.name}" held on {older}'
            return max(0, second - self._count(f"select coalesce(epoch(({query})), $second)", {"second": second}))

    def empty(self) -> None:
        """Delete the rows, to start over."""
        with self._reading:
            self._flush()
            self._cursor.execute(f"delete from {self._table}")
            self._suspect = 0
            self.misfits.clear()
        if self._carried:
            self._carried.empty()

    def take_out(self, name: str, where: str, parameters: dict[str, Any]) -> None:
        """Delete from a session's table the objects that are in this one and match a condition."""
        with self._reading:
            self._flush()
            gone = f"select id from {self._table} where {where}"
            self._staging.take_out(self._cursor, name, gone, parameters)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run the block in a transaction."""
        self._cursor.begin()
        try:
            yield
        except BaseException:
            self._cursor.rollback()
            raise
        self._cursor.commit()

    def oldest(self, newest: int | None = None) -> int | None:
        """Return the Unix second in which the oldest row was created, or the oldest among the `newest` newest ones.

        None if no row has a time of creation.
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
        """Drop the table, after the last page was added."""
        with self._lock:
            self._batches = deque([Batch()])  # pages that still wait are not parsed any more
        with self._reading, contextlib.suppress(duckdb.Error):  # a closed session has no tables
            self._cursor.execute(f"drop table if exists {self._table}")
            self._cursor.close()
        self._staging.release(self._name)
        if self._carried:
            self._carried.close()
