"""Predicates: the conditions on a scan's rows, as far as they are understood; the rest counts as true for every row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intercom_kit.sql.quoting import identifier


@dataclass(frozen=True)
class Test:
    """A comparison of a column, or its JSON member `attribute`, with a value, by one of = != < <= > >= in."""

    column: str
    operator: str
    value: Any
    attribute: str = ""


@dataclass(frozen=True)
class Both:
    """An AND: it holds where every member does; without members, always."""

    members: tuple["Predicate", ...] = ()


@dataclass(frozen=True)
class Either:
    """An OR: it holds where at least one member does; without members, never."""

    members: tuple["Predicate", ...] = ()


Predicate = Test | Both | Either

ALWAYS = Both()
NEVER = Either()


def both(members: Iterable[Predicate]) -> Predicate:
    """Return predicates joined by AND, flattened."""
    found: dict[Predicate, None] = {}
    for member in members:
        if member == NEVER:
            return NEVER
        found |= dict.fromkeys(member.members if isinstance(member, Both) else (member,))
    return next(iter(found)) if len(found) == 1 else Both(tuple(found))


def either(members: Iterable[Predicate]) -> Predicate:
    """Return predicates joined by OR, flattened."""
    found: dict[Predicate, None] = {}
    for member in members:
        if member == ALWAYS:
            return ALWAYS
        found |= dict.fromkeys(member.members if isinstance(member, Either) else (member,))
    return next(iter(found)) if len(found) == 1 else Either(tuple(found))


def tests(predicate: Predicate) -> list[Test]:
    """Return the comparisons in a predicate."""
    if isinstance(predicate, Test):
        return [predicate]
    return [test for member in predicate.members for test in tests(member)]


def conjuncts(predicate: Predicate) -> list[Test]:
    """Return the comparisons that hold in every row for which a predicate does."""
    members = predicate.members if isinstance(predicate, Both) else (predicate,)
    return [member for member in members if isinstance(member, Test)]


def earliest(predicate: Predicate) -> datetime | None:
    """Return the lower bound that a predicate sets on `created_at`; None if it sets none."""
    bounds = [
        test.value for test in conjuncts(predicate) if test.column == "created_at" and test.operator in (">", ">=", "=")
    ]
    return max((bound for bound in bounds if isinstance(bound, datetime)), default=None)


def as_sql(predicate: Predicate, parameters: dict[str, Any]) -> str:
    """Return a predicate as SQL over the table's columns, and add its values to the query's parameters."""
    if isinstance(predicate, Test):
        name = identifier(predicate.column)
        if predicate.attribute:
            name = f"({name} ->> {_parameter(predicate.attribute, parameters)})"
        if predicate.operator == "in":
            return f"{name} in ({', '.join(_parameter(value, parameters) for value in predicate.value)})"
        return f"{name} {predicate.operator} {_parameter(predicate.value, parameters)}"
    word = " and " if isinstance(predicate, Both) else " or "
    whole = word.join(as_sql(member, parameters) for member in predicate.members)
    return f"({whole})" if whole else str(isinstance(predicate, Both)).lower()


def _parameter(value: Any, parameters: dict[str, Any]) -> str:
    name = f"compared_{len(parameters)}"
    parameters[name] = value
    return f"${name}"


def spelled(predicate: Predicate) -> str:
    """Return a predicate as text for people."""
    if isinstance(predicate, Test):
        name = f"{predicate.column}->>{predicate.attribute!r}" if predicate.attribute else predicate.column
        return f"{name} {predicate.operator} {predicate.value}"
    if predicate == ALWAYS:
        return "every row"
    if predicate == NEVER:
        return "no row"
    word = " and " if isinstance(predicate, Both) else " or "
    return "(" + word.join(spelled(member) for member in predicate.members) + ")"
