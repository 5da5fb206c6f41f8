"""The endpoints of conversations."""

import html
import re

from intercom_kit.sandbox import pagination, versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.fields import CONVERSATION_FIELDS
from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.contents.store import Collection
from intercom_kit.sandbox.contents.tickets import embedded
from intercom_kit.sandbox.errors import not_found
from intercom_kit.sandbox.generator.surroundings.reviews import monitor_evaluations, scorecards
from intercom_kit.sandbox.pagination import Ordered, Request

LISTED = 20
REVIEWS = {
    "include_monitors": ("monitor_evaluations", monitor_evaluations),
    "include_scorecards": ("scorecards", scorecards),
}
MAX_PARTS = 500
# Recorded cursors descend by a millisecond time; that it is the last update is UNCONFIRMED [list-order].
NEWEST = CONVERSATION_FIELDS["updated_at"]


def list_conversations(call: Call) -> str:
    """Return a page of conversations without their parts, the last updated first."""
    conversations, rules = call.workspace.conversations, call.conversation_rules()
    ordered = call.searches.run(conversations, None, rules, NEWEST, descending=True, without=call.hidden)
    return _page(call, conversations, ordered, call.list_request(LISTED))


def search_conversations(call: Call) -> str:
    """Return a page of a search; conversations come without their parts."""
    body = call.search_body()
    request, conversations = call.search_request(body, LISTED), call.workspace.searched("conversations")
    ordered = call.search(conversations, body, call.conversation_rules(), NEWEST, without=call.hidden)
    return _page(call, conversations, ordered, request)


def _page(call: Call, conversations: Collection, ordered: Ordered, request: Request) -> str:
    def render(row: int) -> str:
        if _reviews(call):
            return encode(_reviewed(call, conversations.item(row)))
        if call.version >= versions.LATEST:
            return conversations.text(row)
        return encode(versions.conversation_as(call.version, conversations.item(row)))

    return pagination.cursor_list(conversations, ordered, request, render, "conversations", "conversation.list")


def show_conversation(call: Call) -> Record:
    """Return one conversation with its newest 500 parts, in order of creation."""
    record = call.workspace.conversations.get(call.path["id"])
    if record is None or (call.hidden and record.get("ticket") is not None):
        raise not_found()
    record = _reviewed(call, _newest_parts(versions.conversation_as(call.version, embedded(record))))
    return _as_plain_text(record) if call.query.get("display_as") == "plaintext" else record


def _reviews(call: Call) -> list[str]:
    """Return the reviews that are asked for; older versions know none."""
    return [name for name in REVIEWS if call.version >= versions.LATEST and call.query.get(name) == "true"]


def _reviewed(call: Call, record: Record) -> Record:
    """Return a conversation with the reviews that are asked for: its own, or generated ones."""
    wanted = [REVIEWS[name] for name in _reviews(call)]
    return {**{key: make(record) for key, make in wanted}, **record}


def _newest_parts(record: Record) -> Record:
    listing = record.get("conversation_parts") or []
    if isinstance(listing, list):  # loaded files may embed a bare list, or none
        listing = {"type": "conversation_part.list", "conversation_parts": listing, "total_count": len(listing)}
    if isinstance(listing, dict) and isinstance(listing.get("conversation_parts"), list):
        listing = {**listing, "conversation_parts": listing["conversation_parts"][-MAX_PARTS:]}
    return {**record, "conversation_parts": listing}


def _as_plain_text(record: Record) -> Record:
    source, listing = record.get("source"), record["conversation_parts"]
    if isinstance(source, dict):
        plain_source = {**source, "body": plain(source.get("body")), "subject": plain(source.get("subject"))}
        record = {**record, "source": plain_source}
    if isinstance(listing, dict):
        parts = [{**part, "body": plain(part.get("body"))} for part in listing["conversation_parts"]]
        record = {**record, "conversation_parts": {**listing, "conversation_parts": parts}}
    return record


def plain(body: object) -> object:
    """Return HTML as text; a link becomes `label (url)`, an image `[Image "url"]`."""
    if not isinstance(body, str):
        return body
    linked = re.sub(r"<a [^>]*href=['\"]([^'\"]*)['\"][^>]*>(.*?)</a>", r"\2 (\1)", body)
    linked = re.sub(r"<img [^>]*src=['\"]([^'\"]*)['\"][^>]*>", r'[Image "\1"]', linked)
    return html.unescape(re.sub(r"<[^>]+>", "", linked)).strip()


def list_deleted(call: Call) -> Record:
    """Return a page of the ids of deleted conversations."""
    versions.require(call.version, (2, 16))
    deleted = list(call.workspace.simple["deleted_conversations"].records())
    deleted.sort(key=lambda record: record["deleted_at"], reverse=call.query.get("order", "desc") != "asc")
    rows, pages = call.numbered_page(len(deleted), 20, 60)
    return {
        "type": "conversations.list",
        "conversations": deleted[rows],
        "total_count": len(deleted),
        "pages": pages,
    }
