"""Values in the type that an argument declares, where only one value of it can be meant."""

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intercom_kit.tables import Column

_YES, _NO = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})

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
    if value is None or unsaid:
        return None
    if enum := next((each["enum"] for each in kinds if "enum" in each), None):
        return _one_of(value, enum)
    read = _members if _is_conditions(schema) else _READERS.get(declared)
    return read(value, schema) if read else value


def as_compared(value: Any, column: "Column | None") -> Any:
    """Return a filter's value in the kind of the column that it is compared with, as 5 for "5", and a list for JSON."""
    found = _parsed(value) if isinstance(value, str) else value
    if isinstance(found, list):
        return [as_compared(each, column) for each in found]
    read = _COMPARED.get(column.kind.name) if column else None
    return read(value, {}) if read else value


def _is_conditions(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema is that of conditions, each with a column and a value."""
    return bool(schema.get("items", {}).get("type") == "object")


def members_or_text(value: Any) -> Any:
    """Return the object that a text is the JSON of, or writes as "company=Acme"; any other value as it is."""
    return _members(value, {})


def _text(value: Any, _: Mapping[str, Any]) -> Any:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _decimal(value: Any, _: Mapping[str, Any]) -> Any:
    return float(value) if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", value) else value


def _number(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a whole number; one beyond the largest is that, since pages go on from there."""
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
        value = found if isinstance(found, list) else [each.strip() for each in value.split(",")]
    elif not isinstance(value, list):
        value = [value]
    return [_text(each, {}) for each in value if each not in (None, "")]


def _members(value: Any, _: Mapping[str, Any]) -> Any:
    """Return an object: itself, its JSON, "state=open, priority=true", or a list of fields with their values."""
    if isinstance(value, str):
        found = _parsed(value)
        value = found if found is not None else _pairs(value)
    if isinstance(value, list):
        fields = [field for each in value if (field := _field(each))]
        return _any_of(fields) if len(fields) == len(value) else value
    return value


def _any_of(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return fields with their values; one that is there several times may have any of its values."""
    found: dict[str, list[Any]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _pairs(text: str) -> Any:
    found = [re.fullmatch(r"\s*(\w+)\s*[=:]\s*([^=:]+?)\s*", part) for part in text.split(",")]
    return {each[1]: each[2].strip("'\"") for each in found if each} if all(found) else text


def _field(part: Any) -> tuple[str, Any] | None:
    """Return the name and value of one of a list of conditions, each that a field equals a value."""
    if not isinstance(part, Mapping) or part.get("operator", "=") not in ("=", "==", "eq", "equals", "in", "IN"):
        return None
    name = next((part[key] for key in ("field", "name", "column", "key") if key in part), None)
    return (str(name), part["value"]) if name and "value" in part else None


def _one_of(value: Any, known: list[Any]) -> Any:
    """Return the known value that is meant: in another case, or by a word that means the same."""
    word = re.sub(r"[\s-]+", "_", str(value).strip().lower())
    for each in (word, _OTHERWISE.get(word, ""), word.removesuffix("s")):
        if each in known:
            return each
    return value


def _parsed(text: str) -> Any:
    """Return the list or object of a JSON text; None for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list | dict) else None


_READERS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "string": _text,
    "integer": _number,
    "boolean": _truth,
    "array": _several,
    "object": _members,
}

# By the kind of a column.
_COMPARED: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "BOOLEAN": _truth,
    "INTEGER": _number,
    "NUMBER": _decimal,
}
