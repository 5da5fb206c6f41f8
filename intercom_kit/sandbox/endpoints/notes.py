"""The endpoints of notes and subscriptions: Intercom lists them key by key, not for the whole workspace."""

from intercom_kit.sandbox import versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.endpoints.contacts import contact_row
from intercom_kit.sandbox.errors import company_not_found

LISTED, LIMIT = 50, 150


def list_of_contact(call: Call) -> Record:
    """Return a page of the notes about a contact."""
    row = contact_row(call, call.path["id"])
    id_ = call.workspace.contacts.id_of(row)
    return _page(call, [*call.workspace.notes_of(row), *_given(call, "contact", id_)])


def list_of_company(call: Call) -> Record:
    """Return a page of the notes about a company."""
    versions.require(call.version, (2, 15))
    if call.workspace.simple["companies"].get(call.path["id"]) is None:
        raise company_not_found()
    return _page(call, _given(call, "company", call.path["id"]))


def _given(call: Call, owner: str, id_: str) -> list[Record]:
    """Return the loaded notes about one contact or company."""
    notes = call.workspace.simple["notes"].records()
    return [note for note in notes if str((note.get(owner) or {}).get("id")) == id_]


def _page(call: Call, notes: list[Record]) -> Record:
    rows, pages = call.numbered_page(len(notes), LISTED, LIMIT)
    data = [_note(call, note) for note in notes[rows]]
    return {"type": "list", "data": data, "total_count": len(notes), "pages": pages}


def _note(call: Call, note: Record) -> Record:
    """Return a note with its author in full; since 2.16 it names the company, or none."""
    author = note.get("author")
    if isinstance(author, str):
        author = versions.admin_as(call.version, call.workspace.simple["admins"].get(author) or {"id": author})
    shown = {**note, "author": author}
    return {"company": None, **shown} if call.version >= (2, 16) else versions.without(shown, ("company",))


def list_types(call: Call) -> Record:
    """Return all subscription types, archived ones too."""
    return {"type": "list", "data": list(call.workspace.simple["subscription_types"].records())}


def list_subscriptions(call: Call) -> Record:
    """Return the subscriptions of a contact that they chose or left; those that hold by default are not listed."""
    contact = call.workspace.contacts.record(contact_row(call, call.path["id"]))
    lists = [contact.get(f"opted_{way}_subscription_types") or {} for way in ("out", "in")]
    ids = [each["id"] for listing in lists for each in listing.get("data", [])]
    found = [call.workspace.simple["subscription_types"].get(id_) for id_ in ids]
    return {"type": "list", "data": [type_ for type_ in found if type_]}
