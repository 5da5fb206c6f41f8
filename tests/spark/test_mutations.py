"""Without a rule for what sqlglot alone gets silently wrong, the matrix fails: a rule that nothing tests is none."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlglot import exp

from intercom_kit import IntercomError
from intercom_kit.lake.dialect import mapping
from intercom_kit.lake.dialect.rules import call
from intercom_kit.lake.opened import Lake
from tests.spark.questions import Case, compared

Rule = Callable[[Any], Any]


def stock(node: Any) -> Any:
    return node


def unsorted_list(node: Any) -> Any:
    return call("collect_list", node.this.this if isinstance(node.this, exp.Order) else node.this)


def from_zero(node: Any) -> Any:
    return call("get", node.this, exp.cast(node.expressions[0], "int"))


MUTATIONS: list[tuple[str, type[exp.Expr], Rule, Case]] = [
    ("fractions of epoch", exp.TimeToUnix, stock, Case("time_to_close", "calendar", since="90d")),
    ("order of lists", exp.ArrayAgg, unsorted_list, Case("first_response_time", "calendar", by="team", since="90d")),
    ("places in lists", exp.Bracket, from_zero, Case("first_response_time", "intercom", by="team", since="90d")),
    ("places in lambdas", exp.Lambda, stock, Case("response_time", "calendar", since="90d")),
    ("NULLs in lists", exp.ArrayDistinct, stock, Case("conversations", "calendar", by="tag", since="90d")),
    ("rounding", exp.Round, stock, Case("first_response_time", "dbt", by="teammate", since="300d")),
    ("days of the week", exp.DayOfWeekIso, stock, Case("busiest_hours", "calendar", since="90d")),
    (
        "numbers as text",
        exp.TryCast,
        stock,
        Case("first_response_time", "calendar", since="90d", filters={"custom_attributes": {"Topic": ["Billing", 5]}}),
    ),
]


@pytest.mark.parametrize(
    ("kind", "instead", "case"), [each[1:] for each in MUTATIONS], ids=[each[0] for each in MUTATIONS]
)
def test_a_rule_is_missed(
    here: Lake, there: Lake, monkeypatch: pytest.MonkeyPatch, kind: type[exp.Expr], instead: Rule, case: Case
) -> None:
    assert compared(here, there, case) > 0
    monkeypatch.setitem(mapping.RULES, kind, instead)
    with pytest.raises((AssertionError, IntercomError)):
        compared(here, there, case)
