"""The newest rows for a query's limit: fetched further and further back, until enough of them match.

Complete spans of the time of creation up to now are fetched and remembered; this does not depend on the order in which
Intercom lists rows, and rows older than the span cannot be among the newest.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from intercom_kit.fetch.first import A_PAGE, ROUNDS, TELLING, guess, wider_guess
from intercom_kit.fetch.gathering import Gathering
from intercom_kit.fetch.meter import Meter
from intercom_kit.fetch.session import Session
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.memory import TableMemory
from intercom_kit.paging.searching import search as ask
from intercom_kit.search.conditions import search_body
from intercom_kit.search.spans import Search, Span
from intercom_kit.sql.needs import Scan
from intercom_kit.sql.predicates import as_sql
from intercom_kit.tables import TABLES


class Newest:
    """The fetch of the newest rows that a scan's limit needs; `keep` remembers what a search found.

    `receipts` are those of the pages that show how far back to look.
    """

    def __init__(
        self,
        session: Session,
        scan: Scan,
        memory: TableMemory,
        meter: Meter,
        keep: Callable[[Search], Callable[[Gathering], None]],
    ) -> None:
        self._session = session
        self._scan = scan
        self._table = TABLES[scan.table]
        self._memory = memory
        self._meter = meter
        self._keep = keep
        self.receipts: list[Receipt] = []

    async def fetch(self, searches: list[Search], fetch: Callable[[list[Search]], Awaitable[None]]) -> bool:
        """Fetch enough rows for the limit; return False if all have to be fetched."""
        if all(not self._memory.missing(each.conditions, each.span) for each in searches):
            return True
        if await self._are_enough(self._held_since(searches)):
            return True
        since, limit = await self._guess(searches), self._scan.most or 0
        for _ in range(ROUNDS if since is not None else 0):
            assert since is not None  # noqa: S101 - the loop runs only then
            await fetch([part for each in searches if (part := _from(each, since))])
            found = await asyncio.to_thread(self._count, since)
            if found >= limit:
                return True
            since = wider_guess(self._latest(searches), since, found, limit)
        return False

    def _held_since(self, searches: list[Search]) -> int | None:
        """Return the second from which on everything up to now is cached; None if there is none."""
        since = 0
        for each in searches:
            for part in self._memory.missing(each.conditions, each.span):
                if part.last is None:
                    return None
                since = max(since, part.last + 1)
        return since

    async def _are_enough(self, since: int | None) -> bool:
        """Return whether enough cached rows since a second match."""
        return since is not None and await asyncio.to_thread(self._count, since) >= (self._scan.most or 0)

    def _count(self, since: int) -> int:
        parameters: dict[str, object] = {"since": since}
        condition = as_sql(self._scan.predicate, parameters)
        matching = f'"{self._table.name}" where created_at >= to_timestamp($since) and {condition}'
        with self._session.database.cursor() as cursor:
            ((count,),) = cursor.execute(f"select count(*) from {matching}", parameters).fetchall()
        return int(count)

    async def _guess(self, searches: list[Search]) -> int | None:
        """Return a second since which enough rows were probably created; None if a page has all rows."""
        looks = [await self._look(each) for each in searches]
        oldest = [moment for moment, _ in looks if moment is not None]
        if not oldest or max(total for _, total in looks) <= A_PAGE:
            return None
        return guess(self._latest(searches), min(oldest), self._at_first, self._scan.most or 0)

    async def _look(self, search: Search) -> tuple[int | None, int]:
        """Fetch a page of the newest rows; return how far back the first of them go, and the total."""
        found = self._table.search
        assert found is not None  # noqa: S101 - only searchable tables are searched
        days = self._session.learning.days(self._table)
        body = search_body(search.asked(days), "descending") | {"pagination": {"per_page": A_PAGE}}
        # The list decides what every row is, not the search.
        listed = bool(self._table.listing) and search.is_for_everything
        keep = self._keep(search)
        seen: list[int | None] = []

        async def work(gathering: Gathering) -> None:
            page = await ask(self._session.transport, found, body)
            await gathering.take(page)
            gathering.receipt.total = page.total_count

        def into(gathering: Gathering) -> None:
            seen.append(gathering.landing.oldest(self._at_first))
            if not listed and gathering.landing.rows() == gathering.receipt.total:
                gathering.pour()
                keep(gathering)

        gathering = self._session.gathering(self._table, "when the newest were created", self._meter)
        self.receipts.append(gathering.receipt)
        await self._session.pour(gathering, work, into=into)
        return seen[0], gathering.receipt.total or 0

    def _latest(self, searches: list[Search]) -> int:
        """Return the latest second of the searches, from which to look back."""
        now = int(time.time())
        return max(now if each.span.last is None else min(now, each.span.last) for each in searches)

    @property
    def _at_first(self) -> int:
        return min(max(self._scan.most or 1, 1), TELLING)


def _from(search: Search, since: int) -> Search | None:
    """Return the part of a search since a second; None if there is none."""
    if search.span.last is not None and search.span.last < since:
        return None
    return replace(search, span=Span(max(since, search.span.first or 0), search.span.last))
