"""The verbs for companies, also beyond the 10,000 that pages reach, and for the contacts of one."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from intercom_kit.errors import BadFilterError, BadRequestError, NotFoundError
from intercom_kit.fetch.by_key import each_of
from intercom_kit.fetch.gathering import Gathering
from intercom_kit.fetch.listing import LARGEST_PAGED_LIST, every_page, read
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.hints import hint
from intercom_kit.live import masking
from intercom_kit.live.query import Queries
from intercom_kit.paging.pages import walk
from intercom_kit.paging.paths import at, filled
from intercom_kit.search.filters import Selection
from intercom_kit.tables import COMPANIES, COMPANY_CONTACTS, CONTACTS, Listing, Paging
from intercom_kit.values.plain import plain
from intercom_kit.verbs.arguments import checked_limit, identifier, identifiers
from intercom_kit.verbs.expanding import expansion
from intercom_kit.verbs.lists import one

_OF_A_TAG_OR_SEGMENT = Listing("/companies", "data", Paging.NUMBER, 60)


def companies(
    queries: Queries,
    limit: int | None,
    name: str | None,
    tag_id: str | None,
    segment_id: str | None,
    expand: Iterable[str],
    others: Mapping[str, Any],
) -> Frame:
    """Return companies, read by pages, or by a scroll if there are more than pages reach."""
    session = queries.session
    for column, value in others.items():
        raise _unsearchable(column, plain(value))
    limit, name = checked_limit(limit), _part_of_a_name(name)
    masking.check_filters(COMPANIES, {"name": name} if name else {}, session.privacy)
    filters = {
        f"{noun}_id": identifier(value, noun, "companies()")
        for noun, value in (("tag", tag_id), ("segment", segment_id))
        if value is not None
    }
    if len(filters) > 1:
        raise BadRequestError("companies() takes tag_id or segment_id, not both: filter the frame by the other.")
    selection = _containing(name) if name else Selection()
    max_rows = None if name else limit  # with a name, all companies have to be read

    async def gather(gathering: Gathering) -> None:
        if filters:
            await read(gathering, _OF_A_TAG_OR_SEGMENT, max_rows, query=filters)
        elif max_rows is not None and max_rows <= LARGEST_PAGED_LIST:
            await read(gathering, COMPANIES.listing, max_rows)
            return
        else:
            await every_page(gathering)
        found = await asyncio.to_thread(gathering.landing.rows, selection)
        if limit is not None and found > limit:
            gathering.receipt.cut(f"limit={limit}")
        if name and not found:
            names = await asyncio.to_thread(gathering.landing.texts, "name")
            there_are = f"none of the {len(names):,} names is similar."
            gathering.receipt.notes.append(
                f"No company has {name!r} in its name: {hint(name, names, there_are)}".rstrip(".")
            )

    expanded = expansion(queries, COMPANIES, expand)
    shown = filters | ({"name": name} if name else {})
    return expanded.of(session.fetch(COMPANIES, gather, limit=limit, filters=shown, selection=selection))


def _unsearchable(column: str, value: Any) -> BadFilterError:
    """Return the error that names the query for what the list of companies cannot be filtered by."""
    if column not in COMPANIES:
        return BadFilterError(
            f"companies() has no {column!r}: {hint(column, [each.name for each in COMPANIES.columns])}"
        )
    compared = f"= '{value}'" if isinstance(value, str) else f"= {value}"
    query = f"select * from companies where {column} {compared}"
    return BadFilterError(f"Intercom cannot filter companies by {column}; ws.sql({query!r}) does.")


def _part_of_a_name(name: Any) -> str | None:
    """Return the text to find in names; None if there is none."""
    text = plain(name)
    if name is not None and not isinstance(text, str):
        raise BadFilterError(f"name={name!r} must be text to find in the names of companies.")
    return text or None


def _containing(name: str) -> Selection:
    """Return the selection of companies by a part of their name, in any case."""
    return Selection(where=['contains(lower("name"), lower($name))'], parameters={"name": name})


def company(session: Session, id: str | None, company_id: str | None, name: str | None) -> Frame:
    """Return one company by exactly one of its identifiers."""
    identifiers: dict[str, Any] = {
        key: value for key, value in (("id", id), ("company_id", company_id), ("name", name)) if value is not None
    }
    if len(identifiers) != 1:
        raise BadRequestError(f"company() takes one of id, company_id and name, and got {len(identifiers)} of them.")
    ((kind, value),) = identifiers.items()
    masking.check_filters(COMPANIES, identifiers, session.privacy)
    key = identifier(value, "company", "company()", as_written=kind != "id")
    if kind == "id":
        return one(session, COMPANIES, filled(COMPANIES.one, key))
    try:
        return one(session, COMPANIES, "/companies", {kind: key})
    except NotFoundError as error:
        remedy = (
            f"companies(name={key!r}) finds those whose name contains it" if kind == "name" else "companies() lists all"
        )
        raise NotFoundError(
            f"There is no company whose {kind} is {key!r} in this workspace: {remedy}.",
            status=error.status,
            request_id=error.request_id,
        ) from error


def company_contacts(session: Session, companies: Any, limit: int | None) -> Frame:
    """Return the contacts of one company or several, by Intercom's ids; each contact once."""
    limit = checked_limit(limit)
    keys = list(dict.fromkeys(identifiers(companies, "company", "company_contacts()")))
    listing = COMPANY_CONTACTS.listing
    assert listing is not None  # noqa: S101 - declared

    async def gather(gathering: Gathering) -> None:
        if len(keys) == 1:
            await read(gathering, at(listing, keys[0]), limit)
            return
        await each_of(gathering, keys, lambda asked: _contacts_of(gathering, listing, *asked), "companies")
        if limit is not None and await asyncio.to_thread(gathering.landing.rows) > limit:
            gathering.receipt.cut(f"limit={limit}")

    shown = {"company": keys[0] if len(keys) == 1 else keys}
    return session.fetch(CONTACTS, gather, items=listing.items, limit=limit, filters=shown)


async def _contacts_of(gathering: Gathering, listing: Listing, key: str) -> None:
    """Read the contacts of one company among several; say if fewer came than Intercom counts."""
    received, total = set[str](), 0
    async for page in walk(gathering.transport, at(listing, key)):
        received.update(str(each.get("id")) for each in page.members(listing.items))
        total = page.total_count or 0
        await gathering.take(page)
    if len(received) < total:  # contacts may move between pages while they are read
        gathering.receipt.cut(f"of company {key} {len(received):,} of {total:,} contacts came")
