"""Read lists and searches: whole, or until a limit."""

import dataclasses
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from intercom_kit.errors import BadRequestError, MissingIdentifierError, NotFoundError
from intercom_kit.live.filters import Order, Selection
from intercom_kit.live.first import first_found
from intercom_kit.live.frames import Frame
from intercom_kit.live.gathering import Gathering
from intercom_kit.live.plain_values import id_text, plain, whole_number
from intercom_kit.live.session import Session
from intercom_kit.live.spans import Search
from intercom_kit.live.sql.memory import Fresh
from intercom_kit.tables import Listing, Table

# Gives all rows of a table that a selection means, with what the session holds of them; `Queries.rows` does.
Rows = Callable[[Table, Selection, dict[str, Any], Fresh], Frame]

# Paths beside single objects, which an id must not lead to: asking for the company "scroll" would open a scroll, and
# for ".." would leave the path.
NO_IDS = frozenset({"scroll", "list", "search", "deleted", "find_by_external_id", "attributes", ".", ".."})


def at(listing: Listing, key: str) -> Listing:
    """Put a key into a listing's path."""
    return dataclasses.replace(listing, path=filled(listing.path, key))


def filled(path: str, key: str) -> str:
    """Put a key into a path."""
    return path.format(id=quote(key, safe=""))


def identifier(value: Any, noun: str, verb: str, *, as_written: bool = False) -> str:
    """Check that a value can be an id, and return its text, which counts `as_written` where the id is your own.

    Raises MissingIdentifierError where it is missing, BadRequestError where it is a float that is no id.
    """
    given = plain(value)
    if isinstance(given, bool) or not isinstance(given, str | int | float | None):
        kind = type(value).__name__
        raise MissingIdentifierError(
            f"{verb} needs the id of one {noun}, not a {kind}: give a value of its column `id`."
        )
    key = id_text(given, as_written=as_written)
    if key is None or key == "nan":
        raise MissingIdentifierError(f"{verb} needs the id of a {noun}, and got {value!r}: see the column `id`.")
    if key in NO_IDS:
        raise NotFoundError(f"There is no {noun} {key!r}: an id is meant, see the column `id`.")
    return key


def checked_limit(limit: Any) -> int | None:
    """Return a limit, a whole number from 1 up, or None for everything."""
    number = whole_number(limit)
    if limit is not None and (number is None or number < 1):
        raise BadRequestError(f"limit={limit!r} must be a whole number from 1 up, or None for everything.")
    return number


async def read(gathering: Gathering, listing: Listing | None, limit: int | None, **asked: Any) -> None:
    """Read a list to its end, or until a limit."""
    if listing is None:
        raise BadRequestError(f"Intercom has no such list of {gathering.table.name}.")
    if limit is None:
        await gathering.all_of(listing, **asked)
    else:
        listing = dataclasses.replace(listing, per_page=min(listing.per_page, limit) if listing.per_page else 0)
        await gathering.some_of(listing, limit, **asked)


def listed(session: Session, table: Table, limit: int | None = None, query: dict[str, Any] | None = None) -> Frame:
    """Give the rows of a table's list."""
    limit = checked_limit(limit)
    return session.fetch(
        table,
        lambda gathering: read(gathering, table.listing, limit, query=query),
        items=table.listing.items if table.listing else "",
        limit=limit,
        filters=query,
    )


def searched(
    session: Session,
    table: Table,
    limit: int | None,
    selection: Selection,
    filters: dict[str, Any],
    order: Order = "ascending",
) -> Frame:
    """Give the rows that a search finds: all, or the first `limit` in an order of creation."""
    listing, conditions, limit = table.search, selection.conditions, checked_limit(limit)
    if listing is None:
        raise BadRequestError(f"Intercom cannot search {table.name}.")
    search = Search(tuple(conditions))

    async def gather(gathering: Gathering) -> None:
        if selection.empty:
            return
        if limit is None:
            await gathering.all_found(search)
        else:
            await first_found(gathering, search, limit, order)

    return session.fetch(
        table,
        gather,
        limit=limit,
        filters=filters,
        selection=selection,
    )


def one(session: Session, table: Table, path: str, query: dict[str, Any] | None = None) -> Frame:
    """Give one object as a frame of one row."""
    return session.fetch(table, lambda gathering: gathering.one(path, query), items="")
