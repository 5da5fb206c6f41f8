"""Read what the cursor lists and searches have in common out of a request."""

from intercom_kit.sandbox.call import Call, Record, Request
from intercom_kit.sandbox.errors import ApiError, bad_parameter
from intercom_kit.sandbox.fields import CONTACT_FIELDS, CONVERSATION_FIELDS, Field
from intercom_kit.sandbox.pagination import Cursor, per_page
from intercom_kit.sandbox.search import Rules, find_field
from intercom_kit.sandbox.versions import PREVIEW

ORDERS = ("ascending", "descending")


def list_request(call: Call, default: int) -> Request:
    """Read the page asked for from the query of a GET; the page size is echoed as the text it came as."""
    after = call.query.get("starting_after")
    if after == "":
        raise ApiError(500, "server_error", "Internal server error")  # recorded: an empty cursor breaks Intercom
    size = per_page(call.query.get("per_page"), default)
    echo = str(size) if "per_page" in call.query else size
    return Request(size, echo, Cursor.decode(after) if after else None)


def search_request(body: Record, default: int) -> Request:
    """Read the page asked for from the body of a search; whatever stands in its address has no effect."""
    pagination = body.get("pagination") or {}
    if not isinstance(pagination, dict):
        raise bad_parameter("pagination must be an object", "pagination")
    size = per_page(pagination.get("per_page"), default)
    after = pagination.get("starting_after")
    return Request(size, size, Cursor.decode(str(after)) if after else None)


def contact_rules(call: Call) -> Rules:
    """Say how contacts are searched: by whole days, except in Preview."""
    preview = call.version == PREVIEW
    return Rules(CONTACT_FIELDS, call.workspace.zone, whole_days=not preview, preview=preview, contacts=True)


def conversation_rules(call: Call) -> Rules:
    """Say how conversations are searched: to the second."""
    return Rules(CONVERSATION_FIELDS, call.workspace.zone, whole_days=False, inclusive=call.inclusive_bounds)


def sorting(body: Record, rules: Rules, default: Field, version: tuple[int, int]) -> tuple[Field, bool]:
    """Read the sort field and whether it is descending (the default); a bad order is refused since 2.16."""
    sort = body.get("sort")
    if not isinstance(sort, dict):
        return default, True
    order = sort.get("order", "descending")
    if order not in ORDERS and version >= (2, 16):
        message = f"Invalid sort order '{order}'. Must be one of: {', '.join(ORDERS)}"
        raise ApiError(400, "invalid_sort_order", message)
    field = find_field(sort["field"], rules) if sort.get("field") else default
    return field, order != "ascending"
