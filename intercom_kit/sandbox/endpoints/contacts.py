"""The endpoints of contacts."""

from intercom_kit.sandbox import pagination, versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.fields import CONTACT_FIELDS
from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.contents.store import Collection
from intercom_kit.sandbox.contents.workspace import COMPANY_IDS, EXTERNAL_ID, SEGMENT_IDS, TAG_IDS
from intercom_kit.sandbox.errors import ApiError, contact_not_found
from intercom_kit.sandbox.pagination import Ordered, Request

# Default page sizes: the documentation changed lists from 50 to 10; searches do return 50.
LISTED, FOUND = 10, 50


def rendered(call: Call, row: int) -> Record:
    return versions.contact_as(call.version, call.workspace.contacts.item(row))


def page(call: Call, contacts: Collection, ordered: Ordered, request: Request) -> str:
    """Return a page of a list or of a search; searches may see an older state of the contacts."""

    def render(row: int) -> str:
        if call.version >= versions.LATEST:
            return contacts.text(row)
        return encode(versions.contact_as(call.version, contacts.item(row)))

    return pagination.cursor_list(contacts, ordered, request, render, "data", "list")


def list_contacts(call: Call) -> str:
    """Return a page of contacts; recorded: in order of creation (UNCONFIRMED [list-order])."""
    contacts, created = call.workspace.contacts, CONTACT_FIELDS["created_at"]
    ordered = call.searches.run(contacts, None, call.contact_rules(), created, descending=False)
    return page(call, contacts, ordered, call.list_request(LISTED))


def search_contacts(call: Call) -> str:
    """Return a page of a search; by default the last seen come first (documented as "last_request_at")."""
    body = call.search_body()
    request, contacts = call.search_request(body, FOUND), call.workspace.searched("contacts")
    ordered = call.search(contacts, body, call.contact_rules(), CONTACT_FIELDS["last_seen_at"])
    return page(call, contacts, ordered, request)


def show_contact(call: Call) -> Record:
    """Return one contact; only the single object has `enabled_push_messaging`."""
    return {**rendered(call, contact_row(call, call.path["id"])), "enabled_push_messaging": None}


def contact_row(call: Call, id_: str) -> int:
    """Return the row of a contact; before 2.16 a merged contact was a 404."""
    try:
        return call.workspace.contact_row(id_)
    except ApiError as error:
        if error.status == 410 and call.version < (2, 16):
            raise contact_not_found() from None
        raise


def find_by_external_id(call: Call) -> Record:
    """Return the user with an external id; leads and merged contacts are not found this way."""
    versions.require(call.version, (2, 13))
    for row in call.workspace.contact_rows(EXTERNAL_ID, call.path["external_id"]):
        record = rendered(call, row)
        if record.get("role") == "user":
            return {**record, "enabled_push_messaging": None}
    raise contact_not_found()


def list_companies(call: Call) -> Record:
    """Return a page of a contact's companies, under `data` (the spec says `companies`)."""
    companies = call.workspace.of_contact(contact_row(call, call.path["id"]), COMPANY_IDS, "companies")
    rows, pages = call.numbered_page(len(companies), 50, 60)
    data = [versions.company_as(call.version, company) for company in companies[rows]]
    return {"type": "list", "data": data, "pages": pages, "total_count": len(companies)}


def list_segments(call: Call) -> Record:
    segments = call.workspace.of_contact(contact_row(call, call.path["id"]), SEGMENT_IDS, "segments")
    return {"type": "list", "data": [versions.without(segment, ("count",)) for segment in segments]}


def list_tags(call: Call) -> Record:
    """Return all tags of a contact with their names, which the embedded list lacks."""
    row = contact_row(call, call.path["id"])
    admin = next(call.workspace.simple["admins"].records(), {"id": "1"})
    created_at = call.workspace.contacts.value(row, CONTACT_FIELDS["created_at"])
    applied = {"applied_at": created_at, "applied_by": {"type": "admin", "id": admin["id"]}}
    tags = call.workspace.of_contact(row, TAG_IDS, "tags")
    return {"type": "list", "data": [{**tag, **applied} for tag in tags]}
