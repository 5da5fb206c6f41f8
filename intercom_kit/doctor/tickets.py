"""Tests of tickets: their types and attributes, what a search by state takes, and what changes `updated_at`."""

import re
from collections.abc import Sequence
from typing import Any

from intercom_kit.doctor.object_types import TICKET
from intercom_kit.doctor.questions import Answer, Questions
from intercom_kit.doctor.results import Results
from intercom_kit.search.conditions import comparison

NO_TYPES = "not seen: no type of tickets has attributes"
NO_LISTS = "not seen: no attribute of tickets is a list"
NO_DATES = "not seen: no ticket read here has the value of a date"
NO_STATE = "not seen: no ticket read here tells its state"
NO_PARTS = "not seen: too few of the tickets read here have parts"
OTHER_STATES = "not clear: a search by the id of a state found tickets of another one"
WORDS, IDS = "words only", "words and ids"

_FEWEST = 3  # tickets with parts
_OF_TYPES = ("ticket-type-key", "list-options", "attribute-dates")


async def tickets(questions: Questions, results: Results, searched: Answer) -> None:
    """Test with two requests, and with the tickets of a page that is read already."""
    found = searched.members(TICKET.items)
    if searched.why:
        results.leave(["ticket-state-words", "ticket-updated"], searched.why)
    else:
        _updated(results, found)
        await _state_words(questions, results, found)
    answer = await questions.ask("GET", "/ticket_types", items="data")
    if answer.why:
        results.leave(_OF_TYPES, answer.why)
    else:
        _types(results, answer.members("data"), found)


def _types(results: Results, types: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]) -> None:
    keys, attributes = set[str](), list[dict[str, Any]]()
    for each in types:
        listing = each.get("ticket_type_attributes")
        for key, name in (("data", "data"), ("ticket_type_attributes", "own")):
            if isinstance(listing, dict) and isinstance(listing.get(key), list):
                keys.add(name)
                attributes += [one for one in listing[key] if isinstance(one, dict)]
    if keys:
        results.find("ticket-type-key", " or ".join(sorted(keys)))
    else:
        results.leave("ticket-type-key", NO_TYPES)
    options = {_shape(one.get("input_options")) for one in attributes if one.get("data_type") == "list"}
    if options:
        results.find("list-options", " or ".join(sorted(options)))
    else:
        results.leave("list-options", NO_LISTS)
    dates = {one.get("name") for one in attributes if one.get("data_type") == "datetime"}
    values = [
        value
        for each in found
        for name, value in (each.get("ticket_attributes") or {}).items()
        if name in dates and value is not None
    ]
    forms = {"a number" if isinstance(value, int | float) else "text" for value in values}
    if forms:
        results.find("attribute-dates", " or ".join(sorted(forms)), note="of tickets")
    else:
        results.leave("attribute-dates", NO_DATES)


def _shape(options: Any) -> str:
    """Return what options look like: which keys they have, since these are Intercom's, but no value."""
    if isinstance(options, dict):
        keys = sorted(key for key in options if re.fullmatch(r"[a-z_]{1,40}", key))
        return f"an object with {', '.join(keys)}" if keys else "an object"
    return "null" if options is None else "a list" if isinstance(options, list) else "text"


async def _state_words(questions: Questions, results: Results, found: Sequence[dict[str, Any]]) -> None:
    """Test whether a search by `state` takes the id of a known ticket's state."""
    states = [each.get("ticket_state") for each in found]
    ids = [str(state["id"]) for state in states if isinstance(state, dict) and state.get("id")]
    if not ids:
        results.leave("ticket-state-words", NO_STATE)
        return
    body = {"query": comparison("state", "=", ids[0]), "pagination": {"per_page": 5}}
    answer = await questions.ask("POST", TICKET.search.path, body=body, items=TICKET.items)
    if answer.refused:
        results.find("ticket-state-words", WORDS, note=answer.why)
    elif answer.why:
        results.leave("ticket-state-words", answer.why)
    elif {str((each.get("ticket_state") or {}).get("id")) for each in answer.members(TICKET.items)} - {ids[0]}:
        results.leave("ticket-state-words", OTHER_STATES)
    else:
        results.find("ticket-state-words", IDS if answer.members(TICKET.items) else WORDS)


def _updated(results: Results, found: Sequence[dict[str, Any]]) -> None:
    """Record whether a ticket's last part is ever later than its last change."""
    pairs = []
    for each in found:
        parts = (each.get("ticket_parts") or {}).get("ticket_parts") or []
        times = [part["created_at"] for part in parts if isinstance(part.get("created_at"), int)]
        if times and isinstance(each.get("updated_at"), int):
            pairs.append((max(times), each["updated_at"]))
    if any(last > updated for last, updated in pairs):
        results.find("ticket-updated", "no", note="a part was later than its ticket's last change")
    elif len(pairs) < _FEWEST:
        results.leave("ticket-updated", NO_PARTS)
    else:
        results.find("ticket-updated", "yes", note="no part was later than its ticket's last change")
