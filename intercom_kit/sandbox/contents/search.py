"""Intercom's search queries: parsing and evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from math import isfinite
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from intercom_kit.sandbox.behaviours import Behaviours
from intercom_kit.sandbox.contents.columns import Mask
from intercom_kit.sandbox.contents.days import day_of
from intercom_kit.sandbox.contents.fields import TICKET_ATTRIBUTE, ZERO_IS_NOBODY, Field
from intercom_kit.sandbox.contents.store import Collection
from intercom_kit.sandbox.errors import ApiError, bad_parameter

MAX_NESTING, MAX_WIDTH = 2, 15
EQUALITY = frozenset({"=", "!=", "IN", "NIN"})
TEXT = EQUALITY | {"~", "!~", "^", "$"}
RANGE = frozenset({">", "<"})
INCLUSIVE = frozenset({">=", "<="})
LISTS = frozenset({"IN", "NIN"})
COMPARISONS: dict[str, Callable[[Any, Any], Mask]] = {"=": eq, "!=": ne, ">": gt, "<": lt, ">=": ge, "<=": le}


@dataclass(frozen=True)
class Rules:
    """The rules of one object's search: its fields, and its behaviour where sources differ."""

    kind: str  # contacts, conversations or tickets
    fields: dict[str, Field]
    zone: ZoneInfo
    behaviours: Behaviours
    preview: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """Return the part of a cache key that these rules determine."""
        return self.kind, self.preview, self.behaviours.in_force

    def chosen(self, name: str) -> str:
        return self.behaviours.of(name, self.kind)

    @property
    def days(self) -> str:
        """Return how dates are compared: UNCONFIRMED [search-days], except contacts in Preview: by seconds."""
        return "seconds" if self.preview else self.chosen("search-days")

    def day_of(self, moment: float) -> tuple[float, float]:
        return day_of(moment, self.zone if self.days == "workspace" else None)

    def operators(self, field: Field) -> frozenset[str]:
        """Return the operators that a field accepts; IN and NIN are UNCONFIRMED [in-operator]."""
        accepted = self._operators(field)
        return accepted - LISTS if self.chosen("in-operator") == "refuse" else accepted

    def _operators(self, field: Field) -> frozenset[str]:
        if field.type == "tag":
            return frozenset({"=", "!="})
        if field.type in ("boolean", "ids"):
            return EQUALITY
        if field.type in ("text", "tokens"):
            return TEXT | RANGE if field.name == "id" else TEXT
        if field.type == "any":
            return TEXT | RANGE | INCLUSIVE
        if field.type == "date":
            return self._date_operators()
        return EQUALITY | RANGE | INCLUSIVE if self.kind == "contacts" else EQUALITY | RANGE

    def _date_operators(self) -> frozenset[str]:
        """Return the operators that dates accept: UNCONFIRMED [date-operators], except in Preview: all."""
        accepted = self.preview or self.chosen("date-operators") == "accept"
        if self.kind == "contacts":
            return frozenset({"=", "!="}) | RANGE | INCLUSIVE if accepted else frozenset({"="}) | RANGE
        return EQUALITY | RANGE | INCLUSIVE if accepted else EQUALITY | RANGE


