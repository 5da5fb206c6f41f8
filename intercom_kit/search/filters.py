"""Filters of a verb as conditions for Intercom's search, which may find too much, and as the exact condition in SQL.

The search compares contacts' times by whole days, and does not document whether bounds are included; so time bounds
are widened for the search, and compared exactly on the rows that it returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from intercom_kit.errors import BadFilterError, BadTimeError
from intercom_kit.hints import hint
from intercom_kit.search.bounds import Days
from intercom_kit.search.conditions import Condition, comparison, equals
from intercom_kit.sql.predicates import Predicate, Test
from intercom_kit.tables import Column, Kind, Table
from intercom_kit.tables.columns import impossible
from intercom_kit.tables.filters import OPERATORS, Comparison, filters_of
from intercom_kit.values.plain import LARGEST_EXACT, digits, no_id, plain
from intercom_kit.values.times import clock, edge, in_order, span

# Id columns that are numbers in the search, which rejects any other text for them.
NUMBERED = frozenset({"admin_assignee_id", "team_assignee_id", "last_closed_by_id"})


@dataclass
class Selection:
    """The filters of one call: conditions for the search, and the exact condition in SQL.

    `where` drops the extra rows that the search finds. `alone` are the comparisons to add to it if nothing is searched;
    None if only the search can compare, as for words in a text. It is `empty` if no row can match, as for an empty
    list, so that no request is needed.
    """

    conditions: list[Condition] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    alone: list[Predicate] | None = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    empty: bool = False

    def sql(self) -> str:
        """Return the exact condition, for the rows that the search finds."""
        return " and ".join(self.where) or "true"

    def search(self, *conditions: Condition) -> None:
        """Add conditions that only the search can compare."""
        self.conditions += conditions
        self.alone = None

    def searched_equal(self, name: str, value: Any) -> None:
        """Add that a field of the search equals a value, or any of several; only the search can compare it."""
        self.search(equals(name, self._distinct(value)))

    def _distinct(self, value: Any) -> Any:
        """Return a value, or the distinct ones of a list; an empty list, which no row matches, makes this `empty`."""
        if value == []:
            self.empty = True
            self.where.append("false")
        return list({(type(each), each): each for each in value}.values()) if isinstance(value, list) else value

    def equal(self, column: Column, value: Any) -> None:
        """Add that a column equals a value, or any of several."""
        value = self._distinct(value)
        self.conditions.append(equals(column.search, value))
        values = _several(value)
        if self.alone is None or not values or not all(_compares_alike(column, each) for each in values):
            self.alone = None
            return
        members = tuple(str(each) if column.kind is Kind.ID else each for each in values)
        self.alone.append(Test(column.name, "in", members))


def _compares_alike(column: Column, value: Any) -> bool:
    """Return whether the search finds the same rows for a value as equality in SQL."""
    match column.kind:
        case Kind.BOOLEAN | Kind.INTEGER:
            return value is not None
        case Kind.ID:  # the search may look into more than the column, and 0 means nobody
            return value is not None and str(value) != "0" and column.search == column.path
        case _:  # UNCONFIRMED [text-match]: whether the search of free text distinguishes case and tokens
            return value is not None and bool(column.values)


def select(table: Table, filters: Mapping[str, Any], timezone: tzinfo, days: Days) -> Selection:
    """Return the selection for filters: `column=value`, a list for any of several values, None for missing ones.

    Every time column `x_at` also has `x_since` (inclusive) and `x_until` (exclusive), every integer column `x_min` and
    `x_max` (both inclusive); `since`, `until` and `during` are about created_at.
    `custom_attributes={"plan": "pro"}` compares custom attributes. Times without a timezone are in `timezone`, or in
    that of the filter so called, and `days` says how the search may compare them. Values may be those of pandas and
    NumPy, as `plain` reads them; an empty list finds nothing.
    Raises BadFilterError for a filter that is unknown or not supported by Intercom's search, BadTimeError for times.
    """
    selection = Selection()
    known = known_filters(table)
    timezone = clock(filters["timezone"]) if "timezone" in filters else timezone
    for name, value in _spanned(known, filters, timezone).items():
        if name == "custom_attributes" and name in known:
            for attribute, each in _attributes(value).items():
                selection.searched_equal(f"custom_attributes.{attribute}", _comparable(attribute, each))
        elif name not in known:
            raise _unknown(table, name, known)
        else:
            _add(selection, known[name], name, value, timezone, days)
    for column in table.columns:
        in_order(*(selection.parameters.get(f"{column.name}_{edge}") for edge in ("since", "until")))
    return selection


def _spanned(known: Mapping[str, Any], filters: Mapping[str, Any], timezone: tzinfo) -> dict[str, Any]:
    """Return filters with the edges of `during`, which is about the time of creation, and without a timezone."""
    found = {name: value for name, value in filters.items() if name != "timezone"}
    if "since" not in known or "during" not in found:
        return found
    begins, ends = span(found.get("since"), found.get("until"), timezone, during=found.pop("during"))
    return found | {"since": begins} | ({"until": ends} if ends else {})


def compared(table: Table, name: str) -> Column | None:
    """Return the column with which a table's filter is compared; None if there is none."""
    _, column = known_filters(table).get(name, ("", None))
    known = table.search_only.get(name, name)
    return column or (table.column(known) if known in table else None)


def known_filters(table: Table) -> dict[str, tuple[Comparison, Column | None]]:
    """Return the filters that Intercom's search can compare, each with its comparison and column."""
    known: dict[str, tuple[Comparison, Column | None]] = dict.fromkeys(table.search_only, ("equal", None))
    for column in table.columns:
        if column.search:
            known |= {name: (comparison, column) for name, comparison in filters_of(column).items()}
    if "created_since" in known:
        known["since"], known["until"] = known["created_since"], known["created_until"]
    return known


