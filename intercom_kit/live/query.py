"""Answer a query: plan it, ask Intercom for what it needs, and run it, as it was written, on what came."""

import math
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from intercom_kit import apart
from intercom_kit.apart.process import Allowance
from intercom_kit.apart.requests import Answer, Read
from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live import estimates, holdings, masking
from intercom_kit.live.estimates import Estimates
from intercom_kit.live.fetching import BeyondAllowance, Fetching
from intercom_kit.live.holdings import Held
from intercom_kit.live.joins import with_every_key
from intercom_kit.live.memory import Fresh, TableMemory
from intercom_kit.search.filters import Selection
from intercom_kit.sql import spelling
from intercom_kit.sql.guard import Question
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.planner import Needs, Parameters
from intercom_kit.sql.plans import UNREAD, Plans
from intercom_kit.sql.predicates import as_sql, both
from intercom_kit.sql.prepared import prepare, table_names
from intercom_kit.sql.running import Running, checked_timeout, interrupted_after
from intercom_kit.sql.syntax import shallow_enough
from intercom_kit.tables import TABLES, Table
from intercom_kit.values.plain import plain, whole_number

NARROW = "add a condition, such as created_at > now() - interval 30 day, narrow what is joined, or allow more."


class Queries:
    """What answers the queries of one session: those of its own user one at a time, and those of others apart."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.memory = {name: TableMemory() for name in TABLES}
        self._lock = threading.Lock()
        self._plans: Plans | None = None

    def sql(
        self,
        query: str,
        parameters: Parameters,
        frames: Mapping[str, pd.DataFrame],
        most_requests: int,
        fresh: Fresh,
        timeout: float | None = None,
        most_rows: int | None = None,
        whole: Iterable[str] = (),
        within: str | None = None,
    ) -> Frame:
        """Answer a query with live rows; `timeout` bounds what DuckDB does with them, not the fetching."""
        timeout, parameters = checked_timeout(timeout), plain_parameters(parameters)
        most_requests, most_rows = _allowance(most_requests), _most_rows(most_rows)
        if fresh not in get_args(Fresh):
            raise BadRequestError(f"fresh={fresh!r} must be one of {', '.join(map(repr, get_args(Fresh)))}.")
        if within is not None:
            if len(frames):
                raise BadRequestError("A query that is answered apart sees none of your frames: leave frames= out.")
            return self._sql_apart(query, parameters, most_requests, fresh, timeout, most_rows, _allowed(whole), within)
        with self._lock, self.session.in_own_words(), shallow_enough():
            own = OwnFrames(frames, table_names())
            began = time.monotonic()
            question, needs = self._planned(query, parameters, own, timeout)
            spent, names = time.monotonic() - began, [*table_names(), *own.names]
            database = self.session.database if question.reads else self._prepared().database
            with own.beside(database) as cursor:
                receipt = self._fetched(needs, most_requests, fresh, _allowed(whole))
                receipt.notes += [] if self._prepared().work else [UNREAD]
                return Running(cursor, timeout, most_rows, names, spent).answer(question, parameters, receipt)

    def _sql_apart(
        self,
        query: str,
        parameters: Parameters,
        most_requests: int,
        fresh: Fresh,
        timeout: float | None,
        most_rows: int | None,
        whole: set[str],
        memory: str,
    ) -> Frame:
        """Answer a query in a process of its own; only the fetching is done here."""
        self.session.transport.require_open()
        processes, allowance, patience = apart.within(memory), Allowance(timeout), self.session.transport.patience
        with processes.one(patience) as process:
            understood = process.read(Read(query, parameters), allowance)
        needs = masking.unasked(understood.needs, self.session.privacy)
        with ExitStack() as written:
            with self._lock, self.session.in_own_words():
                self._prepared()
                receipt = self._fetched(needs, most_requests, fresh, whole)
                receipt.notes += [] if understood.works else [UNREAD]
                cursor = written.enter_context(self.session.database.cursor())
                copying = apart.shared().written(cursor, needs)
                rows = stopping.interruptible(lambda: written.enter_context(copying), cursor.interrupt)
            wish = Answer(understood.question, parameters, rows, most_rows, receipt)
            with processes.one(patience) as process:
                return process.answer(wish, allowance)

    def _fetched(self, needs: Needs, most_requests: int, fresh: Fresh, whole: set[str]) -> Receipt:
        """Fetch what a query needs; give the receipt."""
        with_every_key(needs, whole)
        fetching = Fetching(self.session, needs, self.memory, most_requests, fresh)
        try:
            fetching.run()
        except BeyondAllowance as beyond:
            steps = Estimates(self.session, needs, self.memory, fresh).steps()
            raise BadQueryError(
                f"{beyond}: {NARROW} Still to ask:\n{estimates.told(steps)}", plan=estimates.framed(steps)
            ) from None
        receipt = _whole(fetching.receipts, Receipt("query"))
        receipt.notes += [*masking.notes(self.session.privacy), *spelling.notes(needs), *self._learnt(needs)]
        return receipt

    def rows(self, table: Table, selection: Selection, filters: Mapping[str, Any], fresh: Fresh) -> Frame:
        """Give the rows of a table that a selection means, of what is held and what is still missing."""
        parameters = dict(selection.parameters)
        where = f"{selection.sql()} and {as_sql(both(selection.alone or ()), parameters)}"
        meant = f'from "{table.name}" where {where} order by {table.order}, rowid'
        with self._lock, self.session.in_own_words():
            _, needs = self._planned(f"select * {meant}", parameters, OwnFrames({}, table_names()))
            fetching = Fetching(self.session, needs, self.memory, sys.maxsize, fresh)
            fetching.run()
            receipt = _whole(fetching.receipts, Receipt(table.name, dict(filters), notes=list(table.notes)))
            receipt.misfits = dict(self.memory[table.name].misfits)
            receipt.notes += self.session.learning.notes(table)
            receipt.notes += [self.session.identity.note] if selection.where and self.session.identity.note else []
            with self.session.database.cursor() as cursor:

                def read(columns: list[str]) -> dict[str, Any]:
                    names = ", ".join(f'"{name}"' for name in columns)
                    return dict(cursor.execute(f"select {names} {meant}", parameters).fetchnumpy())

                def answer() -> Frame:
                    ((count,),) = cursor.execute(f"select count(*) from (select 1 {meant})", parameters).fetchall()
                    receipt.total = count if receipt.complete else None
                    return frame(read, np.arange(count), table.columns, receipt)

                return stopping.interruptible(answer, cursor.interrupt)

    def plan(
        self, query: str, parameters: Parameters, frames: Mapping[str, pd.DataFrame], whole: Iterable[str] = ()
    ) -> pd.DataFrame:
        """Say what a query would ask for, asking for no more than counts."""
        parameters = plain_parameters(parameters)
        with self._lock, self.session.in_own_words(), shallow_enough():
            own = OwnFrames(frames, table_names())
            _, needs = self._planned(query, parameters, own)
            with_every_key(needs, _allowed(whole))
            with own.beside(self.session.database):
                steps = Estimates(self.session, needs, self.memory, "live").steps()
        return estimates.framed(steps)

    def held(self) -> list[Held]:
        """Say what is held, without waiting for a query that runs."""
        self.session.transport.require_open()
        if not self._plans:
            return []
        with self.session.in_own_words():
            return holdings.held(self.session.database, self.memory)

    def export(self, folder: str | Path) -> list[Path]:
        """Write what is held to a folder."""
        with self._lock, self.session.in_own_words():
            self.session.transport.require_open()
            held = self.held()
            return stopping.interruptible(lambda: holdings.export(self.session.database, held, folder))

    def refresh(self) -> None:
        """Bring what is held up to date."""
        with self._lock, self.session.in_own_words():
            self._prepared()
            Fetching(self.session, Needs(), self.memory, sys.maxsize, "live").refresh()

    def forget(self) -> None:
        """Hold nothing any more."""
        with self._lock, self.session.in_own_words():
            self._prepared()
            stopping.to_the_end(lambda: holdings.forget(self.session.database, self.memory))

    def _planned(
        self, query: str, parameters: Parameters, own: OwnFrames, timeout: float | None = None
    ) -> tuple[Question, Needs]:
        """Check a query and plan it; where plans no longer read as expected, it needs all that it names, whole."""
        plans = self._prepared()
        with own.beside(plans.database) as cursor, interrupted_after(timeout, cursor):
            read = stopping.interruptible(lambda: plans.read(cursor, query, parameters, own), cursor.interrupt)
        return read[0], masking.unasked(read[1], self.session.privacy)

    def _learnt(self, needs: Needs) -> list[str]:
        """Say what is known to be otherwise than documented of the searches that a query made."""
        tables = dict.fromkeys(scan.table for scan in needs.scans if scan.table in TABLES)
        return [note for name in tables if TABLES[name].search for note in self.session.learning.notes(TABLES[name])]

    def _prepared(self) -> Plans:
        """Make the session's tables at the first query, and give the empty ones to plan on."""
        self.session.transport.require_open()
        return self._plans or stopping.to_the_end(self._prepare)

    def _prepare(self) -> Plans:
        prepare(self.session.database, apart.shared().path)
        self._plans = Plans()
        return self._plans


