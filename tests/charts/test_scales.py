"""Scales fit what is drawn, and a chart draws what there is."""

from itertools import pairwise

import pandas as pd
import pytest

from intercom_kit import charts
from intercom_kit.charts.marks import scale, spread
from tests.charts import made
from tests.charts.shown import beside, caption, named, title


def reopened(values: list[float], n: list[int], high: list[float]) -> pd.DataFrame:
    columns = made.over_weeks(value=values, n=n, hits=[round(a * b) for a, b in zip(values, n, strict=True)])
    columns |= {"low": [0.0] * 4, "high": high}
    return made.frame("reopen_rate", columns, period="week", unit="share", title="Reopen rate")


def test_small_shares_fill_the_scale() -> None:
    figure = charts.shares(reopened([0.03, 0.16, 0.1, 0.08], [90] * 4, [0.08, 0.24, 0.18, 0.15]))
    assert figure.layout.yaxis.range == (0, pytest.approx(1.08 * 0.24))
    assert list(figure.layout.yaxis.ticktext) == ["0%", "10%", "20%"]


def test_the_interval_of_few_does_not_set_the_scale() -> None:
    few = charts.shares(reopened([0.03, 0.16, 0.1, 0.08], [90, 90, 8, 90], [0.08, 0.24, 0.9, 0.15]))
    assert few.layout.yaxis.range == (0, pytest.approx(1.08 * 0.24))


def test_a_very_long_interval_does_not_either() -> None:
    long = charts.shares(reopened([0.03, 0.16, 0.1, 0.08], [90, 90, 12, 90], [0.08, 0.24, 0.9, 0.15]))
    assert long.layout.yaxis.range == (0, pytest.approx(1.08 * 2.5 * 0.16))


def test_every_value_is_within_its_scale() -> None:
    few = charts.shares(reopened([0.03, 0.16, 0.5, 0.08], [90, 90, 2, 90], [0.08, 0.24, 0.9, 0.15]))
    assert few.layout.yaxis.range[1] > 0.5


@pytest.mark.parametrize(
    ("top", "ticks"),
    [(1.0, [0, 0.5, 1.0]), (0.16, [0, 0.05, 0.1, 0.15]), (47, [0, 20, 40]), (8, [0, 2, 4, 6, 8]), (0, [0])],
)
def test_scales_are_labelled_at_round_numbers(top: float, ticks: list[float]) -> None:
    assert scale(top) == ticks


def test_names_at_one_height_are_moved_apart_and_stay_within_the_drawing() -> None:
    places = spread([9.5, 9.6, 9.7], 1.0, 10.0)
    assert all(later - earlier >= 1 for earlier, later in pairwise(places))
    assert places[-1] <= 10


def test_every_number_of_an_axis_has_its_unit() -> None:
    axis = charts.waiting_times(made.WAITS).layout.yaxis
    assert all(words.endswith(" min") for words in axis.ticktext)


def young(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of a workspace of which nothing is known before the span."""
    made_young = frame.assign(previous=made.NONE, change=made.NONE)
    made_young.attrs = frame.attrs
    return made_young


def test_topics_without_an_earlier_span_are_the_shares_of_now() -> None:
    figure = charts.topics(young(made.TOPICS))
    assert {line.name: list(line.x) for line in figure.data} == {"bug": [0.2], "billing": [0.1]}
    assert beside(figure) == ["20%", "10%"]
    assert title(figure) == "bug is the largest tag with 20%"
    assert "Nothing is known of the 22 days before." in caption(figure)


def test_a_topic_that_is_new_is_drawn_beside_those_that_are_not() -> None:
    new = made.TOPICS.assign(previous=[0.1, made.NONE, 0.78], change=[0.1, made.NONE, -0.08])
    new.attrs = made.TOPICS.attrs
    assert {line.name: list(line.x) for line in charts.topics(new).data} == {"bug": [0.1, 0.2], "billing": [0.1]}


def test_a_comparison_without_an_earlier_span_draws_now_and_names_no_mark_that_is_not_there() -> None:
    figure = charts.comparison(young(made.RATINGS))
    assert [dots.name for dots in figure.data] == ["these 22 days"]
    assert named(figure, "axis") == []
    assert "Nothing is known of the 22 days before." in caption(figure)


def test_cells_of_thin_cohorts_are_pale_and_those_of_others_are_not() -> None:
    many, few = charts.retention(made.COHORTS).data
    assert (many.opacity, few.opacity) == (1, 0.5)
    drawn = [[not pd.isna(cell) for cell in row] for row in few.z]
    assert drawn == [[False, False], [False, False], [True, False]]
    assert "Pale: of fewer than 20 contacts" in caption(charts.retention(made.COHORTS))


def test_a_cohort_of_few_says_nothing_about_who_stays() -> None:
    few = made.COHORTS.assign(n=[4] * 5)
    few.attrs = made.COHORTS.attrs
    assert title(charts.retention(few)) == "Fewer than 10 signed up a whole week ago: too few to say who stays"


def test_of_accounts_without_points_only_some_are_drawn_and_the_others_counted() -> None:
    rows = {"company": [f"Company {number}" for number in range(30)], "value": [0.0] * 28 + [40.0, 90.0]}
    rows |= {"band": ["red"] * 29 + ["green"], "n": [1] * 30, "monthly_spend": [5.0, 4.0] + [0.0] * 28}
    rows |= dict.fromkeys(("usage", "engagement", "support", "outcome"), [0.0] * 30)
    figure = charts.health(made.frame("account_health", rows, by=["company"]))
    assert beside(figure)[:2] == ["0 red · 5 a month", "0 red · 4 a month"]
    assert len(beside(figure)) == 7
    assert "23 more without any points are not shown; none of them pay." in caption(figure)
