"""Whatever is asked of live SQL, it answers as plain DuckDB does over everything that the workspace holds."""

import math
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.errors import IntercomError
from intercom_kit.live.fetching import Fresh
from intercom_kit.search import bounds
from intercom_kit.sql import joins, predicates
from intercom_kit.sql.printed import expressions

from .queries import SHAPES, Inventor
from .whole import Whole, difference, rows_of

# Anew, on what earlier queries left brought up to date, and on that as it is.
WAYS: tuple[Fresh, ...] = ("refetch", "session", "live", "session")
ORDERED = re.compile(r"order by [^)]*$")


def mismatch(live: Workspace, whole: Whole, query: str, fresh: Fresh = "refetch") -> str:
    """Say how live SQL's answer differs from the true one; empty where it does not."""
    expected, found = whole.rows(query), rows_of(_answered(live, query, fresh))
    if ORDERED.search(query) and expected != found:
        return difference(expected, found) or "the rows are in another order"
    return difference(expected, found)


def _answered(live: Workspace, query: str, fresh: Fresh) -> pd.DataFrame:
    """Answer a query; say which one it was where that fails."""
    try:
        return live.sql(query, fresh=fresh)
    except IntercomError as error:
        error.add_note(query)
        raise


@pytest.mark.parametrize("shape", SHAPES)
def test_random_queries_are_answered_as_over_all_data(
    live: Workspace, whole: Whole, shape: str, request: pytest.FixtureRequest
) -> None:
    count = math.ceil(request.config.getoption("--fuzz") / len(SHAPES))
    inventor = Inventor(whole, hash_of(shape) + request.config.getoption("--fuzz-seed"))
    for number in range(count):
        query = inventor.query(shape)
        differs = mismatch(live, whole, query, WAYS[number % len(WAYS)])
        assert not differs, f"{query}\n{differs}"


def hash_of(text: str) -> int:
    """Give a number for a text, the same in every run."""
    return sum(place * ord(letter) for place, letter in enumerate(text)) * 1_000


def test_queries_find_rows_at_all(live: Workspace, whole: Whole) -> None:
    """A fuzz test whose queries find nothing would prove nothing."""
    inventor = Inventor(whole, 3)
    found = [bool(whole.rows(inventor.query(shape))) for shape in SHAPES]
    assert sum(found) > len(found) / 2


def flipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take < for >."""
    monkeypatch.setitem(expressions._OPERATORS, "COMPARE_LESSTHAN", ">")


def unequal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take <> for =."""
    monkeypatch.setitem(expressions._OPERATORS, "COMPARE_NOTEQUAL", "=")


def or_for_and(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read OR as AND."""
    monkeypatch.setattr(expressions, "either", predicates.both)


def and_for_or(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an unknown alternative of an OR count as one that never holds."""
    monkeypatch.setattr(expressions, "ALWAYS", predicates.NEVER)


def weakened_negated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negate what was read below a NOT, though part of it was not understood."""
    read = expressions._understood

    def understood(node: dict[str, Any], outcome: bool, missed: list[Any]) -> predicates.Predicate | None:
        if node["type"] == "OPERATOR_NOT":
            inner = expressions._where(node["children"][0], outcome, [])
            if isinstance(inner, predicates.Test) and inner.operator == "in":
                return predicates.both(predicates.Test(inner.column, "!=", value) for value in inner.value)
        return read(node, outcome, missed)

    monkeypatch.setattr(expressions, "_understood", understood)


def a_day_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin ranges of time days too late."""
    true = bounds.Days.wider
    late: Callable[..., Any] = lambda days, second, operator: true(  # noqa: E731
        days, second + (3 * 86_400 if operator == ">" else 0), operator
    )
    monkeypatch.setattr(bounds.Days, "wider", late)


def preserved_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a LEFT join restrict the side whose rows it keeps."""
    monkeypatch.setitem(joins._RESTRICTED_SIDES, "LEFT", (0, 1))
    monkeypatch.setitem(joins._RESTRICTED_SIDES, "RIGHT", (0, 1))


def antijoins_restrict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an anti join restrict the rows that it keeps."""
    for kind in ("ANTI", "RIGHT_ANTI", "MARK", "SINGLE", "OUTER", "FULL"):
        monkeypatch.setitem(joins._RESTRICTED_SIDES, kind, (0, 1))


# With a seed by which it is noticed soon.
FAULTS = {
    flipped: 4,
    unequal: 2,
    or_for_and: 1,
    and_for_or: 1,
    weakened_negated: 2,
    a_day_off: 2,
    preserved_sides: 1,
    antijoins_restrict: 2,
}


@pytest.mark.parametrize("plant", FAULTS)
def test_a_planted_fault_is_noticed(
    live: Workspace, whole: Whole, plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    inventor = Inventor(whole, FAULTS[plant])
    tries = (_noticed(live, whole, inventor.query(shape)) for _ in range(6) for shape in SEARCHED)
    try:
        assert any(tries)
    finally:
        live.forget()  # what was read with the fault


# Shapes over tables that are searched: refusals for lack of keys would prove nothing.
SEARCHED = list(SHAPES)[: list(SHAPES).index("companies")]


def _noticed(live: Workspace, whole: Whole, query: str) -> bool:
    return bool(mismatch(live, whole, query))
