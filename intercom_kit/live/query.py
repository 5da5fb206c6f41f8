"""Queries: planned, their rows fetched from Intercom, and run unchanged on the session's tables."""

import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from intercom_kit import apart
from intercom_kit.apart.process import Allowance
from intercom_kit.apart.requests import Answer, Read
from intercom_kit.apart.workers import Workers
from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadQueryError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live import carried, holdings, masking, unknown_values
from intercom_kit.live.copied.database import Copied
from intercom_kit.live.counted import estimates
from intercom_kit.live.counted.estimates import Estimates
from intercom_kit.live.defined.definitions import Definitions, fetched_from
from intercom_kit.live.defined.reading import Planned, defining
from intercom_kit.live.fetching import BeyondAllowance, Fetching
from intercom_kit.live.holdings import Held
from intercom_kit.live.joins import with_every_key
from intercom_kit.live.kept.parts import memories
from intercom_kit.live.memory import Fresh
from intercom_kit.live.query_call import QueryCall
from intercom_kit.search.filters import Selection
from intercom_kit.sql import plans as planners
from intercom_kit.sql import spelling
from intercom_kit.sql.attributes.fitting import misfits
from intercom_kit.sql.attributes.mentions import Defined
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.planner import Parameters
from intercom_kit.sql.plans import UNREAD, Plans, Reading
from intercom_kit.sql.predicates import as_sql, both
from intercom_kit.sql.prepared import prepare, table_names
from intercom_kit.sql.running import Running, interrupted_after
from intercom_kit.sql.syntax import shallow_enough
from intercom_kit.tables import TABLES, Table

NARROW = "add a condition, such as created_at > now() - interval 30 day, narrow what is joined, or allow more."


