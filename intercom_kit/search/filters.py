"""From the filters of a verb to Intercom's search, which may find more, and to SQL, which keeps exactly what was meant.

The search compares contacts' times by whole days, and leaves open whether bounds are included; so times are asked for
a little too widely, and the exact comparison is made on the rows that came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Literal

from intercom_kit.errors import BadFilterError, BadTimeError, hint
from intercom_kit.paging.searching import LARGEST_GROUP
from intercom_kit.search.bounds import Days
from intercom_kit.sql.predicates import Predicate, Test
from intercom_kit.tables import Column, Kind, Table
from intercom_kit.tables.columns import impossible
from intercom_kit.values.plain import LARGEST_EXACT, digits, no_id, plain
from intercom_kit.values.times import in_order, instant

# Ids that the search knows as numbers, and refuses to compare with other text.
NUMBERED = frozenset({"admin_assignee_id", "team_assignee_id", "last_closed_by_id"})

Condition = dict[str, Any]
Order = Literal["ascending", "descending"]

# A search wants a condition; this one holds for every contact and conversation.
EVERY: Condition = {"field": "created_at", "operator": ">", "value": 0}


@dataclass
class Selection:
    """A selection: the search's conditions, and the SQL that is exact.

    `where` cuts what the search finds down to what was meant. `alone` is what else has to be compared where nothing is
    searched for; None where only the search can tell, as for words in a text. It is `empty` where no row can be meant,
    as by a list without members, so that nothing need be asked.
    """

    conditions: list[Condition] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    alone: list[Predicate] | None = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    empty: bool = False

    def sql(self) -> str:
        """Give the condition that keeps exactly what was meant of what the search finds."""
        return " and ".join(self.where) or "true"

    def search(self, *conditions: Condition) -> None:
        """Add conditions that only the search can compare."""
        self.conditions += conditions
        self.alone = None

    def searched_equal(self, name: str, value: Any) -> None:
        """Add that what the search calls by a name equals a value, or any of several; only the search compares it."""
        self.search(_equal(name, self._meant(value)))

    def _meant(self, value: Any) -> Any:
        """Return a value, or the different ones of several, and take note of a list without any, which no row meets."""
        if value == []:
            self.empty = True
            self.where.append("false")
        return list({(type(each), each): each for each in value}.values()) if isinstance(value, list) else value

    def equal(self, column: Column, value: Any) -> None:
        """Add that a column equals a value, or any of several."""
        value = self._meant(value)
        self.conditions.append(_equal(column.search, value))
        values = _several(value)
        if self.alone is None or not values or not all(_compares_alike(column, each) for each in values):
            self.alone = None
            return
        given = tuple(str(each) if column.kind is Kind.ID else each for each in values)
        self.alone.append(Test(column.name, "in", given))


def _compares_alike(column: Column, value: Any) -> bool:
    """Tell whether the search finds for a value just what SQL's equality does."""
    match column.kind:
        case Kind.BOOLEAN | Kind.INTEGER:
            return value is not None
        case Kind.ID:  # the search may look further than the column does, and 0 is nobody
            return value is not None and str(value) != "0" and column.search == column.path
        case _:  # UNCONFIRMED [text-match]: whether the search tells cases and tokens of free text apart
            return value is not None and bool(column.values)


def search_body(conditions: list[Condition], order: Order = "ascending") -> dict[str, Any]:
    """Write a search for what meets all conditions, in the order of creation, which does not change meanwhile.

    UNCONFIRMED [sort]: Intercom may ignore the order, so nothing may depend on it.
    Raises BadFilterError for more conditions than Intercom takes.
    """
    if len(conditions) > LARGEST_GROUP:
        raise BadFilterError(
            f"Intercom takes at most {LARGEST_GROUP} conditions in a search, and these are {len(conditions)}: "
            "leave some out, and filter the frame by them."
        )
    conditions = conditions or [EVERY]
    query = conditions[0] if len(conditions) == 1 else {"operator": "AND", "value": conditions}
    return {"query": query, "sort": {"field": "created_at", "order": order}}


