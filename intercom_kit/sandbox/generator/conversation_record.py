"""Generated conversations as Intercom's JSON, in the recorded key order."""

import json
from collections.abc import Callable
from operator import attrgetter

from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.generator import organisation as staff
from intercom_kit.sandbox.generator.conversation import FIN, Author, Conversation, Statistics
from intercom_kit.sandbox.generator.office_hours import OfficeHours
from intercom_kit.sandbox.generator.organisation import Organisation
from intercom_kit.sandbox.generator.surroundings.records import (
    FIN_ANSWER,
    SYNCHRONISER,
    ai_agent,
    event_details,
    references,
    sales_agent,
)
from intercom_kit.sandbox.generator.tickets.records import TicketFields, reference

STATISTICS = tuple(name for name in Statistics.__slots__ if name != "team_responses")
_read_statistics = attrgetter(*STATISTICS)
STATISTICS_TEMPLATE = "".join(
    (
        '{"type":"conversation_statistics",',
        *(f'"{name}":%s,' for name in STATISTICS),
        '"assigned_team_first_response_time":[%s],"assigned_team_first_response_time_in_office_hours":[%s]}',
    )
)


# The JSON after `sla_applied` in a conversation.
REST = (
    ',"statistics":%(statistics)s,"conversation_rating":%(rating)s,'
    '"teammates":{"type":"admin.list","admins":[%(admins)s]},"title":%(title)s,'
    '"custom_attributes":{"Has attachments":false,"Copilot used":%(copilot)s,"Topic":"%(topic)s"%(more)s},'
    '"topics":{"type":"topic.list","topics":[],"total_count":0},"ticket":%(ticket)s,'
    '"linked_objects":%(links)s,'
    '"ai_agent":%(agent)s,"ai_agent_participated":%(participated)s,"company":%(company)s,'
    '"channel":{"initial":"%(channel)s","current":"%(channel)s"},'
    '"sales_agent_participated":%(sold)s,"sales_agent":%(sales)s,"external_references":%(references)s}'
)