def plain_parameters(parameters: Any) -> Parameters:
    """Return the parameters of a query as DuckDB takes them: Series and arrays as lists, what is missing as NULL.

    Floats stay what they are, whole or not. Raises BadQueryError for parameters that have neither names nor places.
    """
    given = plain(parameters, whole=False)
    if given is not None and not isinstance(given, list | dict):
        raise BadQueryError(f"params={parameters!r} must be {{'name': value}} for $name, or a list for each ?.")
    return given


def _allowance(most_requests: Any) -> int:
    """Return how many requests a query may take; infinity is as many as it needs."""
    number = sys.maxsize if most_requests == math.inf else whole_number(most_requests)
    if number is None or number < 1:
        raise BadRequestError(f"max_requests={most_requests!r} must be at least 1.")
    return number


def _most_rows(most_rows: Any) -> int | None:
    number = whole_number(most_rows)
    if most_rows is not None and (number is None or number < 1):
        raise BadRequestError(f"max_rows={most_rows!r} must be at least 1, or None for no limit.")
    return number


def _allowed(whole: Iterable[str]) -> set[str]:
    """Read which tables may be asked for whole; raise BadRequestError for one that needs no leave for that."""
    names = {whole} if isinstance(whole, str) else set(whole)
    by_key = [table.name for table in TABLES.values() if table.keys]
    if others := sorted(names - set(by_key)):
        raise BadRequestError(f"whole={others!r} cannot be: only {', '.join(by_key)} are asked for key by key.")
    return names


def _whole(receipts: list[Receipt], whole: Receipt) -> Receipt:
    """Add up what fetches cost and lack."""
    for receipt in receipts:
        whole.requests += receipt.requests
        whole.seconds = round(whole.seconds + receipt.seconds, 3)
        whole.failures |= receipt.failures
        whole.misfits |= {f"{receipt.table}.{name}": count for name, count in receipt.misfits.items()}
        whole.notes += [note for note in receipt.notes if note not in whole.notes]
        if not receipt.complete:
            whole.cut(f"{receipt.table}: {receipt.why}")
    return whole
