"""Walk through the pages of a list, in each of the ways in which Intercom divides lists."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from intercom_kit.api.heads import Page
from intercom_kit.api.transport import Transport
from intercom_kit.tables import Listing, Paging

Query = Mapping[str, Any]


async def walk(
    transport: Transport,
    listing: Listing,
    query: Query | None = None,
    body: Query | None = None,
    limit: int | None = None,
) -> AsyncIterator[Page]:
    """Give every page of a list in order; `limit` is how many rows will be wanted at most, where that is known."""
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
    while True:
        page = await transport.get(listing.path, query, items=listing.items)
        yield page
        if not page.cursor:
            return
        query["starting_after"] = page.cursor


async def _by_search(transport: Transport, listing: Listing, body: dict[str, Any]) -> AsyncIterator[Page]:
    pagination: dict[str, Any] = {"per_page": listing.per_page}
    while True:
        whole = {**body, "pagination": pagination}
        page = await transport.send(listing.method, listing.path, body=whole, items=listing.items)
        yield page
        if not page.cursor:
            return
        pagination = {**pagination, "starting_after": page.cursor}


async def _by_number(
    transport: Transport, listing: Listing, query: dict[str, Any], limit: int | None
) -> AsyncIterator[Page]:
    """Ask for page 1, then for all the others wanted at once: numbered pages need not wait for each other."""

    async def ask(number: int) -> Page:
        numbered = {**query, "page": number, "per_page": listing.per_page}
        return await transport.send(listing.method, listing.path, query=numbered, items=listing.items)

    first = await ask(1)
    yield first
    last = first.total_pages or 1
    if limit is not None:
        last = min(last, math.ceil(limit / listing.per_page))
    others = [asyncio.ensure_future(ask(number)) for number in range(2, last + 1)]
    try:
        for other in others:
            yield await other
    finally:
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _by_address(transport: Transport, listing: Listing, query: dict[str, Any]) -> AsyncIterator[Page]:
    """Follow `pages.next`; only its query is taken, so that the token goes to no other host."""
    query["per_page"] = listing.per_page
    while True:
        page = await transport.get(listing.path, query, items=listing.items)
        yield page
        following = dict(parse_qsl(urlsplit(page.next).query)) if isinstance(page.next, str) else {}
        if not page.count or following in ({}, query):
            return
        query = following
