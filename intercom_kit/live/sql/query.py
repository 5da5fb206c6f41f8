"""Answer a query: plan it, ask Intercom for what it needs, and run it, as it was written, on what came."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pandas as pd

from intercom_kit.errors import BadQueryError
from intercom_kit.live.frames import Frame, result_frame
from intercom_kit.live.receipt import Receipt
from intercom_kit.live.session import Session
from intercom_kit.live.sql import guard, planner
from intercom_kit.live.sql.fetching import Fetching, Fresh
from intercom_kit.live.sql.memory import TableMemory
from intercom_kit.live.sql.planner import Needs, Parameters, Scan
from intercom_kit.live.sql.predicates import ALWAYS, spelled
from intercom_kit.tables import TABLES

# Links that conversations carry themselves: reading one means scanning conversations.
VIEWS = {
    "conversation_tags": "select id as conversation_id, unnest(tag_ids) as tag_id, unnest(tag_names) as tag_name "
    "from conversations",
    "conversation_contacts": "select id as conversation_id, unnest(contact_ids) as contact_id from conversations",
}


class Queries:
    """Answer the queries of one session, one at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.memory = {name: TableMemory() for name in TABLES}
        self._lock = threading.Lock()
        self._prepared = False
        self._plans_work = False

    def sql(
        self,
        query: str,
        parameters: Parameters,
        frames: Mapping[str, pd.DataFrame],
        most_requests: int,
        fresh: Fresh,
    ) -> Frame:
        """Answer a query with live rows."""
        with self._lock, self._cursor(frames) as cursor:
            statement = guard.checked(cursor, query)
            needs = self._needs(cursor, statement, parameters)
            fetching = Fetching(self.session, cursor, needs, self.memory, most_requests, fresh)
            fetching.run()
            return result_frame(self._run(cursor, statement, parameters), _whole(fetching.receipts))

    def plan(self, query: str, parameters: Parameters) -> pd.DataFrame:
        """Say what a query would ask for, without asking."""
        with self._lock, self._cursor({}) as cursor:
            needs = self._needs(cursor, guard.checked(cursor, query), parameters)
        rows = [(scan.table, spelled(scan.predicate), _joins(needs, scan)) for scan in needs.scans]
        return pd.DataFrame(rows, columns=["table", "asks", "joined"])

    def _needs(self, cursor: duckdb.DuckDBPyConnection, statement: str, parameters: Parameters) -> Needs:
        """Plan the query; where plans no longer read as expected, need every table that it names, whole."""
        try:
            if self._plans_work:
                return planner.needs(cursor, statement, parameters)
            named = {name.rsplit(".", 1)[-1].strip('"').lower() for name in cursor.get_table_names(statement)}
            return Needs([Scan(name, ALWAYS) for name in sorted(named)])
        except duckdb.Error as error:
            raise guard.explained(error, [*TABLES, *VIEWS]) from error

    def _run(self, cursor: duckdb.DuckDBPyConnection, statement: str, parameters: Parameters) -> Any:
        try:
            return cursor.execute(statement, parameters or [])
        except duckdb.Error as error:
            raise guard.explained(error, [*TABLES, *VIEWS]) from error

    @contextmanager
    def _cursor(self, frames: Mapping[str, pd.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor on the session's tables, with the caller's own frames beside them."""
        cursor = self.session.database.cursor()
        try:
            self._prepare(cursor)
            for name, frame in frames.items():
                if name.lower() in TABLES or name.lower() in VIEWS or not name.isidentifier():
                    raise BadQueryError(f"A frame cannot be called {name!r}: choose a plain name that no table has.")
                cursor.register(name, pd.DataFrame(frame))
            yield cursor
        finally:
            cursor.close()

    def _prepare(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make the tables, once."""
        if self._prepared:
            return
        for statement in (planner.SETTINGS, *guard.SETTINGS):
            cursor.execute(statement)
        for table in TABLES.values():
            columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
            cursor.execute(f'create table "{table.name}" ({columns})')
        for name, query in VIEWS.items():
            cursor.execute(f'create view "{name}" as {query}')
        self._plans_work = planner.works(cursor)
        self._prepared = True


def _whole(receipts: list[Receipt]) -> Receipt:
    """Add up what a query's fetches cost and lack."""
    whole = Receipt("query")
    for receipt in receipts:
        whole.requests += receipt.requests
        whole.seconds = round(whole.seconds + receipt.seconds, 3)
        whole.failures |= receipt.failures
        whole.misfits |= {f"{receipt.table}.{name}": count for name, count in receipt.misfits.items()}
        whole.notes += [note for note in receipt.notes if note not in whole.notes]
        if not receipt.complete:
            whole.cut(f"{receipt.table}: {receipt.why}")
    return whole


def _joins(needs: Needs, scan: Scan) -> str:
    """Write along which joins a scan's rows are found."""
    return ", ".join(f"{edge.column} in {edge.source.table}.{edge.values}" for edge in needs.edges if edge.scan is scan)
