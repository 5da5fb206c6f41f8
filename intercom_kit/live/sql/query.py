"""Answer a query: plan it, ask Intercom for what it needs, and run it, as it was written, on what came."""

import contextlib
import math
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import duckdb
import numpy as np
import pandas as pd

from intercom_kit.api import stopping
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.live import masking
from intercom_kit.live.database import open_database
from intercom_kit.live.filters import Selection
from intercom_kit.live.frames import Frame, frame
from intercom_kit.live.plain_values import plain, whole_number
from intercom_kit.live.receipt import Receipt
from intercom_kit.live.session import Session
from intercom_kit.live.sql import estimates, guard, holdings, planner, sizes, spelling
from intercom_kit.live.sql.estimates import Estimates
from intercom_kit.live.sql.fetching import BeyondAllowance, Fetching
from intercom_kit.live.sql.guard import Question
from intercom_kit.live.sql.holdings import Held
from intercom_kit.live.sql.joins import with_every_key
from intercom_kit.live.sql.keys import EVERY_KEY
from intercom_kit.live.sql.memory import Fresh, TableMemory
from intercom_kit.live.sql.mistakes import explained
from intercom_kit.live.sql.own_frames import OwnFrames, in_plain_names
from intercom_kit.live.sql.planner import Needs, Parameters, Scan
from intercom_kit.live.sql.predicates import ALWAYS, as_sql, both
from intercom_kit.live.sql.running import Running, checked_timeout
from intercom_kit.live.sql.syntax import shallow_enough
from intercom_kit.tables import TABLES, Table

# Links that conversations carry themselves: reading one means scanning conversations.
VIEWS = {
    "conversation_tags": "select id as conversation_id, unnest(tag_ids) as tag_id, unnest(tag_names) as tag_name "
    "from conversations",
    "conversation_contacts": "select id as conversation_id, unnest(contact_ids) as contact_id from conversations",
}

NARROW = "add a condition, such as created_at > now() - interval 30 day, narrow what is joined, or allow more."

NAMES = (*TABLES, *VIEWS)

UNREAD = "DuckDB's plans read differently than this version knows, so whole tables were fetched: update intercom_kit."