def _unknown(table: Table, name: str, known: Mapping[str, Any]) -> BadFilterError:
    if name in table and table.column(name).kind is Kind.TIME and table.column(name).search:
        base = name.removesuffix("_at")
        return BadFilterError(f"{name} is a time: use {base}_since or {base}_until instead.")
    if name in table:
        return BadFilterError(
            f"Intercom's search cannot compare {name!r} of {table.name}: fetch without it, and filter the frame."
        )
    return BadFilterError(f"{table.name} cannot be filtered by {name!r}: {hint(name, sorted([*known, 'limit']))}")


def _add(
    selection: Selection,
    known: tuple[Comparison, Column | None],
    name: str,
    value: Any,
    timezone: tzinfo,
    days: Days,
) -> None:
    comparison, column = known
    if column is None:
        selection.searched_equal(name, _ids(name, value) if name.endswith("_id") else _comparable(name, plain(value)))
    elif comparison in ("since", "until"):
        _add_time(selection, column, comparison, edge(value, comparison, timezone), days)
    elif comparison in ("min", "max"):
        _add_bound(selection, column, comparison, value)
    else:
        selection.equal(column, _checked(column, value))


_TAKES: dict[Kind, tuple[type, str]] = {
    Kind.BOOLEAN: (bool, "True or False"),
    Kind.INTEGER: (int, "a whole number"),
}


def _checked(column: Column, value: Any) -> Any:
    """Return a value, or a list, in the column's type; raise BadFilterError for a value that it cannot equal."""
    argument = _ids(column.name, value) if column.kind in (Kind.ID, Kind.TEXTS) else plain(value)
    for each in _several(argument):
        _check(column, each)
    if column.kind is Kind.TEXT:
        texts = [each if each is None else str(each) for each in _several(argument)]
        return texts if isinstance(argument, list) else texts[0]
    return argument


def _check(column: Column, value: Any) -> None:
    expected, words = _TAKES.get(column.kind, (str, "text"))
    number = isinstance(value, int) and not isinstance(value, bool)
    fits = number if expected is int else isinstance(value, expected) or (number and expected is str)
    if value is not None and not fits:
        inexact = isinstance(value, float) and abs(value) > LARGEST_EXACT
        remedy = "so large a float is not exact, so read the file with dtype=str" if inexact else f"it takes {words}"
        raise BadFilterError(f"{column.name} cannot equal {value!r}: {remedy}.")
    if message := impossible(column.name, value, column.values):
        raise BadFilterError(message)
    if column.name in NUMBERED and isinstance(value, str) and not value.isdigit():
        raise BadFilterError(
            f"{column.name}={value!r} must be an id, which is a number: ws.teams() and ws.admins() list them."
        )


def _ids(name: str, value: Any) -> Any:
    """Return an id, or a list, as text or a whole number; raise BadFilterError for a float that cannot be an id."""
    argument = plain(value)
    for each in _several(argument):
        if isinstance(each, float):
            raise BadFilterError(f"{name}: {no_id(each)}")
    texts = [digits(each) if isinstance(each, str) else each for each in _several(argument)]
    return texts if isinstance(argument, list) else texts[0]


def _attributes(value: Any) -> dict[str, Any]:
    """Return the custom attributes to compare, with their values; raise BadFilterError if it is not a mapping."""
    attributes = plain(value)
    if not isinstance(attributes, dict) or not all(isinstance(name, str) for name in attributes):
        raise BadFilterError(f"custom_attributes={value!r} must be names with values, as {{'plan': 'Growth'}}.")
    return attributes


def _comparable(name: str, value: Any) -> Any:
    """Return a plain value, or a list; raise BadFilterError for what the search cannot compare."""
    for each in _several(value):
        if not isinstance(each, str | int | float | None):
            moments = "dates of attributes are unix seconds, as int(moment.timestamp())"
            remedy = moments if isinstance(each, date) else "it takes text, a number, True, False or None"
            raise BadFilterError(f"{name} cannot equal {each!r}: {remedy}.")
    return value


def _several(value: Any) -> list[Any]:
    """Return the values of a filter as a list."""
    return value if isinstance(value, list) else [value]


def _add_bound(selection: Selection, column: Column, edge: Comparison, value: Any) -> None:
    value = plain(value)
    if value is None or isinstance(value, list):
        raise BadFilterError(f"{column.name}_{edge}={value!r} must be one whole number.")
    _check(column, value)
    operator, beyond = (">", value - 1) if edge == "min" else ("<", value + 1)
    selection.conditions.append(comparison(column.search, operator, beyond))
    parameter = f"{column.name}_{edge}"
    selection.where.append(f'"{column.name}" {OPERATORS[edge]} ${parameter}')
    selection.parameters[parameter] = value


def _add_time(selection: Selection, column: Column, edge: Comparison, moment: datetime, days: Days) -> None:
    operator = ">" if edge == "since" else "<"
    try:
        beyond = days.wider(int(moment.timestamp()), operator)
    except (OverflowError, ValueError):
        raise BadTimeError(f"{moment:%Y-%m-%d} is too near the end of the calendar: leave the filter out.") from None
    selection.conditions.append(comparison(column.search, operator, beyond))
    parameter = f"{column.name}_{edge}"
    selection.where.append(f'"{column.name}" {OPERATORS[edge]} ${parameter}')
    selection.parameters[parameter] = moment
