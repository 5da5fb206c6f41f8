"""From filters to conditions in SQL, each with the dimension that it is about."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from intercom_kit.errors import BadFilterError, BadMetricError
from intercom_kit.metrics.sql import SQL, join, sql
from intercom_kit.metrics.subjects import ATTRIBUTES, Dimension, Subject
from intercom_kit.tables import Kind
from intercom_kit.tables.columns import impossible
from intercom_kit.tables.filters import OPERATORS, bounded
from intercom_kit.values.times import edge


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
        if name in ATTRIBUTES and isinstance(value, Mapping):
            found += conditions(subject, {f"{name}.{member}": each for member, each in value.items()})
        elif bound := _bound(subject, name, value):
            found.append(bound)
        else:
            dimension = _dimension(subject, name, arguments)
            found.append((dimension, _equal(dimension, value)))
    return found


def compared(
    subject: Subject, filters: Mapping[str, Any], arguments: Iterable[str] = ()
) -> Iterator[tuple[Dimension, Any]]:
    """Return the dimensions that filters compare, each with the value; raise BadFilterError for an unknown filter."""
    for name, value in filters.items():
        if name in ATTRIBUTES and isinstance(value, Mapping):
            yield from compared(subject, {f"{name}.{member}": each for member, each in value.items()})
        else:
            bound = bounded(subject.table, name)
            yield _dimension(subject, bound[0].name if bound else name, arguments), value


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


def with_instants(subject: Subject, filters: Mapping[str, Any], zone: tzinfo, now: datetime) -> dict[str, Any]:
    """Return filters with the instants of those that bound a time; raise BadTimeError for what is no time."""
    return {name: _with_instant(subject, name, value, zone, now) for name, value in filters.items()}


def _with_instant(subject: Subject, name: str, value: Any, zone: tzinfo, now: datetime) -> Any:
    bound = bounded(subject.table, name)  # a column or an attribute may have such a name too
    if bound is None or bound[0].kind is not Kind.TIME:
        return value
    return edge(value, "since" if bound[1] == "since" else "until", zone, now)


def _require_number(name: str, value: Any) -> None:
    """Raise BadFilterError for what is no number; SQL's own error would not name the filter."""
    written = isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)
    if not written and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadFilterError(f"{name}={value!r} must be a number.")


def _equal(dimension: Dimension, value: Any) -> SQL:
    values = list(value) if isinstance(value, list | tuple | set) else [value]
    given = [_checked(dimension, each) for each in values if each is not None]
    numbers = [each for each in given if dimension.kind is None and not isinstance(each, str)]
    others = [each for each in given if each not in numbers]
    column, members = SQL(dimension.sql), dimension.own_list
    any_of = "list_has_any({members}, [{given}])" if members else "{column} in ({given})"
    missing = "coalesce(len({members}), 0) = 0" if members else "{column} is null"
    parts = {"column": column, "members": members}
    tests = [sql(any_of, given=others, **parts)] if others else []
    # An attribute is read as text, which is not a number in every row.
    tests += [sql("try_cast({column} as double) in ({given})", given=numbers, **parts)] if numbers else []
    tests += [sql(missing, **parts)] if None in values else []
    template = "({tests})" if len(tests) > 1 else "{tests}" if tests else "false"
    return sql(template, tests=join(" or ", tests))


def _checked(dimension: Dimension, value: Any) -> Any:
    """Return a value as the column has it; raise BadFilterError for one that it cannot have."""
    name = dimension.name
    if error := impossible(name, value, dimension.values):
        raise BadFilterError(error)
    match dimension.kind:
        case Kind.JSON:
            raise BadFilterError(f"{name} holds a JSON object: compare one of its members, such as {name}.plan.")
        case Kind.BOOLEAN if not isinstance(value, bool):
            raise BadFilterError(f"{name}={value!r} must be True or False.")
        case Kind.INTEGER | Kind.NUMBER:
            _require_number(name, value)
        case Kind.TIME if not _is_time(value):
            raise BadFilterError(f"{name}={value!r} must be a time: give a datetime, or ISO text.")
        case Kind.ID | Kind.TEXT | Kind.TEXTS:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise BadFilterError(f"{name} cannot be compared with {value!r}: give text.")
            return str(value)
        case None if isinstance(value, bool):
            return str(value).lower()  # as JSON writes it
    return value


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, date) or bool(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return False
