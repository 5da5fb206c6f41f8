"""The events of a contact: sessions, with a few actions in each."""

from dataclasses import dataclass, replace
from typing import Any

from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.seeded import Dice, dice_for, uuid

SESSION = "logged-in"
PER_MILLISECOND = 7  # divides no common page size
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
    loaded: dict[str, Any] | None = None  # the record of a loaded event, served verbatim
    drawn: int | None = None  # the millisecond that seeds its details, if not `milliseconds`

    @property
    def record(self) -> dict[str, Any]:
        """Return the event's record; the details of a generated event are seeded by its contact and time."""
        if self.loaded is not None or self.person is None:
            return self.loaded or {}
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


def generate_events(seed: int, person: Person) -> list[Event]:
    """Return a contact's events, newest first: always the same, so they need not be stored."""
    dice = dice_for(seed, "events", person.id)
    events = {moment: Event(moment, SESSION, person) for moment in _session_starts(dice, person)}
    for moment in list(events):
        for action in range(dice.whole(0, 3)):
            moment += 1000 + action * 7_000 + int(dice.random() * 240_000)
            if moment <= person.active_until * 1000:
                events.setdefault(moment, Event(moment, dice.pick(ACTIONS), person))
    return [events[moment] for moment in sorted(events, reverse=True)]


def with_shared_milliseconds(events: list[Event]) -> list[Event]:
    """Return the events with seven generated ones per millisecond, so that most page boundaries split such a group."""
    return [
        event
        if event.person is None
        else replace(
            event, milliseconds=events[number - number % PER_MILLISECOND].milliseconds, drawn=event.milliseconds
        )
        for number, event in enumerate(events)
    ]


def _session_starts(dice: Dice, person: Person) -> list[int]:
    """Return the start times of sessions, ending at `active_until`; fading contacts have fewer near the end."""
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
