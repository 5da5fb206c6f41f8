"""From filters to conditions in SQL, each with the dimension that it is about."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from intercom_kit.errors import BadFilterError, BadMetricError
from intercom_kit.metrics.sql import SQL, join, sql
from intercom_kit.metrics.subjects import Dimension, Subject
from intercom_kit.tables import Kind
from intercom_kit.tables.columns import impossible

_BOUNDS = {"since": (Kind.TIME, "_at", ">="), "until": (Kind.TIME, "_at", "<")}
_BOUNDS |= {"min": (Kind.INTEGER, "", ">="), "max": (Kind.INTEGER, "", "<=")}


def conditions(
    subject: Subject, filters: Mapping[str, Any], arguments: Iterable[str] = ()
) -> list[tuple[Dimension, SQL]]:
    """Return the conditions of filters: `column=value`, a list for any of several values, None for missing.

    Columns may be dimensions of the subject. Time columns `x_at` also give `x_since` and `x_until`, integers `x_min`
    and `x_max`, and `custom_attributes={"plan": "pro"}` compares custom attributes. Raises BadFilterError; an unknown
    filter may be one of the metric's other `arguments`, misspelt.
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
    """Return the dimensions that filters compare, each with the value."""
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


def _bound(subject: Subject, name: str, value: Any) -> tuple[Dimension, SQL] | None:
    column, kind, operator = _bounded(subject, name)
    if kind is None:
        return None
    if kind is Kind.INTEGER:
        _require_number(name, value)
    dimension = subject.dimension(column)
    return dimension, sql("{column} {operator} {value}", column=SQL(dimension.sql), operator=SQL(operator), value=value)


def _bounded(subject: Subject, name: str) -> tuple[str, Kind | None, str]:
    """Return the column that a filter bounds, its kind, and the operator; no kind if it is not a bound."""
    base, _, end = name.rpartition("_")
    kind, suffix, operator = _BOUNDS.get(end, (None, "", ""))
    column = base + suffix
    bounds = name not in subject.table and column in subject.table and subject.table.column(column).kind is kind
    return column, kind if bounds else None, operator


def is_time(subject: Subject, name: str) -> bool:
    """Return whether a filter bounds a time; a column or an attribute may have such a name too."""
    return _bounded(subject, name)[1] is Kind.TIME


def _require_numbers(subject: Subject, name: str, value: Any) -> None:
    if name in subject.table and subject.table.column(name).kind in (Kind.INTEGER, Kind.NUMBER):
        for each in value if isinstance(value, list | tuple | set) else [value]:
            _require_number(name, each)


def _require_number(name: str, value: Any) -> None:
    """Raise BadFilterError for a text that is no number; SQL's own error would not name the filter."""
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise BadFilterError(f"{name}={value!r} must be a number.")


def _equal(dimension: Dimension, value: Any) -> SQL:
    values = list(value) if isinstance(value, list | tuple | set) else [value]
    for each in values:
        if error := impossible(dimension.name, each, dimension.values):
            raise BadFilterError(error)
    if dimension.unnest and not dimension.join:
        column = dimension.unnest.members
        any_of, missing = "list_has_any({column}, [{given}])", "coalesce(len({column}), 0) = 0"
    else:
        column = SQL(dimension.sql)
        any_of, missing = "{column} in ({given})", "{column} is null"
    given = [each for each in values if each is not None]
    tests = [any_of] if given else []
    tests += [missing] if None in values else []
    template = "({tests})" if len(tests) > 1 else "{tests}" if tests else "false"
    return sql(template, tests=join(" or ", (sql(test, column=column, given=given) for test in tests)))
