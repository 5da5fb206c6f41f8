"""The verbs for one conversation, and for the parts of some."""

from collections.abc import Iterable
from typing import Any

from intercom_kit.errors import BadRequestError
from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.paging.paths import filled
from intercom_kit.tables import CONVERSATION_PARTS, CONVERSATIONS
from intercom_kit.verbs.arguments import identifier, identifiers
from intercom_kit.verbs.including import inclusion


def conversation(session: Session, id: Any, body: str, include: Iterable[str]) -> Frame:
    """Return one conversation, with what is included."""
    key, included = identifier(id, "conversation", "conversation()"), inclusion(session, include)
    path, query = filled(CONVERSATIONS.one, key), {**(displayed(body) or {}), **included.query}
    work = included.checked(lambda gathering: gathering.one(path, query))
    return session.fetch(included.table, work, items="", filters=included.filters)


def displayed(body: str) -> dict[str, Any] | None:
    """Return the query that requests bodies as text; None for HTML."""
    if body not in ("text", "html"):
        raise BadRequestError(f"body={body!r} must be 'text' or 'html'.")
    return {"display_as": "plaintext"} if body == "text" else None


def conversation_parts(session: Session, ids: Any, body: str) -> Frame:
    """Return the parts of conversations, fetched conversation by conversation."""
    keys, query = identifiers(ids, "conversation", "conversation_parts()"), displayed(body)
    filters = {"conversations": len(keys), "body": body}
    return session.fetch(
        CONVERSATION_PARTS, by_key(CONVERSATION_PARTS, CONVERSATION_PARTS.every_key, keys, query=query), filters=filters
    )
