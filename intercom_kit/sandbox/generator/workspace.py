"""Put the invented workspace together, in the order in which one thing depends on another."""

import gc
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator import organisation as staff
from intercom_kit.sandbox.generator.companies import company_record, invent_companies
from intercom_kit.sandbox.generator.contact_record import ContactRecords
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.conversation_record import ConversationRecords
from intercom_kit.sandbox.generator.customers import DAY, Person
from intercom_kit.sandbox.generator.office_hours import OfficeHours
from intercom_kit.sandbox.generator.people import PERSON_SEGMENTS, PersonMaker, person_segments
from intercom_kit.sandbox.generator.rhythm import invent_incidents, start_times
from intercom_kit.sandbox.generator.seeded import Dice, dice_for
from intercom_kit.sandbox.generator.timeline import Storyteller

COMPANY_SEGMENT = "Enterprise accounts"
LONG_ROUNDS = 320  # question and answer: more parts than the 500 Intercom returns
OLDEST_CUSTOMER = 540 * DAY  # customers joined up to this long before the history of conversations begins


@dataclass(frozen=True)
class Size:
    """How much to invent."""

    conversations: int = 3_000
    contacts: int = 800
    companies: int = 120
    days: int = 365


@dataclass(frozen=True)
class InventedWorkspace:
    """Everything the server serves; contacts and conversations stay unrendered until somebody asks."""

    people: list[Person]
    merged: dict[str, str]  # whose id leads to whose
    conversations: list[Conversation]
    contact_records: ContactRecords
    conversation_records: ConversationRecords
    records: dict[str, list[Record]]  # companies, segments, admins, teams, tags, data_attributes


def invent_workspace(size: Size, seed: int, now: int) -> InventedWorkspace:
    """Invent a workspace: the same seed, size and present make the same data."""
    with _kept_from_the_garbage_collector():
        start = now - size.days * DAY
        opened = start - OLDEST_CUSTOMER
        dice = dice_for(seed, "workspace")
        incidents = invent_incidents(dice, start, now, size.days * 24)
        organisation = staff.organise(opened, sorted({incident.tag for incident in incidents}))
        companies = invent_companies(dice_for(seed, "companies"), max(size.companies, 2), opened, now)
        owners = [admin.id for admin in organisation.members(organisation.team_ids["Success"])]
        maker = PersonMaker(dice_for(seed, "people"), companies, owners, opened, now)
        people = maker.invent(max(size.contacts, 12))
        merged = maker.invent_merged(people)
        hours = OfficeHours(staff.TIMEZONE, opened - DAY, now + 30 * DAY)
        teller = Storyteller(dice_for(seed, "stories"), hours, organisation, incidents, start, now)
        moments = start_times(seed, size.conversations, start, now, staff.TIMEZONE, incidents)
        conversations = _tell(dice, teller, moments, people)
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
            "data_attributes": staff.data_attribute_records(opened, organisation.admins[0].id),
        }
        by_name = {segment["name"]: segment["id"] for segment in segments}
        return InventedWorkspace(
            people,
            merged,
            conversations,
            ContactRecords(organisation, by_name),
            ConversationRecords(organisation, hours, company_records),
            records,
        )


@contextmanager
def _kept_from_the_garbage_collector() -> Iterator[None]:
    """Spare the collector from walking millions of objects that live as long as the sandbox: that takes seconds.

    Frozen objects are still freed when nobody refers to them; Sandbox.close() thaws them for the sake of cycles.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()


def _tell(dice: Dice, teller: Storyteller, moments: list[int], people: list[Person]) -> list[Conversation]:
    births = [person.created_at for person in people]
    long_one = len(moments) // 2
    conversations = []
    for number, moment in enumerate(moments):
        person = _someone_active(dice, people, births, moment)
        rounds = LONG_ROUNDS if number == long_one else None
        conversations.append(teller.tell(number, moment, person, rounds=rounds))
    return conversations


def _someone_active(dice: Dice, people: list[Person], births: list[int], moment: int) -> Person:
    """Pick a contact who was a customer at that moment."""
    known = max(1, bisect_right(births, moment))
    for _ in range(12):
        person = people[int(dice.random() * known)]
        if person.active_until >= moment and (person.role == "user" or dice.chance(0.5)):
            return person
    return person


def _segments(people: list[Person], enterprise: int, opened: int) -> list[Record]:
    """Render the segments with their counts (shown only on request), people's first."""
    counts = {name: sum(name in person.segments for person in people) for name in PERSON_SEGMENTS}
    counts[COMPANY_SEGMENT] = enterprise
    return [
        {
            "type": "segment",
            "id": f"{opened:08x}546d452769{index:06x}",
            "name": name,
            "created_at": opened,
            "updated_at": opened,
            # Recorded: company segments say "user", too.
            "person_type": "contact" if name.startswith("Leads") else "user",
            "count": count,
        }
        for index, (name, count) in enumerate(counts.items())
    ]
