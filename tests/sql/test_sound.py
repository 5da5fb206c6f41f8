"""Whatever a condition says, the planner reads no more into it, and Intercom is asked for all rows that it holds for.

No server is needed: conditions are planned as queries are, and evaluated on rows that are here.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from intercom_kit.live import joins
from intercom_kit.search import bounds, lowering
from intercom_kit.sql import planner, predicates
from intercom_kit.sql.predicates import spelled
from intercom_kit.sql.printed import expressions, texts

from .conditions import Condition, Conditions
from .reading import AT_ONCE, TABLE_NAMES, Reading, values
from .test_fuzz import weakened_negated


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    prepared = Reading()
    yield prepared
    prepared.close()


def first_fault(reading: Reading, table: str, count: int, seed: str) -> str:
    """Read so many conditions; say what is wrong with the first that is read wrongly, as small as it can be."""
    inventor = Conditions(random.Random(seed), values)  # noqa: S311 - tests are to be repeatable
    for _ in range(0, count, AT_ONCE):
        some = [inventor.condition(table, "t") for _ in range(AT_ONCE)]
        for condition, faults in zip(some, reading.faults(table, some), strict=True):
            if faults:
                return told(reading, table, smallest(reading, table, condition))
    return ""


def smallest(reading: Reading, table: str, condition: Condition) -> Condition:
    """Take away from a condition what is no matter for a fault."""
    for each in condition.smaller():
        if reading.faults(table, [each])[0]:
            return smallest(reading, table, each)
    return condition


def told(reading: Reading, table: str, condition: Condition) -> str:
    (scan,), (faults,) = reading.scans(table, [condition]), reading.faults(table, [condition])
    return f"select * from {table} t where {condition}\nreads as {spelled(scan.predicate)}: {'; '.join(faults)}"


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_no_row_that_a_condition_holds_for_is_left_out(
    reading: Reading, table: str, request: pytest.FixtureRequest
) -> None:
    count, seed = request.config.getoption("--conditions"), request.config.getoption("--fuzz-seed")
    fault = first_fault(reading, table, count // len(TABLE_NAMES), f"{table} {seed}")
    assert not fault, f"--fuzz-seed {seed}: {fault}"


# What plans print, and what is read of it. A reading that is not whole must not be taken for the condition.
READ = {
    "(NOT ((state IN ('open', 'snoozed')) AND (lower(title) = 'x')))": ("every row", False),
    "(NOT ((state IN ('open', 'snoozed')) OR (lower(title) = 'x')))": ("(state != open and state != snoozed)", False),
    "(NOT ((state IN ('open', 'snoozed')) OR open))": ("(state != open and state != snoozed and open = False)", True),
    "(NOT ((state IN ('open')) AND (count_reopens < 2)))": ("(state != open or count_reopens >= 2)", True),
    "(NOT (NOT ((state IN ('open')) AND (lower(title) = 'x'))))": ("state in ('open',)", False),
    "(NOT (NOT (NOT open)))": ("open = False", True),
    "(NOT (state IN ('open', NULL)))": ("every row", False),
    "(NOT (count_reopens BETWEEN 1 AND 3))": ("(count_reopens < 1 or count_reopens > 3)", True),
    "(NOT (count_reopens BETWEEN 1 AND rating))": ("every row", False),
    "(count_reopens BETWEEN 1 AND rating)": ("count_reopens >= 1", False),
    "(NOT ((custom_attributes ->> 'Topic') = 'x'))": ("custom_attributes->>'Topic' != x", True),
    "(NOT (open IS NULL))": ("every row", False),
    "(NOT (state IS DISTINCT FROM 'open'))": ("every row", False),
    "(NOT CASE WHEN open THEN read ELSE false END)": ("every row", False),
    "(NOT COALESCE(open, false))": ("every row", False),
    "((state = 'open') OR (lower(title) = 'x'))": ("every row", False),
    "((open AND read) = true)": ("every row", False),
    "(NOT NULL)": ("every row", False),
    "(NOT (optional: (state = 'open')))": ("every row", False),
    "(NOT (open OR Dynamic Filter (created_at)))": ("open = False", False),
    "(title = 'Dynamic Filter (created_at)')": ("title = Dynamic Filter (created_at)", True),
    "(title != 'x\ny')": ("every row", False),
}


@pytest.mark.parametrize("text", READ)
def test_what_a_plan_prints_is_read_as_far_as_it_is_understood(reading: Reading, text: str) -> None:
    predicate, whole = expressions.read_predicate(reading.plans, text)
    assert (spelled(predicate), whole) == READ[text]


def bounds_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what is not less for what is greater."""
    monkeypatch.setitem(expressions._NEGATED, "<", ">")
    monkeypatch.setitem(expressions._NEGATED, ">", "<")


def unknown_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is not understood never hold."""
    monkeypatch.setattr(expressions, "ALWAYS", predicates.NEVER)


def nulls_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take values that are not known for none."""
    monkeypatch.setattr(expressions, "_among", lambda column, values, _: predicates.Test(column, "in", tuple(values)))


def lines_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read each line of a constant as an expression."""
    monkeypatch.setattr(planner, "expressions", texts.texts)


def all_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that everything was understood, so that a limit trusts what is weaker."""
    read = planner.read_predicate
    monkeypatch.setattr(planner, "read_predicate", lambda *given: (read(*given)[0], True))


def searched_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin ranges of time a second too late."""
    true = bounds.Days.wider
    late = 3 * 86_400
    monkeypatch.setattr(
        bounds.Days, "wider", lambda days, second, edge: true(days, second, edge) + (late if edge == ">" else -late)
    )


def numbers_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for numbers without their bounds."""
    compared = lowering._numbers
    monkeypatch.setattr(
        lowering,
        "_numbers",
        lambda column, operator, value: compared(column, {">=": ">", "<=": "<"}.get(operator, operator), value),
    )


def keys_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask by the first of several keys alone."""
    true = joins.constant_keys
    monkeypatch.setattr(joins, "constant_keys", lambda *given: set(sorted(true(*given) or ())[:1]) or true(*given))


PLANTED = {
    "conversations": [
        weakened_negated,
        bounds_lost,
        unknown_never,
        nulls_forgotten,
        lines_apart,
        all_understood,
        searched_later,
        numbers_without_bounds,
    ],
    "events": [keys_forgotten],
}


@pytest.mark.parametrize(("table", "plant"), [(table, plant) for table, plants in PLANTED.items() for plant in plants])
def test_a_planted_fault_is_noticed(
    reading: Reading, table: str, plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert first_fault(reading, table, 5_000, "planted")
