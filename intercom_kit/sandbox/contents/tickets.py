"""Tickets: a ticket is a conversation with further fields, under the same id."""

from typing import Any

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.store import ChangedRecord, Collection
from intercom_kit.sandbox.generator.tickets.with_parts import MAX_PARTS, TicketRecords

SHARED = ("created_at", "updated_at", "open", "snoozed_until", "admin_assignee_id", "team_assignee_id", "contacts")


class Tickets:
    """The tickets of one collection of conversations, cached until that changes."""

    def __init__(self, records: TicketRecords | None = None) -> None:
        self._version = -1
        self._records = records
        self._tickets = Collection()

    def among(self, conversations: Collection) -> Collection:
        """Return the tickets: generated ones as they are, loaded and changed ones as JSON objects."""
        if conversations.version != self._version:
            tickets = [self._ticket(item) for item in conversations.items if _is_ticket(item)]
            if self._records is None:
                self._tickets = Collection(tickets)
            else:
                render, write = self._records.render, self._records.write
                self._tickets = Collection(tickets, dict, render, write, self._records.readers)
            self._version = conversations.version
        return self._tickets

    def _ticket(self, item: Any) -> Any:
        if isinstance(item, ChangedRecord) and item.origin.ticket and self._records is not None:
            fields = self._records.render(item.origin)
            given = item["ticket"] if "ticket" in item.keys_changed and isinstance(item["ticket"], dict) else {}
            changed = {name: item[name] for name in SHARED if name in item.keys_changed}
            if "conversation_parts" in item.keys_changed:
                changed["ticket_parts"] = _parts(item)
            return {**fields, **given, **changed, "id": fields["id"]}
        return _loaded(item) if isinstance(item, dict) else item


def _is_ticket(item: Any) -> bool:
    return (item.get("ticket") if isinstance(item, dict) else item.ticket) is not None


def _loaded(conversation: Record) -> Record:
    """Return the ticket of a loaded conversation, from its own fields and those under `ticket`."""
    fields = conversation["ticket"] if isinstance(conversation["ticket"], dict) else {}
    shared = {name: conversation[name] for name in SHARED if conversation.get(name) is not None}
    number = str(fields.get("ticket_id") or fields.get("id") or conversation["id"])
    attributes = fields.get("ticket_attributes")
    if conversation.get("title"):
        attributes = {"_default_title_": conversation["title"], **(attributes or {})}
    return {
        "type": "ticket",
        "category": "Customer",
        "is_shared": True,
        "ticket_attributes": {},
        "ticket_parts": _parts(conversation),
        **{name: value for name, value in fields.items() if name != "id"},
        **shared,
        **({"ticket_attributes": attributes} if attributes else {}),
        "id": str(conversation["id"]),
        "ticket_id": number,
    }


def _parts(conversation: Record) -> Record:
    """Return a conversation's parts as a ticket's: they have the same ids, but no states."""
    listing = conversation.get("conversation_parts")
    parts = listing.get("conversation_parts") if isinstance(listing, dict) else listing
    parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    shown = [{**part, "type": "ticket_part"} for part in parts[-MAX_PARTS:]]
    return {"type": "ticket_part.list", "ticket_parts": shown, "total_count": len(parts)}


def as_conversation(ticket: Record) -> Record:
    """Return the conversation of a loaded ticket, as far as the ticket tells."""
    shared = {name: ticket[name] for name in SHARED if name in ticket}
    return {"type": "conversation", "id": str(ticket["id"]), **shared, "ticket": ticket}


def embedded(record: Record) -> Record:
    """Return a conversation whose ticket, if it is one, has no parts, as conversations show it."""
    ticket = record.get("ticket")
    if not isinstance(ticket, dict) or "ticket_parts" not in ticket:
        return record
    return {**record, "ticket": {name: value for name, value in ticket.items() if name != "ticket_parts"}}
