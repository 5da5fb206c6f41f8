"""The data of a workspace, and the relations between its objects."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from intercom_kit.sandbox.contents.fields import CONTACT_FIELDS, Field
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.search_index import Clock, SearchIndex
from intercom_kit.sandbox.contents.store import Collection
from intercom_kit.sandbox.contents.tickets import Tickets, as_conversation, embedded
from intercom_kit.sandbox.contents.zones import zone
from intercom_kit.sandbox.errors import ApiError, contact_not_found
from intercom_kit.sandbox.generator import organisation as staff
from intercom_kit.sandbox.generator.events import Event, generate_events
from intercom_kit.sandbox.generator.people.contact_record import EMBEDDED
from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.tickets.with_parts import TicketRecords
from intercom_kit.sandbox.generator.workspace import GeneratedWorkspace, Size, generate_workspace
from intercom_kit.sandbox.reporting.jobs import Jobs

COMPANY_IDS = Field("company_id", "ids", "companies.data[].id")  # not searchable at Intercom, for internal use
TAG_IDS = CONTACT_FIELDS["tag_id"]
SEGMENT_IDS = CONTACT_FIELDS["segment_id"]
EXTERNAL_ID = CONTACT_FIELDS["external_id"]
EMAIL = CONTACT_FIELDS["email"]
SIMPLE_KINDS = (
    "companies",
    "segments",
    "teams",
    "admins",
    "tags",
    "ticket_types",
    "ticket_states",
    "notes",
    "subscription_types",
    "articles",
    "collections",
    "help_centers",
    "away_status_reasons",
    "office_hours_schedules",
    "office_hours_exceptions",
    "conversation_attributes",
    "deleted_conversations",
)
EMBEDDED_LISTS = ("tags", "notes", "companies", "opted_out_subscription_types", "opted_in_subscription_types")
LARGEST_KEPT = 5_000  # objects of a generated workspace that is kept for the next sandbox of the same sort
MAX_REDIRECTS = 3  # documented: merges are followed up to three steps


@dataclass
class Workspace:
    """The data of one workspace."""

    now: int
    region: str
    contacts: Collection
    conversations: Collection
    simple: dict[str, Collection]
    data_attributes: list[Record]
    events_of: Callable[[int], list[Event]]
    merged: dict[str, str] = field(default_factory=dict)
    loaded_events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    name: str = staff.WORKSPACE_NAME
    id_code: str = staff.WORKSPACE_ID
    timezone: str = staff.TIMEZONE
    clock: Clock = time.time
    ticket_records: TicketRecords | None = None
    activity: Callable[[], list[Record]] = list
    phone_calls: Callable[[], list[Record]] = list
    statistics_of_articles: Callable[[], dict[str, Record]] = dict
    notes_about: Callable[[Person], list[Record]] | None = None
    report_jobs: Jobs = field(default_factory=Jobs)
    retained: list[Record] = field(default_factory=list)  # deleted conversations that stay in reports

    def __post_init__(self) -> None:
        self.indexes = {
            "contacts": SearchIndex(self.contacts, self.clock),
            "conversations": SearchIndex(self.conversations, self.clock),
            "tickets": SearchIndex(self.conversations, self.clock),
        }
        self._tickets = Tickets(self.ticket_records)

    def searched(self, kind: str) -> Collection:
        """Return contacts, conversations or tickets as searches see them now."""
        collection = self.indexes[kind].current()
        return self._tickets.among(collection) if kind == "tickets" else collection

    @property
    def tickets(self) -> Collection:
        return self._tickets.among(self.conversations)

    @cached_property
    def activity_logs(self) -> Collection:
        return Collection(self.activity())

    @cached_property
    def calls(self) -> Collection:
        return Collection(self.phone_calls())

    @cached_property
    def article_statistics(self) -> dict[str, Record]:
        return self.statistics_of_articles()

    def notes_of(self, contact_row: int) -> list[Record]:
        """Return the generated notes about a contact."""
        person = self.contacts.origin(contact_row)
        return self.notes_about(person) if self.notes_about and isinstance(person, Person) else []

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.timezone)

    def collection(self, kind: str) -> Collection:
        if kind in ("contacts", "conversations"):
            return self.contacts if kind == "contacts" else self.conversations
        if kind in ("activity_logs", "calls"):
            return self.activity_logs if kind == "activity_logs" else self.calls
        return self.simple[kind]

    def upsert_ticket(self, ticket: Record) -> None:
        """Add a ticket and its conversation, or update the given keys of the ticket with the same id."""
        before = (self.conversations.get(ticket["id"]) or {}).get("ticket")
        whole = {**before, **ticket} if isinstance(before, dict) else ticket
        self.conversations.upsert({**as_conversation(ticket), "ticket": whole})

    def retain_metrics(self, id_: str) -> None:
        """Keep a conversation for reports, without its customer and attributes."""
        if record := self.conversations.get(id_):
            source = {**(record.get("source") or {}), "author": {}, "body": "", "subject": ""}
            ticket = self.tickets.get(id_)
            self.retained.append({**record, "source": source, "custom_attributes": {}, "ticket": ticket})

    def contact_row(self, id_: str) -> int:
        """Return the row of a contact; raise a 404 if there is none, a 410 if it was merged into another."""
        row = self.contacts.row(id_)
        if row is not None:
            return row
        canonical = id_
        for _ in range(MAX_REDIRECTS):
            canonical = self.merged.get(canonical, canonical)
        if canonical == id_:
            raise contact_not_found()
        link = f'</contacts/{canonical}>; rel="canonical"'
        raise ApiError(410, "contact_merged", "Contact has been merged", headers={"Link": link})

    def contact_rows(self, field_: Field, value: str) -> list[int]:
        """Return the rows of the contacts whose field equals (or, for a list, contains) this value."""
        rows: list[int] = self.contacts.texts(field_).rows_with(value).tolist()
        return rows

    def of_contact(self, row: int, ids: Field, kind: str) -> list[Record]:
        """Return a contact's companies, segments or tags, without ids that do not exist."""
        members = self.contacts.value(row, ids)
        found = [self.simple[kind].get(id_) for id_ in (members if isinstance(members, list) else [])]
        return [record for record in found if record]

    def events(self, contact_row: int) -> list[Event]:
        """Return a contact's events, newest first."""
        loaded = self.loaded_events.get(str(self.contacts.value(contact_row, CONTACT_FIELDS["id"])), [])
        events = [*self.events_of(contact_row), *loaded]
        return sorted(events, key=lambda event: -event.milliseconds) if loaded else events

    def add_event(self, record: Record) -> None:
        """Add an event to the contact that it identifies by intercom_user_id, user_id or email."""
        row = None
        if record.get("intercom_user_id"):
            row = self.contacts.row(record["intercom_user_id"])
        for field_, key in ((EXTERNAL_ID, "user_id"), (EMAIL, "email")):
            if row is None and record.get(key):
                row = next(iter(self.contact_rows(field_, str(record[key]))), None)
        owner = str(record.get("intercom_user_id")) if row is None else self.contacts.record(row)["id"]
        milliseconds = int(float(record.get("created_at") or 0) * 1000)
        self.loaded_events[owner].append(Event(milliseconds, str(record.get("event_name")), loaded=record))


