"""The endpoints of tickets, their types and states: tickets can be searched and shown, but not listed."""

from intercom_kit.sandbox import pagination, ticket_versions, versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.fields import TICKET_FIELDS
from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.errors import not_found

FOUND = 20
NEWEST = TICKET_FIELDS["updated_at"]


def search_tickets(call: Call) -> str:
    """Return a page of a search, by default the last updated first; every ticket comes with its parts."""
    versions.require(call.version, (2, 10))
    body = call.search_body()
    request, tickets = call.search_request(body, FOUND), call.workspace.searched("tickets")
    ordered = call.search(tickets, body, call.ticket_rules(), NEWEST)

    def render(row: int) -> str:
        if call.version >= versions.LATEST and _attributes_key(call) == "data":
            return tickets.text(row)
        return encode(_rendered(call, tickets.item(row)))

    return pagination.cursor_list(tickets, ordered, request, render, "tickets", "ticket.list")


def _attributes_key(call: Call) -> str:
    return call.behaviours.of("ticket-type-key")


def _rendered(call: Call, ticket: Record) -> Record:
    shown: Record = ticket_versions.ticket_as(call.version, ticket)
    if "ticket_type" not in shown:
        return shown
    return {**shown, "ticket_type": ticket_versions.with_attributes_under(_attributes_key(call), shown["ticket_type"])}


def show_ticket(call: Call) -> Record:
    """Return one ticket by Intercom's id, not by the number that the Inbox shows."""
    versions.require(call.version, (2, 9))
    tickets = call.workspace.tickets
    row = tickets.row(call.path["id"])
    if row is None:
        raise not_found("Ticket not found", "ticket_not_found")
    return _rendered(call, tickets.item(row))


def list_types(call: Call) -> Record:
    """Return all ticket types, archived ones too."""
    versions.require(call.version, (2, 9))
    types = call.workspace.simple["ticket_types"].records()
    return {"type": "list", "data": [_type(call, type_) for type_ in types]}


def show_type(call: Call) -> Record:
    versions.require(call.version, (2, 9))
    type_ = call.workspace.simple["ticket_types"].get(call.path["id"])
    if type_ is None:
        raise not_found()
    return _type(call, type_)


def _type(call: Call, type_: Record) -> Record:
    shown = ticket_versions.type_as(call.version, type_)
    changed: Record = ticket_versions.with_attributes_under(_attributes_key(call), shown)
    return changed


def list_states(call: Call) -> Record:
    """Return all ticket states, archived ones too."""
    versions.require(call.version, (2, 12))
    return {"type": "list", "data": list(call.workspace.simple["ticket_states"].records())}
