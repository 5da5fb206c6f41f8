"""The endpoints of phone calls.

UNCONFIRMED [calls]: all of it follows the description; the order of the list and the scope are guesses.
"""

import json

from intercom_kit.sandbox import versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.errors import ApiError, not_found

LISTED = 25
MOST_CONVERSATIONS = 20
WITH_TRANSCRIPT = ("transcript", "transcript_status")


def list_calls(call: Call) -> Record:
    """Return a page of the calls, without transcripts, the last begun first."""
    versions.require(call.version, (2, 14))
    records = list(call.workspace.calls.records())[::-1]
    rows, pages = call.numbered_page(len(records), LISTED, LISTED)
    return {
        "type": "list",
        "data": [_plain(each) for each in records[rows]],
        "total_count": len(records),
        "pages": pages,
    }


def show_call(call: Call) -> Record:
    versions.require(call.version, (2, 14))
    record = call.workspace.calls.get(call.path["id"])
    if record is None:
        raise not_found("Call not found")
    return _plain(record)


def search_calls(call: Call) -> Record:
    """Return the calls of up to 20 conversations with their transcripts, on one page."""
    versions.require(call.version, (2, 14))
    ids = _conversation_ids(call)
    found = [each for each in call.workspace.calls.records() if str(each.get("conversation_id")) in ids]
    return {"type": "list", "data": [{"transcript": [], "transcript_status": None, **each} for each in found]}


def _conversation_ids(call: Call) -> set[str]:
    try:
        body = json.loads(call.body)
    except ValueError:
        body = None
    ids = body.get("conversation_ids") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_CONVERSATIONS:
        message = f"A list of up to {MOST_CONVERSATIONS} conversation IDs is required"
        raise ApiError(400, "conversation_id_limit_exceeded", message)
    return set(map(str, ids))


def _plain(record: Record) -> Record:
    return versions.without(record, WITH_TRANSCRIPT)
