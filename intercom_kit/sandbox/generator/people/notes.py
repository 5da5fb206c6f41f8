"""Notes about contacts, and the subscriptions that they chose or left: worked out from a contact's id when needed."""

from typing import NamedTuple

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.organisation import Admin
from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.seeded import Dice, dice_for

FIRST_NOTE = 26_000_000
MOST_NOTES = 10
BODIES = (
    "Prefers calls in the morning.",
    "Asked for a discount at the last renewal; their manager decides.",
    "Moves the whole team to us next quarter.",
    "Do not send the newsletter, they complained about it.",
)
NEWSLETTER, UPDATES, TEXTS = "501", "502", "503"
# id, name, state, consent type, and what it sends
SUBSCRIPTIONS = (
    (NEWSLETTER, "Newsletter", "live", "opt_out", ["email"]),
    (UPDATES, "Product updates", "live", "opt_in", ["email", "sms_message"]),
    (TEXTS, "Text messages", "archived", "opt_in", ["sms_message"]),
)


def subscription_records() -> list[Record]:
    """Return all subscription types, archived ones too."""
    return [_subscription(*each) for each in SUBSCRIPTIONS]


def _subscription(id_: str, name: str, state: str, consent: str, content: list[str]) -> Record:
    translation = {"name": name, "description": f"{name} of Northwind Cloud", "locale": "en"}
    return {
        "type": "subscription",
        "id": id_,
        "state": state,
        "consent_type": consent,
        "default_translation": translation,
        "translations": [translation],
        "content_types": content,
    }


class Extras(NamedTuple):
    """What a contact refers to: notes, and the subscriptions that they left and chose."""

    note_ids: list[str]
    opted_out: list[str]
    opted_in: list[str]


def extras(person: Person) -> Extras:
    """Return a contact's references, drawn from its id alone, since every rendering needs them."""
    dice = Dice(int(person.id[8:], 16))
    count = dice.whole(1, 3) if dice.chance(0.12) else 0
    first = FIRST_NOTE + MOST_NOTES * int(person.id[-6:], 16)
    ids = [str(first + number) for number in range(count)]
    return Extras(ids, [NEWSLETTER] if dice.chance(0.1) else [], [UPDATES] if dice.chance(0.2) else [])


def note_records(person: Person, admins: tuple[Admin, ...], now: int) -> list[Record]:
    """Return the notes about a contact, newest first; `author` is a teammate's id, for the endpoint to show whole."""
    dice = dice_for("note texts", person.id)
    notes = [
        {
            "type": "note",
            "id": id_,
            "created_at": dice.whole(person.created_at, now),
            "contact": {"type": "contact", "id": person.id},
            "author": str(dice.pick(admins).id),
            "body": f"<p>{dice.pick(BODIES)}</p>",
        }
        for id_ in extras(person).note_ids
    ]
    return sorted(notes, key=lambda note: -int(str(note["created_at"])))
