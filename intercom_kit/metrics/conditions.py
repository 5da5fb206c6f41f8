"""From filters to conditions in SQL, each with the dimension that it is about."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from intercom_kit.errors import BadFilterError, BadMetricError
from intercom_kit.metrics.sql import SQL, join, sql
from intercom_kit.metrics.subjects import Dimension, Subject
from intercom_kit.tables import Kind
from intercom_kit.tables.columns import impossible
from intercom_kit.tables.filters import OPERATORS, bounded


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
            found.append((dimension, _equal(dimension, value)))
    return found


def compared(subject: Subject, filters: Mapping[str, Any]) -> Iterator[tuple[Dimension, Any]]:
    """Return the dimensions that filters compare, each with the value."""
    for name, value in filters.items():
        if name == "custom_attributes" and isinstance(value, Mapping):
            yield from compared(subject, {f"custom_attributes.{member}": each for member, each in value.items()})
        else:
            bound = bounded(subject.table, name)
            yield subject.dimension(bound[0].name if bound else name), value


def _dimension(subject: Subject, name: str, arguments: Iterable[str]) -> Dimension:
    try:
        return subject.dimension(name, arguments)
    except BadMetricError as error:
        raise BadFilterError(str(error).replace("to group", "to filter", 1)) from None


def _bound(subject: Subject, name: str, value: Any) -> tuple[Dimension, SQL] | None:
    bound = bounded(subject.table, name)
    if bound is None:
        return None
    column, comparison = bound
    if column.kind is Kind.INTEGER:
        _require_number(name, value)
    dimension, operator = subject.dimension(column.name), SQL(OPERATORS[comparison])
    return dimension, sql("{column} {operator} {value}", column=SQL(dimension.sql), operator=operator, value=value)


def is_time(subject: Subject, name: str) -> bool:
    """Return whether a filter bounds a time; a column or an attribute may have such a name too."""
    bound = bounded(subject.table, name)
    return bound is not None and bound[0].kind is Kind.TIME


def _require_number(name: str, value: Any) -> None:
    """Raise BadFilterError for a text that is no number; SQL's own error would not name the filter."""
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise BadFilterError(f"{name}={value!r} must be a number.")


def _equal(dimension: Dimension, value: Any) -> SQL:
    values = list(value) if isinstance(value, list | tuple | set) else [value]
    given = [_checked(dimension, each) for each in values if each is not None]
    own = dimension.unnest.members if dimension.unnest and not dimension.join else SQL(dimension.sql)
    if dimension.kind is Kind.TEXTS or (dimension.unnest and not dimension.join):
        any_of, missing = "list_has_any({column}, [{given}])", "coalesce(len({column}), 0) = 0"
    else:
        any_of, missing = "{column} in ({given})", "{column} is null"
    numbers = [each for each in given if dimension.kind is None and isinstance(each, int | float)]
    others = [each for each in given if each not in numbers]
    tests = [sql(any_of, column=own, given=others)] if others else []
    # Attributes are JSON's text, of which not every one is a number.
    tests += [sql("try_cast({column} as double) in ({given})", column=own, given=numbers)] if numbers else []
    tests += [sql(missing, column=own)] if None in values else []
    template = "({tests})" if len(tests) > 1 else "{tests}" if tests else "false"
    return sql(template, tests=join(" or ", iter(tests)))


def _checked(dimension: Dimension, value: Any) -> Any:
    """Return a value as the column has it; raise BadFilterError for one that it cannot have."""
    name, kind = dimension.name, dimension.kind
    if error := impossible(name, value, dimension.values):
        raise BadFilterError(error)
    if kind is Kind.JSON:
        raise BadFilterError(f"{name} holds a JSON object: compare one of its members, such as {name}.plan.")
    if kind is Kind.BOOLEAN and not isinstance(value, bool):
        raise BadFilterError(f"{name}={value!r} must be True or False.")
    if kind in (Kind.INTEGER, Kind.NUMBER):
        _require_number(name, value)
    if kind in (Kind.ID, Kind.TEXT, Kind.TEXTS):
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadFilterError(f"{name}={value!r} must be text.")
        return str(value)
    return str(value).lower() if kind is None and isinstance(value, bool) else value
