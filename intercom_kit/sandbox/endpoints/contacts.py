"""Answer about contacts."""

from intercom_kit.sandbox import pagination, versions
from intercom_kit.sandbox.call import Call, Record, cursor_list
from intercom_kit.sandbox.endpoints.asking import contact_rules, list_request, search_request, sorting
from intercom_kit.sandbox.errors import ApiError, bad_parameter, contact_not_found
from intercom_kit.sandbox.fields import CONTACT_FIELDS
from intercom_kit.sandbox.generator.contact_record import EMBEDDED
from intercom_kit.sandbox.workspace import COMPANY_IDS, EXTERNAL_ID, SEGMENT_IDS, TAG_IDS

# The documentation corrected its 50 to 10; searches do give 50.
LISTED, FOUND = 10, 50
EMBEDDED_LISTS = ("tags", "notes", "companies", "opted_out_subscription_types", "opted_in_subscription_types")


def rendered(call: Call, row: int) -> Record:
    """Render a contact as lists and searches show it: embedded lists cut, `segments` of loaded ones hidden."""
    record = versions.contact_as(call.version, call.workspace.contacts.record(row))
    if isinstance(call.workspace.contacts.items[row], dict):
        record = {name: value for name, value in record.items() if name != "segments"}
        for name in EMBEDDED_LISTS:
            embedded = record.get(name)
            if isinstance(embedded, dict) and isinstance(embedded.get("data"), list):
                record[name] = _cut(embedded)
    return record


def _cut(embedded: Record) -> Record:
    data = embedded["data"]
    if len(data) <= EMBEDDED:
        return embedded
    return {**embedded, "data": data[:EMBEDDED], "total_count": len(data), "has_more": True}


def list_contacts(call: Call) -> Record:
    """List contacts; recorded: in order of creation."""
    contacts = call.workspace.contacts
    ordered = call.searches.run(contacts, None, contact_rules(call), CONTACT_FIELDS["created_at"], descending=False)
    return cursor_list(contacts, ordered, list_request(call, LISTED), lambda row: rendered(call, row), "data", "list")


def search_contacts(call: Call) -> Record:
    """Search contacts; without a sort the last seen come first (documented as "last_request_at")."""
    body, rules, contacts = call.json_body(), contact_rules(call), call.workspace.contacts
    if "query" not in body:
        raise ApiError(400, "parameter_missing", "query is missing")
    request = search_request(body, FOUND)
    field, descending = sorting(body, rules, CONTACT_FIELDS["last_seen_at"], call.version)
    ordered = call.searches.run(contacts, body["query"], rules, field, descending=descending)
    return cursor_list(contacts, ordered, request, lambda row: rendered(call, row), "data", "list")


def show_contact(call: Call) -> Record:
    """Show one contact; the single object alone says whether mobile push is on."""
    return {**rendered(call, contact_row(call, call.path["id"])), "enabled_push_messaging": None}


def contact_row(call: Call, id_: str) -> int:
    """Find a contact; before 2.16 a merged one was simply not there."""
    try:
        return call.workspace.contact_row(id_)
    except ApiError as error:
        if error.status == 410 and call.version < (2, 16):
            raise contact_not_found() from None
        raise


def find_by_external_id(call: Call) -> Record:
    """Show the user with an external id; leads are not found this way."""
    versions.require(call.version, (2, 13))
    for row in call.workspace.contact_rows(EXTERNAL_ID, call.path["external_id"]):
        record = rendered(call, row)
        if record.get("role") == "user":
            return {**record, "enabled_push_messaging": None}
    raise contact_not_found()


def list_companies(call: Call) -> Record:
    """List all of a contact's companies, page by page, under `data` (the spec says `companies`)."""
    row = contact_row(call, call.path["id"])
    ids = call.workspace.contacts.value(row, COMPANY_IDS)
    companies = [call.workspace.simple["companies"].get(id_) for id_ in (ids if isinstance(ids, list) else [])]
    known = [versions.company_as(call.version, company) for company in companies if company]
    page = pagination.page_number(call.query.get("page"))
    size = pagination.per_page(call.query.get("per_page"), 50, 60)
    return {
        "type": "list",
        "data": known[pagination.numbered_slice(page, size)],
        "pages": pagination.numbered_pages(call.address, call.query, page, size, len(known)),
        "total_count": len(known),
    }


def list_segments(call: Call) -> Record:
    """List all segments a contact is in."""
    ids = call.workspace.contacts.value(contact_row(call, call.path["id"]), SEGMENT_IDS)
    segments = [call.workspace.simple["segments"].get(id_) for id_ in (ids if isinstance(ids, list) else [])]
    return {"type": "list", "data": [_uncounted(segment) for segment in segments if segment]}


def _uncounted(segment: Record) -> Record:
    return {name: value for name, value in segment.items() if name != "count"}


def list_tags(call: Call) -> Record:
    """List all tags of a contact: here, unlike in the embedded list, they have names."""
    row = contact_row(call, call.path["id"])
    contact = call.workspace.contacts.record(row)
    admin = next(iter(call.workspace.simple["admins"].records()), {"id": "1"})
    applied = {"applied_at": contact.get("created_at"), "applied_by": {"type": "admin", "id": admin["id"]}}
    ids = call.workspace.contacts.value(row, TAG_IDS)
    tags = [call.workspace.simple["tags"].get(id_) for id_ in (ids if isinstance(ids, list) else [])]
    return {"type": "list", "data": [{**tag, **applied} for tag in tags if tag]}


def one_identifier(call: Call) -> tuple[str, str]:
    """Read the one identifier by which events name a contact (error UNCONFIRMED)."""
    given = [(name, call.query[name]) for name in ("user_id", "email", "intercom_user_id") if name in call.query]
    if not given:
        raise ApiError(400, "parameter_not_found", "user_id, email or intercom_user_id not specified")
    if len(given) > 1:
        raise bad_parameter("Give exactly one of user_id, email and intercom_user_id")
    return given[0]
