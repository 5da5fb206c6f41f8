"""Walk through the pages of a list, in each of Intercom's pagination styles."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from intercom_kit.api.asking import Request
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
    """Yield the pages of a list in order; `limit` is the most rows that will be needed, if known.

    `query` is added to the listing's own.
    Raises EndlessPagesError where the pagination repeats itself or does not end; the pages before it are yielded.
    """
    query = {**listing.query, **(query or {})}
    match listing.paging:
        case Paging.CURSOR:
            pages = _by_cursor(transport, listing, query)
        case Paging.SEARCH:
            pages = _by_search(transport, listing, dict(body or {}))
        case Paging.NUMBER:
            pages = _by_number(transport, listing, query, limit)
        case Paging.ADDRESS:
            pages = _by_address(transport, listing, query)
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
        paged = {**body, "pagination": pagination}
        page = await search(transport, listing, paged)
        yield page
        if not progress.goes_on(page, page.cursor):
            return
        pagination = {**pagination, "starting_after": page.cursor}


async def _by_number(
    transport: Transport, listing: Listing, query: dict[str, Any], limit: int | None
) -> AsyncIterator[Page]:
    """Yield page 1, then the others, fetched in parallel: numbered pages need not wait for each other.

    Where the count is too low, the last page points to another one, which is fetched too.
    """

    async def fetch(number: int) -> Page:
        numbered = {**query, "page": number, "per_page": listing.per_page}
        return await transport.send(Request(listing.method, listing.path, query=numbered, items=listing.items))

    progress, number = Progress(listing), 1
    page = await fetch(1)
    yield page
    last, max_pages = page.total_pages or 1, math.inf if limit is None else math.ceil(limit / listing.per_page)
    in_flight: deque[asyncio.Future[Page]] = deque()
    try:
        while number < max_pages and progress.goes_on(
            page, number + 1 if number < last or _points_to(page, number + 1) else None
        ):
            ahead = min(max(last, number + 1), max_pages, number + CONNECTIONS)
            in_flight += [asyncio.ensure_future(fetch(each)) for each in _from(number + len(in_flight) + 1, ahead)]
            page, number = await in_flight.popleft(), number + 1
            yield page
    finally:
        for request in in_flight:
            request.cancel()
        await asyncio.gather(*in_flight, return_exceptions=True)


def _points_to(page: Page, number: int) -> bool:
    """Return whether a page's link to the next one has this number."""
    query = dict(parse_qsl(urlsplit(page.next).query)) if isinstance(page.next, str) else {}
    return query.get("page") == str(number)


def _from(first: int, last: float) -> range:
    return range(first, int(last) + 1)


async def _by_address(transport: Transport, listing: Listing, query: dict[str, Any]) -> AsyncIterator[Page]:
    """Yield pages by following `pages.next`; only its query is used, so that the token goes to no other host.

    UNCONFIRMED [events-before]: `before` is the millisecond of the last event on a page, and further events of the same
    millisecond may be skipped by the next page. So that millisecond is requested again.
    """
    query["per_page"] = listing.per_page
    progress = Progress(listing)
    while True:
        page = await transport.get(listing.path, query, items=listing.items)
        yield page
        following = dict(parse_qsl(urlsplit(page.next).query)) if isinstance(page.next, str) else {}
        if following.get("before", "").isdecimal() and page.samples and page.samples[-1].id:
            following["before"] = str(int(following["before"]) + 1)  # duplicates are dropped by their ids
        if not page.count or not progress.goes_on(page, tuple(sorted(following.items()))):
            return
        query = following
