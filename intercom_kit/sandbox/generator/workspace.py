"""Generation of a whole workspace, in order of dependencies."""

import gc
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator import organisation as staff
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.conversation_record import ConversationRecords
from intercom_kit.sandbox.generator.knowledge.articles import article_statistics
from intercom_kit.sandbox.generator.office_hours import OfficeHours
from intercom_kit.sandbox.generator.people.companies import company_record, generate_companies
from intercom_kit.sandbox.generator.people.contact_record import ContactRecords
from intercom_kit.sandbox.generator.people.contacts import PERSON_SEGMENTS, PersonMaker, person_segments
from intercom_kit.sandbox.generator.people.customers import DAY, Person
from intercom_kit.sandbox.generator.people.notes import note_records, subscription_records
from intercom_kit.sandbox.generator.rhythm import generate_incidents, start_times
from intercom_kit.sandbox.generator.seeded import Dice, dice_for
from intercom_kit.sandbox.generator.surroundings.adding import add_surroundings
from intercom_kit.sandbox.generator.surroundings.calls import call_records
from intercom_kit.sandbox.generator.teamwork.activity import activity_records
from intercom_kit.sandbox.generator.teamwork.settings import settings_records
from intercom_kit.sandbox.generator.tickets.catalogue import state_records
from intercom_kit.sandbox.generator.tickets.links import link_tickets
from intercom_kit.sandbox.generator.tickets.maker import TicketMaker, generate_tickets
from intercom_kit.sandbox.generator.tickets.records import TicketFields
from intercom_kit.sandbox.generator.tickets.with_parts import TicketRecords
from intercom_kit.sandbox.generator.timeline import ConversationMaker

COMPANY_SEGMENT = "Enterprise accounts"
LONG_ROUNDS = 320  # each a question and an answer: more parts than the 500 that Intercom returns
OLDEST_CUSTOMER = 540 * DAY  # customers joined up to this long before the history of conversations begins


@dataclass(frozen=True)
class Size:
    """The size of a generated workspace."""

    conversations: int = 3_000
    contacts: int = 800
    companies: int = 120
    days: int = 365
    tickets: int = 0  # beside the conversations, which do not depend on them


@dataclass(frozen=True)
class GeneratedWorkspace:
    """The data of a generated workspace; contacts and conversations are rendered on demand."""

    people: list[Person]
    merged: dict[str, str]  # id of a merged contact: id of the contact it was merged into
    conversations: list[Conversation]
    contact_records: ContactRecords
    conversation_records: ConversationRecords
    ticket_records: TicketRecords
    activity: Callable[[], list[Record]]  # worked out when first asked for
    phone_calls: Callable[[], list[Record]]
    statistics_of_articles: Callable[[], dict[str, Record]]
    notes_of: Callable[[Person], list[Record]]
    records: dict[str, list[Record]]  # companies, segments, admins, teams, tags, data_attributes


