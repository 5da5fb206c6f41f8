"""The plan of an export: spans of creation times with few enough rows each, counted before anything is fetched."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as with_

from intercom_kit.api.asking import Request
from intercom_kit.errors import BadRequestError, NotIntercomError
from intercom_kit.fetch.listing import bounds_of
from intercom_kit.fetch.session import Session
from intercom_kit.lake.manifest import PlannedSpan
from intercom_kit.paging.pages import walk
from intercom_kit.search.conditions import search_body
from intercom_kit.search.spans import FIRST_OF_ALL, Search, Span
from intercom_kit.tables import Listing, Table

# Rows that are fetched and written in one step: what a killed program has to fetch again, and what memory holds.
ROWS_OF_A_SPAN = 50_000

# A span is not cut below this, since searches of some tables compare whole days.
SHORTEST_SPAN = 86_400

REQUESTS_A_MINUTE = 10_000  # what Intercom allows an app, unless the budget says otherwise

# Bytes that a row takes in Parquet, or all rows of one key where rows come key by key, until the lake's own rows tell:
# twice what the sandbox's rows take, whose texts repeat themselves.
BYTES = {"conversations": 1_000, "contacts": 400, "tickets": 1_500, "conversation_parts": 1_500, "events": 2_000}
BYTES_OF_OTHERS = 200


async def planned(session: Session, table: Table, search: Search) -> list[PlannedSpan]:
    """Return the spans of a search, oldest first, that have rows, each with few enough; costs a request per count."""
    rows = await counted(session, table, search)
    if not rows:
        return []
    span = search.span
    first, last = span.first or FIRST_OF_ALL, span.last
    assert last is not None  # noqa: S101 - exports end at a fixed second
    if rows <= ROWS_OF_A_SPAN or last - first < SHORTEST_SPAN:
        return [PlannedSpan(span.first, span.last, rows)]
    middle = (first + last) // 2
    halves = [with_(search, span=Span(span.first, middle)), with_(search, span=Span(middle + 1, last))]
    return [each for half in await asyncio.gather(*(planned(session, table, each) for each in halves)) for each in half]


def by_spans(table: Table) -> bool:
    """Return whether a table is exported by spans of time: Intercom searches it, or lists what was created between."""
    return table.search is not None or table.is_bounded


def listing_of(table: Table) -> Listing:
    """Return the search or the list by which a table is exported."""
    listing = table.search or table.listing
    assert listing is not None  # noqa: S101 - only such tables are exported by themselves
    return listing


async def counted(session: Session, table: Table, search: Search) -> int:
    """Return how many rows a search has, or a list between two times at most; costs one request."""
    found = listing_of(table)
    if table.is_bounded:
        return await _at_most(session, table, found, search.span)
    body = search_body(search.asked(session.learning.days(table))) | {"pagination": {"per_page": 1}}
    page = await session.transport.send(Request(found.method, found.path, body=body, items=found.items))
    if page.total_count is None:
        raise NotIntercomError(
            f"Intercom gave no count of {table.name}, without which an export cannot be planned. Try again later."
        )
    return page.total_count


async def _at_most(session: Session, table: Table, listing: Listing, span: Span) -> int:
    """Return how many rows the pages of a list between two times can hold: it counts its pages, not its rows."""
    async for page in walk(session.transport, listing, bounds_of(listing, span)):
        if page.next is None:
            return page.count
        if page.total_pages is None:
            break
        return page.total_pages * listing.per_page
    raise NotIntercomError(
        f"Intercom gave no count of the pages of {table.name}, without which an export cannot be planned. Query them "
        "with sql() instead."
    )


@dataclass(frozen=True)
class Cost:
    """What is left to fetch of a table: rows or keys, requests, steps, and about how many bytes that makes."""

    table: str
    rows: int
    requests: int
    steps: int
    bytes: int


def bytes_of(table: Table, rows: int, there: int, size: int) -> int:
    """Return about how many bytes rows, or the rows of keys, take: as those that are there, if any, with their size."""
    return rows * size // there if there else rows * BYTES.get(table.name, BYTES_OF_OTHERS)


def require_consent(costs: list[Cost], max_requests: int, limit: int | None) -> None:
    """Raise BadRequestError, which shows the plan, where an export needs more requests than it may send."""
    requests = sum(cost.requests for cost in costs)
    if requests <= max_requests:
        return
    raise BadRequestError(
        f"This export needs about {requests:,} requests, more than max_requests={max_requests:,}: "
        f"{described(costs, limit)}. Allow them with max_requests={requests + requests // 20:,}, or export less: a "
        "later since=, fewer tables, no parts or events. What is written is kept, and the next call goes on."
    )


def described(costs: Iterable[Cost], limit: int | None) -> str:
    """Return what is to be fetched, how long the rate limit makes that take, and how large it is, in words."""
    costs = [cost for cost in costs if cost.requests]
    requests = sum(cost.requests for cost in costs)
    a_minute = 6 * limit if limit else REQUESTS_A_MINUTE
    parts = [f"{cost.rows:,} {cost.table.replace('_', ' ')} ({cost.requests:,})" for cost in costs if cost.rows]
    return (
        f"{', '.join(parts) or 'lists'}; {_time(60 * requests / a_minute)} at {a_minute:,} requests a minute; "
        f"{_size(sum(cost.bytes for cost in costs))} of files, estimated"
    )


def _time(seconds: float) -> str:
    if seconds < 90:
        return "about a minute or less"
    return f"about {seconds / 60:,.0f} minutes" if seconds < 5_400 else f"about {seconds / 3_600:,.0f} hours"


def _size(size: int) -> str:
    if size < 1_500_000:
        return "about a megabyte or less"
    return f"about {size / 1e6:,.0f} MB" if size < 1_500_000_000 else f"about {size / 1e9:,.1f} GB"
