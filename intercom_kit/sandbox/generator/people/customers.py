"""The customers of the generated workspace: companies and their people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DAY = 86_400

# plan: (share of companies, price per seat and month, typical seats)
PLANS = {
    "Free": (0.30, 0, 4),
    "Starter": (0.36, 19, 9),
    "Growth": (0.24, 39, 45),
    "Enterprise": (0.10, 59, 400),
}


@dataclass(slots=True)
class Company:
    """One customer; `people` is filled while contacts are generated, so that counts match."""

    id: str
    company_id: str
    name: str
    domain: str
    plan: str
    size: int
    industry: str | None
    created_at: int
    churned_at: int | None
    contact_weight: float  # relative share of contacts; 0: never has users
    tags: list[str]
    people: list[Person] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """One contact. Attributes have Intercom's names; `active_until` and `sessions` determine the events."""

    id: str
    role: str
    external_id: str | None
    email: str | None
    name: str | None
    created_at: int
    active_until: int
    sessions: int
    fading: bool  # inactive now, after a gradual decline
    place: int
    browser: str | None
    os: str | None
    phone: str | None
    owner_id: int | None
    signed_up_at: int | None
    last_seen_at: int | None
    last_replied_at: int | None = None
    last_contacted_at: int | None = None
    last_email_opened_at: int | None = None
    last_email_clicked_at: int | None = None
    unsubscribed_from_emails: bool = False
    has_hard_bounced: bool = False
    marked_email_as_spam: bool = False
    companies: list[Company] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    custom_attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def updated_at(self) -> int:
        times = (self.last_seen_at, self.last_replied_at, self.last_contacted_at, self.last_email_opened_at)
        return max(self.created_at, *(moment for moment in times if moment), 0)
