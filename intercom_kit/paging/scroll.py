"""Scroll over all companies: the only way beyond the 10,000 that pages reach. An app may have one open scroll."""

import asyncio
import time
from collections.abc import AsyncIterator

from intercom_kit.api.asking import Request
from intercom_kit.api.heads import Page
from intercom_kit.api.retry import backoff
from intercom_kit.api.transport import Transport
from intercom_kit.errors import ConnectionFailedError, NotFoundError, ScrollBusyError
from intercom_kit.paging.progress import Progress
from intercom_kit.tables import Listing

# An idle scroll closes after a minute; not even a failed one of our own can be closed earlier.
LONGEST_WAIT = 90.0
STARTS = 4
SHARE = 0.45  # of the transport's patience, per request, so that two of them fit into it


async def scroll(transport: Transport, listing: Listing) -> AsyncIterator[Page]:
    """Yield the pages of a scroll; after a failure it starts over, so objects may be repeated.

    Raises ScrollBusyError where another program's scroll stays open for longer than a minute and a half or the
    transport's patience, and the failure itself where it starts over too often or nothing arrives within the patience.
    """
    last = time.monotonic()
    for start in range(STARTS):
        try:
            async for page in _to_the_end(transport, listing):
                yield page
                last = time.monotonic()
        except (ConnectionFailedError, NotFoundError):
            # The scroll may have advanced or expired: only a new one surely misses nothing.
            if start + 1 == STARTS or time.monotonic() - last > transport.patience * (1 - SHARE):
                raise
        else:
            return


async def _to_the_end(transport: Transport, listing: Listing) -> AsyncIterator[Page]:
    page, progress, number = await _open(transport, listing), Progress(listing), 1
    while page.count:
        yield page
        progress.goes_on(page, number := number + 1)
        following = Request("GET", listing.path, query={"scroll_param": page.scroll_param}, items=listing.items)
        page = await transport.send(following, repeatable=False, patience=transport.patience * SHARE)


async def _open(transport: Transport, listing: Listing) -> Page:
    """Open a scroll, and return its first page; waits for another scroll to close."""
    first, patience = Request("GET", listing.path, items=listing.items), transport.patience * SHARE
    deadline = time.monotonic() + min(LONGEST_WAIT, transport.patience)
    attempt = 0
    while True:
        try:
            return await transport.send(first, repeatable=False, patience=patience)
        except ScrollBusyError:
            pause = backoff(attempt)
            if time.monotonic() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        attempt += 1
