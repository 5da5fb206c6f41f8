"""Generated tickets as Intercom's JSON."""

import json
from collections.abc import Callable
from typing import Any

from intercom_kit.sandbox.contents.fields import CATEGORY_WORDS
from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.tickets import catalogue
from intercom_kit.sandbox.generator.tickets.links import Links
from intercom_kit.sandbox.generator.tickets.ticket import Ticket

MOST_LINKS = 1_000  # documented: more are counted, not shown
NO_LINKS = '{"type":"list","data":[],"total_count":0,"has_more":false}'


class TicketFields:
    """The renderer of what the conversation and the ticket of one id both show."""

    def __init__(self, workspace_id: str, founded: int, links: Links) -> None:
        self.types = {type_.id: catalogue.type_record(type_, workspace_id, founded) for type_ in catalogue.TYPES}
        self._type_texts = {number: encode(record) for number, record in self.types.items()}
        self._links = links

    def linked_objects(self, id_: str) -> str:
        """Return the objects linked with a conversation, as JSON."""
        links = self._links.get(id_)
        if not links:
            return NO_LINKS
        data = [{"type": kind, "id": other, "category": category} for kind, other, category in links[:MOST_LINKS]]
        return encode({"type": "list", "data": data, "total_count": len(links), "has_more": len(links) > MOST_LINKS})

    def write(self, conversation: Conversation, parts: str | None = None) -> str:
        """Return a ticket's JSON; conversations embed it without parts. The type is a large constant, hence text."""
        ticket = conversation.ticket
        if ticket is None:
            return "null"
        rest = f',"ticket_type":{self._type_texts[ticket.type.id]}'
        rest += f',"linked_objects":{self.linked_objects(conversation.id)}'
        if parts is not None:
            rest += f',"ticket_parts":{parts}'
        return f"{encode(_beginning(conversation, ticket))[:-1]}{rest}}}"

    def render(self, conversation: Conversation, parts: str | None = None) -> Record:
        return dict(json.loads(self.write(conversation, parts)))

    def readers(self) -> dict[str, Callable[[Conversation], object]]:
        """Return readers of the ticket fields that are not attributes of a conversation of the same name."""
        return {
            "ticket": lambda conversation: conversation.ticket and str(conversation.ticket.number),
            "open": lambda conversation: conversation.state != "closed",
            "category": _of(lambda ticket: CATEGORY_WORDS[ticket.type.category]),
            "ticket_type_id": _of(lambda ticket: ticket.type.id),
            "state": _of(lambda ticket: ticket.state.category),
            "title": _of(lambda ticket: ticket.attributes.get(catalogue.TITLE.name)),
            "description": _of(lambda ticket: ticket.attributes.get(catalogue.DESCRIPTION.name)),
            "contact_ids": lambda conversation: [person.id for person in conversation.people],
            "teammate_ids": lambda conversation: [str(number) for number in conversation.teammates],
            **{
                f"ticket_attribute.{type_.attribute_id(attribute.name)}": _attribute(type_, attribute.name)
                for type_ in catalogue.TYPES
                for attribute in type_.attributes
            },
        }


def _of(read: Callable[[Ticket], object]) -> Callable[[Conversation], object]:
    return lambda conversation: read(conversation.ticket) if conversation.ticket else None


def _attribute(type_: catalogue.TicketType, name: str) -> Callable[[Conversation], Any]:
    return _of(lambda ticket: ticket.attributes.get(name) if ticket.type is type_ else None)


def reference(person: Person) -> Record:
    return {"type": "contact", "id": person.id, "external_id": person.external_id}


def _beginning(conversation: Conversation, ticket: Ticket) -> Record:
    """Return the fields before the type; `snoozed_until` is missing unless it is snoozed, company_id not documented.

    That every part changes `updated_at` is UNCONFIRMED [ticket-updated].
    """
    snoozed = {"snoozed_until": conversation.snoozed_until} if conversation.snoozed_until else {}
    return {
        "type": "ticket",
        "id": conversation.id,
        "ticket_id": str(ticket.number),
        "category": ticket.type.category,
        "ticket_attributes": ticket.attributes,
        "ticket_state": catalogue.state_record(ticket.state),
        "previous_ticket_state_id": str(ticket.previous_state.id) if ticket.previous_state else None,
        "contacts": {"type": "contact.list", "contacts": [reference(person) for person in conversation.people]},
        "admin_assignee_id": conversation.admin_assignee_id,
        "team_assignee_id": conversation.team_assignee_id,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "open": conversation.state != "closed",
        **snoozed,
        "is_shared": ticket.shared,
        "company_id": ticket.company_id,
    }
