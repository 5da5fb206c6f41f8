"""Fetch the first rows of a search in an order of creation, such as the newest 500, whatever order Intercom gives.

Where the search was seen to honour `sort`, its pages are read until enough rows came. Else all that was created since
a second is read, further and further back, until enough of it matches; so nothing depends on the order of pages.
"""

import asyncio
import math
import time
from dataclasses import replace

from intercom_kit.fetch.gathering import BROKEN_OFF, Gathering
from intercom_kit.paging.pages import walk
from intercom_kit.search.filters import Order, search_body
from intercom_kit.search.order import InOrder
from intercom_kit.search.spans import SHORT_SEARCH, Search, Span

# How often a span that did not hold enough is widened, and by how much, before everything is asked for.
ROUNDS = 4
LEAST_WIDER, MOST_WIDER = 1.5, 8.0

# How many more rows than wanted a span should hold: months are not alike.
SPARE = 1.2

# So many rows come with the first request, and so many of them tell how far back to look: where they come in another
# order than that of creation, the oldest of them tell nothing.
A_PAGE = 150
TELLING = A_PAGE // 2


async def first_found(gathering: Gathering, search: Search, limit: int, order: Order) -> None:
    """Gather the first rows in an order of creation, and more; declare where there are others."""
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
    """Read pages in order until enough rows came, or all; else give how far back those go that tell."""
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
    """Tell whether more than the wanted rows lie before one in the order: none of those to come belongs there."""
    before = gathering.created(">" if order == "descending" else "<", last)
    return await asyncio.to_thread(gathering.landing.rows, before) > limit


async def _every(gathering: Gathering, search: Search, limit: int, oldest: int) -> None:  # noqa: ARG001
    """Read everything."""
    await gathering.start_over()
    await gathering.all_found(search)


async def _since(gathering: Gathering, search: Search, limit: int, oldest: int) -> None:
    """Read what was created lately, further and further back."""
    latest = int(time.time())
    since = guess(latest, oldest, min(limit, TELLING), limit)
    for _ in range(ROUNDS):
        if since <= 0:
            break
        await gathering.start_over()
        await gathering.all_found(replace(search, span=Span(since, None)))
        found = await asyncio.to_thread(gathering.landing.rows, gathering.created(">=", since))
        if found > limit:
            return
        since = wider_guess(latest, since, found, limit)
    await _every(gathering, search, limit, oldest)


def guess(latest: int, oldest: int, seen: int, wanted: int) -> int:
    """Return since when more than the wanted rows were probably created, if `seen` were from `oldest` on."""
    return latest - math.ceil((latest - oldest) * max(1.0, SPARE * (wanted + 1) / max(seen, 1))) - 1


def wider_guess(latest: int, since: int, found: int, wanted: int) -> int:
    """Return a second further back, by how many were created since one."""
    factor = min(max(LEAST_WIDER, SPARE * (wanted + 1) / max(found, 1)), MOST_WIDER)
    return latest - math.ceil((latest - since) * factor) - 1
