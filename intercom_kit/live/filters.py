"""From the filters of a verb to Intercom's search, which may find more, and to SQL, which keeps exactly what was meant.

The search compares contacts' times by whole days, and leaves open whether bounds are included; so times are asked for
a little too widely, and the exact comparison is made on the rows that came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Literal

from intercom_kit.errors import BadFilterError, BadTimeError, hint
from intercom_kit.live.bounds import Days
from intercom_kit.live.sql.predicates import Predicate, Test
from intercom_kit.live.times import in_order, instant
from intercom_kit.tables import Column, Kind, Table
from intercom_kit.tables.columns import impossible

# Intercom's own limit on the filters in one group.
LARGEST_GROUP = 15

# Ids that the search knows as numbers, and refuses to compare with other text.
NUMBERED = frozenset({"admin_assignee_id", "team_assignee_id", "last_closed_by_id"})

Condition = dict[str, Any]
Order = Literal["ascending", "descending"]

# A search wants a condition; this one holds for every contact and conversation.
EVERY: Condition = {"field": "created_at", "operator": ">", "value": 0}


@dataclass
class Selection:
    """Hold a selection: the search's conditions, and the SQL that is exact.

    `where` cuts what the search finds down to what was meant. `alone` is what else has to be compared where nothing is
    searched for; None where only the search can tell, as for words in a text.
    """

    conditions: list[Condition] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    alone: list[Predicate] | None = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def sql(self) -> str:
        """Give the condition that keeps exactly what was meant of what the search finds."""
        return " and ".join(self.where) or "true"

    def search(self, *conditions: Condition) -> None:
        """Add conditions that only the search can compare."""
        self.conditions += conditions
        self.alone = None

    def equal(self, column: Column, value: Any) -> None:
        """Add that a column equals a value, or any of several."""
        self.conditions.append(_equal(column.search, value))
        values = list(value) if isinstance(value, list | tuple | set) else [value]
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
    Raises BadFilterError for an unknown filter or one that Intercom's search cannot compare, BadTimeError for times.
    """
    selection = Selection()
    known = _known(table)
    for name, value in filters.items():
        if name == "custom_attributes" and name in known and isinstance(value, Mapping):
            for attribute, wanted in value.items():
                selection.search(_equal(f"custom_attributes.{attribute}", wanted))
        elif name not in known:
            raise _unknown(table, name, known)
        else:
            _add(selection, known[name], name, value, timezone, days)
    for column in table.columns:
        in_order(*(selection.parameters.get(f"{column.name}_{edge}") for edge in ("since", "until")))
    return selection


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
        selection.search(_equal(name, value))
    elif comparison in ("since", "until"):
        _add_time(selection, column, comparison, instant(value, timezone), days)
    elif comparison in ("min", "max"):
        _add_bound(selection, column, comparison, value)
    else:
        _check(column, value)
        selection.equal(column, value)


_TAKES: dict[Kind, tuple[type, str]] = {
    Kind.BOOLEAN: (bool, "True or False"),
    Kind.INTEGER: (int, "a whole number"),
}


def _check(column: Column, value: Any) -> None:
    """Refuse a value that the column cannot equal, before Intercom does."""
    wanted, words = _TAKES.get(column.kind, (str, "text"))
    for each in value if isinstance(value, list | tuple | set) else [value]:
        number = isinstance(each, int) and not isinstance(each, bool)
        if each is not None and not (
            number if wanted is int else isinstance(each, wanted) or (number and wanted is str)
        ):
            raise BadFilterError(f"{column.name} cannot equal {each!r}: it takes {words}.")
        if said := impossible(column.name, each, column.values):
            raise BadFilterError(said)
        if column.name in NUMBERED and isinstance(each, str) and not each.isdigit():
            raise BadFilterError(
                f"{column.name}={each!r} must be an id, which is a number: ws.teams() and ws.admins() list them."
            )


def _equal(name: str, value: Any) -> Condition:
    if not isinstance(value, list | tuple | set):
        return {"field": name, "operator": "=", "value": value}
    given = {"field": name, "operator": "IN", "value": [each for each in value if each is not None]}
    if None not in value:
        return given
    return {"operator": "OR", "value": [given, _equal(name, None)]} if given["value"] else _equal(name, None)


def _add_bound(selection: Selection, column: Column, comparison: str, value: Any) -> None:
    if value is None or isinstance(value, list | tuple | set):
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


def containing(text: str, fields: tuple[str, ...]) -> list[Condition]:
    """Ask that every word of a text is contained in one of the fields."""
    words = text.split()
    if not words:
        raise BadFilterError("There is no word to search for: give at least one, such as 'refund'.")
    return [
        {"operator": "OR", "value": [{"field": name, "operator": "~", "value": word} for name in fields]}
        for word in words
    ]
