"""A review calls unusual what surely is, and names a group only where one surely explains it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit.frames.frame import Frame, with_receipt
from intercom_kit.frames.receipt import Receipt
from intercom_kit.review.review import Inquiry, Review
from intercom_kit.sandbox import serve

from ..conftest import NOW
from .planted import Change, Record, records

SPAN = {"since": "2026-09-14", "until": NOW}
METRICS = {"conversations": "calendar", "first_response_time": None}


@contextmanager
def connected(change: Change | None = None, more: int = 0) -> Iterator[ik.Workspace]:
    with (
        serve(records=records(change, more), now=NOW) as sandbox,
        ik.connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        yield ws


def slower(_: int, each: Record) -> None:
    each["statistics"]["time_to_admin_reply"] *= 4


@pytest.fixture(scope="module")
def grown() -> Iterator[tuple[ik.Workspace, Review]]:
    """A week in which one team of three got five times as many conversations as usual."""
    with connected(more=40) as ws:
        yield ws, ws.review(METRICS, **SPAN)


def test_a_level_week_has_nothing_unusual() -> None:
    with connected() as ws:
        review = ws.review(METRICS, **SPAN)
    assert review["value"].tolist() == review["usual"].tolist() == [40, 2_040]
    assert not review["unusual"].any()
    assert len(review.reasons) == len(review.conversations) == 0
    assert "Nothing is unusual." in review.reasons._repr_html_()


def test_the_group_that_grew_is_named_with_the_conversations_behind_it(grown: tuple[ik.Workspace, Review]) -> None:
    _, review = grown
    assert review.set_index("number")["unusual"].to_dict() == {"Conversations": True, "First response time": False}
    (reason,) = review.reasons.to_dict("records")
    assert (reason["by"], reason["group"], reason["n"], reason["usual"]) == ("team", "Billing", 50, 10)
    assert reason["explains"] == pytest.approx(1)
    behind = review.conversations
    assert len(behind) == 50
    assert behind["id"].str.startswith("9").sum() == 40
    assert behind["url"].str.contains(behind["id"][0], regex=False)[0]


def test_a_review_is_shown_in_units_that_people_read(grown: tuple[ik.Workspace, Review]) -> None:
    shown = grown[1]._repr_html_()
    assert "<td>80</td>" in shown
    assert "<td>unusual</td>" in shown
    assert "<td>38 min</td>" in shown
    assert grown[1].receipt in shown
    assert "100%" in grown[1].reasons._repr_html_()


def test_what_is_held_is_enough_to_review_it_again(grown: tuple[ik.Workspace, Review]) -> None:
    ws, review = grown
    before = ws.budget["requests"]
    again = ws.review(METRICS, **SPAN, fresh="session")
    assert again.reasons["group"].tolist() == review.reasons["group"].tolist()
    assert ws.budget["requests"] == before


def test_a_change_of_all_groups_alike_is_explained_by_none() -> None:
    with connected(slower) as ws:
        review = ws.review(["first_response_time"], **SPAN)
    assert review["unusual"].tolist() == [True]
    assert review.reasons["group"].isna().all()
    assert len(review.conversations) == 0


def test_a_split_that_costs_more_than_allowed_is_left_out_and_told() -> None:
    with connected(more=40) as ws:
        ws.review(METRICS, splits=(), **SPAN)
        ws._session.transport.budget.allowed = ws.budget["requests"] + 1  # the teams' names
        review = ws.review(METRICS, splits=("team", "country"), fresh="session", **SPAN)
    assert review.reasons["group"].tolist() == ["Billing"]
    assert "Conversations is not split by country, which needs more requests than allowed" in review.receipt


def test_a_metric_of_several_numbers_a_week_is_refused() -> None:
    weeks = pd.to_datetime(["2026-11-09", "2026-11-09"], utc=True)
    rows = {"period": weeks, "complete": True, "state": ["open", "closed"], "value": [1.0, 2.0], "n": [1, 2]}
    metric = {"name": "states", "title": "States", "unit": "share", "period": "week", "by": []}
    answer = with_receipt(Frame(rows), Receipt("query", metric=metric))
    inquiry = Inquiry(lambda *_: answer, pytest.fail)
    with pytest.raises(ik.BadMetricError, match="states has no single number for each week: leave it out"):
        inquiry.review(["states"])
