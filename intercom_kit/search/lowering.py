"""Predicate pushdown: searches of Intercom that find at least the rows that match a scan's predicate.

Intercom's search has two levels of AND and OR, few operators, and may compare dates by whole days. Conditions that it
cannot express are left out, and DuckDB filters the rows that it returns.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from intercom_kit.paging.searching import LARGEST_GROUP, can_be_spelled_out
from intercom_kit.search.bounds import Days
from intercom_kit.search.conditions import Condition, comparison, either
from intercom_kit.search.filters import NUMBERED
from intercom_kit.search.spans import ALL_TIME, Search, Span
from intercom_kit.sql.predicates import ALWAYS, NEVER, Both, Either, Predicate, Test
from intercom_kit.tables import Column, Kind, Table

# Each branch of an OR is one search; with more branches, one search reads everything.
MAX_BRANCHES = 8

# The conditions in a group, without the two that are reserved for the bounds of a time span.
ROOM = LARGEST_GROUP - 2

# `now()` is later when the query runs than when it was planned, so upper bounds are widened.
LATER = 900  # seconds

# Names that DuckDB reads as the name of an attribute, not as a path into the JSON. Intercom's have no dot, which
# separates names in the search.
_NAME = re.compile(r'(?![$/])(?:[^*\\."]+|[^*\\./~]+)')

_TYPED = re.compile(r"[-+.\deE]*|true|false|null", re.IGNORECASE)

# Searched word by word, so that equality finds fewer rows than in SQL.
_SEARCHED_BY_WORD = frozenset({"source.body", "source.subject"})


def searches(table: Table, predicate: Predicate, days: Days, *, lists: bool = True) -> list[Search]:
    """Return the searches that together find every row that matches a predicate; none if it never holds.

    `days` says how the search may compare dates. Without `lists`, conditions with more values than can be spelled out
    one by one are left to DuckDB.
    """
    branches = predicate.members if isinstance(predicate, Either) else (predicate,)
    if len(branches) > MAX_BRANCHES:
        branches = (ALWAYS,)
    found = [_search(table, branch, days) for branch in branches]
    if not lists:
        found = [replace(each, conditions=tuple(filter(can_be_spelled_out, each.conditions))) for each in found]
    return [Search()] if any(search.is_for_everything for search in found) else found


def pushes(table: Table, member: Predicate, days: Days) -> bool:
    """Return whether a condition is pushed down to the search, at least in part."""
    if _is_creation(member):
        return _span([member]) != ALL_TIME
    return any(_conditions(table, member, days))


def _search(table: Table, branch: Predicate, days: Days) -> Search:
    """Return the search for a branch; creation time becomes its span, since the cache knows spans."""
    members = branch.members if isinstance(branch, Both) else (branch,)
    others = [member for member in members if not _is_creation(member)]
    conditions = (condition for member in others for condition in _conditions(table, member, days))
    return Search(tuple(islice(conditions, ROOM)), _span(members))


def _is_creation(member: Predicate) -> bool:
    return isinstance(member, Test) and member.column == "created_at"


def _span(members: Iterable[Predicate]) -> Span:
    """Return the span of creation times allowed by comparisons, in whole seconds."""
    first, last = 0, None
    for member in members:
        if not isinstance(member, Test) or not _is_creation(member) or not isinstance(member.value, datetime):
            continue
        second = member.value.timestamp()
        if member.operator in (">", ">=", "="):
            first = max(first, math.floor(second))
        if member.operator in ("<", "<=", "="):
            latest = math.ceil(second) + LATER
            last = latest if last is None else min(last, latest)
    return Span(first or None, last)


def _conditions(table: Table, member: Predicate, days: Days) -> Iterator[Condition]:
    if isinstance(member, Test):
        yield from _test(table, member, days)
    elif isinstance(member, Either) and member != NEVER:
        alternatives = [found for each in member.members if (found := _one(table, each, days))]
        if len(alternatives) == len(member.members) <= LARGEST_GROUP:
            yield either(alternatives)


def _one(table: Table, member: Predicate, days: Days) -> Condition | None:
    """Return one alternative of an OR; of conditions joined by AND, one is enough: it finds at least their rows."""
    tests = member.members if isinstance(member, Both) else (member,)
    return next((found for each in tests if isinstance(each, Test) for found in _test(table, each, days)), None)


def _test(table: Table, test: Test, days: Days) -> list[Condition]:
    """Return the conditions for a comparison; empty if the search cannot make it, or would find fewer rows than SQL."""
    column = table.column(test.column) if test.column in table else None
    if column is None or test.value is None:
        return []
    if test.attribute:
        field = f"custom_attributes.{test.attribute}"
        plain = test.operator == "=" and test.column in table.search_only and bool(_NAME.fullmatch(test.attribute))
        # The text may be that of a number or a boolean, which the search would not find by text.
        plain = plain and isinstance(test.value, str) and not _TYPED.fullmatch(test.value)
        return [comparison(field, "=", test.value)] if plain else []
    if not column.search or column.search in _SEARCHED_BY_WORD:
        return []
    return _compared(column, test.operator, test.value, days)


def _compared(column: Column, operator: str, value: Any, days: Days) -> list[Condition]:
    match column.kind:
        case Kind.TIME:
            return _times(column, operator, value, days)
        case Kind.INTEGER:
            return _numbers(column, operator, value)
        case Kind.BOOLEAN:
            return [_is(column, "=", value if operator == "=" else not value)] if operator in "!=" else []
        case Kind.ID | Kind.TEXT:
            return _texts(column, operator, value)
        case _:
            return []


def _is(column: Column, operator: str, value: Any) -> Condition:
    return comparison(column.search, operator, value)


def _times(column: Column, operator: str, value: Any, days: Days) -> list[Condition]:
    if not isinstance(value, datetime):
        return []
    edges = {"=": "><"}.get(operator, operator.rstrip("=")) if operator not in ("!=", "in") else ""
    try:
        seconds = {">": math.floor(value.timestamp()), "<": math.ceil(value.timestamp()) + LATER}
        return [_is(column, edge, days.wider(seconds[edge], edge)) for edge in edges]
    except (OverflowError, ValueError):
        return []


def _numbers(column: Column, operator: str, value: Any) -> list[Condition]:
    if operator == "in":
        return [_is(column, "IN", list(value))] if all(isinstance(each, int) for each in value) else []
    if not isinstance(value, int) or operator == "!=":
        return []
    beyond = {">=": value - 1, "<=": value + 1}.get(operator, value)
    return [_is(column, operator.rstrip("=") or "=", beyond)]


def _texts(column: Column, operator: str, value: Any) -> list[Condition]:
    values = value if operator == "in" else (value,)
    if column.name in NUMBERED and not all(isinstance(each, str) and each.isdigit() for each in values):
        return []
    if operator == "in" and all(isinstance(each, str) for each in value):
        return [_is(column, "IN", list(value))]
    if operator == "=" or (operator == "!=" and column.values):
        return [_is(column, operator, value)] if isinstance(value, str) else []
    return []
