"""Read a long search in parallel, cut into spans of the time of creation.

A cursor has to be followed page by page. But every search tells how many rows it has, so a span with too many for one
cursor is cut into equal parts, and those are read at the same time: as many parts where many conversations began.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo

from intercom_kit.api.heads import Page
from intercom_kit.api.pages import walk
from intercom_kit.api.transport import CONNECTIONS, Transport
from intercom_kit.live.bounds import wider
from intercom_kit.live.filters import Condition, search_body
from intercom_kit.tables import Listing

# As many as there are connections. With 16 a hundred thousand conversations take half as long again.
READERS = CONNECTIONS
# A span of up to so many pages is read by one cursor; cutting costs a request per part that may bring little.
LONGEST_RUN = 10

DAY = 86_400


SHORTEST_RUN = 3
# Up to so many pages, one cursor is as quick.
SHORT_SEARCH = 3


@dataclass(frozen=True)
class Span:
    """Name what was created from one second to another, both included; None is open."""

    first: int | None
    last: int | None

    def parts(self, count: int, oldest: int, newest: int, grain: int) -> list["Span"]:
        """Cut the span, which holds rows from `oldest` to `newest`, into at most `count` parts of whole grains."""
        width = max(grain, math.ceil((newest - oldest + 1) / count / grain) * grain)
        edges = list(range(oldest + width, newest + 1, width))
        firsts, lasts = [self.first, *edges], [*(edge - 1 for edge in edges), self.last]
        return [Span(first, last) for first, last in zip(firsts, lasts, strict=True)]

    def conditions(self, days: tzinfo | None) -> list[Condition]:
        """Ask for the span, a little too widely."""
        return [
            {"field": "created_at", "operator": operator, "value": wider(second, operator, days)}
            for operator, second in ((">", self.first), ("<", self.last))
            if second is not None
        ]


ALL_TIME = Span(None, None)


@dataclass(frozen=True)
class Search:
    """Name a search: conditions that all have to hold, in a span of the time of creation."""

    conditions: tuple[Condition, ...] = ()
    span: Span = ALL_TIME

    @property
    def is_for_everything(self) -> bool:
        """Tell whether the search leaves nothing out."""
        return not self.conditions and self.span == ALL_TIME

    def asked(self, days: tzinfo | None) -> list[Condition]:
        """Give all conditions, those of the span a little too wide; `days` as for `bounds.wider`."""
        return [*self.conditions, *self.span.conditions(days)]


class Spans:
    """Read all that a search finds, many spans at once; `take` gets each page, and `whole` each span that is read."""

    def __init__(
        self,
        transport: Transport,
        listing: Listing,
        search: Search,
        days: tzinfo | None,
        take: Callable[[Page], Awaitable[None]],
        whole: Callable[[Span], None],
    ) -> None:
        self.transport = transport
        self.listing = listing
        self.search = search
        self.days = days
        self.take = take
        self.whole = whole
        self._waiting: asyncio.LifoQueue[tuple[Span, int, int]] = asyncio.LifoQueue()
        self._pages_left = 0

    async def read(self, oldest: int, total: int) -> None:
        """Read everything, given when the oldest row was created and how many rows there are."""
        span = self.search.span
        newest = int(time.time()) if span.last is None else min(int(time.time()), span.last)
        oldest = max(oldest, span.first or 0)
        self._pages_left = math.ceil(total / self.listing.per_page)
        for part in span.parts(self._pieces(self._pages_left), oldest, newest, self._grain):
            self._put(part, oldest, newest)
        readers = [asyncio.ensure_future(self._work()) for _ in range(READERS)]
        try:
            done = asyncio.ensure_future(self._waiting.join())
            await asyncio.wait([done, *readers], return_when=asyncio.FIRST_COMPLETED)
            for reader in readers:
                if reader.done():
                    reader.result()
        finally:
            done.cancel()
            for reader in readers:
                reader.cancel()

    @property
    def _grain(self) -> int:
        return 1 if self.days is None else DAY

    def _put(self, span: Span, oldest: int, newest: int) -> None:
        edges = (oldest if span.first is None else span.first), (newest if span.last is None else span.last)
        self._waiting.put_nowait((span, *edges))

    def _pieces(self, pages: int) -> int:
        """Say into how many parts so many pages are cut: shorter ones where little is left to share out.

        What is less than twice as long as it should be stays whole, since each cut costs requests.
        """
        run = min(LONGEST_RUN, max(SHORTEST_RUN, math.ceil(self._pages_left / READERS)))
        return math.ceil(pages / run) if pages >= 2 * run else 1

    async def _work(self) -> None:
        while True:
            span, oldest, newest = await self._waiting.get()
            await self._read_span(span, oldest, newest)
            self._waiting.task_done()

    async def _read_span(self, span: Span, oldest: int, newest: int) -> None:
        """Read a span's first page, and then the rest by its cursor, or cut it where that would take too long."""
        conditions = Search(self.search.conditions, span).asked(self.days)
        rows, total, first = 0, None, True
        async for page in walk(self.transport, self.listing, body=search_body(conditions)):
            await self.take(page)
            self._pages_left -= 1
            rows += page.count
            pieces = self._pieces(math.ceil((page.total_count or 0) / self.listing.per_page))
            if first and pieces > 1 and newest - oldest > self._grain:
                for part in span.parts(pieces, oldest, newest, self._grain):
                    self._put(part, oldest, newest)
                return
            first, total = False, page.total_count
        if rows == total:
            self.whole(span)
