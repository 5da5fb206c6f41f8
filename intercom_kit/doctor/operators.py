"""Tests of what searches accept: date operators, lists of values, empty bounds, and parts of words."""

from collections.abc import Sequence
from typing import Any

from intercom_kit.doctor.object_types import CONTACT, ObjectType, Row
from intercom_kit.doctor.questions import Answer, Questions
from intercom_kit.doctor.results import Results
from intercom_kit.search.conditions import EVERY, Condition, comparison

_FEWEST_NAMED = 4  # contacts: two for parts and words, two for names
FAR = 4_000_000_000  # the year 2096, in seconds

REFUSES_ALL = "not clear: the search refuses every request"
NO_ROWS = "not tried: there are no rows to search for"
NO_WORDS = "not tried: there are too few texts with a long word"
NEITHER = "not clear: neither a part nor the whole of a known word was found"
FOUND_NOTHING = "accepted, but a known row was not found"
NO_NAMES = "not tried: there are too few contacts with a name"
NOT_EQUAL = "not clear: a contact was not found by its own name"


async def date_operators(questions: Questions, results: Results, object_type: ObjectType, rows: Sequence[Row]) -> None:
    """Test the date operators that sources differ on, with a known row if there is one."""
    conditions = [_date(">=", 1), _date("<=", FAR)]
    conditions += [_date("!=", 1)] if object_type.name == "contacts" else []
    conditions += [_named(row) for row in rows[:1]]
    await _taken(questions, results, "date-operators", object_type, conditions, bool(rows))


async def in_operator(questions: Questions, results: Results, object_type: ObjectType, rows: Sequence[Row]) -> None:
    """Test IN and NIN with known rows."""
    if len(rows) < 2:
        results.leave("in-operator", NO_ROWS, object_type.name)
        return
    conditions = [_listed("IN", rows[:1]), _listed("NIN", rows[1:2])]
    await _taken(questions, results, "in-operator", object_type, conditions, True)


async def empty_bound(questions: Questions, results: Results, object_type: ObjectType) -> None:
    """Test an empty text as a bound of ids."""
    answer = await _search(questions, object_type, comparison("id", ">", ""))
    if await _conclusive(questions, results, "empty-bound", object_type, answer, ""):
        results.find("empty-bound", "refuse" if answer.refused else "accept", note=f"tested on {object_type.name}")


async def words(questions: Questions, results: Results, object_type: ObjectType, rows: Sequence[Row]) -> None:
    """Test searches for known rows by parts of words and by whole words, and for contacts by their names.

    One contact is searched by its name as it is, and another by its name in the opposite case.
    """
    texts = [row for row in rows if row.word][:8]
    named = texts[-2:] if object_type is CONTACT and len(texts) >= _FEWEST_NAMED else []
    parts, wholes = texts[: len(texts) - len(named) : 2], texts[1 : len(texts) - len(named) : 2]
    if object_type is CONTACT and not named:
        results.leave("text-match", NO_NAMES)
    if not wholes:
        results.leave("tilde", NO_WORDS, object_type.name)
        return
    probes = [(row, "~", row.word[1:-1]) for row in parts] + [(row, "~", row.word) for row in wholes]
    probes += [(row, "=", row.text) for row in named[:1]] + [(row, "=", row.text.swapcase()) for row in named[1:]]
    answer = await _search(
        questions,
        object_type,
        _any([[_named(row), _text(object_type.field, operator, text)] for row, operator, text in probes]),
        20,
    )
    found = {row.id for row in object_type.rows(answer)}
    if answer.why:
        results.leave("tilde", answer.why, object_type.name)
    elif any(row.id in found for row in parts):
        results.find("tilde", "substring", object_type.name)
    elif any(row.id in found for row in wholes):
        results.find("tilde", "words", object_type.name)
    else:
        results.leave("tilde", NEITHER, object_type.name)
    if named:
        _equality(results, object_type, answer, [row.id in found for row in named])


def _equality(results: Results, object_type: ObjectType, answer: Answer, found: list[bool]) -> None:
    """Record whether a name is found in the opposite case, if one is found as it is."""
    same, other = found
    if answer.why or not same:
        results.leave("text-match", answer.why or NOT_EQUAL)
    else:
        verb = "does not tell" if other else "tells"
        results.find(
            "text-match",
            f"{verb} upper case from lower",
            note=f"tested on the {object_type.field} of {object_type.name}",
        )


async def _taken(
    questions: Questions, results: Results, name: str, object_type: ObjectType, conditions: list[Condition], known: bool
) -> None:
    """Record whether a search accepts or refuses conditions."""
    answer = await _search(questions, object_type, {"operator": "AND", "value": conditions})
    if not await _conclusive(questions, results, name, object_type, answer, object_type.name):
        return
    note = FOUND_NOTHING if known and not answer.refused and not object_type.rows(answer) else ""
    results.find(name, "refuse" if answer.refused else "accept", object_type.name, note)


async def _conclusive(
    questions: Questions, results: Results, name: str, object_type: ObjectType, answer: Answer, about: str
) -> bool:
    """Return whether an answer or refusal is conclusive: not if there is none, or every search is refused."""
    if answer.why and not answer.refused:
        results.leave(name, answer.why, about)
        return False
    endpoint = questions.endpoints.get(f"{object_type.search.method} {object_type.search.path}")
    if answer.refused and not (endpoint and 200 in endpoint.statuses):
        plain = await _search(questions, object_type, EVERY)
        if plain.why:
            results.leave(name, REFUSES_ALL if plain.refused else plain.why, about)
            return False
    return True


async def _search(questions: Questions, object_type: ObjectType, query: Condition, size: int = 2) -> Answer:
    body: dict[str, Any] = {"query": query, "pagination": {"per_page": size}}
    return await questions.ask(object_type.search.method, object_type.search.path, body=body, items=object_type.items)


def _any(alternatives: list[list[Condition]]) -> Condition:
    return {"operator": "OR", "value": [{"operator": "AND", "value": each} for each in alternatives]}


def _named(row: Row) -> Condition:
    return comparison("id", "=", row.id)


def _listed(operator: str, rows: Sequence[Row]) -> Condition:
    return comparison("id", operator, [row.id for row in rows])


def _date(operator: str, second: int) -> Condition:
    return comparison("created_at", operator, second)


def _text(field: str, operator: str, text: str) -> Condition:
    return comparison(field, operator, text)
