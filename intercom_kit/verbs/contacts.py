"""The verbs for contacts, with the companies, tags and segments that they belong to."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from intercom_kit.errors import BadFilterError, BadRequestError, NotFoundError
from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.query import Queries
from intercom_kit.paging.paths import filled
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
from intercom_kit.verbs.expanding import expansion
from intercom_kit.verbs.lists import ListCall, listed, one, rows, searched

INCLUDES = ("companies", "tags", "segments")
TEXT_FIELDS = ("name", "email")


def contacts(
    queries: Queries, limit: int | None, include: Iterable[str], expand: Iterable[str], filters: dict[str, Any]
) -> Frame:
    """Return contacts, oldest first, with complete lists of what is included."""
    session = queries.session
    included, limit, filters = _includes(include), checked_limit(limit), plain(filters)
    if "company" in filters and isinstance(filters["company"], str):
        raise BadFilterError(
            "Intercom cannot search contacts by their company; "
            f"ws.company_contacts(ws.company(name={filters['company']!r})) lists them."
        )
    selection, expanded = selected(session, CONTACTS, filters), expansion(queries, CONTACTS, expand)
    frame = rows(queries, ListCall(CONTACTS, selection, filters, limit))
    return expanded.of(with_memberships(session, frame, included))


def search_contacts(
    queries: Queries, text: str | None, limit: int | None, expand: Iterable[str], filters: dict[str, Any]
) -> Frame:
    """Return the contacts that match words and filters, with columns for what is to be expanded."""
    expanded = expansion(queries, CONTACTS, expand)
    return expanded.of(search(queries.session, text, limit, filters))


def search(session: Session, text: str | None, limit: int | None, filters: dict[str, Any]) -> Frame:
    """Return the contacts that match words in their name or email address, and filters."""
    filters = plain(filters)
    selection = selected(session, CONTACTS, filters)
    if text is not None:
        with_words(session, CONTACTS, selection, text, TEXT_FIELDS)
        filters = {"text": text, **filters}
    return searched(session, ListCall(CONTACTS, selection, filters, limit))


def contact(session: Session, id: str | None, external_id: str | None, email: str | None) -> Frame:
    """Return one contact by exactly one of its identifiers."""
    identifiers = [value for value in (id, external_id, email) if value is not None]
    if len(identifiers) != 1:
        raise BadRequestError(f"contact() takes one of id, external_id and email, and got {len(identifiers)} of them.")
    key = identifier(identifiers[0], "contact", "contact()", as_written=id is None)
    if id is not None:
        return one(session, CONTACTS, filled(CONTACTS.one, key))
    if external_id is not None:
        return _by_external_id(session, key)
    return _only(search(session, None, None, {"email": key.strip()}), key)


def _by_external_id(session: Session, external_id: str) -> Frame:
    try:
        return one(session, CONTACTS, filled("/contacts/find_by_external_id/{id}", external_id))
    except NotFoundError:
        # This path finds users only; leads need a search.
        return _only(search(session, None, None, {"external_id": external_id}), external_id, requests_before=1)


def _only(found: Frame, key: str, requests_before: int = 0) -> Frame:
    """Return one of the contacts found: a user before a lead, then the one that changed last."""
    if found.empty:
        raise NotFoundError(
            f"There is no contact {key!r} in this workspace. A contact created in the last few minutes may not be "
            "searchable yet; contacts() lists them all."
        )
    best = found.sort_values(["role", "updated_at"], ascending=False, kind="stable").iloc[:1].reset_index(drop=True)
    receipt = receipt_of(found)
    receipt.requests += requests_before
    if len(found) > 1:
        others = ", ".join(found["id"][found["id"] != best["id"][0]])
        receipt.notes.append(f"{len(found)} contacts share {key!r}; the others are {others}")
    return with_receipt(best, receipt)


def _includes(include: Iterable[str]) -> list[str]:
    names = plain(include)
    names = names if isinstance(names, list) else [names]
    for name in names:
        if name not in INCLUDES:
            raise BadFilterError(f"Contacts cannot include {name!r}: valid are {', '.join(INCLUDES)}.")
    return names


def with_memberships(session: Session, frame: Frame, included: Sequence[str]) -> Frame:
    """Return the frame with complete lists of companies and tags, of which Intercom embeds ten, and with segments."""
    receipt = receipt_of(frame)
    for name, link, ids, count in (
        ("companies", CONTACT_COMPANIES, "company_ids", "company_count"),
        ("tags", CONTACT_TAGS, "tag_ids", "tag_count"),
    ):
        cut = frame["id"][frame[count] > frame[ids].map(len, na_action="ignore").fillna(0)]
        if name in included and len(cut):
            links = _links(session, link, list(cut), receipt)
            frame[ids] = frame["id"].map(_lists(links, link.columns[1].name)).fillna(frame[ids])
        elif len(cut):
            receipt.notes.append(
                f"{len(cut):,} contact{' has' if len(cut) == 1 else 's have'} more {name} than the ten "
                "that Intercom embeds: "
                f"include={name!r} fetches all"
            )
    if "tags" in included:
        tags = _counted(listed(session, TAGS), receipt)
        names = dict(zip(tags["id"], tags["name"], strict=True))
        frame["tag_names"] = _object([[names.get(tag, tag) for tag in tags or []] for tags in frame["tag_ids"]])
    if "segments" in included:
        memberships = _segments(session, list(frame["id"]), receipt)
        for column in ("segment_id", "segment_name"):
            lists = _lists(memberships, column)
            frame[f"{column}s"] = _object([lists.get(contact, []) for contact in frame["id"]])
    return with_receipt(frame, receipt)


def _object(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype="object")


def _lists(links: pd.DataFrame, column: str) -> dict[str, list[str]]:
    """Return the list of a link column's values for each contact."""
    lists: dict[str, list[str]] = {}
    for contact, value in zip(links["contact_id"], links[column], strict=True):
        lists.setdefault(contact, []).append(value)
    return lists


def _links(session: Session, link: Table, ids: list[str], receipt: Receipt) -> Frame:
    """Return the links of contacts, fetched contact by contact."""
    return _counted(session.fetch(link, by_key(link, link.key_for("contact_id"), ids)), receipt)


def _segments(session: Session, ids: list[str], receipt: Receipt) -> pd.DataFrame:
    """Return the segments of contacts, fetched contact by contact or by searches, whichever needs fewer requests."""
    segments = _counted(listed(session, SEGMENTS, query={"include_count": "true"}), receipt)
    pages = sum(math.ceil(max(int(count or 0), 1) / 150) for count in segments["count"].fillna(0))
    if len(ids) <= pages:
        return _links(session, CONTACT_SEGMENTS, ids, receipt)

    key = CONTACT_SEGMENTS.key_for("segment_id")
    links = _counted(session.fetch(SEGMENT_CONTACTS, by_key(CONTACT_SEGMENTS, key, list(segments["id"]))), receipt)
    return links[links["contact_id"].isin(ids)].drop_duplicates()


def _counted(frame: Frame, receipt: Receipt) -> Frame:
    """Add the cost and failures of an extra fetch to the receipt of the frame that it completes, and return it."""
    receipt.add(receipt_of(frame))
    return frame
