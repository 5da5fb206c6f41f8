"""Remember what a session's tables hold, so that a query asks only for what is missing and for what changed.

Of a searchable table, the session holds everything that was found by some conditions in some span of the time of
creation. Rows that change do so in `updated_at`, so one search for what was updated since brings all that is held up to
date, whichever conditions it was found by: a row that comes to match them, or no longer does, has changed.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from intercom_kit.search.filters import Condition
from intercom_kit.search.spans import Span

_FIRST, _LAST = 0, 1 << 40

# What of all this still counts: all once it is brought up to date, all as it is, or nothing.
Fresh = Literal["live", "session", "refetch"]

# Of more than so many searches, the rest is only counted.
_TOLD = 3


@dataclass
class TableMemory:
    """What is here of one table: spans by their conditions, and as of when; of tables that are asked for key by key,
    the keys; of lists, whether they are here whole. `misfits` counts the values that did not fit as rows came.
    """

    held: list[tuple[frozenset[str], int, int]] = field(default_factory=list)
    keys: dict[tuple[str, datetime | None], set[str]] = field(default_factory=dict)
    whole: bool = False
    as_of: int | None = None
    misfits: Counter[str] = field(default_factory=Counter)

    def forget(self) -> None:
        """Hold nothing any more."""
        self.held, self.keys, self.whole, self.as_of = [], {}, False, None
        self.misfits.clear()

    def missing(self, conditions: Iterable[Condition], span: Span) -> list[Span]:
        """Give the parts of a span that are not held, for the conditions or for fewer, which find more."""
        wanted = _names(conditions)
        parts = [(span.first or _FIRST, _LAST if span.last is None else span.last)]
        for having, first, last in self.held:
            if having <= wanted:
                parts = [piece for part in parts for piece in _without(part, first, last)]
        return [Span(None if a == _FIRST else a, None if b == _LAST else b) for a, b in parts]

    def hold(self, conditions: Iterable[Condition], span: Span) -> None:
        """Remember that a span is here whole, as one with those that it touches."""
        names, first, last = _names(conditions), span.first or _FIRST, _LAST if span.last is None else span.last
        apart = []
        for having, begin, end in self.held:
            if having == names and begin <= last + 1 and first <= end + 1:
                first, last = min(first, begin), max(last, end)
            else:
                apart.append((having, begin, end))
        self.held = [*apart, (names, first, last)]

    def held_keys(self, column: str, since: datetime | None) -> set[str]:
        """Give the keys of which everything since an instant is here, or everything at all."""
        wide = [
            keys
            for (name, first), keys in self.keys.items()
            if name == column and (first is None or (since is not None and first <= since))
        ]
        return set().union(*wide)

    @property
    def told_at(self) -> datetime | None:
        """Give the instant as of which the rows are known; None where nothing is held."""
        return None if self.as_of is None else datetime.fromtimestamp(self.as_of, UTC)

    def span(self) -> str:
        """Say in words what is here whole; empty where nothing is."""
        if self.whole:
            return "every row"
        told = [f"of {len(keys):,} {column}" for (column, _), keys in list(self.keys.items()) if keys]
        searches = list(dict.fromkeys(_in_words(*each) for each in list(self.held)))
        told += ["every row"] if "every row" in searches else searches[:_TOLD]
        if len(searches) > _TOLD and "every row" not in searches:
            told.append(f"{len(searches) - _TOLD:,} more searches")
        return "; ".join(told)


def _names(conditions: Iterable[Condition]) -> frozenset[str]:
    return frozenset(json.dumps(condition, sort_keys=True, default=str) for condition in conditions)


def _in_words(names: frozenset[str], first: int, last: int) -> str:
    """Say what one search found."""
    told = [_spelled(json.loads(name)) for name in sorted(names)]
    if first != _FIRST:
        told.append(f"created since {datetime.fromtimestamp(first, UTC):%Y-%m-%d %H:%M}")
    if last != _LAST:
        told.append(f"created until {datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M}")
    return " and ".join(told) or "every row"


def _spelled(condition: Any) -> str:
    if "field" not in condition:
        return "(" + f" {condition['operator'].lower()} ".join(map(_spelled, condition["value"])) + ")"
    value = condition["value"]
    some = f"{len(value):,} values" if isinstance(value, list) and len(value) > _TOLD else value
    return f"{condition['field']} {condition['operator']} {some}"


def _without(part: tuple[int, int], first: int, last: int) -> list[tuple[int, int]]:
    """Cut an interval, both ends included, out of another."""
    pieces = [(part[0], min(part[1], first - 1)), (max(part[0], last + 1), part[1])]
    return [piece for piece in pieces if piece[0] <= piece[1]]
