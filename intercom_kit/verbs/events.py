"""The verbs for events and their summaries, fetched contact by contact, many contacts in parallel."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from intercom_kit.errors import BadRequestError, MissingIdentifierError, NoExternalIdError
from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.live import masking
from intercom_kit.search.filters import Selection
from intercom_kit.tables import EVENT_SUMMARIES, EVENTS
from intercom_kit.values.plain import id_text, plain
from intercom_kit.verbs.arguments import Times

# The identifiers of a contact, and the columns of events that have them.
IDENTIFIERS = {"external_id": "user_id", "email": "email", "id": "intercom_user_id"}

Contacts = str | float | Iterable[str | float] | pd.DataFrame | None


def events(session: Session, contacts: Contacts, by: str | None, times: Times) -> Frame:
    """Return the events of contacts between two times."""
    name, keys = identified(contacts, by, "events()")
    masking.check_filters(EVENTS, {name: keys}, session.privacy)
    selection, (oldest, newest) = Selection(), times.read(session) if times.named() else (None, None)
    for edge, moment, operator in (("since", oldest, ">="), ("until", newest, "<")):
        if moment is not None:
            selection.parameters[edge] = moment
            selection.where.append(f'"created_at" {operator} ${edge}')
    filters = {"contacts": len(keys), **times.named()}
    return session.fetch(
        EVENTS, by_key(EVENTS, EVENTS.key_for(name), keys, oldest=oldest), selection=selection, filters=filters
    )


def event_summaries(session: Session, contacts: Contacts, by: str | None) -> Frame:
    """Return the summaries of contacts' events."""
    name, keys = identified(contacts, by, "event_summaries()")
    masking.check_filters(EVENT_SUMMARIES, {name: keys}, session.privacy)
    return session.fetch(
        EVENT_SUMMARIES, by_key(EVENT_SUMMARIES, EVENT_SUMMARIES.key_for(name), keys), filters={"contacts": len(keys)}
    )


def identified(contacts: Contacts, by: str | None, verb: str) -> tuple[str, list[str]]:
    """Return the column of events that identifies the contacts, and their identifiers.

    Raises MissingIdentifierError without contacts, and NoExternalIdError if one has no external id.
    """
    if by is not None and by not in IDENTIFIERS:
        raise BadRequestError(f"by={by!r} must be one of {', '.join(IDENTIFIERS)}.")
    if contacts is None:
        raise MissingIdentifierError(
            f"{verb} needs contacts, since Intercom lists events only per contact: give an external id, several, or "
            "a frame such as contacts(limit=9)."
        )
    if isinstance(contacts, pd.DataFrame):
        return _of_frame(contacts, by, verb)
    by = by or "external_id"
    values = plain(contacts)
    keys = _keys(list(values) if isinstance(values, list | Mapping) else [values], by, verb)
    if any(key is None for key in keys):
        raise (NoExternalIdError if by == "external_id" else MissingIdentifierError)(
            f"{verb} got a contact without {by}: leave it out, or give Intercom ids with by='id', which every "
            "contact has."
        )
    return IDENTIFIERS[by], [key for key in keys if key is not None]


def _keys(values: Iterable[Any], by: str, verb: str) -> list[str | None]:
    """Return identifiers as text; None for each that is missing."""
    converted = plain(values)
    for each in converted:
        if isinstance(each, bool) or not isinstance(each, str | int | float | None):
            raise MissingIdentifierError(f"{verb} got {each!r} as the {by} of a contact: give text.")
    return [id_text(each, as_written=by != "id") for each in converted]


def _of_frame(frame: pd.DataFrame, by: str | None, verb: str) -> tuple[str, list[str]]:
    by = by or ("id" if "id" in frame.columns else "external_id")
    if by not in frame.columns:
        raise MissingIdentifierError(
            f"{verb} finds no column {by!r} in the frame: give a frame of contacts(), or external ids."
        )
    keys = _keys(frame[by], by, verb)
    missing = frame[[key is None for key in keys]]
    if len(missing):
        which = ", ".join(str(value) for value in missing.get("id", missing.index)[:5])
        raise (NoExternalIdError if by == "external_id" else MissingIdentifierError)(
            f"{len(missing):,} contacts have no {by} ({which}): leave them out with .dropna(subset=[{by!r}]), or use "
            "by='id', which every contact has."
        )
    return IDENTIFIERS[by], [key for key in keys if key is not None]
