"""Invent what a contact did in the product: sessions, and in each a few things worth an event."""

from typing import Any, NamedTuple

from intercom_kit.sandbox.generator.people import Person
from intercom_kit.sandbox.generator.seeded import Dice, dice_for, uuid

SESSION = "logged-in"
ACTIONS = (
    "viewed-dashboard",
    "viewed-dashboard",
    "created-project",
    "exported-report",
    "invited-friend",
    "connected-integration",
    "upgraded-plan",
)


class Event(NamedTuple):
    """One event; Intercom orders and pages them by milliseconds, which the JSON does not show."""

    milliseconds: int
    record: dict[str, Any]


def invent_events(seed: int, person: Person) -> list[Event]:
    """Invent a contact's events, newest first: always the same ones, so they need not be kept."""
    dice = dice_for(seed, "events", person.id)
    events: dict[int, Event] = {}
    for moment in _session_starts(dice, person):
        names = [SESSION, *(dice.pick(ACTIONS) for _ in range(dice.whole(0, 3)))]
        for name in names:
            event = _event(dice, person, name, min(moment, person.active_until * 1000))
            events[event.milliseconds] = event  # Intercom, too, keeps one of several at the same moment
            moment += dice.delay(150) * 1000 + dice.whole(0, 999)
    return sorted(events.values(), reverse=True, key=lambda event: event.milliseconds)


def _session_starts(dice: Dice, person: Person) -> list[int]:
    """Spread the sessions over the contact's life; they thin out towards the end, and the last ends it."""
    if not person.sessions:
        return []
    span = person.active_until - person.created_at
    starts = [person.created_at + int(span * dice.random() ** 1.35) for _ in range(person.sessions - 1)]
    return [start * 1000 + dice.whole(0, 999) for start in starts] + [person.active_until * 1000]


def _event(dice: Dice, person: Person, name: str, milliseconds: int) -> Event:
    record = {
        "type": "event",
        "event_name": name,
        "created_at": milliseconds // 1000,
        "user_id": person.external_id,
        "id": uuid(dice),
        "intercom_user_id": person.id,
        "email": person.email,
        "metadata": _metadata(dice, name),
    }
    return Event(milliseconds, record)


def _metadata(dice: Dice, name: str) -> dict[str, Any]:
    if name == "exported-report":
        return {"format": dice.pick(("csv", "xlsx", "pdf")), "rows": dice.whole(10, 5000)}
    if name == "invited-friend":
        return {"invite_code": "ADDAFRIEND"}
    if name == "connected-integration":
        integration = dice.pick(("Salesforce", "Slack", "BigQuery"))
        url = f"https://app.northwind.example/integrations/{integration.lower()}"
        return {"integration": {"url": url, "value": integration}}
    if name == "upgraded-plan":
        return {"price": {"amount": dice.whole(10, 400) * 100, "currency": "eur"}}
    return {}
