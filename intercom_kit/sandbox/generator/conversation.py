"""Generated conversations, with their parts and statistics."""

from dataclasses import dataclass, field
from typing import NamedTuple

from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.text import Topic
from intercom_kit.sandbox.generator.tickets.ticket import Ticket

FIN = 0  # the author of parts by the AI agent and by automations
Author = Person | int  # a contact, or an admin's number (FIN for the bot)


class Part(NamedTuple):
    """One part; `to_admin` and `to_team` are the assignee of an assignment (0: nobody)."""

    at: int
    part_type: str
    author: Author
    body: str | None = None
    to_admin: int | None = None
    to_team: int | None = None
    tag: str | None = None
    ai_answer: bool = False

    @property
    def by_contact(self) -> bool:
        return not isinstance(self.author, int)

    @property
    def by_admin(self) -> bool:
        return isinstance(self.author, int) and self.author != FIN


@dataclass(slots=True)
class Rating:
    """The customer's rating."""

    rating: int
    remark: str | None
    created_at: int
    updated_at: int
    admin_id: int


class OtherSource(NamedTuple):
    """What the AI agent used beside an article."""

    content_type: str
    url: str
    title: str


@dataclass(slots=True)
class FinRun:
    """The AI agent's part; `resolution_state` is None while it waits for the customer."""

    created_at: int
    updated_at: int
    article: str
    resolution_state: str | None = None
    rating: int | None = None
    rating_remark: str | None = None
    rated_at: int | None = None
    other_source: OtherSource | None = None


@dataclass(slots=True)
class Statistics:
    """The fields of `conversation.statistics`, in Intercom's order and with its names."""

    time_to_assignment: int | None = None
    time_to_admin_reply: int | None = None
    time_to_first_close: int | None = None
    time_to_last_close: int | None = None
    median_time_to_reply: int | None = None
    first_contact_reply_at: int | None = None
    first_assignment_at: int | None = None
    first_admin_reply_at: int | None = None
    first_close_at: int | None = None
    last_assignment_at: int | None = None
    last_assignment_admin_reply_at: int | None = None
    last_contact_reply_at: int | None = None
    last_admin_reply_at: int | None = None
    last_close_at: int | None = None
    last_closed_by_id: int | None = None
    count_reopens: int = 0
    count_assignments: int = 0
    count_conversation_parts: int = 0
    handling_time: int | None = None
    adjusted_handling_time: int | None = None
    team_responses: list[tuple[int, int, int]] = field(default_factory=list)  # team, assigned at, answered at


@dataclass(slots=True)
class Conversation:
    """One conversation; attributes have Intercom's names where it has one."""

    id: str
    created_at: int
    person: Person
    topic: Topic
    thing: str
    channel: str
    delivered_as: str | None  # None: Intercom recorded no source message
    opened_by: Author
    source_body: str
    subject: str
    parts: list[Part] = field(default_factory=list)
    others: tuple[Person, ...] = ()
    state: str = "open"
    read: bool = False
    admin_assignee_id: int = 0
    team_assignee_id: int = 0
    waiting_since: int | None = None
    snoozed_until: int | None = None
    priority: str = "none"
    tags: list[str] = field(default_factory=list)
    rating: Rating | None = None
    sla_name: str | None = None
    sla_status: str | None = None
    fin: FinRun | None = None
    statistics: Statistics | None = None
    ticket: Ticket | None = None
    references: list[tuple[str, str]] = field(default_factory=list)  # type and id in another helpdesk

    @property
    def people(self) -> tuple[Person, ...]:
        """Return the contacts who take part; tickets that teammates open have none."""
        return () if self.ticket and not self.ticket.by_customer else (self.person, *self.others)

    @property
    def updated_at(self) -> int:
        """Return the time of the last part."""
        return self.parts[-1].at if self.parts else self.created_at

    @property
    def teammates(self) -> list[int]:
        """Return the ids of participating teammates, in order of appearance."""
        people = [part.author for part in self.parts if part.by_admin]
        return list(dict.fromkeys(author for author in people if isinstance(author, int)))
