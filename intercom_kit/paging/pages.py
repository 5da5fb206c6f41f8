"""Walk through the pages of a list, in each of the ways in which Intercom divides lists."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from intercom_kit.api.heads import Page
from intercom_kit.api.transport import CONNECTIONS, Transport
from intercom_kit.paging.progress import Progress
from intercom_kit.paging.searching import search
from intercom_kit.tables import Listing, Paging

Query = Mapping[str, Any]


async def walk(
    transport: Transport,
    listing: Listing,
    query: Query | None = None,
    body: Query | None = None,
    limit: int | None = None,
) -> AsyncIterator[Page]:
    """Return every page of a list in order; `limit` is how many rows will be wanted at most, where that is known.

    Raises EndlessPagesError where the pages do not go on; those that came were given.
    """
    match listing.paging:
        case Paging.CURSOR:
            pages = _by_cursor(transport, listing, dict(query or {}))
        case Paging.SEARCH:
            pages = _by_search(transport, listing, dict(body or {}))
        case Paging.NUMBER:
            pages = _by_number(transport, listing, dict(query or {}), limit)
        case Paging.ADDRESS:
            pages = _by_address(transport, listing, dict(query or {}))
        case _:
            pages = _whole(transport, listing, query)
    async for page in pages:
        yield page


async def _whole(transport: Transport, listing: Listing, query: Query | None) -> AsyncIterator[Page]:
    yield await transport.get(listing.path, query, items=listing.items)


async def _by_cursor(transport: Transport, listing: Listing, query: dict[str, Any]) -> AsyncIterator[Page]:
    query["per_page"] = listing.per_page
    progress = Progress(listing)
    while True:
        page = await transport.get(listing.path, query, items=listing.items)
        yield page
        if not progress.goes_on(page, page.cursor):
            return
        query["starting_after"] = page.cursor


async def _by_search(transport: Transport, listing: Listing, body: dict[str, Any]) -> AsyncIterator[Page]:
    pagination: dict[str, Any] = {"per_page": listing.per_page}
    progress = Progress(listing)
    while True:
        whole = {**body, "pagination": pagination}
        page = await search(transport, listing, whole)
        yield page
        if not progress.goes_on(page, page.cursor):
            return
        pagination = {**pagination, "starting_after": page.cursor}


async def _by_number(
    transport: Transport, listing: Listing, query: dict[str, Any], limit: int | None
) -> AsyncIterator[Page]:
    """Ask for page 1, then for others many at a time: numbered pages need not wait for each other.

    Where the count is too low, the last page names a next one, and that is asked for, too.
    """

    async def ask(number: int) -> Page:
        numbered = {**query, "page": number, "per_page": listing.per_page}
        return await transport.send(listing.method, listing.path, query=numbered, items=listing.items)

    progress, number = Progress(listing), 1
    page = await ask(1)
    yield page
    last, most = page.total_pages or 1, math.inf if limit is None else math.ceil(limit / listing.per_page)
    under_way: deque[asyncio.Future[Page]] = deque()
    try:
        while number < most and progress.goes_on(
            page, number + 1 if number < last or _names(page, number + 1) else None
        ):
            ahead = min(max(last, number + 1), most, number + CONNECTIONS)
            under_way += [asyncio.ensure_future(ask(each)) for each in _from(number + len(under_way) + 1, ahead)]
            page, number = await under_way.popleft(), number + 1
            yield page
    finally:
        for request in under_way:
            request.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _names(page: Page, number: int) -> bool:
    """Return whether a page says that one of this number follows."""
    query = dict(parse_qsl(urlsplit(page.next).query)) if isinstance(page.next, str) else {}
    return query.get("page") == str(number)


def _from(first: int, last: float) -> range:
    return range(first, int(last) + 1)


async def _by_address(transport: Transport, listing: Listing, query: dict[str, Any]) -> AsyncIterator[Page]:
    """Follow `pages.next`; only its query is taken, so that the token goes to no other host.

    UNCONFIRMED [events-before]: `before` names the millisecond of the last event on a page, and others of the same
    millisecond may stand on the next one, which would leave them out. So that millisecond is asked for again.
    """
    query["per_page"] = listing.per_page
    progress = Progress(listing)
    while True:
        page = await transport.get(listing.path, query, items=listing.items)
        yield page
        following = dict(parse_qsl(urlsplit(page.next).query)) if isinstance(page.next, str) else {}
        if following.get("before", "").isdecimal() and page.samples and page.samples[-1].id:
            following["before"] = str(int(following["before"]) + 1)  # by their ids, events count once
        if not page.count or not progress.goes_on(page, tuple(sorted(following.items()))):
            return
        query = following
