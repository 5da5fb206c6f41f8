"""Understand and evaluate Intercom's search queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from intercom_kit.sandbox.columns import Mask
from intercom_kit.sandbox.errors import ApiError, bad_parameter
from intercom_kit.sandbox.fields import ZERO_IS_NOBODY, Field
from intercom_kit.sandbox.store import Collection

MAX_NESTING, MAX_WIDTH = 2, 15
EQUALITY = frozenset({"=", "!=", "IN", "NIN"})
TEXT = EQUALITY | {"~", "!~", "^", "$"}
RANGE = frozenset({">", "<"})
INCLUSIVE = frozenset({">=", "<="})
COMPARISONS: dict[str, Callable[[Any, Any], Mask]] = {"=": eq, "!=": ne, ">": gt, "<": lt, ">=": ge, "<=": le}


@dataclass(frozen=True)
class Rules:
    """What differs between the searches: their fields, and how they treat times."""

    fields: dict[str, Field]
    zone: ZoneInfo
    whole_days: bool  # contacts, up to 2.16: a date is a whole day in the workspace's timezone
    preview: bool = False
    contacts: bool = False
    inclusive: bool = False  # UNCONFIRMED whether > and < include the bound on conversations; both can be had

    def operators(self, field: Field) -> frozenset[str]:
        """List the operators that a field takes."""
        if field.kind == "tag":
            return frozenset({"=", "!="})
        if field.kind in ("boolean", "ids"):
            return EQUALITY
        if field.kind in ("text", "tokens"):
            return TEXT | RANGE if field.name == "id" else TEXT
        if field.kind == "any":
            return TEXT | RANGE | INCLUSIVE
        if not self.contacts:
            return EQUALITY | RANGE
        if field.kind == "number":
            return EQUALITY | RANGE | INCLUSIVE
        return frozenset({"=", "!="}) | RANGE | INCLUSIVE if self.preview else frozenset({"="}) | RANGE


@dataclass(frozen=True)
class Filter:
    """One comparison."""

    field: Field
    operator: str
    value: Any

    def rows(self, collection: Collection, rules: Rules) -> Mask:
        if self.value is None or (self.field.name in ZERO_IS_NOBODY and self.value in (0, "0")):
            return self._nothing(collection)
        if self.field.kind in ("number", "date", "boolean"):
            return self._compare_numbers(collection, rules)
        if self.field.kind == "any" and self.operator in RANGE | INCLUSIVE:
            return self._compare_numbers(collection, rules)
        return self._compare_texts(collection)

    def _nothing(self, collection: Collection) -> Mask:
        if self.field.name in ZERO_IS_NOBODY:
            empty = ~(collection.numbers(self.field).values > 0)
        else:
            empty = collection.texts(self.field).missing
        return ~empty if self.operator in ("!=", "NIN") else empty

    def _compare_numbers(self, collection: Collection, rules: Rules) -> Mask:
        values = collection.numbers(self.field).values
        if self.operator in ("IN", "NIN"):
            found = np.isin(values, [self._as_number(member) for member in self._members()])
            return ~found if self.operator == "NIN" else found
        wanted = self._as_number(self.value)
        if self.field.kind == "date" and rules.whole_days:
            return self._compare_days(values, wanted, rules.zone)
        operator = self.operator + "=" if rules.inclusive and self.operator in RANGE else self.operator
        return COMPARISONS[operator](values, wanted)

    def _compare_days(self, values: Any, wanted: float, zone: ZoneInfo) -> Mask:
        """Compare by local day: `>` means from tomorrow on, `<` means until yesterday."""
        day = datetime.fromtimestamp(wanted, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        begins, ends = day.timestamp(), (day + timedelta(days=1)).timestamp()
        if self.operator == ">":
            return np.asarray(values >= ends)
        if self.operator == "<":
            return np.asarray(values < begins)
        return np.asarray((values >= begins) & (values < ends))

    def _compare_texts(self, collection: Collection) -> Mask:
        column = collection.texts(self.field)
        wanted = [_text(member) for member in self._members()]
        if self.operator in ("IN", "NIN", "=", "!="):
            if self.field.kind == "tokens":  # "support" finds "I need support", "need support" does not
                found = reduce(np.logical_or, [column.with_token(text) for text in wanted])
            else:
                found = column.having(wanted)
        elif self.operator in RANGE:
            return self._compare_ids(collection)
        else:
            found = column.matching(self.operator, wanted[0])
        return ~found if self.operator in ("!=", "NIN", "!~") else found

    def _compare_ids(self, collection: Collection) -> Mask:
        if not _text(self.value).isdecimal():
            raise bad_parameter(f"Invalid value for {self.field.name}", self.field.name)
        values = collection.numbers(self.field).values
        return COMPARISONS[self.operator](values, float(self.value))

    def _members(self) -> list[Any]:
        return self.value if isinstance(self.value, list) else [self.value]

    def _as_number(self, value: Any) -> float:
        if self.field.kind == "boolean" and str(value).lower() in ("true", "false"):
            return float(str(value).lower() == "true")
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_parameter(f"{value!r} is not a valid value for {self.field.name}", self.field.name) from None


@dataclass(frozen=True)
class Group:
    """Filters and groups joined by AND or OR."""

    operator: str
    members: tuple[Filter | Group, ...]

    def rows(self, collection: Collection, rules: Rules) -> Mask:
        masks = [member.rows(collection, rules) for member in self.members]
        if not masks:
            return np.ones(len(collection), dtype=bool)
        join = np.logical_and if self.operator == "AND" else np.logical_or
        return np.asarray(reduce(join, masks))


def understand(query: object, rules: Rules, nesting: int = 1) -> Filter | Group:
    """Read a query, or refuse it. The error codes here are UNCONFIRMED except `invalid_field`."""
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
    return Group(query["operator"], tuple(understand(member, rules, nesting + 1) for member in members))


def _filter(query: dict[str, Any], rules: Rules) -> Filter:
    field = find_field(query["field"], rules)
    operator, value = query["operator"], query["value"]
    if operator not in rules.operators(field):
        raise bad_parameter(f"{operator!r} is not a valid operator for {field.name}", "operator")
    if (operator in ("IN", "NIN")) != isinstance(value, list):
        raise bad_parameter(f"{operator} does not take {type(value).__name__} for {field.name}", "value")
    return Filter(field, operator, value)


def find_field(name: object, rules: Rules) -> Field:
    """Find a searchable field by name; custom attributes are searchable whatever they are called."""
    if isinstance(name, str):
        if name in rules.fields:
            return rules.fields[name]
        if name.startswith("custom_attributes.") and rules.contacts:
            return Field(name, "any", name)
    raise ApiError(400, "invalid_field", f"{name} is not a valid search field", field="field")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