def select(table: Table, filters: Mapping[str, Any], timezone: tzinfo, days: Days) -> Selection:
    """Read filters: `column=value`, a list for any of several, None for missing; `since` and `until` for created_at.

    Times without a timezone are in `timezone`, and `days` says how the search may compare them.
    Every time column `x_at` also gives `x_since` (included) and `x_until` (not included), every integer column
    `x_min` and `x_max` (both included), and `custom_attributes={"plan": "pro"}` compares attributes of your own.
    Values may be those of pandas and NumPy, as `plain` reads them; an empty list finds nothing.
    Raises BadFilterError for an unknown filter or one that Intercom's search cannot compare, BadTimeError for times.
    """
    selection = Selection()
    known = _known(table)
    for name, value in filters.items():
        if name == "custom_attributes" and name in known:
            for attribute, wanted in _attributes(value).items():
                selection.searched_equal(f"custom_attributes.{attribute}", _comparable(attribute, wanted))
        elif name not in known:
            raise _unknown(table, name, known)
        else:
            _add(selection, known[name], name, value, timezone, days)
    for column in table.columns:
        in_order(*(selection.parameters.get(f"{column.name}_{edge}") for edge in ("since", "until")))
    return selection


def compared(table: Table, name: str) -> Column | None:
    """Give the column whose values a filter of a table is compared with; None where no column holds them."""
    _, column = _known(table).get(name, ("", None))
    known = table.search_only.get(name, name)
    return column or (table.column(known) if known in table else None)


def _known(table: Table) -> dict[str, tuple[str, Column | None]]:
    """List the filters that a table takes, each with its comparison and column."""
    known: dict[str, tuple[str, Column | None]] = dict.fromkeys(table.search_only, ("equal", None))
    for column in table.columns:
        if not column.search:
            continue
        if column.kind is not Kind.TIME:
            known[column.name] = ("equal", column)
        elif column.name.endswith("_at"):
            base = column.name.removesuffix("_at")
            known[f"{base}_since"], known[f"{base}_until"] = ("since", column), ("until", column)
        if column.kind is Kind.INTEGER:
            known[f"{column.name}_min"], known[f"{column.name}_max"] = ("min", column), ("max", column)
    if "created_since" in known:
        known["since"], known["until"] = known["created_since"], known["created_until"]
    return known


def _unknown(table: Table, name: str, known: Mapping[str, Any]) -> BadFilterError:
    if name in table and table.column(name).kind is Kind.TIME and table.column(name).search:
        base = name.removesuffix("_at")
        return BadFilterError(f"{name} is an instant: give {base}_since or {base}_until instead.")
    if name in table:
        return BadFilterError(
            f"Intercom's search cannot compare {name!r} of {table.name}: fetch without it, and filter the frame."
        )
    return BadFilterError(f"{table.name} cannot be filtered by {name!r}: {hint(name, sorted([*known, 'limit']))}")


def _add(
    selection: Selection,
    known: tuple[str, Column | None],
    name: str,
    value: Any,
    timezone: tzinfo,
    days: Days,
) -> None:
    comparison, column = known
    if column is None:
        selection.searched_equal(name, _ids(name, value) if name.endswith("_id") else _comparable(name, plain(value)))
    elif comparison in ("since", "until"):
        _add_time(selection, column, comparison, instant(value, timezone), days)
    elif comparison in ("min", "max"):
        _add_bound(selection, column, comparison, value)
    else:
        selection.equal(column, _checked(column, value))


_TAKES: dict[Kind, tuple[type, str]] = {
    Kind.BOOLEAN: (bool, "True or False"),
    Kind.INTEGER: (int, "a whole number"),
}


def _checked(column: Column, value: Any) -> Any:
    """Return a value, or a list of several, as the column has it; refuse what it cannot equal, before Intercom does."""
    given = _ids(column.name, value) if column.kind in (Kind.ID, Kind.TEXTS) else plain(value)
    for each in _several(given):
        _check(column, each)
    if column.kind is Kind.TEXT:
        texts = [each if each is None else str(each) for each in _several(given)]
        return texts if isinstance(given, list) else texts[0]
    return given