class Queries:
    """Answer the queries of one session, one at a time.

    Plans are made on a database of their own, whose tables stay empty: DuckDB plans differently for tables of other
    sizes, and what a query asks for must not depend on what was asked before.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.memory = {name: TableMemory() for name in TABLES}
        self._lock = threading.Lock()
        self._plans: duckdb.DuckDBPyConnection | None = None
        self._plans_work = False

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
    ) -> Frame:
        """Answer a query with live rows; `timeout` bounds what DuckDB does with them, not the fetching."""
        timeout, parameters = checked_timeout(timeout), plain_parameters(parameters)
        most_requests, most_rows = _allowance(most_requests), _most_rows(most_rows)
        if fresh not in get_args(Fresh):
            raise BadRequestError(f"fresh={fresh!r} must be one of {', '.join(map(repr, get_args(Fresh)))}.")
        with self._lock, self.session.in_own_words(), shallow_enough():
            own = OwnFrames(frames, NAMES)
            question, needs = self._planned(query, parameters, own)
            with_every_key(needs, _allowed(whole))
            database = self.session.database if question.reads else self._prepared()
            with own.beside(database) as cursor:
                fetching = Fetching(self.session, needs, self.memory, most_requests, fresh)
                try:
                    fetching.run()
                except BeyondAllowance as beyond:
                    steps = Estimates(self.session, needs, self.memory, fresh).steps()
                    raise BadQueryError(
                        f"{beyond}: {NARROW} Still to ask:\n{estimates.told(steps)}", plan=estimates.framed(steps)
                    ) from None
                running = Running(cursor, timeout, most_rows, [*NAMES, *own.names])
                receipt = _whole(fetching.receipts, Receipt("query"))
                receipt.notes += [*masking.notes(self.session.privacy), *spelling.notes(needs)]
                receipt.notes += [] if self._plans_work else [UNREAD]
                receipt.notes += self._learnt(needs)
                return running.answer(question, parameters, receipt)

    def rows(self, table: Table, selection: Selection, filters: Mapping[str, Any], fresh: Fresh) -> Frame:
        """Give the rows of a table that a selection means, of what is held and what is still missing."""
        parameters = dict(selection.parameters)
        where = f"{selection.sql()} and {as_sql(both(selection.alone or ()), parameters)}"
        meant = f'from "{table.name}" where {where} order by {table.order}, rowid'
        with self._lock, self.session.in_own_words():
            _, needs = self._planned(f"select * {meant}", parameters, OwnFrames({}, NAMES))
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
            own = OwnFrames(frames, NAMES)
            _, needs = self._planned(query, parameters, own)
            with_every_key(needs, _allowed(whole))
            with own.beside(self.session.database):
                steps = Estimates(self.session, needs, self.memory, "live").steps()
        return estimates.framed(steps)

    def held(self) -> list[Held]:
        """Say what is held, without waiting for a query that runs."""
        self.session.transport.require_open()
        return holdings.held(self.session.database, self.memory) if self._plans else []

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
        with self._lock:
            self._prepared()
            for name, memory in self.memory.items():
                memory.forget()
                with self.session.database.cursor() as cursor:
                    cursor.execute(f'delete from "{name}"')

    def _planned(self, query: str, parameters: Parameters, own: OwnFrames) -> tuple[Question, Needs]:
        """Check a query and plan it; where plans no longer read as expected, it needs all that it names, whole."""
        with own.beside(self._prepared()) as cursor:
            return stopping.interruptible(lambda: self._read(cursor, query, parameters, own), cursor.interrupt)

    def _read(
        self, cursor: duckdb.DuckDBPyConnection, query: str, parameters: Parameters, own: OwnFrames
    ) -> tuple[Question, Needs]:
        question = guard.checked(cursor, query, (*NAMES, *own.names))
        own.read_ids(cursor, question.needs, parameters)
        needs = Needs()
        for select in question.needs:
            try:
                needs.add(masking.unasked(self._of_select(cursor, select, parameters, own), self.session.privacy))
            except duckdb.Error as error:
                raise explained(error, [*NAMES, *own.names], planner.LINES_BEFORE) from None
        return question, needs

    def _learnt(self, needs: Needs) -> list[str]:
        """Say what is known to be otherwise than documented of the searches that a query made."""
        tables = dict.fromkeys(scan.table for scan in needs.scans if scan.table in TABLES)
        return [note for name in tables if TABLES[name].search for note in self.session.learning.notes(TABLES[name])]

    def _needs(self, cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters) -> Needs:
        if self._plans_work:
            return planner.needs(cursor, select, parameters)
        named = {name.rsplit(".", 1)[-1].strip('"').lower() for name in cursor.get_table_names(select)}
        return Needs([Scan(name, ALWAYS) for name in sorted(named)])

    def _of_select(
        self, cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters, own: OwnFrames
    ) -> Needs:
        """Give the needs of a SELECT; while it is planned, the columns of frames have names that plans print well."""
        if plain := own.plain_names(cursor, select):
            # A query that cannot be planned is explained by its own names.
            with contextlib.suppress(duckdb.Error), own.plainly(cursor, plain):
                return own.named_back(self._needs(cursor, in_plain_names(select, plain), parameters), plain)
        return self._needs(cursor, select, parameters)

    def _prepared(self) -> duckdb.DuckDBPyConnection:
        """Make the session's tables at the first query, and give the empty ones to plan on."""
        self.session.transport.require_open()
        return self._plans or stopping.to_the_end(self._prepare)

    def _prepare(self) -> duckdb.DuckDBPyConnection:
        plans = open_database()
        plans.execute(planner.SETTINGS)
        for database in (self.session.database, plans):
            _prepare(database)
        self._plans_work = planner.works(plans)
        self._plans = plans
        return plans


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
    if others := sorted(names - set(EVERY_KEY)):
        raise BadRequestError(f"whole={others!r} cannot be: only {', '.join(EVERY_KEY)} are asked for key by key.")
    return names


def _prepare(database: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that queries read, and lock everything else."""
    for statement in (*guard.SETTINGS, *sizes.macros(), *guard.silencing(), *guard.LOCK):
        database.execute(statement)
    for table in TABLES.values():
        columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
        database.execute(f'create table "{table.name}" ({columns})')
    for name, query in VIEWS.items():
        database.execute(f'create view "{name}" as {query}')


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
