"""The endpoints of teammates' activity: activity logs, their types, and away reasons."""

import json
from collections.abc import Mapping
from typing import Any

from intercom_kit.sandbox import pagination, versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.endpoints.event_types import EVENT_TYPES
from intercom_kit.sandbox.errors import ApiError, bad_parameter

LISTED = 20
LARGEST_LIST, LARGEST_SEARCH = 100, 250
DAY = 86_400
DEFAULT_DAYS = 30
AWAY = "admin_away_mode_change"


def list_activity_logs(call: Call) -> Record:
    """Return a page of the log, newest first; its size may be up to 100 (UNCONFIRMED [activity-page])."""
    since, until = _moment(call.query, "created_at_after"), _moment(call.query, "created_at_before")
    if since is None:
        raise _missing_since()
    return _page(call, call.query, _between(call, since, until), LARGEST_LIST)


def search_activity_logs(call: Call) -> Record:
    """Return a page of the log, of given types; the page is part of the body."""
    versions.require(call.version, (2, 16))
    body = _body(call)
    since, until = _moment(body, "created_at_after"), _moment(body, "created_at_before")
    if since is None:
        if call.behaviours.of("activity-since") == "required":  # UNCONFIRMED [activity-since]
            raise _missing_since()
        since = call.workspace.now - DEFAULT_DAYS * DAY
    types = body.get("event_types")
    records = [each for each in _between(call, since, until) if not types or each.get("activity_type") in types]
    query = {name: str(value) for name, value in body.items() if name in ("page", "per_page")}
    return _page(call, query, records, LARGEST_SEARCH)


def _body(call: Call) -> Record:
    try:
        body = json.loads(call.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_parameter("Request body must be a JSON object")
    return body


def _missing_since() -> ApiError:
    message = "Please provide the following parameters: created_at_after"
    return ApiError(400, "parameter_not_found", message)


def _moment(parameters: Mapping[str, Any], name: str) -> int | None:
    value = parameters.get(name)
    if value is None:
        return None
    if not str(value).isdecimal():
        raise bad_parameter(f"{name} must be a UNIX timestamp", name)  # UNCONFIRMED [error-codes]
    return int(value)


def _between(call: Call, since: int, until: int | None) -> list[Record]:
    """Return the entries after `since` and before `until`; both bounds are UNCONFIRMED [activity-page]."""
    records = [record for record in call.workspace.activity_logs.records() if record["created_at"] > since]
    if until is not None:
        records = [record for record in records if record["created_at"] < until]
    return sorted(records, key=lambda record: -record["created_at"])


def _page(call: Call, query: Mapping[str, str], records: list[Record], limit: int) -> Record:
    oversize = call.behaviours.of("per-page-over")
    arguments = (call.address, query, len(records), LISTED, limit, oversize, call.paging_faults)
    rows, pages = pagination.numbered_page(*arguments)
    shown = [_as_behaved(call, record) for record in records[rows]]
    return {"type": "activity_log.list", "pages": pages, "activity_logs": shown}


def _as_behaved(call: Call, record: Record) -> Record:
    """Return an entry in which `performed_by` or `update_by` is the teammate who is away (UNCONFIRMED [away-by])."""
    metadata = record.get("metadata")
    if call.behaviours.of("away-by") == "performed_by" or record.get("activity_type") != AWAY or not metadata:
        return record
    admins = call.workspace.simple["admins"]
    away, by = admins.get(record["performed_by"]["id"]), admins.get(metadata.get("update_by"))
    if away is None or by is None or away is by:
        return record
    performed_by = {**record["performed_by"], "id": by["id"], "email": by["email"]}
    exchanged = {**metadata, "update_by": int(away["id"]), "update_by_name": away["name"]}
    return {**record, "performed_by": performed_by, "metadata": exchanged}


def list_event_types(call: Call) -> Record:
    versions.require(call.version, (2, 16))
    return {"type": "activity_log_event_type.list", "event_types": list(EVENT_TYPES)}


def list_away_reasons(call: Call) -> Record:
    """Return all reasons, deleted ones too."""
    versions.require(call.version, (2, 14))
    return {"type": "list", "data": list(call.workspace.simple["away_status_reasons"].records())}
