"""The requests for a table that Intercom lists completely, and those for one object."""

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from intercom_kit.errors import BadRequestError
from intercom_kit.fetch.by_key import Keys, each_of
from intercom_kit.fetch.gathering import BROKEN_OFF, NO_TOTAL, Gathering, Work
from intercom_kit.fetch.members import owners_in, pages_of_rows
from intercom_kit.paging.pages import walk
from intercom_kit.paging.paths import at, filled
from intercom_kit.paging.scroll import scroll
from intercom_kit.search.filters import Selection
from intercom_kit.search.spans import Span
from intercom_kit.tables import COMPANIES, SEGMENTS, Listing, Paging, Table

# Pages of the list reach no further; beyond that, companies need a scroll. UNCONFIRMED [companies-beyond]: what a page
# beyond returns, so none is requested.
LARGEST_PAGED_LIST = 10_000


class BeyondPages(Exception):  # noqa: N818 - control flow
    """A list with more rows than its pages reach."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self.rows = rows


def whole_list(table: Table) -> Work:
    """Return the work that requests every row of a listed table."""

    async def gather(gathering: Gathering) -> None:
        if table.scroll is not None:
            await every_page(gathering)
        elif table.listing is not None:
            query = {"include_count": "true"} if table is SEGMENTS else None
            work = in_each if table.listing.of_each else all_of
            await work(gathering, table.listing, query)

    return gather


async def read(gathering: Gathering, listing: Listing | None, limit: int | None, **options: Any) -> None:
    """Read a list to its end, or until a limit."""
    if listing is None:
        raise BadRequestError(f"Intercom has no such list of {gathering.table.name}.")
    if limit is None:
        await all_of(gathering, listing, **options)
    else:
        listing = dataclasses.replace(listing, per_page=min(listing.per_page, limit) if listing.per_page else 0)
        await some_of(gathering, listing, limit, **options)


async def all_of(
    gathering: Gathering,
    listing: Listing,
    query: Mapping[str, Any] | None = None,
    largest: int | None = None,
) -> None:
    """Read a list to its end, again if rows moved meanwhile, until as many came as Intercom counts.

    Raises BeyondPages after the first page if the list has `largest` rows or more.
    """

    async def reading() -> int | None:
        total = None
        async for page in walk(gathering.transport, listing, query):
            for each in pages_of_rows(page, listing):
                await gathering.take(each)
            # What is counted beside a list are its objects, not their members.
            total = None if listing.members else gathering.counted(page)
            if largest is not None and total is not None and total >= largest:
                raise BeyondPages(total)
        return total

    await gathering.until_whole(reading)
    if gathering.receipt.total is None and listing.paging is not Paging.WHOLE:
        gathering.receipt.notes.append(NO_TOTAL)


async def in_each(gathering: Gathering, listing: Listing, query: Mapping[str, Any] | None = None) -> None:
    """Read a list of each of some objects, which are listed first, many in parallel."""
    assert listing.of_each is not None  # noqa: S101 - declared
    owners = {
        id: owner
        async for page in walk(gathering.transport, listing.of_each)
        for id, owner in owners_in(page, listing.of_each)
    }

    async def fetch(asked: Keys) -> None:
        (id,) = asked
        async for page in walk(gathering.transport, at(listing, id), query):
            for each in pages_of_rows(page, listing, owners[id]):
                await gathering.take(each)

    await each_of(gathering, owners, fetch, listing.of_each.path.strip("/").replace("_", " "))


async def some_of(
    gathering: Gathering,
    listing: Listing,
    limit: int,
    query: Mapping[str, Any] | None = None,
) -> None:
    """Read a list until `limit` rows came, or to its end."""
    try:
        async for page in walk(gathering.transport, listing, query, limit=limit):
            await gathering.take(page)
            gathering.receipt.total = page.total_count
            gathering.meter.total = min(limit, page.total_count or limit)
            if gathering.meter.rows < limit:
                continue
            found = await asyncio.to_thread(gathering.landing.rows, gathering.selection)
            # A search wider than the selection shows only by more rows whether more match.
            more = page.next or (page.total_count or 0) > limit
            if found > limit or (found == limit and more and not gathering.selection.where):
                gathering.receipt.cut(f"limit={limit}")
                return
    except BROKEN_OFF as error:
        await gathering.keep_what_came(error)
        return
    if await asyncio.to_thread(gathering.landing.rows) < limit:
        await gathering.check_total(gathering.receipt.total)


def bounds_of(listing: Listing, span: Span) -> dict[str, int]:
    """Return the query for what was created in a span.

    UNCONFIRMED [activity-page]: whether the bounds are included, so they are one second wider.
    """
    assert listing.bounds is not None  # noqa: S101 - declared
    after, before = listing.bounds
    query = {after: max(0, (span.first or 0) - 1)}
    return query if span.last is None else {**query, before: span.last + 1}


def created_in(listing: Listing, span: Span, limit: int | None = None) -> Work:
    """Return the work that requests what was created in a span, of a list that takes such bounds: newest first."""
    query = bounds_of(listing, span)

    async def gather(gathering: Gathering) -> None:
        if limit is not None:
            await some_of(gathering, listing, limit, query)
            return
        pages, counted = 0, 0
        try:
            async for page in walk(gathering.transport, listing, query):
                await gathering.take(page)
                if not pages and page.total_pages and gathering.parameters.on_total:
                    gathering.parameters.on_total((page.total_pages - 1) * listing.per_page + 1)  # or more
                pages, counted = pages + 1, page.total_pages or 0
        except BROKEN_OFF as error:
            await gathering.keep_what_came(error)
            return
        if pages < counted:
            gathering.receipt.cut(f"Intercom counts {counted:,} pages, and its list ended after {pages:,}")

    return gather


async def every_page(gathering: Gathering) -> None:
    """Read all companies that Intercom lists: by pages, or by a scroll if there are more than pages reach."""
    try:
        await read(gathering, gathering.table.listing, None, largest=LARGEST_PAGED_LIST)
    except BeyondPages:
        await _scroll(gathering)


async def _scroll(gathering: Gathering) -> None:
    """Read all rows by a scroll, which has no total: the list's total shows whether all came."""
    assert gathering.table.scroll is not None  # noqa: S101 - declared
    total = gathering.receipt.total
    async for page in scroll(gathering.transport, gathering.table.scroll):
        await gathering.take(page)
    if total is not None and (found := await asyncio.to_thread(gathering.landing.rows)) < total:
        gathering.receipt.cut(f"Intercom counts {total:,} {gathering.table.name}, and the scroll found {found:,}")


def one_company(column: str, value: str) -> Work:
    """Return the work that requests the company with an id, a company id or a name, if there is one."""

    async def gather(gathering: Gathering) -> None:
        if column == "id":
            await gathering.one_if_any(filled(COMPANIES.one, value))
        else:
            await gathering.one_if_any("/companies", {column: value})
            if column == "name":
                gathering.receipt.notes.append("Intercom returns one company by name, even if several share it.")

    return gather


def deleted_since(deletions: Table, since: datetime) -> Work:
    """Return the work that requests which rows of a table were deleted, at least back to a time."""

    async def gather(gathering: Gathering) -> None:
        listing = deletions.listing
        assert listing is not None  # noqa: S101 - declared
        await some_of(gathering, listing, listing.per_page, {"order": "desc"})
        if gathering.receipt.complete:
            return
        gathering.receipt.complete, gathering.receipt.why = True, ""  # earlier deletions are known already
        earlier = Selection(where=["deleted_at < $since"], parameters={"since": since})
        if not await asyncio.to_thread(gathering.landing.rows, earlier):
            await all_of(gathering, listing, {"order": "desc"})

    return gather
