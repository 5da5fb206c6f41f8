"""What a session's tables have cached, so that a query fetches only what is missing and what changed.

Of a searchable table, the cache covers conditions in spans of the time of creation. Every change of a row sets its
`updated_at`, so one search for rows updated since then brings all of the cache up to date, whatever the conditions: a
row that comes to match them, or no longer does, has changed.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from intercom_kit.search.conditions import Condition
from intercom_kit.search.spans import Span

_FIRST, _LAST = 0, 1 << 40

# How a query uses the cache: brought up to date, as it is, or not at all.
Fresh = Literal["live", "session", "refetch"]

# How many searches a description names; the rest are counted.
_NAMED = 3


@dataclass
class TableMemory:
    """The cached part of one table: spans of conditions and as of when; for tables fetched key by key, the keys; for
    lists, whether they are complete. `misfits` counts the values that did not fit their columns, and `whose` says in
    plans whose rows these are. `told_by` is the table whose changes tell which keys are current, if there is one, and
    with `keeps` their rows stay for later queries.
    """

    whose: ClassVar[str] = "cached"
    told_by: ClassVar[str] = ""
    keeps: ClassVar[bool] = False
    held: list[tuple[frozenset[str], int, int]] = field(default_factory=list)
    keys: dict[tuple[str, datetime | None], set[str]] = field(default_factory=dict)
    whole: bool = False
    as_of: int | None = None
    misfits: Counter[str] = field(default_factory=Counter)

    def forget(self) -> None:
        """Clear the memory."""
        self.held, self.keys, self.whole, self.as_of = [], {}, False, None
        self.misfits.clear()

    def missing(self, conditions: Iterable[Condition], span: Span) -> list[Span]:
        """Return the parts of a span that are not cached for the conditions, nor for fewer or wider ones.

        A bound that moves with the time of the query, as that of the last 30 days, is covered by an earlier one.
        """
        wanted = list(conditions)
        parts = [(span.first or _FIRST, _LAST if span.last is None else span.last)]
        for having, first, last in self.held:
            if _cover(having, wanted):
                parts = [piece for part in parts for piece in _without(part, first, last)]
        return [Span(None if a == _FIRST else a, None if b == _LAST else b) for a, b in parts]

    def hold(self, conditions: Iterable[Condition], span: Span) -> None:
        """Remember that a span is complete, merged with spans that it touches."""
        names, first, last = _names(conditions), span.first or _FIRST, _LAST if span.last is None else span.last
        apart = []
        for having, begin, end in self.held:
            if having == names and begin <= last + 1 and first <= end + 1:
                first, last = min(first, begin), max(last, end)
            else:
                apart.append((having, begin, end))
        self.held = [*apart, (names, first, last)]

    def topped_up(self, second: int) -> None:
        """Remember that the rows are current as of a second."""
        self.as_of = second

    def lacking(self, column: str, since: datetime | None, keys: list[str]) -> list[str]:
        """Return those of some keys of which not everything since an instant is cached."""
        held = set[str]()
        for (name, first), there in self.keys.items():
            if name == column and (first is None or (since is not None and first <= since)):
                held |= there
        return [key for key in keys if key not in held]

    def hold_keys(self, column: str, since: datetime | None, keys: set[str]) -> None:
        """Remember keys of which everything since an instant is cached."""
        self.keys.setdefault((column, since), set()).update(keys)

    @property
    def as_of_time(self) -> datetime | None:
        """Return the time as of which the rows are current; None if nothing is cached."""
        return None if self.as_of is None else datetime.fromtimestamp(self.as_of, UTC)

    def span(self) -> str:
        """Return what is cached completely, in words; empty if nothing is."""
        if self.whole:
            return "every row"
        parts = [f"of {len(keys):,} {column}" for (column, _), keys in list(self.keys.items()) if keys]
        searches = list(dict.fromkeys(_in_words(*each) for each in list(self.held)))
        parts += ["every row"] if "every row" in searches else searches[:_NAMED]
        if len(searches) > _NAMED and "every row" not in searches:
            parts.append(f"{len(searches) - _NAMED:,} more searches")
        return "; ".join(parts)


def _cover(having: frozenset[str], wanted: list[Condition]) -> bool:
    """Return whether all rows that match some conditions also match the cached ones."""
    return all(any(_implies(each, json.loads(name)) for each in wanted) for name in having)


def _implies(one: Any, other: Any) -> bool:
    """Return whether a row that matches one condition matches another: the same, or one with a wider bound."""
    if json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True):
        return True
    if not isinstance(one, dict) or not isinstance(other, dict) or one.get("operator") != other.get("operator"):
        return False
    mine, its = one["value"], other["value"]
    if one["operator"] in ("AND", "OR"):
        return len(mine) == len(its) and all(map(_implies, mine, its))
    if one["field"] != other["field"] or type(mine) is not int or type(its) is not int:
        return False
    return (one["operator"] == ">" and mine >= its) or (one["operator"] == "<" and mine <= its)


def _names(conditions: Iterable[Condition]) -> frozenset[str]:
    return frozenset(json.dumps(condition, sort_keys=True, default=str) for condition in conditions)


def _in_words(names: frozenset[str], first: int, last: int) -> str:
    """Return the conditions and span of one search, in words."""
    parts = [_spelled(json.loads(name)) for name in sorted(names)]
    if first != _FIRST:
        parts.append(f"created since {datetime.fromtimestamp(first, UTC):%Y-%m-%d %H:%M}")
    if last != _LAST:
        parts.append(f"created until {datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M}")
    return " and ".join(parts) or "every row"


def _spelled(condition: Any) -> str:
    if "field" not in condition:
        return "(" + f" {condition['operator'].lower()} ".join(map(_spelled, condition["value"])) + ")"
    value = condition["value"]
    text = f"{len(value):,} values" if isinstance(value, list) and len(value) > _NAMED else value
    return f"{condition['field']} {condition['operator']} {text}"


def _without(part: tuple[int, int], first: int, last: int) -> list[tuple[int, int]]:
    """Return an interval without another; both include their ends."""
    pieces = [(part[0], min(part[1], first - 1)), (max(part[0], last + 1), part[1])]
    return [piece for piece in pieces if piece[0] <= piece[1]]
