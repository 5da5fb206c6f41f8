"""One fetch: request pages, load them into a table, and record what was received and what is missing."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from intercom_kit.api.heads import Page
from intercom_kit.api.transport import Transport
from intercom_kit.errors import EndlessPagesError, IntercomError, NotFoundError, SearchFailedError
from intercom_kit.fetch.bodies import with_bodies_read
from intercom_kit.fetch.landing import Landing
from intercom_kit.fetch.meter import Meter
from intercom_kit.fetch.parameters import FetchParameters
from intercom_kit.fetch.staging import Staging
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.search.bounds import Days
from intercom_kit.search.filters import Selection
from intercom_kit.search.learning import Learning
from intercom_kit.search.spans import Span

# How often a list is read again when rows moved between its pages while it was read.
_READINGS = 3

# Errors that end one list early; the rows received so far are returned, marked as incomplete.
BROKEN_OFF = (EndlessPagesError, SearchFailedError)

NO_TOTAL = "Intercom reported no total, so that it is unknown whether all rows came"

# The work of one fetch: it sends requests and passes their pages to the gathering.
Work = Callable[["Gathering"], Awaitable[None]]


class Gathering:
    """The rows of one table, fetched for one call; every method but `pour` and `frame` runs on the event loop."""

    def __init__(
        self,
        transport: Transport,
        staging: Staging,
        learning: Learning,
        parameters: FetchParameters,
        meter: Meter | None = None,
    ) -> None:
        self.transport = transport
        self.learning = learning
        self.parameters = parameters
        self.table = table = parameters.table
        self.selection = parameters.selection
        self.landing = Landing(staging, table, parameters.items_key, parameters.privacy, poured=parameters.for_query)
        self.receipt = Receipt(table.name, filters=dict(parameters.filters), notes=list(table.notes))
        self.meter = meter or Meter(table.name)
        # Spans of a search that were read completely, even if the search as a whole is interrupted.
        self.spans: list[Span] = []
        # Keys whose rows are not all here, or that Intercom does not know: it may have them the next time.
        self.unsettled: set[str] = set()
        self._total_is_known = False
        self._parsing: asyncio.Future[None] | None = None
        self._started = time.perf_counter()

    @property
    def days(self) -> Days:
        """Return how the table's search may compare dates, as far as is known."""
        return self.learning.days(self.table)

    def sent(self) -> None:
        """Count one request, whatever its outcome."""
        self.receipt.requests += 1
        self.meter.requests += 1

    async def take(self, page: Page, key: str | None = None) -> None:
        """Load one page, requested for `key` if any; full batches are parsed in the background, one after another."""
        self.meter.rows += page.count
        reader = self.parameters.reader
        if reader:
            page = await asyncio.to_thread(with_bodies_read, page, self.table, self.parameters.items_key, reader)
        if not self.landing.add(page, key):
            return
        if self._parsing and self.landing.is_behind:
            await asyncio.wait([self._parsing])
        if self._parsing and self._parsing.done():
            self._parsing.result()  # raises if parsing failed, as for lack of memory, so that no more is requested
            self._parsing = None
        if not self._parsing:
            self._parsing = asyncio.ensure_future(asyncio.to_thread(self.landing.parse))
            # The next read parses the batch again and raises the same error.
            self._parsing.add_done_callback(lambda parsing: parsing.cancelled() or parsing.exception())

    async def one(self, path: str, query: Mapping[str, Any] | None = None) -> None:
        """Fetch one object."""
        await self.take(await self.transport.get(path, query))

    async def one_if_any(self, path: str, query: Mapping[str, Any] | None = None) -> None:
        """Fetch one object that may not exist."""
        with contextlib.suppress(NotFoundError):
            await self.one(path, query)

    async def until_whole(
        self,
        reading: Callable[[], Awaitable[int | None]],
        moved: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        """Read until as many rows came as Intercom counts, since rows may move between pages while they are read.

        `reading` returns that count, and `moved` reads the rows that moved since a time.
        """
        for _ in range(_READINGS):
            begun = self.transport.budget.clock.now()
            try:
                total = await reading()
                if total is None or await self.are_here(total):
                    return
                if moved:
                    await moved(begun)
                    if await self.are_here(total):
                        return
            except BROKEN_OFF as error:
                await self.keep_what_came(error)
                return
        self.receipt.cut(f"Intercom counts {total:,} rows, and {_READINGS} readings did not find them all")

    async def are_here(self, total: int) -> bool:
        """Return whether at least so many rows came."""
        return await asyncio.to_thread(self.landing.rows) >= total

    async def keep_what_came(self, error: IntercomError) -> None:
        """Record that a list ended early; raise the error if there are no rows."""
        if not await asyncio.to_thread(self.landing.rows):
            raise error
        self.receipt.cut(str(error))

    async def start_over(self) -> None:
        """Drop the rows received so far, since the next requests count rows differently."""
        await asyncio.to_thread(self.landing.empty)
        self.meter.rows = 0

    def counted(self, page: Page) -> int | None:
        """Record and return the total that Intercom reports; call `on_total` the first time."""
        self.receipt.total = self.meter.total = page.total_count
        if page.total_count is not None and not self._total_is_known:
            self._total_is_known = True
            if self.parameters.on_total:
                self.parameters.on_total(page.total_count)
        return page.total_count

    async def check_total(self, total: int | None) -> None:
        """Record it if a list ended before as many rows came as Intercom counts."""
        came = await asyncio.to_thread(self.landing.rows)
        if total is not None and came < total:
            self.receipt.cut(f"Intercom counts {total:,} rows, and its list ended after {came:,}")

    def created(self, operator: str, second: int) -> Selection:
        """Return the selection narrowed to rows created before or after a second."""
        where = [*self.selection.where, f'"created_at" {operator} to_timestamp($created_second)']
        return Selection(where=where, parameters={**self.selection.parameters, "created_second": second})

    def pour(self) -> None:
        """Add the fetched rows to the session's table of the same name."""
        self.receipt.seconds = round(time.perf_counter() - self._started, 3)
        self.landing.pour(self.receipt)

    def frame(self, limit: int | None = None) -> Frame:
        """Return the selected rows as a frame with its receipt."""
        self.receipt.seconds = round(time.perf_counter() - self._started, 3)
        return self.landing.frame(self.receipt, self.selection, limit)
