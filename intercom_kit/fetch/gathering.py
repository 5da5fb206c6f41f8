"""One fetch: request pages, load them into a table, and record what was received and what is missing."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from intercom_kit.api.heads import Page
from intercom_kit.api.transport import CONNECTIONS, Transport
from intercom_kit.errors import (
    BadRequestError,
    ConnectionFailedError,
    EndlessPagesError,
    IntercomError,
    NotFoundError,
    SearchFailedError,
)
from intercom_kit.fetch.bodies import with_bodies_read
from intercom_kit.fetch.landing import Landing
from intercom_kit.fetch.meter import Meter
from intercom_kit.fetch.parameters import FetchParameters
from intercom_kit.fetch.staging import Staging
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.paging.pages import walk
from intercom_kit.paging.searching import LARGEST_GROUP
from intercom_kit.search.bounds import Days
from intercom_kit.search.conditions import search_body
from intercom_kit.search.filters import Selection
from intercom_kit.search.learning import Learning
from intercom_kit.search.order import InOrder
from intercom_kit.search.spans import SHORT_SEARCH, Search, Span, Spans
from intercom_kit.tables import CONVERSATIONS, Listing, Paging

# How often a list is read again when rows moved between its pages while it was read.
_READINGS = 3

# Errors that concern one key alone; any other would occur for every key, and ends the fetch.
_FAILURES_OF_ONE = (NotFoundError, BadRequestError, ConnectionFailedError, EndlessPagesError)

# How many keys a note or an error names.
_NAMED = 5

# Errors that end one list early; the rows received so far are returned, marked as incomplete.
BROKEN_OFF = (EndlessPagesError, SearchFailedError)

NO_TOTAL = "Intercom reported no total, so that it is unknown whether all rows came"

# The work of one fetch: it sends requests and passes their pages to the gathering.
Work = Callable[["Gathering"], Awaitable[None]]


class BeyondPages(Exception):  # noqa: N818 - control flow
    """A list with more rows than its pages reach."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self.rows = rows


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
        if reader and any(column.body for column in self.table.columns):
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

    async def all_of(
        self,
        listing: Listing,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        largest: int | None = None,
    ) -> None:
        """Read a list to its end, again if rows moved meanwhile, until as many came as Intercom counts.

        Raises BeyondPages after the first page if the list has `largest` rows or more.
        """
        await self._until_whole(lambda: self._read(walk(self.transport, listing, query, body), largest))
        if self.receipt.total is None and listing.paging is not Paging.WHOLE:
            self.receipt.notes.append(NO_TOTAL)

    async def all_found(self, search: Search) -> None:
        """Read all rows that a search finds, in parallel if there are many.

        If every row of a table is wanted and the table can be listed too, the list's count decides, and rows too new
        for the search are read from the list.
        """
        found = self.table.search
        assert found is not None  # noqa: S101 - only searchable tables are searched
        listing = self.table.listing if search.is_for_everything else None
        await self._until_whole(lambda: self._in_spans(search, found, listing), search)
        if self.receipt.total is None:
            self.receipt.notes.append(NO_TOTAL)

    async def _until_whole(self, reading: Callable[[], Awaitable[int | None]], search: Search | None = None) -> None:
        """Read until as many rows came as Intercom counts: rows may move between pages while they are read."""
        for _ in range(_READINGS):
            begun = self.transport.budget.clock.now()
            try:
                total = await reading()
                if total is None or await self._are_here(total):
                    return
                if search:
                    await self._moved(search, begun)
                    if await self._are_here(total):
                        return
            except BROKEN_OFF as error:
                await self.keep_what_came(error)
                return
        self.receipt.cut(f"Intercom counts {total:,} rows, and {_READINGS} readings did not find them all")

    async def _are_here(self, total: int) -> bool:
        return await asyncio.to_thread(self.landing.rows) >= total

    async def keep_what_came(self, error: IntercomError) -> None:
        """Record that a list ended early; raise the error if there are no rows."""
        if not await asyncio.to_thread(self.landing.rows):
            raise error
        self.receipt.cut(str(error))

    async def _moved(self, search: Search, begun: float) -> None:
        """Read what changed since the reading of a search began: its cursor may have missed such rows."""
        since = int(begun) - self.learning.lag(self.table)
        changed = replace(search, changed_since=max(since, search.changed_since or 0))
        assert self.table.search is not None  # noqa: S101 - only searchable tables are searched
        await self._in_spans(changed, self.table.search, again=True)

    async def _in_spans(
        self, search: Search, found: Listing, listing: Listing | None = None, *, again: bool = False
    ) -> int | None:
        """Read pages one after another, unless the first shows so many rows that parallel spans are faster.

        If pages are not in the requested order, rows that change meanwhile move; these are then read with `again`.
        """
        begun, days, total, pages = self.transport.budget.clock.now(), self.days, None, 0
        conditions = search.asked(days)
        room = len(conditions) + 3 <= LARGEST_GROUP  # for the bounds of a span, and of changes
        watch, parallel = InOrder("ascending"), False
        async for page in walk(self.transport, listing or found, body=None if listing else search_body(conditions)):
            await self.take(page)
            total, pages = page.total_count if again else self.counted(page), pages + 1
            if not listing:
                watch.see(page)
            if room and total is not None and total > SHORT_SEARCH * found.per_page:
                room, parallel = False, True
                await self._learn(page)
                if not listing and not again and search.asked(self.days) != conditions:
                    await self.start_over()
                    return await self._in_spans(search, found)  # with narrower conditions, as dates are now understood
                await self._read_spans(search, found, total)
                if not listing or await self._are_here(total):
                    break
        if not watch.holds:
            await asyncio.to_thread(self.learning.saw, "sort", "ignored", self.table)
        in_order = self.learning.honours_sort(self.table) if parallel else watch.holds
        if not in_order and not again and (parallel or pages > 1):
            await self._moved(search, begun)
        return total

    async def _learn(self, page: Page) -> None:
        """Find out how the search behaves; a request or two matter little when there is much to read."""
        experiments = [self.learning.learn(self.transport, self.table, page)]
        if self.table is CONVERSATIONS:
            experiments.append(self.learning.learn_of_tickets(self.transport))
        await asyncio.gather(*experiments)

    async def _read_spans(self, search: Search, found: Listing, total: int) -> None:
        oldest = await asyncio.to_thread(self.landing.oldest)
        # The changed rows of a span are not the whole span.
        complete: Callable[[Span], None] = self.spans.append if search.changed_since is None else lambda _: None
        spans = Spans(self.transport, found, search, self.days, self.take, complete)
        await spans.read(oldest or 0, total, in_order=self.learning.honours_sort(self.table))
        if spans.failures:
            raise spans.failures[0]

    async def start_over(self) -> None:
        """Drop the rows received so far, since the next requests count rows differently."""
        await asyncio.to_thread(self.landing.empty)
        self.meter.rows = 0

    async def _read(self, pages: AsyncIterator[Page], largest: int | None) -> int | None:
        total = None
        async for page in pages:
            await self.take(page)
            total = self.counted(page)
            if largest is not None and total is not None and total >= largest:
                raise BeyondPages(total)
        return total

    def counted(self, page: Page) -> int | None:
        """Record and return the total that Intercom reports; call `on_total` the first time."""
        self.receipt.total = self.meter.total = page.total_count
        if page.total_count is not None and not self._total_is_known:
            self._total_is_known = True
            if self.parameters.on_total:
                self.parameters.on_total(page.total_count)
        return page.total_count

    async def some_of(
        self,
        listing: Listing,
        limit: int,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Read a list until `limit` rows came, or to its end."""
        try:
            async for page in walk(self.transport, listing, query, body, limit):
                await self.take(page)
                self.receipt.total = page.total_count
                self.meter.total = min(limit, page.total_count or limit)
                if self.meter.rows < limit:
                    continue
                found = await asyncio.to_thread(self.landing.rows, self.selection)
                # A search wider than the selection shows only by more rows whether more match.
                if found > limit or (found == limit and page.next and not self.selection.where):
                    self.receipt.cut(f"limit={limit}")
                    return
        except BROKEN_OFF as error:
            await self.keep_what_came(error)
            return
        if await asyncio.to_thread(self.landing.rows) < limit:
            await self.check_total(self.receipt.total)

    async def check_total(self, total: int | None) -> None:
        """Record it if a list ended before as many rows came as Intercom counts."""
        came = await asyncio.to_thread(self.landing.rows)
        if total is not None and came < total:
            self.receipt.cut(f"Intercom counts {total:,} rows, and its list ended after {came:,}")

    def created(self, operator: str, second: int) -> Selection:
        """Return the selection narrowed to rows created before or after a second."""
        where = [*self.selection.where, f'"created_at" {operator} to_timestamp($created_second)']
        return Selection(where=where, parameters={**self.selection.parameters, "created_second": second})

    async def each_of(
        self, keys: Iterable[str], fetch: Callable[[str], Awaitable[None]], unit: str = "contacts"
    ) -> None:
        """Fetch key by key, many in parallel; the failure of one key is recorded in the receipt, and the others go on.

        Raises the first failure if every key failed and nothing came, or if Intercom cannot be reached for dozens of
        the first keys.
        """
        distinct = list(dict.fromkeys(keys))
        self.meter.unit, self.meter.total, self.meter.done = unit, len(distinct), 0
        failed: dict[str, IntercomError] = {}
        absent: list[str] = []
        waiting = iter(distinct)

        async def work() -> None:
            for key in waiting:
                try:
                    await fetch(key)
                except _FAILURES_OF_ONE as error:
                    if self.parameters.for_query and isinstance(error, NotFoundError):
                        absent.append(key)
                    else:
                        failed[key] = error
                    unreachable = isinstance(error, ConnectionFailedError)
                    if unreachable and len(failed) >= max(CONNECTIONS, self.meter.done or 0):
                        raise
                self.meter.done = (self.meter.done or 0) + 1

        workers = [asyncio.ensure_future(work()) for _ in range(CONNECTIONS)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
        if failed and len(failed) == len(distinct) and not await asyncio.to_thread(self.landing.rows):
            raise next(iter(failed.values()))
        self.receipt.failures |= {key: str(error) for key, error in failed.items()}
        if absent:
            some = f"{len(absent):,} of {len(distinct):,} {unit}"
            self.receipt.notes.append(f"Intercom does not know {some}, so these have no rows: {_few(absent)}")
        if failed:
            self.receipt.cut(f"{len(failed):,} of {len(distinct):,} {unit} failed: {_few(failed)}")

    def pour(self) -> None:
        """Add the fetched rows to the session's table of the same name."""
        self.receipt.seconds = round(time.perf_counter() - self._started, 3)
        self.landing.pour(self.receipt)

    def frame(self, limit: int | None = None) -> Frame:
        """Return the selected rows as a frame with its receipt."""
        self.receipt.seconds = round(time.perf_counter() - self._started, 3)
        return self.landing.frame(self.receipt, self.selection, limit)


def _few(keys: Iterable[str]) -> str:
    """Return the first keys as text."""
    return ", ".join(itertools.islice(keys, _NAMED))