@dataclass(frozen=True)
class Filter:
    """One condition of a query."""

    field: Field
    operator: str
    value: Any

    def rows(self, collection: Collection, rules: Rules) -> Mask:
        if self.value is None or (self.field.name in ZERO_IS_NOBODY and self.value in (0, "0")):
            return self._compare_null(collection)
        if self.value == "" and self.operator in RANGE | INCLUSIVE:
            return self._compare_empty(collection)
        if self.field.type in ("number", "date", "boolean"):
            return self._compare_numbers(collection, rules)
        if self.field.type == "any" and self.operator in RANGE | INCLUSIVE:
            return self._compare_numbers(collection, rules)
        return self._compare_texts(collection, rules)

    def _compare_null(self, collection: Collection) -> Mask:
        if self.field.name in ZERO_IS_NOBODY:
            empty = ~(collection.numbers(self.field).values > 0)
        else:
            empty = collection.texts(self.field).missing
        return ~empty if self.operator in ("!=", "NIN") else empty

    def _compare_empty(self, collection: Collection) -> Mask:
        """Return the rows beyond an empty text, which sorts before every value."""
        numeric = self.field.type in ("number", "date", "boolean")
        missing = (collection.numbers(self.field) if numeric else collection.texts(self.field)).missing
        return ~missing if ">" in self.operator else np.zeros(len(collection), dtype=bool)

    def _compare_numbers(self, collection: Collection, rules: Rules) -> Mask:
        values = collection.numbers(self.field).values
        if self.field.type == "date" and rules.days != "seconds":
            return self._compare_days(values, rules)
        if self.operator in LISTS:
            found = np.isin(values, [self._as_number(member) for member in self._members()])
            return ~found if self.operator == "NIN" else found
        return COMPARISONS[self._effective_operator(rules)](values, self._as_number(self.value))

    def _effective_operator(self, rules: Rules) -> str:
        """Return the effective operator: `>` and `<` may include their bound (UNCONFIRMED [bounds])."""
        closed = self.operator in RANGE and rules.chosen("bounds") == "closed"
        return f"{self.operator}=" if closed else self.operator

    def _compare_days(self, values: Any, rules: Rules) -> Mask:
        """Return the rows that match by whole days: `>` means from the next day on, `<` until the day before."""
        days = [rules.day_of(self._as_number(member)) for member in self._members()]
        if self.operator in RANGE | INCLUSIVE:
            start, end = days[0]
            operator = self._effective_operator(rules)
            return COMPARISONS["<" if "<" in operator else ">="](values, start if operator in ("<", ">=") else end)
        within = [(values >= start) & (values < end) for start, end in days]
        found = np.asarray(reduce(np.logical_or, within, np.zeros(len(values), dtype=bool)))
        return ~found if self.operator in ("!=", "NIN") else found

    def _compare_texts(self, collection: Collection, rules: Rules) -> Mask:
        column = collection.texts(self.field)
        wanted = [_text(member) for member in self._members()]
        if self.operator in ("IN", "NIN", "=", "!="):
            # UNCONFIRMED [text-match]
            if self.field.type == "tokens":  # "support" finds "I need support", "need support" does not
                found = reduce(np.logical_or, [column.with_token(text) for text in wanted])
            else:
                found = column.having(wanted)
        elif self.operator in RANGE:
            return self._compare_ids(collection, rules)
        elif self.operator in ("~", "!~") and rules.chosen("tilde") == "words":  # UNCONFIRMED [tilde]
            found = column.with_words(wanted[0])
        else:
            found = column.matching(self.operator, wanted[0])
        return ~found if self.operator in ("!=", "NIN", "!~") else found

    def _compare_ids(self, collection: Collection, rules: Rules) -> Mask:
        if not _text(self.value).isdecimal():
            raise bad_parameter(f"Invalid value for {self.field.name}", self.field.name)
        values = collection.numbers(self.field).values
        return COMPARISONS[self._effective_operator(rules)](values, float(self.value))

    def _members(self) -> list[Any]:
        return self.value if isinstance(self.value, list) else [self.value]

    def _as_number(self, value: Any) -> float:
        if self.field.type == "boolean" and str(value).lower() in ("true", "false"):
            return float(str(value).lower() == "true")
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if not isfinite(number):
            raise bad_parameter(f"{value!r} is not a valid value for {self.field.name}", self.field.name)
        return number


@dataclass(frozen=True)
class Group:
    """Conditions and groups joined by AND or OR."""

    operator: str
    members: tuple[Filter | Group, ...]

    def rows(self, collection: Collection, rules: Rules) -> Mask:
        masks = [member.rows(collection, rules) for member in self.members]
        if not masks:
            return np.ones(len(collection), dtype=bool)
        join = np.logical_and if self.operator == "AND" else np.logical_or
        return np.asarray(reduce(join, masks))


def parse_query(query: object, rules: Rules, nesting: int = 1) -> Filter | Group:
    """Parse a query, or raise an error; codes but `invalid_field` and `data_invalid` are UNCONFIRMED [error-codes]."""
    if not isinstance(query, dict):
        raise bad_parameter("query must be an object", "query")
    if query.get("operator") in ("AND", "OR"):
        return _group(query, rules, nesting)
    if not {"field", "operator", "value"} <= query.keys():
        raise ApiError(400, "parameter_missing", "A filter needs field, operator and value")
    return _filter(query, rules)


def _group(query: dict[str, Any], rules: Rules, nesting: int) -> Group:
    members = query.get("value")
    if not isinstance(members, list):
        raise bad_parameter("The value of AND and OR must be a list", "value")
    if nesting > MAX_NESTING:
        raise bad_parameter(f"Queries can be nested at most {MAX_NESTING} levels deep")
    if len(members) > MAX_WIDTH:
        raise bad_parameter(f"At most {MAX_WIDTH} filters are allowed in one {query['operator']} group")
    return Group(query["operator"], tuple(parse_query(member, rules, nesting + 1) for member in members))


def _filter(query: dict[str, Any], rules: Rules) -> Filter:
    field = find_field(query["field"], rules)
    operator, value = query["operator"], query["value"]
    if operator not in rules.operators(field):
        message = f"{operator!r} is not a valid operator for {field.name}"
        raise ApiError(400, "data_invalid", message, field="operator")  # measured: not parameter_invalid
    if value == "" and operator in RANGE | INCLUSIVE and rules.behaviours.of("empty-bound") == "refuse":
        raise bad_parameter(f"Invalid value for {field.name}", field.name)  # UNCONFIRMED [empty-bound]
    if (operator in ("IN", "NIN")) != isinstance(value, list):
        raise bad_parameter(f"{operator} does not take {type(value).__name__} for {field.name}", "value")
    return Filter(field, operator, value)


def find_field(name: object, rules: Rules) -> Field:
    """Return a searchable field by name; every attribute of contacts and tickets is searchable."""
    if isinstance(name, str):
        if name in rules.fields:
            return rules.fields[name]
        if name.startswith("custom_attributes.") and rules.kind == "contacts":
            return Field(name, "any", name)
        if name.startswith(f"{TICKET_ATTRIBUTE}.") and rules.kind == "tickets" and name.partition(".")[2].isdecimal():
            return Field(name, "any", name)
    raise ApiError(400, "invalid_field", f"{name} is not a valid search field", field="field")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