class ConversationRecords:
    """The renderer of conversations, with readers of single fields for searches."""

    def __init__(
        self, organisation: Organisation, hours: OfficeHours, companies: list[Record], tickets: TicketFields
    ) -> None:
        self._organisation = organisation
        self._tickets = tickets
        self._hours = hours
        self._companies = {company["id"]: encode(company) for company in companies}
        self._admins: dict[Author, Record] = {
            admin.id: {"type": "admin", "id": str(admin.id), "name": admin.name, "email": admin.email}
            for admin in organisation.admins
        }

    def render(self, conversation: Conversation) -> Record:
        """Return one conversation with all its parts; the endpoint truncates them as Intercom does."""
        parts = [self.part(conversation, number) for number in range(len(conversation.parts))]
        listing = {"type": "conversation_part.list", "conversation_parts": parts, "total_count": len(parts)}
        return {**json.loads(self.write(conversation)), "conversation_parts": listing}

    def write(self, conversation: Conversation) -> str:
        """Return one conversation's JSON as in lists, without parts; a template is twice as fast as the encoder."""
        rating, agent, sales = _rating(conversation), ai_agent(conversation), sales_agent(conversation)
        admins = ",".join(f'{{"type":"admin","id":"{number}"}}' for number in conversation.teammates)
        companies = conversation.person.companies
        rest = REST % {
            "statistics": self._statistics(conversation.statistics),
            "rating": encode(rating) if rating else "null",
            "admins": admins,
            "title": encode(conversation.subject) if conversation.subject else "null",
            "copilot": "true" if conversation.admin_assignee_id % 2 else "false",
            "topic": conversation.topic.name,
            "more": _more_attributes(conversation),
            "ticket": self._tickets.write(conversation),
            "links": self._tickets.linked_objects(conversation.id),
            "agent": encode(agent) if agent else "null",
            "participated": "true" if agent else "false",
            "company": self._companies[companies[0].id] if companies else "null",
            "channel": _channel(conversation),
            "sold": "true" if sales else "false",
            "sales": encode(sales) if sales else "null",
            "references": encode(references(conversation)) if conversation.references else "[]",
        }
        return encode(self._beginning(conversation))[:-1] + rest

    def _beginning(self, conversation: Conversation) -> Record:
        return {
            "type": "conversation",
            "id": conversation.id,
            "created_at": conversation.created_at,
            "updated_at": conversation.updated_at,
            "waiting_since": conversation.waiting_since,
            "snoozed_until": conversation.snoozed_until,
            "source": self._source(conversation),
            "contacts": {"type": "contact.list", "contacts": [reference(p) for p in conversation.people]},
            "first_contact_reply": _first_contact_reply(conversation),
            "admin_assignee_id": conversation.admin_assignee_id,
            "team_assignee_id": conversation.team_assignee_id,
            "open": conversation.state != "closed",
            "state": conversation.state,
            "read": conversation.read,
            "tags": {"type": "tag.list", "tags": [self._organisation.tag(name) for name in conversation.tags]},
            "priority": conversation.priority,
            "sla_applied": _sla(conversation),
        }

    def _author(self, author: Author) -> Record:
        if isinstance(author, int):
            return self._admins.get(author, staff.FIN)
        return {"type": author.role, "id": author.id, "name": author.name, "email": author.email or ""}

    def _source_author(self, conversation: Conversation) -> Record:
        return self._author(conversation.opened_by) if conversation.delivered_as else {}

    def _source(self, conversation: Conversation) -> Record | None:
        if conversation.delivered_as is None:
            return None
        return {
            "type": conversation.channel,
            "id": _source_id(conversation),
            "delivered_as": conversation.delivered_as,
            "subject": conversation.subject,
            "body": conversation.source_body,
            "author": self._author(conversation.opened_by),
            "attachments": [],
            "url": _source_url(conversation),
            "redacted": False,
        }

    def _statistics(self, statistics: Statistics | None) -> str:
        if statistics is None:
            return "null"
        values = ["null" if value is None else value for value in _read_statistics(statistics)]
        closer = _closer(statistics)
        if closer:
            values[STATISTICS.index("last_closed_by_id")] = f'"{closer}"'
        answered = [response for response in statistics.team_responses if response[2]]
        spans = [self._response(team, answer - assigned) for team, assigned, answer in answered]
        office = [self._response(team, self._hours.between(since, answer)) for team, since, answer in answered]
        return STATISTICS_TEMPLATE % (*values, ",".join(spans), ",".join(office))

    def _response(self, team_id: int, seconds: int) -> str:
        name = self._organisation.team_name(team_id)
        return f'{{"team_id":{team_id},"team_name":"{name}","response_time":{seconds}}}'

    def part(self, conversation: Conversation, number: int) -> Record:
        part = conversation.parts[number]
        author = self._author(part.author)
        if part.author == FIN:
            author = {**author, "from_ai_agent": part.ai_answer, "is_ai_answer": part.ai_answer}
        assigned = ("admin", part.to_admin) if part.to_admin else ("team", part.to_team) if part.to_team else None
        tags = [self._organisation.tag(part.tag)] if part.tag else None
        return {
            "type": "conversation_part",
            "id": str(44_948_183_719 + int(conversation.id) % 1_000_000_007 * 700 + number),
            "part_type": part.part_type,
            "body": part.body,
            "created_at": part.at,
            "updated_at": part.at,
            "notified_at": part.at,
            "assigned_to": {"type": assigned[0], "id": str(assigned[1])} if assigned else None,
            "author": author,
            "attachments": [],
            "external_id": None,
            "redacted": False,
            "email_message_metadata": None,
            "state": "closed" if part.part_type == "close" else "open",
            "tags": tags,
            "event_details": event_details(conversation, number, tags),
            "app_package_code": SYNCHRONISER if conversation.references and part.by_contact else None,
            "metadata": None,
        }

    def readers(self) -> dict[str, Callable[[Conversation], object]]:
        """Return readers of the fields that are not attributes of the same name."""
        tag_ids = self._organisation.tag_ids
        readers: dict[str, Callable[[Conversation], object]] = {
            f"statistics.{name}": _of("statistics", name) for name in STATISTICS
        }
        return readers | {
            "statistics.last_closed_by_id": lambda conversation: _closer(conversation.statistics),
            "open": lambda conversation: conversation.state != "closed",
            "ticket": lambda conversation: conversation.ticket and str(conversation.ticket.number),
            "title": lambda conversation: conversation.subject or None,
            "source.type": lambda conversation: conversation.channel if conversation.delivered_as else None,
            "source.delivered_as": lambda conversation: conversation.delivered_as,
            "source.subject": lambda conversation: conversation.subject if conversation.delivered_as else None,
            "source.body": lambda conversation: conversation.source_body if conversation.delivered_as else None,
            "source.id": lambda conversation: _source_id(conversation) if conversation.delivered_as else None,
            "source.url": _source_url,
            "source.author.type": lambda conversation: self._source_author(conversation).get("type"),
            "source.author.id": lambda conversation: self._source_author(conversation).get("id"),
            "source.author.name": lambda conversation: self._source_author(conversation).get("name"),
            "source.author.email": lambda conversation: self._source_author(conversation).get("email"),
            "channel_initiated": _channel,
            "contact_ids": lambda conversation: [person.id for person in conversation.people],
            "teammate_ids": lambda conversation: [str(number) for number in conversation.teammates],
            "tag_ids": lambda conversation: [str(tag_ids[name]) for name in conversation.tags],
            "ai_agent_participated": lambda conversation: conversation.fin is not None,
            "ai_agent.resolution_state": _of("fin", "resolution_state"),
            "ai_agent.last_answer_type": lambda conversation: (
                FIN_ANSWER["last_answer_type"] if conversation.fin else None
            ),
            "ai_agent.source_type": lambda conversation: FIN_ANSWER["source_type"] if conversation.fin else None,
            "ai_agent.source_title": lambda conversation: FIN_ANSWER["source_title"] if conversation.fin else None,
            "ai_agent.rating": _of("fin", "rating"),
            "ai_agent.rating_remark": _of("fin", "rating_remark"),
            "conversation_rating.contact_id": lambda conversation: (
                conversation.person.id if conversation.rating else None
            ),
            "conversation_rating.admin_d": _of("rating", "admin_id"),
            "conversation_rating.score": _of("rating", "rating"),
            "conversation_rating.remark": _of("rating", "remark"),
            "conversation_rating.requested_at": _of("rating", "created_at"),
            "conversation_rating.replied_at": _of("rating", "updated_at"),
        }


