"""The contacts: users and leads, their companies and their activity."""

from bisect import bisect_right
from itertools import accumulate

from intercom_kit.sandbox.generator.organisation import CONTACT_TAGS
from intercom_kit.sandbox.generator.people.customers import DAY, PLANS, Company, Person
from intercom_kit.sandbox.generator.seeded import Dice, hexadecimal, uuid
from intercom_kit.sandbox.generator.vocabulary import (
    BROWSERS,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    ROLES,
    SYSTEMS,
)

ACME_PEOPLE = ("Wile Coyote", "Marisol Bird", "Tomás Byrne", "Grace O'Connor", "Jürgen Müller", "Yuki Sato")


class PersonMaker:
    """A generator of contacts in order of creation, distributed among the companies."""

    def __init__(self, dice: Dice, companies: list[Company], owners: list[int], opened: int, now: int) -> None:
        self._dice = dice
        self._companies = companies
        self._weights = list(accumulate(company.contact_weight for company in companies))
        self._owners = owners
        self._opened = opened
        self._now = now
        self._acme = next(company for company in companies if company.company_id == "acme")

    def generate(self, count: int) -> list[Person]:
        """Generate `count` contacts, the first six of them at Acme Corp."""
        dice = self._dice
        age = self._now - self._opened
        creation_times = sorted(self._opened + int(age * dice.random() ** 0.7) for _ in range(count))
        acme = set(range(count // 4, count // 4 + len(ACME_PEOPLE)))
        people = []
        for index, created_at in enumerate(creation_times):
            acme_name = ACME_PEOPLE[index - count // 4] if index in acme else None
            people.append(self._person(index, min(created_at, self._now - 60), acme_name))
        self._add_edge_cases(people)
        return people

    def generate_merged(self, people: list[Person]) -> dict[str, str]:
        """Return ids of contacts that were merged, with the ids of the contacts they were merged into."""
        dice, created_at = self._dice, people[0].created_at
        numbers = range(max(1, len(people) // 100))
        return {f"{created_at:08x}{hexadecimal(dice, 10)}{i:06x}": dice.pick(people).id for i in numbers}

    def _person(self, index: int, created_at: int, acme_name: str | None) -> Person:
        dice = self._dice
        company = self._acme if acme_name else self._company_at(created_at)
        name = acme_name or f"{dice.pick(FIRST_NAMES)} {dice.pick(LAST_NAMES)}"
        lead = acme_name is None and dice.chance(0.22)
        until = self._now - dice.whole(600, DAY) if acme_name else self._active_until(created_at, company)
        user_since = None if lead else created_at
        person = Person(
            id=f"{created_at:08x}{hexadecimal(dice, 10)}{index:06x}",
            role="lead" if lead else "user",
            external_id=self._external_id(index, lead=lead, acme=acme_name is not None),
            email=None if lead and dice.chance(0.4) else _email(name, index, company),
            name=None if lead and dice.chance(0.3) else name,
            created_at=created_at,
            active_until=until,
            sessions=self._sessions(created_at, until, lead=lead),
            fading=until < self._now - 21 * DAY,
            place=dice.whole(0, len(PLACES) - 1),
            browser=None if lead and dice.chance(0.3) else dice.pick(BROWSERS),
            os=dice.pick(SYSTEMS),
            phone=None,
            owner_id=dice.pick(self._owners) if not lead and dice.chance(0.25) else None,
            signed_up_at=user_since,
            last_seen_at=until,
        )
        self._describe(person, company)
        return person

    def _company_at(self, created_at: int) -> Company | None:
        dice = self._dice
        if dice.chance(0.06) or not self._weights[-1]:
            return None
        for _ in range(6):
            company = self._companies[bisect_right(self._weights, dice.random() * self._weights[-1])]
            if company.created_at <= created_at and (company.churned_at is None or created_at < company.churned_at):
                return company
        return None

    def _active_until(self, created_at: int, company: Company | None) -> int:
        dice = self._dice
        ceiling = min(self._now - 30, (company.churned_at if company else None) or self._now)
        if ceiling <= created_at:
            return created_at + 20
        if dice.chance(0.24):  # the contact leaves, the company stays
            return created_at + int((ceiling - created_at) * dice.random())
        return max(created_at + 20, ceiling - int(dice.expovariate(1 / (4 * DAY))))

    def _sessions(self, created_at: int, until: int, *, lead: bool) -> int:
        weeks = (until - created_at) / (7 * DAY)
        rate = 0.1 if lead else self._dice.delay(8, 1.0) / 10
        return max(1, min(140, int(weeks * rate)))

    def _external_id(self, index: int, *, lead: bool, acme: bool) -> str | None:
        if lead:
            return uuid(self._dice)
        return None if not acme and self._dice.chance(0.03) else f"usr_{100_000 + index}"

    def _describe(self, person: Person, company: Company | None) -> None:
        dice = self._dice
        if company:
            self._join(person, company)
            person.custom_attributes = {"plan": company.plan, "seats": company.size}
        person.custom_attributes["job_role"] = dice.pick(ROLES)
        if person.role == "user":
            person.custom_attributes["trial_ends_at"] = person.created_at + 14 * DAY
        if dice.chance(0.2):
            person.phone = f"{PLACES[person.place][6]}{dice.whole(10**8, 10**9 - 1)}"
        if person.email and dice.chance(0.5):
            person.last_email_opened_at = dice.whole(person.created_at, max(person.created_at, person.active_until))
            person.last_email_clicked_at = person.last_email_opened_at if dice.chance(0.3) else None
        person.unsubscribed_from_emails = dice.chance(0.08)
        person.has_hard_bounced = dice.chance(0.02)
        person.marked_email_as_spam = dice.chance(0.01)
        person.tags = [dice.pick(CONTACT_TAGS)] if dice.chance(0.15) else []

    @staticmethod
    def _join(person: Person, company: Company) -> None:
        person.companies.append(company)
        company.people.append(person)

    def _add_edge_cases(self, people: list[Person]) -> None:
        """Add second companies to some contacts, and to three more companies and tags than embedded lists show."""
        dice = self._dice
        first_lead = next(person for person in people if person.role == "lead")
        first_lead.name = "Phone &amp; SMS"  # recorded: names may contain HTML entities
        populated = [company for company in self._companies if company.contact_weight]
        for index, person in enumerate(people):
            consultant = index % max(1, len(people) // 3) == 7
            extra = 12 if consultant else int(dice.chance(0.04))
            if person.companies and person.companies[0] is not self._acme:
                for company in dice.sample(populated, min(extra, len(populated))):
                    if company not in person.companies:
                        self._join(person, company)
            if consultant:
                person.tags = list(CONTACT_TAGS[:12])


def _email(name: str, index: int, company: Company | None) -> str:
    local = "".join(letter for letter in name.lower().replace(" ", ".") if letter.isascii() and letter not in "'")
    return f"{local}{index}@{company.domain if company else 'mailbox.example'}"


PERSON_SEGMENTS = ("Active", "New", "Slipping Away", "Paying users", "Leads with email")


def person_segments(person: Person, now: int) -> list[str]:
    """Return the segments that a contact belongs to, by Intercom's default definitions."""
    seen_days = (now - person.last_seen_at) / DAY if person.last_seen_at else 10_000
    user = person.role == "user"
    membership = {
        "Active": user and seen_days <= 30,
        "New": user and now - (person.signed_up_at or 0) <= DAY,
        "Slipping Away": user and 30 < seen_days <= 60,
        "Paying users": user and bool(PLANS.get(person.custom_attributes.get("plan", "Free"), (0, 0, 0))[1]),
        "Leads with email": not user and person.email is not None,
    }
    return [name for name, inside in membership.items() if inside]
