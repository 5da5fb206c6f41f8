"""Lists, searches and single objects as frames."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.fetch.first import first_found
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.fetch.listing import read
from intercom_kit.fetch.session import Session
from intercom_kit.fetch.whole_search import all_found
from intercom_kit.frames.frame import Frame
from intercom_kit.live.fetching import BeyondAllowance
from intercom_kit.live.memory import Fresh
from intercom_kit.live.query import Queries
from intercom_kit.search.conditions import Order
from intercom_kit.search.filters import Selection
from intercom_kit.search.spans import Search
from intercom_kit.tables import Table
from intercom_kit.verbs.arguments import checked_limit

_REMEDY = "allow more of them, name a shorter span or further filters, or take the newest, as with limit=500."


@dataclass(frozen=True)
class ListCall:
    """One call of a list verb: which rows it selects, how many at most, and which come first.

    Without an `order` of creation the rows come as the table is listed.
    """

    table: Table
    selection: Selection
    filters: dict[str, Any]
    limit: int | None = None
    order: Order | None = None
    max_requests: int = sys.maxsize


def rows(queries: Queries, call: ListCall) -> Frame:
    """Return the rows of a call: through the session's tables if they can be cached there, else for this call alone.

    They can if there is no limit and DuckDB can compare what is selected. If Intercom lists the table's deletions, what
    is cached is brought up to date; otherwise only reading the whole list again reveals them.
    """
    table, selection = call.table, call.selection
    if call.limit is None and selection.alone is not None:
        fresh: Fresh | None = "live" if table.deletions else None if call.filters else "refetch"
        if fresh:
            try:
                return queries.rows(table, selection, call.filters, fresh, call.max_requests)
            except BeyondAllowance as error:
                raise BadQueryError(f"{error}: {_REMEDY}") from None
    if not call.filters and call.order is None:
        return listed(queries.session, table, call.limit)
    return searched(queries.session, call)


def listed(session: Session, table: Table, limit: int | None = None, query: dict[str, Any] | None = None) -> Frame:
    """Return the rows of a table's list."""
    limit = checked_limit(limit)
    return session.fetch(
        table,
        lambda gathering: read(gathering, table.listing, limit, query=query),
        items=table.inside,
        limit=limit,
        filters=query,
    )


def searched(session: Session, call: ListCall, checked: Callable[[Work], Work] = lambda work: work) -> Frame:
    """Return the rows that a search finds: all, or the first `limit` by time of creation; `checked` wraps the work."""
    table, limit, selection = call.table, checked_limit(call.limit), call.selection
    listing = table.search
    if listing is None:
        raise BadRequestError(f"Intercom cannot search {table.name}.")
    search = Search(tuple(selection.conditions))

    async def gather(gathering: Gathering) -> None:
        if selection.empty:
            return
        if limit is None:
            await all_found(gathering, search)
        else:
            await first_found(gathering, search, limit, call.order or "ascending")

    def expect(rows: int) -> None:
        requests = math.ceil(rows / listing.per_page)
        if limit is None and requests > call.max_requests:
            raise BadQueryError(
                f"This needs {requests:,} requests for {rows:,} {table.name}, but max_requests={call.max_requests:,}: "
                f"{_REMEDY}"
            )

    return session.fetch(
        table, checked(gather), limit=limit, filters=call.filters, selection=selection, on_total=expect
    )


def one(session: Session, table: Table, path: str, query: dict[str, Any] | None = None) -> Frame:
    """Return one object as a frame of one row."""
    return session.fetch(table, lambda gathering: gathering.one(path, query), items="")
