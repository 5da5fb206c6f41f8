"""A plan says between which bounds the requests of its query lie; without joins, both are their number."""

import math

import pytest

from intercom_kit import Workspace

from .queries import SHAPES, Inventor
from .test_fuzz import hash_of
from .whole import Whole


@pytest.mark.parametrize("shape", SHAPES)
def test_a_query_makes_the_requests_that_its_plan_tells(
    live: Workspace, whole: Whole, shape: str, request: pytest.FixtureRequest
) -> None:
    count = math.ceil(request.config.getoption("--fuzz") / len(SHAPES) / 8)
    inventor = Inventor(whole, hash_of(shape) + request.config.getoption("--fuzz-seed"))
    for _ in range(count):
        query = inventor.query(shape)
        live.forget()
        plan = live.plan(query)
        made = live.sql(query).attrs["intercom"]["requests"]
        tables = list(plan["table"]) + ["contacts"] * int(plan["note"].str.contains("to find these").sum())
        may_be_fewer = len(set(tables)) < len(tables) or plan["note"].str.startswith("at most").any()
        assert made >= plan["at_least"].sum() or may_be_fewer, f"{query}\n{plan}"
        assert plan["at_most"].isna().any() or made <= plan["at_most"].sum(), f"{query}\n{plan}"
