"""Ask for events and their summaries, contact by contact, many contacts at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from intercom_kit.api.pages import walk
from intercom_kit.errors import BadRequestError, MissingIdentifierError, NoExternalIdError
from intercom_kit.live import masking
from intercom_kit.live.filters import Selection
from intercom_kit.live.frames import Frame
from intercom_kit.live.gathering import Gathering, Work
from intercom_kit.live.plain_values import id_text, plain
from intercom_kit.live.session import Session
from intercom_kit.live.times import Time, in_order, instant
from intercom_kit.tables import EVENT_SUMMARIES, EVENTS

# What a contact may be named by, and the name of that in the API.
IDENTIFIERS = {"external_id": "user_id", "email": "email", "id": "intercom_user_id"}

Contacts = str | float | Iterable[str | float] | pd.DataFrame | None


def events(session: Session, contacts: Contacts, by: str | None, since: Time | None, until: Time | None) -> Frame:
    """Give the events of contacts between two times."""
    name, keys = identified(contacts, by, "events()")
    masking.check_filters(EVENTS, {name: keys}, session.privacy)
    selection = Selection()
    oldest: datetime | None = None
    for edge, value, operator in (("since", since, ">="), ("until", until, "<")):
        if value is not None:
            moment = selection.parameters[edge] = instant(value, session.timezone)
            selection.where.append(f'"created_at" {operator} ${edge}')
            oldest = moment if edge == "since" else oldest

    in_order(selection.parameters.get("since"), selection.parameters.get("until"))
    filters = {"contacts": len(keys), "since": since, "until": until}
    return session.fetch(EVENTS, events_of(name, keys, oldest), selection=selection, filters=filters)


def events_of(name: str, keys: list[str], oldest: datetime | None = None) -> Work:
    """Ask for the events of contacts, until they are older than `oldest`; `name` is the API's for what keys are."""

    async def gather(gathering: Gathering) -> None:
        async def ask(key: str) -> None:
            assert EVENTS.listing is not None  # noqa: S101 - declared
            async for page in walk(gathering.transport, EVENTS.listing, {"type": "user", name: key}):
                await gathering.take(page)
                if oldest is not None and _older(page.next, oldest):
                    break

        await gathering.each_of(keys, ask)

    return gather


def _older(following: Any, oldest: datetime) -> bool:
    """Tell whether the next page, which begins before the milliseconds its address names, is older than wanted."""
    before = str(following).partition("before=")[2].partition("&")[0]
    return before.isdigit() and int(before) / 1000 < oldest.timestamp()


def event_summaries(session: Session, contacts: Contacts, by: str | None) -> Frame:
    """Give the summaries of contacts' events."""
    name, keys = identified(contacts, by, "event_summaries()")
    masking.check_filters(EVENT_SUMMARIES, {name: keys}, session.privacy)
    return session.fetch(EVENT_SUMMARIES, summaries_of(name, keys), filters={"contacts": len(keys)})


def summaries_of(name: str, keys: list[str]) -> Work:
    """Ask for the summaries of contacts' events; `name` is the API's for what keys are."""

    async def gather(gathering: Gathering) -> None:
        async def ask(key: str) -> None:
            query = {"type": "user", name: key, "summary": "true"}
            await gathering.take(await gathering.transport.get("/events", query, items="events"))

        await gathering.each_of(keys, ask)

    return gather


def identified(contacts: Contacts, by: str | None, verb: str) -> tuple[str, list[str]]:
    """Read which contacts are meant, and by which identifier; give the API's name of it and the keys.

    Raises MissingIdentifierError where no contact is named, NoExternalIdError where one has no external id.
    """
    if by is not None and by not in IDENTIFIERS:
        raise BadRequestError(f"by={by!r} is none of {', '.join(IDENTIFIERS)}.")
    if contacts is None:
        raise MissingIdentifierError(
            f"{verb} asks contact by contact, since Intercom lists no others: give an external id, several, or "
            "a frame such as contacts(limit=9)."
        )
    if isinstance(contacts, pd.DataFrame):
        return _of_frame(contacts, by, verb)
    by = by or "external_id"
    given = plain(contacts)
    keys = _keys(list(given) if isinstance(given, list | Mapping) else [given], by, verb)
    if any(key is None for key in keys):
        raise (NoExternalIdError if by == "external_id" else MissingIdentifierError)(
            f"{verb} got a contact without {by}: leave it out, or give Intercom ids with by='id', which every "
            "contact has."
        )
    return IDENTIFIERS[by], [key for key in keys if key is not None]


def _keys(values: Iterable[Any], by: str, verb: str) -> list[str | None]:
    """Read identifiers as text; None where one is missing."""
    given = plain(values)
    for each in given:
        if isinstance(each, bool) or not isinstance(each, str | int | float | None):
            raise MissingIdentifierError(f"{verb} got {each!r} where the {by} of a contact is meant: give text.")
    return [id_text(each, as_written=by != "id") for each in given]


def _of_frame(frame: pd.DataFrame, by: str | None, verb: str) -> tuple[str, list[str]]:
    by = by or ("id" if "id" in frame.columns else "external_id")
    if by not in frame.columns:
        raise MissingIdentifierError(
            f"{verb} finds no column {by!r} in the frame: give a frame of contacts(), or external ids."
        )
    keys = _keys(frame[by], by, verb)
    lacking = frame[[key is None for key in keys]]
    if len(lacking):
        which = ", ".join(str(value) for value in lacking.get("id", lacking.index)[:5])
        raise (NoExternalIdError if by == "external_id" else MissingIdentifierError)(
            f"{len(lacking):,} contacts have no {by} ({which}): leave them out with .dropna(subset=[{by!r}]), or use "
            "by='id', which every contact has."
        )
    return IDENTIFIERS[by], [key for key in keys if key is not None]