def listed_contact(record: Record) -> Record:
    """Return a contact as lists show it: embedded lists truncated, and no `segments` (loaded ones may have them)."""
    return {
        name: _truncated(value) if name in EMBEDDED_LISTS else value
        for name, value in record.items()
        if name != "segments"
    }


def _truncated(embedded: Any) -> Any:
    data = embedded.get("data") if isinstance(embedded, dict) else None
    if not isinstance(data, list) or len(data) <= EMBEDDED:
        return embedded
    return {**embedded, "data": data[:EMBEDDED], "total_count": len(data), "has_more": True}


def listed_conversation(record: Record) -> Record:
    """Return a conversation as lists show it: without its parts."""
    return embedded({name: value for name, value in record.items() if name != "conversation_parts"})


@lru_cache(maxsize=8)
def _generated_once(size: Size, seed: int, now: int) -> GeneratedWorkspace:
    return generate_workspace(size, seed, now)


def generated(size: Size, seed: int, now: int, region: str, clock: Clock = time.time) -> Workspace:
    """Return a generated workspace; a small one that was served before is not generated again.

    Workspaces may share the generated objects, since a change replaces an object.
    """
    small = size.conversations + size.contacts + size.companies + size.tickets <= LARGEST_KEPT
    data = (_generated_once if small else generate_workspace)(size, seed, now)
    contact_records, conversation_records = data.contact_records, data.conversation_records
    contacts = Collection(data.people, listed_contact, contact_records.render, readers=contact_records.readers())
    conversations = Collection(
        data.conversations,
        listed_conversation,
        conversation_records.render,
        conversation_records.write,
        conversation_records.readers(),
    )

    def events_of(row: int) -> list[Event]:
        person = contacts.origin(row)
        return generate_events(seed, person) if isinstance(person, Person) else []

    simple = {kind: Collection(data.records.get(kind, [])) for kind in SIMPLE_KINDS}
    attributes = list(data.records["data_attributes"])
    return Workspace(
        now,
        region,
        contacts,
        conversations,
        simple,
        attributes,
        events_of,
        dict(data.merged),
        clock=clock,
        ticket_records=data.ticket_records,
        activity=data.activity,
        phone_calls=data.phone_calls,
        statistics_of_articles=data.statistics_of_articles,
        notes_about=data.notes_of,
    )


def loaded(records: Mapping[str, list[Record]], now: int, region: str, clock: Clock = time.time) -> Workspace:
    """Return a workspace of API objects, which are served verbatim."""
    workspace = Workspace(
        now,
        region,
        Collection(records.get("contacts", []), listed_contact),
        Collection(records.get("conversations", []), listed_conversation),
        {kind: Collection(records.get(kind, [])) for kind in SIMPLE_KINDS},
        list(records.get("data_attributes", [])),
        lambda row: [],  # noqa: ARG005
        clock=clock,
        activity=lambda: records.get("activity_logs", []),
        phone_calls=lambda: records.get("calls", []),
    )
    for ticket in records.get("tickets", []):
        workspace.upsert_ticket(ticket)
    for event in records.get("events", []):
        workspace.add_event(event)
    return workspace
