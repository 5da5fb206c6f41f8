"""Parallel reading of a long search, cut into spans of the time of creation.

A cursor has to be followed page by page. But every search returns its number of rows, so a span with too many for one
cursor is cut into equal parts that are read in parallel; those that are still too long are cut again.
"""

import asyncio
import heapq
import itertools
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

from intercom_kit.api.heads import Page
from intercom_kit.api.transport import CONNECTIONS, Transport
from intercom_kit.errors import EndlessPagesError, IntercomError, SearchFailedError
from intercom_kit.paging.pages import walk
from intercom_kit.paging.progress import require_believable
from intercom_kit.search.bounds import Days
from intercom_kit.search.conditions import Condition, comparison, search_body
from intercom_kit.tables import Listing

# As many as there are connections. With 16, reading a hundred thousand conversations takes half as long again.
READERS = CONNECTIONS
# Spans are cut to so many pages, or to fewer if there are not enough spans for all readers: each cut costs a request
# that may return few rows. A span is not cut if it is less than twice as long.
LONGEST_RUN = 10
SHORTEST_RUN = 3
SPANS_OF_A_READER = 2

# If the oldest row is unknown: the length of the last part before the oldest known row, where each earlier part is
# twice as long, and the time before which Intercom did not exist.
LAST_PART = 30 * 86_400
FIRST_OF_ALL = 1_293_840_000  # 2011

# The maximum number of parts of one cut; parts that are still too long are cut again.
MAX_PARTS = 1_000

# Together, parts hold the rows of the whole, some of them twice if whole days are compared, and new ones. Reading stops
# if Intercom counts far more rows in them, or if so many lists in a row are much shorter than Intercom counts, since
# cutting would never end.
MAX_REPEATED, SPARE_ROWS = 4, 1_000
SHORT_LISTS = 50

# Up to so many pages, one cursor is as fast.
SHORT_SEARCH = 3


@dataclass(frozen=True)
class Span:
    """A range of creation times, from one second to another, both inclusive; None is unbounded."""

    first: int | None
    last: int | None

    def parts(self, count: int, oldest: int, newest: int, days: Days) -> list["Span"]:
        """Return the span, which holds rows from `oldest` to `newest`, in at most `count` parts.

        If a search may compare whole days, parts begin at the start of a day, so that they do not overlap.
        """
        count = min(count, MAX_PARTS)
        width = max(days.grain, math.ceil((newest - oldest + 1) / count / days.grain) * days.grain)
        starts = sorted({days.start(edge) for edge in range(oldest + width, newest + 1, width)})
        edges = [edge for edge in starts if edge > oldest]
        firsts, lasts = [self.first, *edges], [*(edge - 1 for edge in edges), self.last]
        return [Span(first, last) for first, last in zip(firsts, lasts, strict=True)]

    def conditions(self, days: Days) -> list[Condition]:
        """Return the conditions for the span, widened as the search's comparison of times requires."""
        return [
            comparison("created_at", operator, days.wider(second, operator))
            for operator, second in ((">", self.first), ("<", self.last))
            if second is not None
        ]


ALL_TIME = Span(None, None)


@dataclass(frozen=True)
class Search:
    """A search by conditions that all have to hold, in a span of creation times.

    With `changed_since`, it finds only rows updated in that second or later.
    """

    conditions: tuple[Condition, ...] = ()
    span: Span = ALL_TIME
    changed_since: int | None = None

    @property
    def is_for_everything(self) -> bool:
        """Return whether the search finds all rows."""
        return not self.conditions and self.span == ALL_TIME and self.changed_since is None

    def asked(self, days: Days) -> list[Condition]:
        """Return all conditions, with time bounds widened as `days` requires."""
        changed = [] if self.changed_since is None else [_changed(days.wider(self.changed_since, ">"))]
        return [*self.conditions, *changed, *self.span.conditions(days)]


def _changed(since: int) -> Condition:
    return comparison("updated_at", ">", since)


@dataclass
class _Reading:
    """The state of reading one span; its number of pages is unknown before the first."""

    span: Span
    oldest: int
    newest: int
    pages: AsyncIterator[Page]
    depth: int  # how often the span was cut
    rows: int = 0
    total: int | None = None
    left: float = math.inf


