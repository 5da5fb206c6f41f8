"""A plan says how many requests its query makes: both follow the same access paths."""

import math

import pytest

from intercom_kit import Workspace

from .queries import SHAPES, Inventor
from .test_fuzz import hash_of
from .whole import Whole


@pytest.mark.parametrize("shape", SHAPES)
def test_a_query_makes_the_requests_that_its_plan_counts(
    live: Workspace, whole: Whole, shape: str, request: pytest.FixtureRequest
) -> None:
    count = math.ceil(request.config.getoption("--fuzz") / len(SHAPES) / 8)
    inventor = Inventor(whole, hash_of(shape) + request.config.getoption("--fuzz-seed"))
    for _ in range(count):
        query = inventor.query(shape)
        live.forget()
        plan = live.plan(query)
        made = live.sql(query).attrs["intercom"]["requests"]
        counted = plan["requests"].sum()
        if plan["requests"].isna().any():  # what depends on a join is counted by nobody before
            continue
        tables = list(plan["table"]) + ["contacts"] * int(plan["note"].str.contains("to find these").sum())
        may_be_fewer = len(set(tables)) < len(tables) or plan["note"].str.startswith("at most").any()
        assert made == counted or (may_be_fewer and made < counted), f"{query}\n{plan}"