def generate_workspace(size: Size, seed: int, now: int) -> GeneratedWorkspace:
    """Generate a workspace: the same seed, size and current time give the same data."""
    with _exempt_from_garbage_collection():
        start = now - size.days * DAY
        opened = start - OLDEST_CUSTOMER
        dice = dice_for(seed, "workspace")
        incidents = generate_incidents(dice, start, now, size.days * 24)
        organisation = staff.organise(opened, sorted({incident.tag for incident in incidents}))
        companies = generate_companies(dice_for(seed, "companies"), max(size.companies, 2), opened, now)
        owners = [admin.id for admin in organisation.members(organisation.team_ids["Success"])]
        person_maker = PersonMaker(dice_for(seed, "people"), companies, owners, opened, now)
        people = person_maker.generate(max(size.contacts, 12))
        merged = person_maker.generate_merged(people)
        hours = OfficeHours(staff.TIMEZONE, opened - DAY, now + 30 * DAY)
        conversation_maker = ConversationMaker(dice_for(seed, "stories"), hours, organisation, incidents, start, now)
        start_moments = start_times(seed, size.conversations, start, now, staff.TIMEZONE, incidents)
        conversations = _conversations(dice, conversation_maker, start_moments, people)
        add_surroundings(dice_for(seed, "surroundings"), conversations)
        ticket_maker = TicketMaker(dice_for(seed, "tickets"), hours, organisation, incidents, start, now)
        tickets = _tickets(size.tickets, seed, ticket_maker, start, now, people)
        conversations = sorted([*conversations, *tickets], key=lambda each: each.created_at)
        links = link_tickets(dice_for(seed, "links"), conversations) if tickets else {}
        ticket_fields = TicketFields(staff.WORKSPACE_ID, opened, links)
        for person in people:
            person.segments = person_segments(person, now)
        segments = _segments(people, sum(c.plan == "Enterprise" for c in companies), opened)
        enterprise = [{k: v for k, v in segments[-1].items() if k != "count"}]
        company_records = [
            company_record(company, organisation, now, enterprise if company.plan == "Enterprise" else [])
            for company in companies
        ]
        records = {
            "companies": company_records,
            "segments": segments,
            "admins": staff.admin_records(organisation),
            "teams": staff.team_records(organisation),
            "tags": staff.tag_records(organisation),
            "ticket_types": list(ticket_fields.types.values()),
            "ticket_states": state_records(),
            "subscription_types": subscription_records(),
            **settings_records(seed, organisation, now),
        }
        conversation_records = ConversationRecords(organisation, hours, company_records, ticket_fields)
        by_name = {segment["name"]: segment["id"] for segment in segments}
        return GeneratedWorkspace(
            people,
            merged,
            conversations,
            ContactRecords(organisation, by_name),
            conversation_records,
            TicketRecords(ticket_fields, conversation_records),
            partial(activity_records, seed, organisation, conversations, start, now),
            partial(call_records, seed, conversations, now),
            partial(article_statistics, seed, records["articles"], conversations),
            partial(note_records, admins=organisation.admins, now=now),
            records,
        )


@contextmanager
def _exempt_from_garbage_collection() -> Iterator[None]:
    """Exempt the objects made in this block from garbage collection, which would scan millions of them for seconds.

    Frozen objects are still freed when their reference count drops to zero; Sandbox.close() unfreezes them, so that
    cycles can be collected.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


def _conversations(
    dice: Dice, maker: ConversationMaker, start_moments: list[int], people: list[Person]
) -> list[Conversation]:
    created = [person.created_at for person in people]
    longest = len(start_moments) // 2
    conversations = []
    for number, moment in enumerate(start_moments):
        person = _active_person(dice, people, created, moment)
        rounds = LONG_ROUNDS if number == longest else None
        conversations.append(maker.generate(number, moment, person, rounds=rounds))
    return conversations


def _tickets(
    count: int, seed: int, maker: TicketMaker, start: int, now: int, people: list[Person]
) -> list[Conversation]:
    dice, created = dice_for(seed, "tickets of"), [person.created_at for person in people]
    moments = start_times(dice.whole(0, 2**31), count, start, now, staff.TIMEZONE, [])

    def customer_at(moment: int) -> Person:
        return _active_person(dice, people, created, moment)

    return generate_tickets(maker, moments, start, now, customer_at)


def _active_person(dice: Dice, people: list[Person], created: list[int], moment: int) -> Person:
    """Return a random contact who was a customer at that moment."""
    candidates = max(1, bisect_right(created, moment))
    for _ in range(12):
        person = people[int(dice.random() * candidates)]
        if person.active_until >= moment and (person.role == "user" or dice.chance(0.5)):
            return person
    return person


def _segments(people: list[Person], enterprise: int, opened: int) -> list[Record]:
    """Return the segments with their counts (shown only on request), people's first."""
    counts = {name: sum(name in person.segments for person in people) for name in PERSON_SEGMENTS}
    counts[COMPANY_SEGMENT] = enterprise
    return [
        {
            "type": "segment",
            "id": f"{opened:08x}546d452769{index:06x}",
            "name": name,
            "created_at": opened,
            "updated_at": opened,
            # Recorded: company segments have "user" too.
            "person_type": "contact" if name.startswith("Leads") else "user",
            "count": count,
        }
        for index, (name, count) in enumerate(counts.items())
    ]
