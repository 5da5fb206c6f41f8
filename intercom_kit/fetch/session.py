"""The session of one connected workspace: its transport, its DuckDB, its identity, and the receipts of its fetches."""

import asyncio
import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

import duckdb

from intercom_kit.api.counting import counting
from intercom_kit.api.identity import Identity, identify
from intercom_kit.api.transport import Transport
from intercom_kit.concurrency import loop, stopping
from intercom_kit.concurrency.forking import keep_for_ever
from intercom_kit.database import open_database
from intercom_kit.errors import IntercomError, MemoryLimitError
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.fetch.meter import Meter, bar
from intercom_kit.fetch.parameters import FetchParameters
from intercom_kit.fetch.staging import Staging
from intercom_kit.frames import app_links
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.linked import with_urls
from intercom_kit.frames.receipt import Receipt
from intercom_kit.search.filters import Selection
from intercom_kit.search.learning import Learning
from intercom_kit.tables import ADMINS, Table
from intercom_kit.tables.privacy import Privacy

# The column whose privacy decides whether an identity shows the admin's name.
ADMIN = ADMINS.column("name")


class Session:
    """The connection, database and receipts of one workspace; may be used from several threads."""

    def __init__(
        self,
        transport: Transport,
        region: str | None,
        identity: Identity | None = None,
        memory_limit: str | None = None,
        privacy: Privacy = "full",
        learning: Learning | None = None,
    ) -> None:
        self.transport = transport
        self.learning = learning or Learning()
        self.privacy = privacy
        self.learning.identity = identity = self._named(identity) if identity else None
        self.region = region
        self.body_reader: Callable[[str], str] | None = None
        self.receipts: list[Receipt] = []
        self._staging: Staging | None = Staging(open_database(memory_limit))
        self._limit_argument = memory_limit
        self._memory_limit = memory_limit or "four fifths of the machine's"
        self._remedy = "connect(memory_limit='8GB')"
        self._identity = identity
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._changing = asyncio.Lock()

    @property
    def database(self) -> duckdb.DuckDBPyConnection:
        """Return the session's DuckDB."""
        return self.staging.database

    @property
    def staging(self) -> Staging:
        """Return the staging tables of the session's DuckDB; a forked process opens its own on first use."""
        with self._opening:
            if self._staging is None:
                self._staging = Staging(open_database(self._limit_argument))
            return self._staging

    @property
    def memory_limit(self) -> str | None:
        """Return how much memory the session's database may take, as it was given."""
        return self._limit_argument

    def beside(self, staging: Staging, memory_limit: str, remedy: str) -> "Session":
        """Return a session of the same connection and receipts whose rows are in another database."""
        other = copy.copy(self)
        other._staging, other._memory_limit, other._remedy = staging, memory_limit, remedy
        other._changing = asyncio.Lock()
        return other

    def begin_anew(self) -> None:
        """Reset the session in a forked process, without touching what it shares with its parent."""
        keep_for_ever(self._staging)
        self.transport.begin_anew()
        self._staging = None
        self._lock, self._opening, self._changing = threading.Lock(), threading.Lock(), asyncio.Lock()

    @property
    def identity(self) -> Identity:
        """Return the workspace and admin of the connection; the first time costs one request."""
        with self._lock:
            if self._identity is None:
                found = loop.run(identify(self.transport, self.region))
                self._identity = self.learning.identity = self._named(found)
            return self._identity

    def _named(self, identity: Identity) -> Identity:
        """Return the identity, without the admin's name if names are private."""
        return identity if self.privacy == "full" or not ADMIN.personal else replace(identity, admin="")

    @property
    def known_identity(self) -> Identity | None:
        """Return the identity without a request, or None if it is not known yet."""
        return self._identity

    @property
    def timezone(self) -> tzinfo:
        """Return the workspace's timezone."""
        return self.identity.zone

    @property
    def now(self) -> datetime:
        """Return the time, in whole seconds: as of then live rows are."""
        return datetime.now(UTC).replace(microsecond=0)

    def takes_lists(self, table: Table) -> bool:
        """Return whether the search of a table accepts lists of values, as far as is known."""
        return table.search is None or table.search.path not in self.transport.without_in

    def fetch(
        self,
        table: Table,
        work: Work,
        *,
        limit: int | None = None,
        items: str | None = None,
        filters: Mapping[str, Any] | None = None,
        selection: Selection | None = None,
        on_total: Callable[[int], None] | None = None,
    ) -> Frame:
        """Run the work of one verb on the event loop, and return its rows as a frame."""
        selection = selection or Selection()
        parameters = FetchParameters(table, items, filters or {}, selection, self.privacy, on_total=on_total)
        with self._gathered(parameters, work) as gathering:
            if selection.where and self.identity.note:
                gathering.receipt.notes.append(self.identity.note)
            if limit is not None or selection.where:
                gathering.receipt.notes += self.learning.notes(table)
            frame = gathering.frame(limit)
        return self.linked(frame, table)

    def linked(self, frame: Frame, table: Table | None = None) -> Frame:
        """Add links into Intercom's app to a frame: the column `url`, and those that a notebook shows for ids.

        Rows of a table with links need the identity. Where it cannot be fetched, `url` is missing and a note says why.
        """
        opens, receipt = table.opens if table else "", receipt_of(frame)
        if opens:
            try:
                known = self.identity if len(frame) else self._identity
            except IntercomError as error:
                known = None
                receipt.notes.append(f"Without links, since the workspace is unknown: {error}")
            with_urls(frame, app_links.prefix(known, opens) if known else "")
        receipt.links = app_links.prefixes(self._identity, opens) if self._identity else {}
        return with_receipt(frame, receipt)

    async def pour(
        self,
        gathering: Gathering,
        work: Work,
        keep: Callable[[Gathering], None] = lambda _: None,
        into: Callable[[Gathering], None] = Gathering.pour,
    ) -> None:
        """Run some work on the event loop, and add its rows to the session's tables for queries.

        `keep` is called afterwards, to remember what is cached. If the work is interrupted after whole spans were read,
        their rows are added, too.
        """

        def add() -> None:
            into(gathering)
            keep(gathering)

        try:
            with self.translated_errors(), counting(gathering.sent):
                try:
                    await work(gathering)
                except BaseException:
                    gathering.receipt.cut("broken off")
                    self.receipts.append(gathering.receipt)
                    if gathering.spans:
                        await self.apply(add)
                    raise
                self.receipts.append(gathering.receipt)
                await self.apply(add)
        finally:
            await asyncio.to_thread(gathering.landing.close)

    async def apply(self, change: Callable[[], None]) -> None:
        """Apply a change to the session's tables, one at a time, and to its end even if interrupted."""
        async with self._changing:
            changing = asyncio.ensure_future(asyncio.to_thread(change))
            try:
                await asyncio.shield(changing)
            except asyncio.CancelledError:
                await asyncio.wait([changing])
                raise

    def gathering(
        self,
        table: Table,
        purpose: str,
        meter: Meter,
        *,
        items: str | None = None,
        on_total: Callable[[int], None] | None = None,
        staging: Staging | None = None,
    ) -> Gathering:
        """Return a new gathering of a table's rows for a query; its receipt shows `purpose`."""
        parameters = FetchParameters(
            table,
            items,
            {"asks": purpose},
            privacy=self.privacy,
            reader=self.body_reader,
            for_query=True,
            on_total=on_total,
        )
        return self._new_gathering(parameters, meter, staging)

    @contextmanager
    def _gathered(self, parameters: FetchParameters, work: Work) -> Iterator[Gathering]:
        """Yield a gathering whose work is done; its receipt is kept unless something fails."""
        with self.translated_errors():
            gathering = self._new_gathering(parameters)
            try:
                with bar(gathering.meter, self.budget_left) as look, counting(gathering.sent):
                    loop.run(_done(work, gathering), look)
                yield gathering
            finally:
                stopping.to_the_end(gathering.landing.close)
        self.receipts.append(gathering.receipt)

    def _new_gathering(
        self, parameters: FetchParameters, meter: Meter | None = None, staging: Staging | None = None
    ) -> Gathering:
        self.transport.require_open()
        return Gathering(self.transport, staging or self.staging, self.learning, parameters, meter)

    @property
    def allowed(self) -> int | None:
        """Return how many requests the workspace may send in all; None for any number."""
        return self.transport.budget.allowed

    @property
    def requests_left(self) -> int | None:
        """Return how many more requests the workspace may send; None for any number."""
        return self.transport.budget.left

    def budget_left(self) -> int | None:
        """Return how many requests the rate budget has left; None before the first response."""
        return self.transport.budget.remaining

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Translate DuckDB's errors: too little memory, a closed session, Ctrl-C."""
        try:
            yield
        except (duckdb.ConnectionException, duckdb.InvalidInputException):
            self.transport.require_open()  # another thread may have closed the session meanwhile
            raise
        except RuntimeError as error:
            # DuckDB raises this for Ctrl-C in the main thread; on the event loop KeyboardInterrupt would end that.
            if "interrupted" in str(error) and threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt from None
            raise
        except duckdb.OutOfMemoryException as error:
            raise MemoryLimitError(
                f"This needs more memory than the session may use ({self._memory_limit}): ask for fewer rows or "
                f"columns, join or sort less at a time, or allow more, as in {self._remedy}."
            ) from error

    def close(self, *why: str) -> None:
        """Close the connections and delete the data; later calls raise NotConnectedError with the reason."""
        loop.run(self.transport.close(*why))
        if self._staging is not None:
            with suppress(duckdb.Error):  # still used by another call: it closes with that
                self._staging.database.close()


async def _done(work: Work, gathering: Gathering) -> None:
    """Begin the work on the event loop, so that one that is cancelled before has left nothing that nobody awaits."""
    await work(gathering)
