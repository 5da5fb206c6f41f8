"""Ask for conversations, and for the parts of some."""

from typing import Any

import pandas as pd

from intercom_kit.errors import BadRequestError, MissingIdentifierError
from intercom_kit.live import masking
from intercom_kit.live.filters import containing
from intercom_kit.live.frames import Frame
from intercom_kit.live.gathering import Gathering, Work
from intercom_kit.live.lists import Rows, checked_limit, filled, identifier, one, searched
from intercom_kit.live.plain_values import plain
from intercom_kit.live.session import Session
from intercom_kit.tables import CONVERSATION_PARTS, CONVERSATIONS

TEXT_FIELDS = ("source.body", "source.subject")


def conversations(session: Session, limit: int | None, text: str | None, filters: dict[str, Any], rows: Rows) -> Frame:
    """Search conversations, the newest first; `rows` gives all of them that can be told without the search."""
    limit, filters = checked_limit(limit), plain(filters)
    selection = session.select(CONVERSATIONS, filters)
    if text is not None:
        masking.check_text(CONVERSATIONS, TEXT_FIELDS, session.privacy)
        selection.search(*containing(text, TEXT_FIELDS))
        filters = {"text": text, **filters}
    if limit is None and selection.alone is not None:
        return rows(CONVERSATIONS, selection, filters, "live")
    return searched(session, CONVERSATIONS, limit, selection, filters, order="descending")


def conversation(session: Session, id: Any, body: str) -> Frame:
    """Find one conversation."""
    key = identifier(id, "conversation", "conversation()")
    return one(session, CONVERSATIONS, filled(CONVERSATIONS.one, key), displayed(body))


def displayed(body: str) -> dict[str, Any] | None:
    """Ask for bodies as text or as HTML."""
    if body not in ("text", "html"):
        raise BadRequestError(f"body={body!r} must be 'text' or 'html'.")
    return {"display_as": "plaintext"} if body == "text" else None


def conversation_parts(session: Session, ids: Any, body: str) -> Frame:
    """Give the parts of conversations, asking conversation by conversation."""
    keys, query = _keys(ids), displayed(body)
    filters = {"conversations": len(keys), "body": body}
    return session.fetch(CONVERSATION_PARTS, parts_of(keys, query), filters=filters)


def parts_of(keys: list[str], query: dict[str, Any] | None) -> Work:
    """Ask for the parts of conversations."""
    listing = CONVERSATION_PARTS.listing
    assert listing is not None  # noqa: S101 - declared

    async def gather(gathering: Gathering) -> None:
        async def ask(key: str) -> None:
            page = await gathering.transport.get(filled(listing.path, key), query, items=listing.items)
            await gathering.take(page)
            if (page.total_count or 0) > page.count:
                gathering.receipt.cut(
                    f"conversation {key} has {page.total_count:,} parts, and Intercom gives the newest {page.count:,}"
                )

        await gathering.each_of(keys, ask, unit="conversations")

    return gather


def _keys(ids: Any) -> list[str]:
    if isinstance(ids, pd.DataFrame):
        if "id" not in ids:
            raise MissingIdentifierError(
                "conversation_parts() finds no column 'id' in the frame: give conversations()."
            )
        ids = ids["id"]
    given = plain(ids)
    several = list(given) if isinstance(given, list | dict) else [given]
    return [identifier(key, "conversation", "conversation_parts()") for key in several]
