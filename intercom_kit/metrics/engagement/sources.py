"""What the definitions of engagement share."""

from collections.abc import Iterable

from intercom_kit.metrics.asking import Asked, select

EVENTS = "Intercom's events, of the last 90 days"
CONTACTS = "contacts that the filters choose"
COST = (
    "Intercom lists events contact by contact: a request or more for each contact that the filters choose, and only "
    "those of the last 90 days."
)
NO_EVENT = {"contacts without an event in the span": "event.created_at is null"}
LAST_SEEN = "contact.last_seen_at >= {since}"


def columns(names: Iterable[str]) -> dict[str, str]:
    """Name columns that keep their names."""
    return {name: name for name in names}


def once(rows: str) -> str:
    """Keep of rows one for each that is different: what follows then handles days of contacts, not events."""
    return f"{rows}\ngroup by all"


def same(left: str, right: str, keys: Iterable[str]) -> str:
    """Write that two rows have the same keys, where NULL is a key, too."""
    return " and ".join(f"{left}.{key} is not distinct from {right}.{key}" for key in keys) or "true"


def partition(keys: Iterable[str]) -> str:
    """Write the part of a window that keeps groups apart."""
    named = ", ".join(keys)
    return f"partition by {named} " if named else ""


def people(asked: Asked) -> dict[str, str]:
    """Write the contacts that are chosen, with their groups, and how many there are in each."""
    return {
        "people": asked.rows({"person": "contact.id"}, dated=False, events=False),
        "populations": select(
            {**columns(asked.groups), "n": "count(distinct person)"}, "from people\ngroup by all\nhaving n > 0"
        ),
    }
