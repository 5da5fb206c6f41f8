"""From filters to SQL: conditions on the subject's own columns are kept apart, since Intercom can be asked for them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from intercom_kit.errors import BadFilterError, BadMetricError
from intercom_kit.metrics.periods import instant
from intercom_kit.metrics.subjects import Dimension, Subject, text
from intercom_kit.tables import Kind
from intercom_kit.tables.columns import impossible

_BOUNDS = {"since": (Kind.TIME, "_at", ">="), "until": (Kind.TIME, "_at", "<")}
_BOUNDS |= {"min": (Kind.INTEGER, "", ">="), "max": (Kind.INTEGER, "", "<=")}


def conditions(
    subject: Subject, filters: Mapping[str, Any], arguments: Iterable[str] = ()
) -> list[tuple[Dimension, str]]:
    """Read filters: `column=value`, a list for any of several, None for missing, and the subject's dimensions.

    What is none of these may be one of the metric's other `arguments`, misspelt.

    Time columns `x_at` also give `x_since` and `x_until`, integers `x_min` and `x_max`, and
    `custom_attributes={"plan": "pro"}` compares attributes of your own. Raises BadFilterError.
    """
    found = []
    for name, value in filters.items():
        if name == "custom_attributes" and isinstance(value, Mapping):
            found += conditions(subject, {f"custom_attributes.{member}": each for member, each in value.items()})
        elif bound := _bound(subject, name, value):
            found.append(bound)
        else:
            dimension = _dimension(subject, name, arguments)
            _require_numbers(subject, name, value)
            found.append((dimension, _equal(dimension, value)))
    return found


def compared(subject: Subject, filters: Mapping[str, Any]) -> Iterator[tuple[Dimension, Any]]:
    """Give what the same filters compare, each with the value that it is compared with."""
    for name, value in filters.items():
        if name == "custom_attributes" and isinstance(value, Mapping):
            yield from compared(subject, {f"custom_attributes.{member}": each for member, each in value.items()})
        else:
            column, kind, _ = _bounded(subject, name)
            yield subject.dimension(column if kind else name), value


def _dimension(subject: Subject, name: str, arguments: Iterable[str]) -> Dimension:
    try:
        return subject.dimension(name, arguments)
    except BadMetricError as error:
        raise BadFilterError(str(error).replace("to group", "to filter", 1)) from None


def _bound(subject: Subject, name: str, value: Any) -> tuple[Dimension, str] | None:
    column, kind, operator = _bounded(subject, name)
    if kind is None:
        return None
    if kind is Kind.INTEGER:
        _require_number(name, value)
    dimension = subject.dimension(column)
    return dimension, f"{dimension.sql} {operator} {constant(value)}"


def _bounded(subject: Subject, name: str) -> tuple[str, Kind | None, str]:
    """Read a filter's name as a column, its kind, and how it is compared; without a kind it bounds no column."""
    base, _, end = name.rpartition("_")
    kind, suffix, operator = _BOUNDS.get(end, (None, "", ""))
    column = base + suffix
    bounds = name not in subject.table and column in subject.table and subject.table.column(column).kind is kind
    return column, kind if bounds else None, operator


def is_time(subject: Subject, name: str) -> bool:
    """Tell whether a filter bounds a time; an attribute may be called so, too."""
    return _bounded(subject, name)[1] is Kind.TIME


def _require_numbers(subject: Subject, name: str, value: Any) -> None:
    if name in subject.table and subject.table.column(name).kind in (Kind.INTEGER, Kind.NUMBER):
        for each in value if isinstance(value, list | tuple | set) else [value]:
            _require_number(name, each)


def _require_number(name: str, value: Any) -> None:
    """Raise BadFilterError for a text that is no number, since SQL would complain of its own words."""
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise BadFilterError(f"{name}={value!r} must be a number.")


def _equal(dimension: Dimension, value: Any) -> str:
    values = list(value) if isinstance(value, list | tuple | set) else [value]
    for each in values:
        if said := impossible(dimension.name, each, dimension.values):
            raise BadFilterError(said)
    given = [constant(each) for each in values if each is not None]
    if dimension.each and not dimension.join:
        members = dimension.each.members
        tests = [f"list_has_any({members}, [{', '.join(given)}])"] if given else []
        tests += [f"coalesce(len({members}), 0) = 0"] if None in values else []
    else:
        tests = [f"{dimension.sql} in ({', '.join(given)})"] if given else []
        tests += [f"{dimension.sql} is null"] if None in values else []
    return f"({' or '.join(tests)})" if len(tests) > 1 else tests[0] if tests else "false"


def constant(value: Any) -> str:
    """Write a value as a constant of SQL; raise BadFilterError for what is none."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and value == value:
        return str(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, str):
        return text(value)
    raise BadFilterError(f"{value!r} cannot be compared with: give text, a number, True, False or None.")
