"""Find the tickets among conversations: a ticket is a conversation with more to it, under the same id."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.store import Collection

SHARED = ("created_at", "updated_at", "open", "snoozed_until", "admin_assignee_id", "team_assignee_id", "contacts")


class Tickets:
    """The tickets of one collection of conversations, found anew when that has changed."""

    def __init__(self) -> None:
        self._version = -1
        self._tickets = Collection()

    def among(self, conversations: Collection) -> Collection:
        """Collect the tickets; invented conversations are none."""
        if conversations.version != self._version:
            given = (item for item in conversations.items if isinstance(item, dict) and item.get("ticket") is not None)
            self._tickets, self._version = Collection(map(_ticket, given)), conversations.version
        return self._tickets


def _ticket(conversation: Record) -> Record:
    """Make a ticket of what its conversation says, and of what stands under `ticket` there."""
    given = conversation["ticket"] if isinstance(conversation["ticket"], dict) else {}
    shared = {name: conversation[name] for name in SHARED if conversation.get(name) is not None}
    number = str(given.get("ticket_id") or given.get("id") or conversation["id"])
    title = {"_default_title_": conversation.get("title")} if conversation.get("title") else {}
    return {
        "type": "ticket",
        "category": "Customer",
        "is_shared": True,
        **{name: value for name, value in given.items() if name != "id"},
        **shared,
        "ticket_attributes": {**title, **(given.get("ticket_attributes") or {})},
        "id": str(conversation["id"]),
        "ticket_id": number,
    }
