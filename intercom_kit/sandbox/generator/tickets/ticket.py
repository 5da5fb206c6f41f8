"""The fields that make a conversation a ticket."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from intercom_kit.sandbox.generator.tickets.catalogue import SUBMITTED, Attribute, State, TicketType


class Link(NamedTuple):
    """A linked object; `category` is None for a conversation that is not a ticket."""

    kind: str
    id: str
    category: str | None


@dataclass(slots=True)
class Ticket:
    """The ticket of one conversation; what happened is keyed by the number of the conversation's part."""

    number: int  # as the Inbox shows it; the API's id is the conversation's
    type: TicketType
    shared: bool
    company_id: str | None
    attributes: dict[str, Any] = field(default_factory=dict)
    conversation_attributes: dict[str, Any] = field(default_factory=dict)
    state: State = SUBMITTED
    previous_state: State | None = None
    state_changes: dict[int, tuple[str, str]] = field(default_factory=dict)  # category before and after
    attribute_changes: dict[int, tuple[Attribute, str]] = field(default_factory=dict)

    @property
    def by_customer(self) -> bool:
        return self.type.category == "Customer"
