"""What the definitions of engagement share."""

from collections.abc import Iterable

from intercom_kit.metrics.asking import Asked, select
from intercom_kit.metrics.periods import quarter_of

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
    """Keep of rows one for each that is different."""
    return f"{rows}\ngroup by all"


def done(asked: Asked, told: dict[str, str]) -> str:
    """Write what contacts did, a row for each event.

    Events are asked for contact by contact, so this is a join of the two alone; groups are joined to far fewer rows.
    """
    joined = "from asked as contact\njoin events as event on event.intercom_user_id = contact.id"
    return select({"person": "contact.id", **told}, f"{joined} and {asked.between('event.created_at')}")


def activity(asked: Asked) -> dict[str, str]:
    """Write in which periods of the calendar each contact was active, one row per contact: `marks` has a bit for each.

    Periods are numbered from 0 on. Marking bits costs less than half of telling apart contacts and periods by row.
    """
    numbered = "(dense_rank() over (order by period) - 1)::integer"
    marked = "set_bit(repeat('0', 1 + max(number) over ())::bit, number, 1)"
    # A left join, so that events are joined to contacts first: those of others need no period.
    period = f"left join numbered on numbered.quarter = {quarter_of('event.created_at')}"
    return {
        "numbered": select({"*": "*", "mark": marked}, f"from (select *, {numbered} as number from calendar)"),
        "active": select(
            {"person": "contact.id", "marks": "bit_or(numbered.mark)"},
            "from asked as contact\njoin events as event on event.intercom_user_id = contact.id "
            f"and {asked.between('event.created_at')}\n{period}\ngroup by contact.id\nhaving marks is not null",
        ),
    }


def visitors(asked: Asked, told: dict[str, str] | None = None, also: str = "") -> dict[str, str]:
    """Write the active contacts, each once for every group, and the `numbers` of the periods that they came in."""
    numbers = "list_filter(range(bit_length(marks)), lambda number: get_bit(marks, number::integer) = 1)"
    return {
        "people": once(asked.rows({"person": "contact.id", **(told or {})}, also=also, dated=False, events=False)),
        "measured": f"select people.*, {numbers} as numbers\nfrom people\njoin active using (person)",
    }


def same(left: str, right: str, keys: Iterable[str]) -> str:
    """Write that two rows have the same keys, where NULL is a key, too."""
    return " and ".join(f"{left}.{key} is not distinct from {right}.{key}" for key in keys) or "true"


def partition(keys: Iterable[str]) -> str:
    """Write the part of a window that keeps groups apart."""
    named = ", ".join(keys)
    return f"partition by {named} " if named else ""


def people(asked: Asked) -> dict[str, str]:
    """Write the contacts that are chosen, each once for every group, and how many there are in each."""
    return {
        "people": once(asked.rows({"person": "contact.id"}, dated=False, events=False)),
        "populations": select({**columns(asked.groups), "n": "count(*)"}, "from people\ngroup by all\nhaving n > 0"),
    }


def of_conversations(asked: Asked, condition: str) -> str:
    """Write that a company has a conversation in the span for which a condition holds."""
    began = asked.between("conversation.created_at")
    those = f"select conversation.company_id from conversations as conversation where {began} and {condition}"
    return f"company.id in ({those})"
