"""Generated tickets with their parts, which a ticket shows with its states, a conversation without."""

from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.conversation_record import ConversationRecords
from intercom_kit.sandbox.generator.tickets.records import TicketFields
from intercom_kit.sandbox.generator.tickets.ticket import Ticket

MAX_PARTS = 500  # documented: the most recent ones
SHARED = ("id", "part_type", "created_at", "updated_at", "author", "attachments", "external_id", "redacted")


class TicketRecords:
    """The renderer of tickets, with their newest 500 parts."""

    def __init__(self, fields: TicketFields, conversations: ConversationRecords) -> None:
        self._fields = fields
        self._conversations = conversations
        self.readers = fields.readers()

    def write(self, conversation: Conversation) -> str:
        return self._fields.write(conversation, self._parts(conversation))

    def render(self, conversation: Conversation) -> Record:
        return self._fields.render(conversation, self._parts(conversation))

    def _parts(self, conversation: Conversation) -> str:
        first = max(0, len(conversation.parts) - MAX_PARTS)
        parts = [self._part(conversation, number) for number in range(first, len(conversation.parts))]
        total = len(conversation.parts)
        return encode({"type": "ticket_part.list", "ticket_parts": parts, "total_count": total})

    def _part(self, conversation: Conversation, number: int) -> Record:
        """Return one part: its body, assignee and states only where it has them."""
        shown = self._conversations.part(conversation, number)
        author = {key: shown["author"][key] for key in ("type", "id", "name", "email")}
        if author["type"] == "lead":
            author["type"] = "user"
        part = {"type": "ticket_part", **{key: shown[key] for key in SHARED}, "author": author}
        part |= {key: shown[key] for key in ("body", "assigned_to") if shown[key] is not None}
        ticket = conversation.ticket
        return part if ticket is None else part | _changes(ticket, number)


def _changes(ticket: Ticket, number: int) -> Record:
    if number in ticket.state_changes:
        before, after = ticket.state_changes[number]
        return {"previous_ticket_state": before, "ticket_state": after}
    if number in ticket.attribute_changes:
        attribute, value = ticket.attribute_changes[number]
        changed = {"type": "attribute", "id": ticket.type.attribute_id(attribute.name), "label": attribute.name}
        option = {"type": "value", "id": value.lower().replace(" ", "-"), "label": value}
        return {"updated_attribute_data": {"attribute": changed, "value": option}}
    return {}
