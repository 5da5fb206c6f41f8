"""The customers' companies: plan, spend, size and churn."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.organisation import WORKSPACE_ID, Organisation
from intercom_kit.sandbox.generator.people.customers import DAY, PLANS, Company
from intercom_kit.sandbox.generator.seeded import Dice, hexadecimal
from intercom_kit.sandbox.generator.vocabulary import COMPANY_FIRST, COMPANY_SECOND, COMPANY_SUFFIXES, INDUSTRIES

ACME = "Acme Corp"


def generate_companies(dice: Dice, count: int, opened: int, now: int) -> list[Company]:
    """Generate companies: one is Acme Corp, one is by far the largest, and every twentieth has no users."""
    names: set[str] = {ACME}
    companies = []
    for index in range(count):
        name = ACME if index == 0 else _name(dice, names)
        companies.append(_company(dice, index, name, opened, now))
    largest = companies[1]
    largest.created_at = opened
    # Enough to get about a sixth of all contacts.
    largest.contact_weight = 0.12 * sum(company.contact_weight for company in companies)
    companies.sort(key=lambda company: company.created_at)
    return companies


def _name(dice: Dice, taken: set[str]) -> str:
    suffix = dice.pick(COMPANY_SUFFIXES)
    name = f"{dice.pick(COMPANY_FIRST)} {dice.pick(COMPANY_SECOND)}{suffix}"
    while name in taken:
        name = f"{dice.pick(COMPANY_FIRST)} {dice.pick(COMPANY_SECOND)} {dice.whole(2, 999)}"
    taken.add(name)
    return name


def _company(dice: Dice, index: int, name: str, opened: int, now: int) -> Company:
    plan = _plan(dice.random()) if index > 1 else ("Growth", "Enterprise")[index]
    created = opened + int((now - opened) * dice.random() ** 0.8 * 0.98)
    churned = None
    # Smaller plans churn more often; the two companies that examples use never do.
    if index > 1 and dice.chance({"Free": 0.25, "Starter": 0.18, "Growth": 0.10, "Enterprise": 0.05}[plan]):
        churned = created + int((now - created) * dice.uniform(0.3, 1.0))
    size = max(1, dice.delay(PLANS[plan][2], 0.6))
    weight = 0.0 if index % 20 == 19 or index == 0 else size**0.6
    slug = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
    return Company(
        id=f"{created:08x}{hexadecimal(dice, 8)}{index:08x}",
        company_id="acme" if index == 0 else f"cmp_{10_000 + index}",
        name=name,
        domain=f"{slug}.example",
        plan=plan,
        size=size,
        industry=dice.pick(INDUSTRIES) if dice.chance(0.8) else None,
        created_at=opened + 40 * DAY if index == 0 else created,
        churned_at=churned,
        contact_weight=weight,
        tags=["VIP"] if plan == "Enterprise" else [],
    )


def _plan(roll: float) -> str:
    for plan, (share, _, _) in PLANS.items():
        roll -= share
        if roll < 0:
            return plan
    return "Starter"


def company_record(company: Company, organisation: Organisation, now: int, segments: list[Record]) -> Record:
    """Return a company's record; recorded: unset scalars are absent, not null."""
    seen = [person.last_seen_at for person in company.people if person.last_seen_at]
    last_request = max(seen, default=None)
    active = company.churned_at is None or company.churned_at > now
    spend = PLANS[company.plan][1] * company.size if active else 0
    return {
        "type": "company",
        "company_id": company.company_id,
        "id": company.id,
        "app_id": WORKSPACE_ID,
        "name": company.name,
        "remote_created_at": company.created_at,
        "created_at": company.created_at,
        "updated_at": max(company.created_at, last_request or 0),
        **({"last_request_at": last_request} if last_request else {}),
        "monthly_spend": spend,
        "session_count": sum(person.sessions for person in company.people),
        "user_count": len(company.people),
        "size": company.size,
        "website": f"https://www.{company.domain}",
        **({"industry": company.industry} if company.industry else {}),
        "tags": {"type": "tag.list", "tags": [organisation.tag(name) for name in company.tags]},
        "segments": {"type": "segment.list", "segments": segments},
        "plan": {"type": "plan", "id": str(list(PLANS).index(company.plan) + 1), "name": company.plan},
        "custom_attributes": {
            "creation_source": "api",
            "account_tier": "active" if active else "churned",
            **({"contract_ends_at": company.created_at + 730 * DAY} if company.plan == "Enterprise" else {}),
        },
        "notes": {"type": "note.list", "notes": []},
    }
