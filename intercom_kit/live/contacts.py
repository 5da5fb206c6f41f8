"""Ask for contacts, and for the companies, tags and segments that they belong to."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from intercom_kit.api.pages import walk
from intercom_kit.errors import BadFilterError, BadRequestError, NotFoundError
from intercom_kit.live import masking
from intercom_kit.live.filters import Selection, containing, search_body
from intercom_kit.live.frames import Frame
from intercom_kit.live.gathering import Gathering, Work
from intercom_kit.live.lists import Rows, at, checked_limit, filled, identifier, listed, one, searched
from intercom_kit.live.plain_values import plain
from intercom_kit.live.session import Session
from intercom_kit.tables import (
    CONTACT_COMPANIES,
    CONTACT_SEGMENTS,
    CONTACT_TAGS,
    CONTACTS,
    SEGMENT_CONTACTS,
    SEGMENTS,
    TAGS,
    Table,
)

INCLUDES = ("companies", "tags", "segments")
TEXT_FIELDS = ("name", "email")


def contacts(session: Session, limit: int | None, include: Iterable[str], filters: dict[str, Any], rows: Rows) -> Frame:
    """List contacts, or search for them where there are filters.

    All of them are given by `rows`, asked for anew: only so is it seen who was deleted.
    """
    wanted, limit, filters = _includes(include), checked_limit(limit), plain(filters)
    if filters:
        frame = searched(session, CONTACTS, limit, session.select(CONTACTS, filters), filters)
    elif limit is None:
        frame = rows(CONTACTS, Selection(), filters, "refetch")
    else:
        frame = listed(session, CONTACTS, limit)
    return with_memberships(session, frame, wanted)


def search(session: Session, text: str | None, limit: int | None, filters: dict[str, Any]) -> Frame:
    """Search contacts by words in their name or email address, and by filters."""
    filters = plain(filters)
    selection = session.select(CONTACTS, filters)
    if text is not None:
        masking.check_text(CONTACTS, TEXT_FIELDS, session.privacy)
        selection.search(*containing(text, TEXT_FIELDS))
        filters = {"text": text, **filters}
    return searched(session, CONTACTS, limit, selection, filters)


def contact(session: Session, id: str | None, external_id: str | None, email: str | None) -> Frame:
    """Find one contact by exactly one of its identifiers."""
    given = [value for value in (id, external_id, email) if value is not None]
    if len(given) != 1:
        raise BadRequestError(f"contact() takes one of id, external_id and email, and got {len(given)} of them.")
    key = identifier(given[0], "contact", "contact()", as_written=id is None)
    if id is not None:
        return one(session, CONTACTS, filled(CONTACTS.one, key))
    if external_id is not None:
        return _by_external_id(session, key)
    found = search(session, None, None, {"email": key.strip()})
    return _only(found, key)


def _by_external_id(session: Session, external_id: str) -> Frame:
    try:
        return one(session, CONTACTS, filled("/contacts/find_by_external_id/{id}", external_id))
    except NotFoundError:
        # This path knows users only; leads are found by searching.
        found = _only(search(session, None, None, {"external_id": external_id}), external_id)
        found.attrs["intercom"]["requests"] += 1
        return found


def _only(found: Frame, key: str) -> Frame:
    """Keep one of the contacts found: a user before a lead, then the one that changed last."""
    if found.empty:
        raise NotFoundError(
            f"There is no contact {key!r} in this workspace. A contact created in the last few minutes may not be "
            "searchable yet; contacts() lists them all."
        )
    best = found.sort_values(["role", "updated_at"], ascending=False, kind="stable").iloc[:1].reset_index(drop=True)
    kept = Frame(best)
    kept.attrs["intercom"] = {**found.attrs["intercom"], "rows": 1}
    if len(found) > 1:
        others = ", ".join(found["id"][found["id"] != best["id"][0]])
        note = f"{len(found)} contacts share {key!r}; the others are {others}"
        kept.attrs["intercom"]["notes"] = [*found.attrs["intercom"]["notes"], note]
    return kept


def _includes(include: Iterable[str]) -> list[str]:
    given = plain(include)
    wanted = given if isinstance(given, list) else [given]
    for name in wanted:
        if name not in INCLUDES:
            raise BadFilterError(f"Contacts cannot include {name!r}: valid are {', '.join(INCLUDES)}.")
    return wanted


def with_memberships(session: Session, frame: Frame, wanted: Sequence[str]) -> Frame:
    """Complete the lists of companies and tags beyond the ten that Intercom embeds, and add segments."""
    told = frame.attrs["intercom"]
    for name, link, ids, count in (
        ("companies", CONTACT_COMPANIES, "company_ids", "company_count"),
        ("tags", CONTACT_TAGS, "tag_ids", "tag_count"),
    ):
        cut = frame["id"][frame[count] > frame[ids].map(len, na_action="ignore").fillna(0)]
        if name in wanted and len(cut):
            links = _links(session, link, list(cut), told)
            frame[ids] = frame["id"].map(_lists(links, link.columns[1].name)).fillna(frame[ids])
        elif len(cut):
            told["notes"].append(
                f"{len(cut):,} contact{' has' if len(cut) == 1 else 's have'} more {name} than the ten "
                "that Intercom embeds: "
                f"include={name!r} asks for all"
            )
    if "tags" in wanted:
        tags = _counted(listed(session, TAGS), told)
        names = dict(zip(tags["id"], tags["name"], strict=True))
        frame["tag_names"] = _object([[names.get(tag, tag) for tag in tags or []] for tags in frame["tag_ids"]])
    if "segments" in wanted:
        memberships = _segments(session, list(frame["id"]), told)
        for column in ("segment_id", "segment_name"):
            lists = _lists(memberships, column)
            frame[f"{column}s"] = _object([lists.get(contact, []) for contact in frame["id"]])
    return frame


def _object(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype="object")


def _lists(links: pd.DataFrame, column: str) -> dict[str, list[str]]:
    """Collect the links of each contact into a list."""
    lists: dict[str, list[str]] = {}
    for contact, value in zip(links["contact_id"], links[column], strict=True):
        lists.setdefault(contact, []).append(value)
    return lists


def _links(session: Session, link: Table, ids: list[str], told: dict[str, Any]) -> Frame:
    """Ask contact by contact what it belongs to."""
    return _counted(session.fetch(link, links_of(link, ids)), told)


def links_of(link: Table, keys: list[str]) -> Work:
    """Ask key by key for the rows of a table that links."""
    assert link.listing is not None  # noqa: S101 - every link has one
    listing = link.listing

    async def gather(gathering: Gathering) -> None:
        async def ask(key: str) -> None:
            async for page in walk(gathering.transport, at(listing, key)):
                await gathering.take(page, asked=key)

        await gathering.each_of(keys, ask)

    return gather


def _segments(session: Session, ids: list[str], told: dict[str, Any]) -> pd.DataFrame:
    """Find the segments of contacts, in whichever way needs fewer requests: contact by contact, or searching."""
    segments = _counted(listed(session, SEGMENTS, query={"include_count": "true"}), told)
    pages = sum(math.ceil(max(int(count or 0), 1) / 150) for count in segments["count"].fillna(0))
    if len(ids) <= pages:
        return _links(session, CONTACT_SEGMENTS, ids, told)

    links = _counted(session.fetch(SEGMENT_CONTACTS, members_of(list(segments["id"]))), told)
    return links[links["contact_id"].isin(ids)].drop_duplicates()


def members_of(segments: list[str]) -> Work:
    """Search for the contacts of each segment, 150 a request, and for the segments' names with one more."""
    found, every = SEGMENT_CONTACTS.search, SEGMENTS.listing
    assert found is not None and every is not None  # noqa: S101, PT018 - declared

    async def gather(gathering: Gathering) -> None:
        answer = await gathering.transport.get(every.path, items=every.items)
        names = {each.get("id"): each.get("name") for each in answer.members(every.items)}

        async def ask(segment: str) -> None:
            body = search_body([{"field": "segment_id", "operator": "=", "value": segment}])
            came, total = set[str](), 0
            async for page in walk(gathering.transport, found, body=body):
                ids = [each.get("id") for each in page.members(found.items)]
                came.update(map(str, ids))
                total = page.total_count or 0
                named = [{"id": id, "segment_name": names.get(segment)} for id in ids]
                await gathering.take(replace(page, text=json.dumps({found.items: named})), asked=segment)
            if len(came) < total:  # rows may move between pages while they are read
                gathering.receipt.failures[segment] = f"Intercom counts {total:,} members, and {len(came):,} came"
                gathering.receipt.cut(f"of segment {segment} {len(came):,} of {total:,} members came")

        await gathering.each_of(segments, ask, unit="segments")

    return gather


def _counted(frame: Frame, told: dict[str, Any]) -> Frame:
    """Add what a fetch on the side cost, and what it lacks, to the account of the frame it serves."""
    more = frame.attrs["intercom"]
    told["requests"] += more["requests"]
    told["seconds"] = round(told["seconds"] + more["seconds"], 3)
    told["failures"] |= more["failures"]
    if not more["complete"]:
        told["complete"] = False
        told["why"] = "; ".join(filter(None, [told["why"], more["why"]]))
    return frame
