"""Answer about conversations."""

import html
import re

from intercom_kit.sandbox import pagination, versions
from intercom_kit.sandbox.call import Call, Record, cursor_list
from intercom_kit.sandbox.endpoints.asking import conversation_rules, list_request, search_request, sorting
from intercom_kit.sandbox.errors import ApiError, not_found
from intercom_kit.sandbox.fields import CONVERSATION_FIELDS

LISTED = 20
MOST_PARTS = 500
# Recorded cursors descend by a millisecond time; that it is the last update is UNCONFIRMED.
NEWEST = CONVERSATION_FIELDS["updated_at"]


def _item(call: Call, row: int) -> Record:
    record = versions.conversation_as(call.version, call.workspace.conversations.item(row))
    if "conversation_parts" not in record:
        return record
    return {name: value for name, value in record.items() if name != "conversation_parts"}


def list_conversations(call: Call) -> Record:
    """List conversations without their parts, the last updated first."""
    conversations = call.workspace.conversations
    ordered = call.searches.run(conversations, None, conversation_rules(call), NEWEST, descending=True)
    request = list_request(call, LISTED)
    render = lambda row: _item(call, row)  # noqa: E731
    return cursor_list(conversations, ordered, request, render, "conversations", "conversation.list")


def search_conversations(call: Call) -> Record:
    """Search conversations; the result holds no parts."""
    body, rules, conversations = call.json_body(), conversation_rules(call), call.workspace.conversations
    if "query" not in body:
        raise ApiError(400, "parameter_missing", "query is missing")
    request = search_request(body, LISTED)
    field, descending = sorting(body, rules, NEWEST, call.version)
    ordered = call.searches.run(conversations, body["query"], rules, field, descending=descending)
    render = lambda row: _item(call, row)  # noqa: E731
    return cursor_list(conversations, ordered, request, render, "conversations", "conversation.list")


def show_conversation(call: Call) -> Record:
    """Show one conversation with its newest 500 parts, oldest of them first."""
    record = call.workspace.conversations.get(call.path["id"])
    if record is None:
        raise not_found()
    record = _newest_parts(versions.conversation_as(call.version, record))
    return _as_plain_text(record) if call.query.get("display_as") == "plaintext" else record


def _newest_parts(record: Record) -> Record:
    listing = record.get("conversation_parts")
    if isinstance(listing, list):  # loaded files may embed a bare list
        listing = {"type": "conversation_part.list", "conversation_parts": listing, "total_count": len(listing)}
    if listing is None:
        listing = {"type": "conversation_part.list", "conversation_parts": [], "total_count": 0}
    if isinstance(listing, dict) and isinstance(listing.get("conversation_parts"), list):
        listing = {**listing, "conversation_parts": listing["conversation_parts"][-MOST_PARTS:]}
    return {**record, "conversation_parts": listing}


def _as_plain_text(record: Record) -> Record:
    record = dict(record)
    if isinstance(record.get("source"), dict):
        source = record["source"]
        record["source"] = {**source, "body": plain(source.get("body")), "subject": plain(source.get("subject"))}
    listing = record["conversation_parts"]
    if isinstance(listing, dict):
        parts = [{**part, "body": plain(part.get("body"))} for part in listing["conversation_parts"]]
        record["conversation_parts"] = {**listing, "conversation_parts": parts}
    return record


def plain(body: object) -> object:
    """Turn HTML into text; a link becomes `label (address)`."""
    if not isinstance(body, str):
        return body
    linked = re.sub(r"<a [^>]*href=['\"]([^'\"]*)['\"][^>]*>(.*?)</a>", r"\2 (\1)", body)
    return html.unescape(re.sub(r"<[^>]+>", "", linked)).strip()


def list_deleted(call: Call) -> Record:
    """List the ids of deleted conversations."""
    versions.require(call.version, (2, 16))
    deleted = list(call.workspace.simple["deleted_conversations"].records())
    deleted.sort(key=lambda record: record["deleted_at"], reverse=call.query.get("order", "desc") != "asc")
    page = pagination.page_number(call.query.get("page"))
    size = pagination.per_page(call.query.get("per_page"), 20, 60)
    return {
        "type": "conversations.list",
        "conversations": deleted[pagination.numbered_slice(page, size)],
        "total_count": len(deleted),
        "pages": pagination.numbered_pages(call.address, call.query, page, size, len(deleted)),
    }
