"""Every row of a search: read by one cursor, or in spans of time of creation in parallel if there are many rows."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from intercom_kit.api.heads import Page
from intercom_kit.fetch.gathering import NO_TOTAL, Gathering
from intercom_kit.paging.pages import walk
from intercom_kit.paging.searching import LARGEST_GROUP
from intercom_kit.search.conditions import search_body
from intercom_kit.search.order import InOrder
from intercom_kit.search.spans import SHORT_SEARCH, Search, Span, Spans
from intercom_kit.tables import CONVERSATIONS, Listing


async def all_found(gathering: Gathering, search: Search) -> None:
    """Read all rows that a search finds, in parallel if there are many.

    If every row of a table is wanted and the table can be listed too, the list's count decides, and rows too new
    for the search are read from the list.
    """
    found = gathering.table.search
    assert found is not None  # noqa: S101 - only searchable tables are searched
    listing = gathering.table.listing if search.is_for_everything else None
    await gathering.until_whole(
        lambda: _in_spans(gathering, search, found, listing), lambda begun: _moved(gathering, search, begun)
    )
    if gathering.receipt.total is None:
        gathering.receipt.notes.append(NO_TOTAL)


async def _in_spans(
    gathering: Gathering, search: Search, found: Listing, listing: Listing | None = None, *, again: bool = False
) -> int | None:
    """Read pages one after another, unless the first shows so many rows that parallel spans are faster.

    If pages are not in the requested order, rows that change meanwhile move; these are then read with `again`.
    """
    begun, days, total, pages = gathering.transport.budget.clock.now(), gathering.days, None, 0
    conditions = search.asked(days)
    room = len(conditions) + 3 <= LARGEST_GROUP  # for the bounds of a span, and of changes
    watch, parallel = InOrder("ascending"), False
    async for page in walk(gathering.transport, listing or found, body=None if listing else search_body(conditions)):
        await gathering.take(page)
        total, pages = page.total_count if again else gathering.counted(page), pages + 1
        if not listing:
            watch.see(page)
        if room and total is not None and total > SHORT_SEARCH * found.per_page:
            room, parallel = False, True
            await _learn(gathering, page)
            if not listing and not again and search.asked(gathering.days) != conditions:
                await gathering.start_over()
                # With narrower conditions, as dates are now understood.
                return await _in_spans(gathering, search, found)
            await _read_spans(gathering, search, found, total)
            if not listing or await gathering.are_here(total):
                break
    if not watch.holds:
        await asyncio.to_thread(gathering.learning.saw, "sort", "ignored", gathering.table)
    in_order = gathering.learning.honours_sort(gathering.table) if parallel else watch.holds
    if not in_order and not again and (parallel or pages > 1):
        await _moved(gathering, search, begun)
    return total


async def _moved(gathering: Gathering, search: Search, begun: float) -> None:
    """Read what changed since the reading of a search began: its cursor may have missed such rows."""
    since = int(begun) - gathering.learning.lag(gathering.table)
    changed = replace(search, changed_since=max(since, search.changed_since or 0))
    assert gathering.table.search is not None  # noqa: S101 - only searchable tables are searched
    await _in_spans(gathering, changed, gathering.table.search, again=True)


async def _learn(gathering: Gathering, page: Page) -> None:
    """Find out how the search behaves; a request or two matter little when there is much to read."""
    experiments = [gathering.learning.learn(gathering.transport, gathering.table, page)]
    if gathering.table.name == CONVERSATIONS.name:
        experiments.append(gathering.learning.learn_of_tickets(gathering.transport))
    await asyncio.gather(*experiments)


async def _read_spans(gathering: Gathering, search: Search, found: Listing, total: int) -> None:
    oldest = await asyncio.to_thread(gathering.landing.oldest)
    # The changed rows of a span are not the whole span.
    complete: Callable[[Span], None] = gathering.spans.append if search.changed_since is None else lambda _: None
    spans = Spans(gathering.transport, found, search, gathering.days, gathering.take, complete)
    await spans.read(oldest or 0, total, in_order=gathering.learning.honours_sort(gathering.table))
    if spans.failures:
        raise spans.failures[0]
