"""Six contacts, three companies and what happened, written out, in Dublin: clocks go forward on 29 March 2026."""

from datetime import datetime
from typing import Any

from tests.metrics.twelve import conversation
from tests.metrics.world import Row, World, at

ZONE = "Europe/Dublin"
MONDAY = at(ZONE, "2026-03-16")
NOW = at(ZONE, "2026-03-31T12:00")  # a Tuesday


def _(text: str) -> datetime:
    """Return a time of March 2026, such as "23 09:00"."""
    day, clock = text.split()
    return at(ZONE, f"2026-03-{day}T{clock}")


def contact(id: str, signed_up: str, seen: str, companies: list[str], **more: Any) -> Row:
    return {
        "id": id,
        "role": "user",
        "created_at": _(signed_up),
        "signed_up_at": _(signed_up),
        "last_seen_at": _(seen),
        "company_ids": companies,
        **more,
    }


CONTACTS = [
    contact("a", "16 10:00", "30 12:00", ["A"]),
    contact("b", "18 09:00", "18 10:05", ["A"]),
    contact("c", "24 09:00", "30 12:00", ["A", "B"]),
    contact("d", "01 09:00", "16 12:00", ["B"], signed_up_at=at(ZONE, "2025-01-01")),
    # a lead, who never signed up, and was never seen
    contact("e", "23 09:00", "23 09:00", [], role="lead", signed_up_at=None, last_seen_at=None),
    contact("f", "17 09:00", "30 11:00", []),
]

DONE = [
    ("a", "16 10:30", "logged-in"),
    ("a", "17 10:00", "logged-in"),
    ("a", "24 10:30", "created"),
    ("a", "30 12:00", "logged-in"),
    ("b", "18 10:00", "logged-in"),
    ("b", "18 10:05", "created"),
    ("b", "18 10:05", "exported"),
    # the last half hour before midnight of the Sunday on which clocks change, and the first of Monday
    ("c", "29 00:30", "logged-in"),
    ("c", "29 23:30", "logged-in"),
    ("c", "30 00:30", "logged-in"),
    ("d", "10 10:00", "logged-in"),
    ("d", "16 12:00", "created"),
    ("f", "30 11:00", "created"),
]

CONVERSATIONS = [
    conversation("v1", "24 12:00", contact_id="a", company_id="A", time_to_admin_reply=600, rating=5),
    conversation("v2", "30 12:00", contact_id="a", company_id="A", time_to_admin_reply=1200, rating=2, count_reopens=1),
    conversation("v3", "20 12:00", contact_id="d", company_id="B", state="open", tag_names=["Cancellation"]),
    conversation("v4", "20 12:00", contact_id="z", company_id="Z"),  # of nobody that Intercom lists
]

COMPANIES = [
    {"id": "A", "name": "Acme", "plan_name": "Pro", "monthly_spend": 500.0},
    {"id": "B", "name": "Bolt", "plan_name": "Free", "monthly_spend": 0.0},
    {"id": "C", "name": "Cole", "plan_name": "Pro", "monthly_spend": -100.0},  # nonsense
]


def events(done: list[tuple[str, str, str]]) -> list[Row]:
    """Return events of contacts."""
    return [
        {"id": str(number), "intercom_user_id": who, "created_at": _(moment), "event_name": name}
        for number, (who, moment, name) in enumerate(done)
    ]


def six() -> World:
    """Put them into tables."""
    return World(ZONE, NOW, contacts=CONTACTS, events=events(DONE), conversations=CONVERSATIONS, companies=COMPANIES)
