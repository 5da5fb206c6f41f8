"""Tickets: a ticket is a conversation with further fields, under the same id."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.store import Collection

SHARED = ("created_at", "updated_at", "open", "snoozed_until", "admin_assignee_id", "team_assignee_id", "contacts")


class Tickets:
    """The tickets of one collection of conversations, cached until that changes."""

    def __init__(self) -> None:
        self._version = -1
        self._tickets = Collection()

    def among(self, conversations: Collection) -> Collection:
        """Return the tickets; generated conversations are never tickets."""
        if conversations.version != self._version:
            tickets = (
                item for item in conversations.items if isinstance(item, dict) and item.get("ticket") is not None
            )
            self._tickets, self._version = Collection(map(_ticket, tickets)), conversations.version
        return self._tickets


def _ticket(conversation: Record) -> Record:
    """Return the ticket of a conversation, from its own fields and those under `ticket`."""
    fields = conversation["ticket"] if isinstance(conversation["ticket"], dict) else {}
    shared = {name: conversation[name] for name in SHARED if conversation.get(name) is not None}
    number = str(fields.get("ticket_id") or fields.get("id") or conversation["id"])
    title = {"_default_title_": conversation.get("title")} if conversation.get("title") else {}
    return {
        "type": "ticket",
        "category": "Customer",
        "is_shared": True,
        **{name: value for name, value in fields.items() if name != "id"},
        **shared,
        "ticket_attributes": {**title, **(fields.get("ticket_attributes") or {})},
        "id": str(conversation["id"]),
        "ticket_id": number,
    }
