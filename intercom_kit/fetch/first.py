"""The first rows of a search by time of creation, such as the newest 500, in whatever order Intercom lists them.

If the search is known to honour `sort`, its pages are read until there are enough rows. Otherwise all rows created
since some second are read, further and further back, until enough of them match; this does not depend on page order.
"""

import asyncio
import math
import time
from dataclasses import replace

from intercom_kit.fetch.gathering import BROKEN_OFF, Gathering
from intercom_kit.fetch.whole_search import all_found
from intercom_kit.paging.pages import walk
from intercom_kit.search.conditions import Order, search_body
from intercom_kit.search.order import InOrder
from intercom_kit.search.spans import SHORT_SEARCH, Search, Span

# How often a span with too few rows is widened, and by which factors, before everything is fetched.
ROUNDS = 4
LEAST_WIDER, MOST_WIDER = 1.5, 8.0

# A span should hold more rows than the limit by this factor, since months differ.
SPARE = 1.2

# Rows of the first request, and how many of the newest of them show how far back to look: in another order than that of
# creation, the oldest of them show nothing.
A_PAGE = 150
TELLING = A_PAGE // 2


async def first_found(gathering: Gathering, search: Search, limit: int, order: Order) -> None:
    """Fetch at least the first rows by time of creation; mark the receipt as cut if there are more."""
    try:
        oldest = await _in_order(gathering, search, limit, order)
        total = gathering.receipt.total
        if oldest is not None:
            few = total is not None and total <= max(limit, SHORT_SEARCH * A_PAGE)
            await (_every if few or order == "ascending" else _since)(gathering, search, limit, oldest)
            gathering.receipt.total = total
    except BROKEN_OFF as error:
        await gathering.keep_what_came(error)
        return
    found = await asyncio.to_thread(gathering.landing.rows, gathering.selection)
    if found > limit:
        gathering.receipt.cut(f"limit={limit}")
    elif gathering.receipt.complete:
        await gathering.check_total(total)


async def _in_order(gathering: Gathering, search: Search, limit: int, order: Order) -> int | None:
    """Read pages in order until there are enough rows; if they are unordered, return a second to look back from."""
    listing, learning, table = gathering.table.search, gathering.learning, gathering.table
    assert listing is not None  # noqa: S101 - only searchable tables are searched
    size = min(A_PAGE, limit + 2) if learning.honours_sort(table) else A_PAGE
    body, watch = search_body(search.asked(gathering.days), order), InOrder(order)
    async for page in walk(gathering.transport, replace(listing, per_page=size), body=body):
        await gathering.take(page)
        gathering.counted(page)
        watch.see(page)
        if not watch.holds:
            await asyncio.to_thread(learning.saw, "sort", "ignored", table)
        elif page.next and not learning.knows(table):
            await learning.learn(gathering.transport, table, page)
        if page.next and not (watch.holds and learning.honours_sort(table)):
            return await asyncio.to_thread(gathering.landing.oldest, min(limit, TELLING)) or 0
        if await _are_enough(gathering, limit, page.samples[-1].created_at if page.samples else 0, order):
            return None
    return None


async def _are_enough(gathering: Gathering, limit: int, last: int, order: Order) -> bool:
    """Return whether more than `limit` rows come before a second in the order: later pages have none of those."""
    before = gathering.created(">" if order == "descending" else "<", last)
    return await asyncio.to_thread(gathering.landing.rows, before) > limit


async def _every(gathering: Gathering, search: Search, limit: int, oldest: int) -> None:  # noqa: ARG001
    await gathering.start_over()
    await all_found(gathering, search)


async def _since(gathering: Gathering, search: Search, limit: int, oldest: int) -> None:
    """Read the latest rows, further and further back, until there are enough."""
    latest = int(time.time())
    since = guess(latest, oldest, min(limit, TELLING), limit)
    for _ in range(ROUNDS):
        if since <= 0:
            break
        await gathering.start_over()
        await all_found(gathering, replace(search, span=Span(since, None)))
        found = await asyncio.to_thread(gathering.landing.rows, gathering.created(">=", since))
        if found > limit:
            return
        since = wider_guess(latest, since, found, limit)
    await _every(gathering, search, limit, oldest)


def guess(latest: int, oldest: int, seen: int, limit: int) -> int:
    """Return the second since which more than `limit` rows were probably created, if `seen` were since `oldest`."""
    return latest - math.ceil((latest - oldest) * max(1.0, SPARE * (limit + 1) / max(seen, 1))) - 1


def wider_guess(latest: int, since: int, found: int, limit: int) -> int:
    """Return an earlier second, estimated from how many rows were created since one."""
    factor = min(max(LEAST_WIDER, SPARE * (limit + 1) / max(found, 1)), MOST_WIDER)
    return latest - math.ceil((latest - since) * factor) - 1
