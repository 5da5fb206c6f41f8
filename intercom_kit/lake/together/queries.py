"""Queries over a lake and live rows: Intercom is asked for what changed since, and for what the lake does not have."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pandas as pd

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake.settled import settled
from intercom_kit.lake.stores.store import Store
from intercom_kit.lake.together.memory import PartsMemory, SearchedMemory, remembered
from intercom_kit.lake.together.tables import LiveStaging, TogetherViews, live, taken
from intercom_kit.live.defined.reading import Planned
from intercom_kit.live.memory import TableMemory
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql import plans as planners
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.plans import Plans
from intercom_kit.sql.prepared import table_names
from intercom_kit.tables import CONVERSATION_PARTS, EVENTS, TABLES

STALE = "Or bring the lake up to date first, with the same ws.export(…) that wrote it: what came is kept there."


class Together(Queries):
    """The queries of one session over a lake, whose rows are as if the session had fetched them as of the lake's time.

    What is fetched stays in a database of its own until the lake changes or is closed; `fresh` applies to that.
    """

    def __init__(self, queries: Queries, store: Store, memory_limit: str) -> None:
        self._views = TogetherViews(store, memory_limit)
        staging = LiveStaging(self._views.database)
        super().__init__(queries.session.beside(staging, memory_limit, "ik.open(folder, memory_limit='8GB')"))
        self.definitions = queries.definitions
        self._turn = threading.Lock()
        self._remember()

    def sql(self, call: QueryCall) -> Frame:
        """Return the result of a query on the lake's rows and live ones."""
        if call.apart is not None:
            raise BadRequestError("A query that is answered apart sees no lake: leave lake= or apart= out.")
        with self._turn:
            if call.fresh == "refetch":
                self._begin_anew()
                call = replace(call, fresh="live")
            self._look()
            return settled(lambda: self._told(call), self._look)

    def plan(self, call: QueryCall) -> pd.DataFrame:
        """Return what a query would fetch beyond the lake, from requests for counts only."""
        with self._turn:
            self._look()
            return super().plan(call)

    def close(self) -> None:
        """Close the database, and delete what was spilled."""
        super().close()
        self._views.close()

    def _told(self, call: QueryCall) -> Frame:
        try:
            return super().sql(call)
        except duckdb.IOException as error:
            raise translated(error, table_names()) from error
        except BadQueryError as error:
            if error.plan is None:
                raise
            raise BadQueryError(f"{error}\n{STALE}", plan=error.plan) from None

    def _look(self) -> bool:
        """Begin anew where the lake has changed, since its rows may now be newer than those that were fetched."""
        before = self._views.manifest
        try:
            return self._views.look()
        finally:
            if self._views.manifest is not before:
                self._begin_anew()

    def _begin_anew(self) -> None:
        """Forget what was fetched, the rows and the memory of them together."""

        def forget() -> None:
            self._views.empty()
            self._remember()

        stopping.to_the_end(forget)

    def _remember(self) -> None:
        self.memory = {name: TableMemory() for name in TABLES}
        self.memory |= remembered(self._views.manifest, self._views.database)

    def _prepare(self) -> Plans:
        self._plans = planners.take()
        return self._plans

    def _complete(self, needs: Needs, call: QueryCall) -> None:
        """Begin a query: only what it brings up to date is current, unless it does not want that."""
        for memory in self.memory.values():
            if isinstance(memory, SearchedMemory):
                memory.is_current = call.fresh == "session"
        parts = self.memory[CONVERSATION_PARTS.name]
        if isinstance(parts, PartsMemory):
            parts.why.clear()
        super()._complete(needs, call)

    def _fetched(self, planned: Planned, call: QueryCall) -> Receipt:
        """Fetch what a query needs, and return the receipt, which says what is the lake's."""
        receipt = super()._fetched(planned, call)
        names = {scan.table for scan in planned.reading.needs.scans if scan.table in TABLES}
        if call.fresh == "session":
            receipt.at = min((moment for name in names if (moment := self.memory[name].as_of_time)), default=receipt.at)
        parts = self.memory[CONVERSATION_PARTS.name]
        if isinstance(parts, PartsMemory) and parts.why:
            receipt.cut(f"{CONVERSATION_PARTS.name}: {'; '.join(dict.fromkeys(parts.why.values()))}")
        for name in [name for name in taken(self._views.manifest) if name in names]:
            receipt.notes.append(self._note(name))
        return receipt

    def _note(self, name: str) -> str:
        """Return what of a table is the lake's, as of when, and what came since."""
        known = self._views.manifest.tables[name]
        with self._views.database.cursor() as cursor:
            ((came,),) = cursor.execute(f"select count(*) from {live(name)}").fetchall()
        as_of = datetime.fromtimestamp(known.as_of or 0, UTC)
        note = f"{name}: {known.rows:,} rows of the lake as of {as_of:%Y-%m-%d %H:%M} UTC, and {came:,} fetched since"
        if TABLES[name].search and not TABLES[name].deletions:
            note += f"; which {name} were deleted since is not known"
        if name == EVENTS.name and (why := known.why_incomplete()):
            note += f"; of the lake's some are missing: {why}"
        return note
