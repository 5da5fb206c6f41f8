"""The endpoint of tickets: Intercom has a search, but no list."""

from intercom_kit.sandbox import pagination, versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.fields import TICKET_FIELDS

FOUND = 20
NEWEST = TICKET_FIELDS["updated_at"]


def search_tickets(call: Call) -> str:
    """Return a page of a search, by default the last updated first."""
    versions.require(call.version, (2, 10))
    body = call.search_body()
    request, tickets = call.search_request(body, FOUND), call.workspace.searched("tickets")
    ordered = call.search(tickets, body, call.ticket_rules(), NEWEST)
    return pagination.cursor_list(tickets, ordered, request, tickets.text, "tickets", "ticket.list")
