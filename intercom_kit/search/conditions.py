"""Conditions as Intercom's search takes them, and the body of a search."""

from typing import Any, Literal

from intercom_kit.errors import BadFilterError
from intercom_kit.paging.searching import LARGEST_GROUP
from intercom_kit.values.plain import plain

Condition = dict[str, Any]
Order = Literal["ascending", "descending"]


def comparison(field: str, operator: str, value: Any) -> Condition:
    """Return a comparison of a field with a value."""
    return {"field": field, "operator": operator, "value": value}


def either(alternatives: list[Condition]) -> Condition:
    """Return a condition that holds where one of some does."""
    return {"operator": "OR", "value": alternatives}


# A search needs a condition; this one holds for every contact and conversation.
EVERY: Condition = comparison("created_at", ">", 0)


def equals(name: str, value: Any) -> Condition:
    """Return the condition that a field has a value, or one of a list, of which None is a missing one."""
    if not isinstance(value, list):
        return comparison(name, "=", value)
    present = comparison(name, "IN", [each for each in value if each is not None])
    if None not in value:
        return present
    return either([present, equals(name, None)]) if present["value"] else equals(name, None)


def search_body(conditions: list[Condition], order: Order = "ascending") -> dict[str, Any]:
    """Return the body of a search by all conditions, in the order of creation, which is stable while pages are read.

    UNCONFIRMED [sort]: Intercom may ignore the order, so nothing may depend on it.
    Raises BadFilterError for more conditions than Intercom accepts.
    """
    if len(conditions) > LARGEST_GROUP:
        raise BadFilterError(
            f"Intercom takes at most {LARGEST_GROUP} conditions in a search, and these are {len(conditions)}: "
            "leave some out, and filter the frame by them."
        )
    conditions = conditions or [EVERY]
    query = conditions[0] if len(conditions) == 1 else {"operator": "AND", "value": conditions}
    return {"query": query, "sort": {"field": "created_at", "order": order}}


def containing(text: Any, fields: tuple[str, ...]) -> list[Condition]:
    """Return the conditions that each word of a text is contained in one of the fields."""
    return [either([comparison(name, "~", word) for name in fields]) for word in words_of(text)]


def words_of(text: Any) -> list[str]:
    """Return the words of a text; raise BadFilterError if there is none."""
    argument = plain(text)
    words = argument.split() if isinstance(argument, str) else []
    if not words:
        raise BadFilterError("There is no word to search for: give at least one, such as 'refund'.")
    return words
