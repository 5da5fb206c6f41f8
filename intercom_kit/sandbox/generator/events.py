"""Invent what a contact did in the product: sessions, and in each a few things worth an event."""

from dataclasses import dataclass, replace
from typing import Any

from intercom_kit.sandbox.generator.customers import Person
from intercom_kit.sandbox.generator.seeded import Dice, dice_for, uuid

SESSION = "logged-in"
COLLIDING = 7  # divides none of the usual page sizes
ACTIONS = (
    "viewed-dashboard",
    "viewed-dashboard",
    "created-project",
    "exported-report",
    "invited-friend",
    "connected-integration",
    "upgraded-plan",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; Intercom orders and pages them by milliseconds, which the JSON does not show."""

    milliseconds: int
    name: str
    person: Person | None = None
    given: dict[str, Any] | None = None  # a loaded event, served verbatim
    drawn: int | None = None  # the millisecond that its details follow from, where it is another

    @property
    def record(self) -> dict[str, Any]:
        """Render the event; an invented one's details follow from whose it is and when it happened."""
        if self.given is not None or self.person is None:
            return self.given or {}
        dice = Dice((self.drawn or self.milliseconds) ^ int(self.person.id[8:], 16))
        return {
            "type": "event",
            "event_name": self.name,
            "created_at": self.milliseconds // 1000,
            "user_id": self.person.external_id,
            "id": uuid(dice),
            "intercom_user_id": self.person.id,
            "email": self.person.email,
            "metadata": _metadata(dice, self.name),
        }


def invent_events(seed: int, person: Person) -> list[Event]:
    """Invent a contact's events, newest first: always the same ones, so they need not be kept."""
    dice = dice_for(seed, "events", person.id)
    events = {moment: Event(moment, SESSION, person) for moment in _session_starts(dice, person)}
    for moment in list(events):
        for following in range(dice.whole(0, 3)):
            moment += 1000 + following * 7_000 + int(dice.random() * 240_000)
            if moment <= person.active_until * 1000:
                events.setdefault(moment, Event(moment, dice.pick(ACTIONS), person))
    return [events[moment] for moment in sorted(events, reverse=True)]


def colliding(events: list[Event]) -> list[Event]:
    """Let invented events happen several in one millisecond, so that hardly a page ends between two of these."""
    return [
        event
        if event.person is None
        else replace(event, milliseconds=events[number - number % COLLIDING].milliseconds, drawn=event.milliseconds)
        for number, event in enumerate(events)
    ]


def _session_starts(dice: Dice, person: Person) -> list[int]:
    """Spread the sessions over the contact's life; the last ends it, and before a farewell they thin out."""
    if not person.sessions:
        return []
    span = person.active_until - person.created_at
    bias = 1.7 if person.fading else 1.0
    starts = {person.active_until * 1000}
    while len(starts) < person.sessions:
        starts.add((person.created_at + int(span * dice.random() ** bias)) * 1000 + dice.whole(0, 999))
    return sorted(starts)


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
