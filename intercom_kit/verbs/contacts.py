"""Ask for contacts, and for the companies, tags and segments that they belong to."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from intercom_kit.errors import BadFilterError, BadRequestError, NotFoundError
from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.live.query import Queries
from intercom_kit.paging.paths import filled
from intercom_kit.search.filters import Selection
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
from intercom_kit.values.plain import plain
from intercom_kit.verbs.arguments import checked_limit, identifier, selected, with_words
from intercom_kit.verbs.lists import listed, one, searched

INCLUDES = ("companies", "tags", "segments")
TEXT_FIELDS = ("name", "email")


def contacts(queries: Queries, limit: int | None, include: Iterable[str], filters: dict[str, Any]) -> Frame:
    """List contacts, or search for them where there are filters.

    All of them are kept for queries, and fetched anew each time: only so is it seen who was deleted.
    """
    session = queries.session
    wanted, limit, filters = _includes(include), checked_limit(limit), plain(filters)
    if filters:
        frame = searched(session, CONTACTS, limit, selected(session, CONTACTS, filters), filters)
    elif limit is None:
        frame = queries.rows(CONTACTS, Selection(), filters, "refetch")
    else:
        frame = listed(session, CONTACTS, limit)
    return with_memberships(session, frame, wanted)


def search(session: Session, text: str | None, limit: int | None, filters: dict[str, Any]) -> Frame:
    """Search contacts by words in their name or email address, and by filters."""
    filters = plain(filters)
    selection = selected(session, CONTACTS, filters)
    if text is not None:
        with_words(session, CONTACTS, selection, text, TEXT_FIELDS)
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
    return _counted(session.fetch(link, by_key(link, link.key_for("contact_id"), ids)), told)


def _segments(session: Session, ids: list[str], told: dict[str, Any]) -> pd.DataFrame:
    """Find the segments of contacts, in whichever way needs fewer requests: contact by contact, or searching."""
    segments = _counted(listed(session, SEGMENTS, query={"include_count": "true"}), told)
    pages = sum(math.ceil(max(int(count or 0), 1) / 150) for count in segments["count"].fillna(0))
    if len(ids) <= pages:
        return _links(session, CONTACT_SEGMENTS, ids, told)

    key = CONTACT_SEGMENTS.key_for("segment_id")
    links = _counted(session.fetch(SEGMENT_CONTACTS, by_key(CONTACT_SEGMENTS, key, list(segments["id"]))), told)
    return links[links["contact_id"].isin(ids)].drop_duplicates()


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