def _check(column: Column, value: Any) -> None:
    wanted, words = _TAKES.get(column.kind, (str, "text"))
    number = isinstance(value, int) and not isinstance(value, bool)
    fits = number if wanted is int else isinstance(value, wanted) or (number and wanted is str)
    if value is not None and not fits:
        inexact = isinstance(value, float) and abs(value) > LARGEST_EXACT
        remedy = "so large a float is not exact, so read the file with dtype=str" if inexact else f"it takes {words}"
        raise BadFilterError(f"{column.name} cannot equal {value!r}: {remedy}.")
    if said := impossible(column.name, value, column.values):
        raise BadFilterError(said)
    if column.name in NUMBERED and isinstance(value, str) and not value.isdigit():
        raise BadFilterError(
            f"{column.name}={value!r} must be an id, which is a number: ws.teams() and ws.admins() list them."
        )


def _ids(name: str, value: Any) -> Any:
    """Return an id, or a list of several, as text or a whole number; raise BadFilterError for a float that is none."""
    given = plain(value)
    for each in _several(given):
        if isinstance(each, float):
            raise BadFilterError(f"{name}: {no_id(each)}")
    texts = [digits(each) if isinstance(each, str) else each for each in _several(given)]
    return texts if isinstance(given, list) else texts[0]


def _attributes(value: Any) -> dict[str, Any]:
    """Read the attributes to compare, with their values."""
    given = plain(value)
    if not isinstance(given, dict) or not all(isinstance(name, str) for name in given):
        raise BadFilterError(f"custom_attributes={value!r} must be names with values, as {{'plan': 'Growth'}}.")
    return given


def _comparable(name: str, value: Any) -> Any:
    """Return a plain value, or a list of several; refuse what no search can compare."""
    for each in _several(value):
        if not isinstance(each, str | int | float | None):
            moments = "dates of attributes are unix seconds, as int(moment.timestamp())"
            remedy = moments if isinstance(each, date) else "it takes text, a number, True, False or None"
            raise BadFilterError(f"{name} cannot equal {each!r}: {remedy}.")
    return value


def _several(value: Any) -> list[Any]:
    """List what a filter may equal."""
    return value if isinstance(value, list) else [value]


def _equal(name: str, value: Any) -> Condition:
    if not isinstance(value, list):
        return {"field": name, "operator": "=", "value": value}
    given = {"field": name, "operator": "IN", "value": [each for each in value if each is not None]}
    if None not in value:
        return given
    return {"operator": "OR", "value": [given, _equal(name, None)]} if given["value"] else _equal(name, None)


def _add_bound(selection: Selection, column: Column, comparison: str, value: Any) -> None:
    value = plain(value)
    if value is None or isinstance(value, list):
        raise BadFilterError(f"{column.name}_{comparison}={value!r} must be one whole number.")
    _check(column, value)
    operator, beyond = (">", value - 1) if comparison == "min" else ("<", value + 1)
    selection.conditions.append({"field": column.search, "operator": operator, "value": beyond})
    parameter = f"{column.name}_{comparison}"
    selection.where.append(f'"{column.name}" {operator}= ${parameter}')
    selection.parameters[parameter] = value


def _add_time(selection: Selection, column: Column, comparison: str, moment: datetime, days: Days) -> None:
    operator = ">" if comparison == "since" else "<"
    try:
        beyond = days.wider(int(moment.timestamp()), operator)
    except (OverflowError, ValueError):
        raise BadTimeError(f"{moment:%Y-%m-%d} is too near the end of the calendar: leave the filter out.") from None
    selection.conditions.append({"field": column.search, "operator": operator, "value": beyond})
    parameter = f"{column.name}_{comparison}"
    selection.where.append(f'"{column.name}" {">=" if operator == ">" else "<"} ${parameter}')
    selection.parameters[parameter] = moment


def containing(text: Any, fields: tuple[str, ...]) -> list[Condition]:
    """Ask that every word of a text is contained in one of the fields."""
    given = plain(text)
    words = given.split() if isinstance(given, str) else []
    if not words:
        raise BadFilterError("There is no word to search for: give at least one, such as 'refund'.")
    return [
        {"operator": "OR", "value": [{"field": name, "operator": "~", "value": word} for name in fields]}
        for word in words
    ]
