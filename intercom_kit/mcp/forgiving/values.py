"""Values in the type that an argument declares, where only one value of it can be meant."""

import ast
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_YES, _NO = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})

_LONGEST_PAIRS = 1_000  # characters

NOTHING = frozenset({"null", "none", "undefined"})  # where it is no text

# What else is written for one of some values.
_OTHERWISE: Mapping[str, str] = {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "office_hours": "office",
    "previous_period": "previous",
    "prior": "previous",
    "prior_period": "previous",
    "last_period": "previous",
    "true": "previous",
    "messenger": "conversation",
    "chat": "conversation",
    "phone": "phone_call",
    "call": "phone_call",
    "full": "detailed",
    "verbose": "detailed",
    "short": "concise",
    "brief": "concise",
}


def as_declared(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a value in the type of a schema; as it is where that is not certain."""
    kinds = [schema, *schema.get("anyOf", ())]
    declared = next((each["type"] for each in kinds if "type" in each), "")
    unsaid = isinstance(value, str) and value.strip().lower() in NOTHING and (declared != "string" or "enum" in schema)
    if value is None or unsaid or (value is False and declared != "boolean"):
        return None
    if isinstance(value, list) and len(value) == 1 and declared not in ("array", "object"):
        value = value[0]
    if enum := next((each["enum"] for each in kinds if "enum" in each), None):
        return _one_of(value, enum)
    read = _members if _is_conditions(schema) else _READERS.get(declared)
    return read(value, schema) if read else value


def _is_conditions(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema is that of conditions, each with a column and a value."""
    return bool(schema.get("items", {}).get("type") == "object")


def members_or_text(value: Any) -> Any:
    """Return the object that a text is the JSON of, or writes as "company=Acme"; any other value as it is."""
    return _members(value, {})


def _text(value: Any, _: Mapping[str, Any]) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _decimal(value: Any, _: Mapping[str, Any]) -> Any:
    return float(value) if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", value) else value


def _number(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a whole number; one beyond the largest is that, since pages go on from there."""
    if value is True:
        return "true"  # which is refused, and is not 1
    if "maximum" in schema and "default" in schema and str(value).strip().lower() in ("all", "max", "maximum"):
        return schema["maximum"]
    if isinstance(value, str) and re.fullmatch(r"\s*\d+(?:\.0*)?\s*", value):
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and "default" in schema:
        return min(value, schema.get("maximum", value))
    return value


def _truth(value: Any, _: Mapping[str, Any]) -> Any:
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else value


def _several(value: Any, _: Mapping[str, Any]) -> Any:
    """Return a list of texts; names of columns and groups hold no comma, so that one text may be several."""
    if isinstance(value, str):
        found = _parsed(value)
        value = found if isinstance(found, list) else [each.strip() for each in re.split(r",|->|→|=>|>", value)]
    elif not isinstance(value, list):
        value = [value]
    return [_text(each, {}) for each in value if each not in (None, "")]


def _members(value: Any, _: Mapping[str, Any]) -> Any:
    """Return an object: itself, its JSON, "state=open, priority=high", or conditions on fields, alone or in a list.

    A condition that is not of equality gives its operator with the value, as {"rating": {">": 3}}.
    """
    if isinstance(value, str):
        found = _parsed(value)
        value = found if found is not None else _pairs(value)
    if isinstance(value, dict):
        return _unwrapped(value)
    if isinstance(value, list):
        parts = [_members(each, {}) for each in value]
        if all(isinstance(part, dict) for part in parts):
            return _together([field for part in parts for field in part.items()])
    return value


def _together(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return fields with their values: one that is there several times may have any of them, within all its bounds."""
    found: dict[str, Any] = {}
    for name, value in fields:
        there = found.get(name)
        if isinstance(there, dict) and isinstance(value, dict) and there.keys().isdisjoint(value):
            found[name] = there | value
        elif name in found:
            found[name] = [*_listed(there), *_listed(value)]
        else:
            found[name] = value
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _unwrapped(value: dict[str, Any]) -> Any:
    """Return the object in one that only names it, or is a condition in the form of Intercom's search."""
    if field := _field(value):
        return dict((field,))
    every = value.get("value") if str(value.get("operator", "")).upper() == "AND" else None
    inner = every
    if len(value) == 1 and (name := next(iter(value))).lower() in _WRAPPERS:
        inner, every = value[name], value[name] if name.lower() == "and" else None
    found = _members(inner, {}) if isinstance(inner, list | dict) else None
    if not isinstance(found, dict):
        return value
    # All of several values of one field are not any of them.
    kept = sum(len(each) if isinstance(each, dict) else 1 for each in found.values())
    return value if isinstance(every, list) and kept < len(every) else found


_WRAPPERS = frozenset({"filter", "filters", "query", "where", "conditions", "and"})
EQUAL = frozenset({"=", "==", "eq", "equals", "is", "in", "any_of"})


def _pairs(text: str) -> Any:
    """Return the object that a text such as "state=open, priority=high" writes; a long one is none of these."""
    if len(text) > _LONGEST_PAIRS:
        return text
    parts = re.split(r",|&|;|\band\b", text, flags=re.IGNORECASE)
    found = [re.fullmatch(r"\s*([\w.]+)\s*[=:]{1,2}\s*([^=:]+?)\s*", part) for part in parts]
    return {each[1]: each[2].strip("'\"") for each in found if each} if all(found) else text


def _field(part: Any) -> tuple[str, Any] | None:
    """Return the name of a field and its value, or its operator with the value; None for what is no condition."""
    if not isinstance(part, Mapping) or "value" not in part:
        return None
    name = next((part[key] for key in ("field", "name", "column", "key") if key in part), None)
    operator = str(part.get("operator", part.get("op", "="))).lower()
    return (str(name), part["value"] if operator in EQUAL else {operator: part["value"]}) if name else None


def typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a filter's value, or each of several, in the type of its column; as it is where that is not certain."""
    if isinstance(value, list):
        return [typed(each, schema) for each in value]
    if isinstance(value, str) and isinstance(found := _parsed(value), list):
        return typed(found, schema)
    if known := schema.get("enum"):
        if value is None:
            return "none" if "none" in known else None
        parts = [_one_of(each, known) for each in re.split(r",|\bor\b", value)] if isinstance(value, str) else []
        return parts if parts[1:] and all(each in known for each in parts) else _one_of(value, known)
    return _READERS[schema["type"]](value, {}) if value is not None and "type" in schema else value


def _one_of(value: Any, known: list[Any]) -> Any:
    """Return the known value that is meant: in another case, or by a word that means the same."""
    word = re.sub(r"[\s-]+", "_", str(value).strip().lower())
    word = re.sub(r"^(?:1|per|each|every|by)_", "", word)
    for each in (word, _OTHERWISE.get(word, ""), word.removesuffix("s"), word.removesuffix("ed")):
        if each in known:
            return each
    return value


def _parsed(text: str) -> Any:
    """Return the list or object that a text writes, in JSON or nearly; None for anything else."""
    for read in (json.loads, ast.literal_eval):  # the latter for single quotes
        try:
            found = read(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, str) and found != text:  # JSON in JSON
            return _parsed(found)
        return found if isinstance(found, list | dict) else None
    return None


_READERS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "string": _text,
    "integer": _number,
    "number": _decimal,
    "boolean": _truth,
    "array": _several,
    "object": _members,
}