class Queries:
    """The queries of one session: run one at a time in this process, or apart in a separate one."""

    def __init__(self, session: Session, workers: Workers | None = None) -> None:
        self.session = session
        self._workers = workers or apart.workers()
        self.memory = memories(lambda: session.database)
        self.definitions = Definitions(session.privacy, fetched_from(session))
        self._lock = threading.Lock()
        self._plans: Plans | None = None
        self._copied: Copied | None = None

    def sql(self, call: QueryCall) -> Frame:
        """Return the result of a query on live rows."""
        call = call.checked()
        return self.session.linked(self._sql(call) if call.apart is None else self._sql_apart(call, call.apart))

    def _sql(self, call: QueryCall) -> Frame:
        """Return the result of a query that runs in this process."""
        with self._lock, self.session.translated_errors(), shallow_enough():
            own = OwnFrames(call.frames, table_names())
            planned, names = self._planned(call.query, call.parameters, own, call.timeout), [*table_names(), *own.names]
            reading = planned.reading
            database = self.session.database if reading.question.reads else self._prepared().database
            with own.beside(database) as cursor:
                receipt = self._fetched(planned, call)
                receipt.notes += [] if self._prepared().work else [UNREAD]
                running = Running(cursor, call.timeout, call.max_rows, names, planned.spent, reading.attributes)
                return running.answer(reading.question, call.parameters, receipt)

    def _sql_apart(self, call: QueryCall, memory: str) -> Frame:
        """Return the result of a query that runs in a separate process; only the fetching is done here."""
        self.session.transport.require_open()
        processes, allowance, cost = self._workers.within(memory), Allowance(call.timeout), Receipt("attributes")
        patience = self.session.transport.patience
        with processes.one(patience) as process:
            understood = process.read(Read(call.query, call.parameters), allowance)
        if undefined := understood.reading.undefined:
            defined = self.definitions.for_query(sorted(undefined), cost)
            with processes.one(patience) as process:
                understood = process.read(Read(call.query, call.parameters, defined), allowance)
        reading = replace(
            understood.reading, needs=masking.without_personal(understood.reading.needs, self.session.privacy)
        )
        with ExitStack() as copies:
            with self._lock, self.session.translated_errors():
                self._prepared()
                receipt = self._fetched(Planned(reading, cost), call)
                receipt.notes += [] if understood.works else [UNREAD]
                cursor = copies.enter_context(self.session.database.cursor())
                copying = self._workers.exchange.written(cursor, reading.needs)
                rows = stopping.interruptible(lambda: copies.enter_context(copying), cursor.interrupt)
            request = Answer(
                reading.question, call.parameters, rows, call.max_rows, receipt, attributes=reading.attributes
            )
            with processes.one(patience) as process:
                return process.answer(request, allowance)

    def _fetched(self, planned: Planned, call: QueryCall) -> Receipt:
        """Fetch what a query needs, and return the receipt."""
        needs, attributes = planned.reading.needs, planned.reading.attributes
        self._complete(needs, call)
        sent = planned.cost.requests
        fetching = Fetching(self.session, needs, self.memory, call.max_requests, call.fresh, sent=sent)
        try:
            fetching.run()
        except BeyondAllowance as error:
            steps = Estimates(self.session, needs, self.memory, call.fresh).steps()
            raise BadQueryError(
                f"{error}: {NARROW} Still to fetch:\n{estimates.steps_text(steps)}", plan=estimates.steps_frame(steps)
            ) from None
        receipt = _summed(fetching.receipts, Receipt("query"))
        receipt.add(planned.cost)
        receipt.notes += planned.cost.notes
        with self.session.database.cursor() as cursor:
            if attributes:
                counting = partial(misfits, cursor, attributes, needs)
                receipt.misfits |= stopping.interruptible(counting, cursor.interrupt)
            if call.tells_values and self.session.privacy == "full":
                looking = partial(unknown_values.notes, cursor, needs, self.memory)
                receipt.notes += stopping.interruptible(looking, cursor.interrupt)
        receipt.notes += fetching.notes()
        for why in dict.fromkeys(carried.incomplete(fetching.joins)):
            receipt.cut(why)
        receipt.notes += [*masking.notes(self.session.privacy), *spelling.notes(needs), *self._learnt(needs)]
        return receipt

    def _complete(self, needs: Needs, call: QueryCall) -> None:
        """Add to what a query needs the rows without which others cannot be fetched."""
        with_every_key(needs, call.whole)
        carried.with_carriers(needs)

    def rows(
        self, table: Table, selection: Selection, filters: Mapping[str, Any], fresh: Fresh, max_requests: int
    ) -> Frame:
        """Return the rows of a table that match a selection; only those that are not cached are fetched.

        Raises BeyondAllowance if that takes more than `max_requests`.
        """
        parameters = dict(selection.parameters)
        where = f"{selection.sql()} and {as_sql(both(selection.alone or ()), parameters)}"
        source = f'from "{table.name}" where {where} order by {table.order}, rowid'
        with self._lock, self.session.translated_errors():
            needs = self._planned(f"select * {source}", parameters, OwnFrames({}, table_names())).reading.needs
            carried.with_carriers(needs)
            fetching = Fetching(self.session, needs, self.memory, max_requests, fresh)
            fetching.run()
            receipt = _summed(fetching.receipts, Receipt(table.name, dict(filters), notes=list(table.notes)))
            receipt.misfits = dict(self.memory[table.name].misfits)
            receipt.notes += [*fetching.notes(), *self.session.learning.notes(table)]
            receipt.notes += [self.session.identity.note] if selection.where and self.session.identity.note else []
            with self.session.database.cursor() as cursor:

                def read(columns: list[str]) -> dict[str, Any]:
                    names = ", ".join(f'"{name}"' for name in columns)
                    return dict(cursor.execute(f"select {names} {source}", parameters).fetchnumpy())

                def answer() -> Frame:
                    ((count,),) = cursor.execute(f"select count(*) from (select 1 {source})", parameters).fetchall()
                    receipt.total = count if receipt.complete else None
                    return frame(read, np.arange(count), table.columns, receipt)

                listed = stopping.interruptible(answer, cursor.interrupt)
        return self.session.linked(listed, table)

    def plan(self, call: QueryCall) -> pd.DataFrame:
        """Return what a query would fetch, from requests for counts only."""
        call = call.checked()
        with self._lock, self.session.translated_errors(), shallow_enough():
            own = OwnFrames(call.frames, table_names())
            planned = self._planned(call.query, call.parameters, own)
            needs = planned.reading.needs
            self._complete(needs, call)
            with own.beside(self.session.database):
                steps = Estimates(self.session, needs, self.memory, call.fresh).steps()
        return estimates.steps_frame([*defining(planned.reading.attributes, planned.cost), *steps])

    def held(self) -> list[Held]:
        """Return the cached tables, without waiting for a running query."""
        self.session.transport.require_open()
        if not self._plans:
            return []
        with self.session.translated_errors():
            return holdings.held(self.session.database, self.memory)

    def copied(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor on a copy of the cached rows, in a database of its own."""
        with self._lock, self.session.translated_errors():
            self._prepared()
            if self._copied is None:
                self._copied = Copied(self.session.memory_limit)
            self._copied.bring(self.session.database, self.held())
            return self._copied.database.cursor()

    def related(self, answer: Frame) -> duckdb.DuckDBPyRelation:
        """Return an answer as a relation of the database that holds the copy of the cached rows."""
        self.copied()
        assert self._copied is not None  # noqa: S101 - made before
        return self._copied.related.from_df(pd.DataFrame(answer))

    def export(self, folder: str | Path) -> list[Path]:
        """Write the cached tables to a folder, and return the paths."""
        with self._lock, self.session.translated_errors():
            self.session.transport.require_open()
            held = self.held()
            return stopping.interruptible(lambda: holdings.export(self.session.database, held, folder))

    def refresh(self) -> None:
        """Bring the cached tables up to date."""
        with self._lock, self.session.translated_errors():
            self._prepared()
            self.definitions.forget()
            Fetching(self.session, Needs(), self.memory, sys.maxsize, "live").refresh()

    def forget(self) -> None:
        """Clear the cache."""
        with self._lock, self.session.translated_errors():
            self._prepared()
            self.definitions.forget()
            stopping.to_the_end(lambda: holdings.forget(self.session.staging, self.memory))

    def _planned(self, query: str, parameters: Parameters, own: OwnFrames, timeout: float | None = None) -> Planned:
        """Check a query and plan it; if DuckDB's plans have an unknown form, it needs every row of its tables.

        Where it names `attr`, the definitions of attributes are fetched first, which is no part of the timeout.
        """
        plans, spent, cost = self._prepared(), 0.0, Receipt("attributes")

        def read(defined: Defined | None = None) -> Reading:
            nonlocal spent
            began = time.monotonic()
            with own.beside(plans.database) as cursor, interrupted_after(timeout, cursor):
                reading = stopping.interruptible(
                    lambda: plans.read(cursor, query, parameters, own, defined), cursor.interrupt
                )
            spent += time.monotonic() - began
            return reading

        reading = read()
        if reading.undefined:
            reading = read(self.definitions.for_query(sorted(reading.undefined), cost))
        reading = replace(reading, needs=masking.without_personal(reading.needs, self.session.privacy))
        return Planned(reading, cost, spent)

    def _learnt(self, needs: Needs) -> list[str]:
        """Return notes on the searches of a query that do not behave as documented."""
        tables = dict.fromkeys(scan.table for scan in needs.scans if scan.table in TABLES)
        return [note for name in tables if TABLES[name].search for note in self.session.learning.notes(TABLES[name])]

    def _prepared(self) -> Plans:
        """Create the session's tables at the first query; return the empty ones to plan on."""
        self.session.transport.require_open()
        return self._plans or stopping.to_the_end(self._prepare)

    def _prepare(self) -> Plans:
        prepare(self.session.database, self._workers.exchange.path)
        self._plans = planners.take()
        return self._plans

    def close(self) -> None:
        """Give back the planner for the next session, unless a query still runs."""
        if self._copied is not None:
            self._copied.close()
        if self._lock.acquire(blocking=False):
            plans, self._plans = self._plans, None
            self._lock.release()
            if plans:
                planners.put_back(plans)


def _summed(receipts: list[Receipt], total: Receipt) -> Receipt:
    """Add the costs, failures and notes of fetches to a receipt, whichever ended first, and return it."""
    for receipt in sorted(receipts, key=lambda receipt: (receipt.table, receipt.why, receipt.notes)):
        total.add(replace(receipt, why=f"{receipt.table}: {receipt.why}"))
        for name, count in receipt.misfits.items():
            column = f"{receipt.table}.{name}"
            total.misfits[column] = total.misfits.get(column, 0) + count
        total.notes += [note for note in receipt.notes if note not in total.notes]
    return total