class Spans:
    """The parallel reading of a search; the callback `take` receives each page, and `whole` each span read completely.

    A reader stays with its span, so that spans are completed one after another. But it switches to a waiting span that
    would otherwise finish last, because that has more pages left than a reader's share of all remaining pages.
    """

    def __init__(
        self,
        transport: Transport,
        listing: Listing,
        search: Search,
        days: Days,
        take: Callable[[Page], Awaitable[None]],
        whole: Callable[[Span], None],
    ) -> None:
        self.transport = transport
        self.listing = listing
        self.search = search
        self.days = days
        self.take = take
        self.whole = whole
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, _Reading]] = []  # a heap, with the longest first
        self._tickets: asyncio.Queue[None] = asyncio.Queue()  # one for each waiting span
        self._pages_left = 0
        self._run = LONGEST_RUN
        self._total = 0
        self._counted: Counter[int] = Counter()  # the rows that Intercom counts in all parts, by their depth
        self._short_lists = 0  # in a row
        # The reasons why spans could not be read to their end.
        self._endless: EndlessPagesError | None = None
        self.failures: list[IntercomError] = []

    async def read(self, oldest: int, total: int, *, in_order: bool) -> None:
        """Read everything, from the creation time of the oldest row so far and the total number of rows.

        If pages come `in_order` of creation, that row is the oldest of all; else there may be older ones. Raises
        EndlessPagesError if Intercom's counts make no sense.
        """
        require_believable(self.listing, total)
        self._total = total
        span = self.search.span
        newest = int(time.time()) if span.last is None else min(int(time.time()), span.last)
        oldest = max(oldest, span.first or 0)
        pages = self._pages(total)
        self._pages_left = pages
        self._run = min(LONGEST_RUN, max(SHORTEST_RUN, math.ceil(pages / (SPANS_OF_A_READER * READERS))))
        if in_order:
            self._cut(span, oldest, newest, total)
        else:
            self._cut_back(span, oldest, newest, total)
        readers = [asyncio.ensure_future(self._work()) for _ in range(READERS)]
        try:
            done = asyncio.ensure_future(self._tickets.join())
            await asyncio.wait([done, *readers], return_when=asyncio.FIRST_COMPLETED)
            for reader in readers:
                if reader.done():
                    reader.result()
        finally:
            done.cancel()
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    def _pages(self, rows: int) -> int:
        return math.ceil(rows / self.listing.per_page)

    def _cut(self, span: Span, oldest: int, newest: int, total: int, depth: int = 1) -> None:
        """Cut a span with a total of rows from `oldest` to `newest`, and queue its parts."""
        for part in span.parts(math.ceil(self._pages(total) / self._run), oldest, newest, self.days):
            first = oldest if part.first is None else max(part.first, oldest)
            self._put(self._reading(part, first, newest if part.last is None else part.last, depth))

    def _cut_back(self, span: Span, oldest: int, newest: int, total: int) -> None:
        """Cut a span in which the oldest known row may not be the oldest: before that, parts get longer and longer."""
        edges, length = [self.days.start(oldest)], LAST_PART
        while (edge := self.days.start(edges[-1] - length)) > max(span.first or 0, FIRST_OF_ALL):
            edges.append(edge)
            length *= 2
        for edge, earlier in zip(edges, [*edges[1:], span.first], strict=True):
            self._put(self._reading(Span(earlier, edge - 1), earlier or FIRST_OF_ALL, edge - 1))
        self._cut(Span(edges[0], span.last), edges[0], newest, total)

    def _reading(self, part: Span, oldest: int, newest: int, depth: int = 1) -> _Reading:
        """Return the state for reading a part that holds rows from `oldest` to `newest`."""
        body = search_body(replace(self.search, span=part).asked(self.days))
        return _Reading(part, oldest, newest, walk(self.transport, self.listing, body=body), depth)

    def _put(self, reading: _Reading) -> None:
        heapq.heappush(self._waiting, (-reading.left, next(self._numbers), reading))
        self._tickets.put_nowait(None)

    async def _work(self) -> None:
        while True:
            await self._tickets.get()
            *_, reading = heapq.heappop(self._waiting)
            try:
                await self._read(reading)
            except (EndlessPagesError, SearchFailedError) as error:
                if error is self._endless:
                    raise
                self.failures.append(error)  # the rows of the span so far are kept, and other spans continue
            self._tickets.task_done()

    async def _read(self, reading: _Reading) -> None:
        """Read a span to its end, or until it is cut or another one is more urgent."""
        async for page in reading.pages:
            await self.take(page)
            self._pages_left -= 1
            self._compare(reading, page)
            if reading.rows == 0 and self._is_too_long(reading, page):
                self._cut(reading.span, reading.oldest, reading.newest, page.total_count or 0, reading.depth + 1)
                return
            reading.rows += page.count
            reading.total = page.total_count
            reading.left = self._pages((page.total_count or 0) - reading.rows)
            if self._is_less_urgent(reading):
                self._put(reading)
                return
        if reading.total is None or reading.rows >= reading.total:
            self.whole(reading.span)
        self._check_end(reading)

    def _compare(self, reading: _Reading, page: Page) -> None:
        """Give up if the parts' first pages together count far more rows than the whole search."""
        if reading.rows or reading.total is not None or page.total_count is None:
            return
        self._counted[reading.depth] += page.total_count
        if (counted := self._counted[reading.depth]) > MAX_REPEATED * self._total + SPARE_ROWS:
            self._give_up(f"{self._total:,} rows in all, but {counted:,} in parts of that time")

    def _check_end(self, reading: _Reading) -> None:
        """Give up if many lists in a row end long before the number of rows that Intercom counts."""
        short = reading.total is not None and reading.total > 2 * (reading.rows + self.listing.per_page)
        self._short_lists = self._short_lists + 1 if short else 0
        if self._short_lists >= SHORT_LISTS:
            self._give_up(f"{reading.total:,} rows in a list that ends after {reading.rows:,}, as others do")

    def _give_up(self, counts: str) -> None:
        self._endless = EndlessPagesError(
            f"Intercom's counts for {self.listing.path} make no sense: {counts}. Try again later; if it happens again, "
            "tell Intercom's support."
        )
        raise self._endless

    def _is_less_urgent(self, reading: _Reading) -> bool:
        """Return whether a waiting span has more pages left than this one, and than a reader's share of all pages."""
        longest = -self._waiting[0][0] if self._waiting else 0
        return longest > max(reading.left, self._pages_left / READERS)

    def _is_too_long(self, reading: _Reading, page: Page) -> bool:
        too_long = self._pages(page.total_count or 0) >= 2 * self._run
        return too_long and reading.newest - reading.oldest > self.days.grain