def _channel(conversation: Conversation) -> str:
    """Return the channel; the source type `conversation` is the channel `messenger`."""
    return "messenger" if conversation.channel == "conversation" else conversation.channel


def _closer(statistics: Statistics | None) -> str | None:
    """Return the id of the last closer: by the spec a string, unlike the numbers beside it; may be the bot."""
    closer = statistics.last_closed_by_id if statistics else None
    return None if closer is None else str(closer or staff.FIN_ID)


def _source_id(conversation: Conversation) -> str:
    return str(int(conversation.id) % 1_000_000_007)


def _source_url(conversation: Conversation) -> str | None:
    in_app = conversation.delivered_as and conversation.channel == "conversation"
    return "https://app.northwind.example/" if in_app else None


def _of(part: str, name: str) -> Callable[[Conversation], object]:
    return lambda conversation: getattr(getattr(conversation, part), name, None)


def _more_attributes(conversation: Conversation) -> str:
    """Return the attributes that only tickets have, as the rest of an object's JSON."""
    more = conversation.ticket.conversation_attributes if conversation.ticket else None
    return f",{encode(more)[1:-1]}" if more else ""


def _first_contact_reply(conversation: Conversation) -> Record | None:
    statistics = conversation.statistics
    if statistics is None or statistics.first_contact_reply_at is None:
        return None
    return {"created_at": statistics.first_contact_reply_at, "type": conversation.channel, "url": None}


def _sla(conversation: Conversation) -> Record | None:
    if conversation.sla_name is None:
        return None
    return {
        "type": "conversation_sla_summary",
        "sla_name": conversation.sla_name,
        "sla_status": conversation.sla_status,
    }


def _rating(conversation: Conversation) -> Record | None:
    rating = conversation.rating
    if rating is None:
        return None
    return {
        "rating": rating.rating,
        "remark": rating.remark,
        "created_at": rating.created_at,
        "updated_at": rating.updated_at,
        "contact": reference(conversation.person),
        "teammate": {"type": "admin", "id": str(rating.admin_id)},
    }
