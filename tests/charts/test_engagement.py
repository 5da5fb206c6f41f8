"""Figures of engagement draw what the frame holds."""

import math

import pytest

from intercom_kit import charts
from intercom_kit.errors import BadChartError
from tests.charts import made
from tests.charts.shown import beside, caption, named, scope


def test_retention_is_a_triangle_of_cohorts_by_age_and_blank_where_a_period_is_not_over() -> None:
    figure = charts.retention(made.COHORTS)
    many, few = figure.data
    assert list(many.y)[1:] == ["9 Nov, 20", "16 Nov, 4"]
    assert list(many.x) == [0, 1]
    assert list(many.z[1]) == [1.0, 0.5]
    assert few.z[2][0] == 0.25
    assert math.isnan(few.z[2][1])
    assert [list(row) for row in many.text][1:] == [["100%", "50%"], ["", ""]]
    assert [list(row) for row in few.text][1:] == [["", ""], ["25%", ""]]
    assert "Blank: the week is not over yet." in caption(figure)


def test_retention_begins_with_all_cohorts_each_weighed_by_its_size_where_its_number_is_known() -> None:
    heatmap = charts.retention(made.COHORTS).data[0]
    assert heatmap.y[0] == "all, 24"
    assert list(heatmap.z[0]) == [(20 * 1.0 + 4 * 0.25) / 24, 0.5]


def test_active_days_are_a_bar_per_number_of_days() -> None:
    figure = charts.active_days(made.DAYS)
    assert list(figure.data[0].x) == [0, 1, 2]
    assert list(figure.data[0].y) == [0.5, 0.3, 0.2]
    assert scope(figure).endswith("n = 100")


def test_lifecycle_stands_above_the_line_and_who_has_gone_below_once_the_week_is_over() -> None:
    figure = charts.lifecycle(made.STAGES)
    assert {bars.name: list(bars.y) for bars in figure.data} == {
        "returning": [6, 2],
        "resurrected": [2, 1],
        "new": [1, 0],
        "dormant": [-4],
    }
    assert scope(figure).endswith("n = 9 active in the last whole week")


def test_a_funnel_says_how_many_came_so_far_and_how_many_of_the_step_before() -> None:
    figure = charts.funnel(made.STEPS)
    assert list(figure.data[0].x) == [1.0, 0.5, 0.1]
    assert list(figure.data[0].y) == ["1. logged-in", "2. created-&lt;project&gt;", "3. invited-friend"]
    assert "Something measured from logged-in to invited-friend" in scope(figure)
    assert beside(figure) == ["40 (100%)", "20 (50%) · 50% of the last", "4 (10%) · 20% of the last"]


def test_accounts_are_a_bar_each_with_days_of_the_workspaces_own_calendar() -> None:
    figure = charts.accounts(made.COMPANIES)
    assert {bars.name: list(bars.x) for bars in figure.data} == {"contacts": [4, 8], "active": [2, 0]}
    assert named(figure, "row") == ["Acme", "Zed"]
    assert beside(figure) == ["2 of 4 · 20 Nov 2026", "0 of 8 · never"]


def test_accounts_show_a_trend_each_on_its_own_scale() -> None:
    figure = charts.accounts(made.COMPANIES, made.TREND)
    assert [words.split()[0] for words in beside(figure)] == ["▁▅█▅", "▁▁▁▁"]
    assert "Blocks: active per week, the last the week so far" in caption(figure)


def test_the_health_ranking_begins_with_the_lowest_and_those_who_pay_the_most() -> None:
    figure = charts.health(made.HEALTH)
    bars = {bar.name: (list(bar.y), list(bar.x)) for bar in figure.data[:3]}
    assert bars["red"] == (["Big", "Zed"], [20, 20])
    assert bars["green"] == (["Acme"], [85])
    drivers = figure.data[3]
    assert [row[0] for row in drivers.customdata] == named(figure, "row") == ["Big", "Zed", "Acme"]
    assert list(drivers.text[1]) == ["10%", "20%", "", ""]
    assert [math.isnan(part) for part in drivers.z[1]] == [False, False, True, True]
    assert "1 account without any data is not shown" in caption(figure)


def test_accounts_with_one_name_have_a_bar_each() -> None:
    named = made.HEALTH.assign(company="Acme")
    named.attrs = made.HEALTH.attrs
    figure = charts.health(named)
    assert [row[0] for row in figure.data[3].customdata] == ["Acme", "Acme (2)", "Acme (3)"]


def test_the_health_ranking_says_what_each_pays_and_how_the_parts_are_weighed() -> None:
    weighed = made.HEALTH.copy()
    weighed.attrs["intercom"] = made.HEALTH.attrs["intercom"] | {
        "metric": made.HEALTH.attrs["intercom"]["metric"] | {"options": {"weights": {"usage": 60, "support": 40}}}
    }
    figure = charts.health(weighed)
    assert beside(figure) == ["20 red · 900 a month", "20 red · 10 a month", "85 green · 100 a month"]
    assert "weights: usage 60, support 40" in scope(figure)


def test_contacts_of_no_company_are_no_account() -> None:
    frame = made.COMPANIES.assign(company=["Acme", None])
    frame.attrs = made.COMPANIES.attrs
    figure = charts.accounts(frame)
    assert named(figure, "row") == ["Acme"]
    assert "8 contacts have no company." in caption(figure)


def test_a_rate_is_a_line_with_its_usual_height_and_says_under_it_what_it_is_worked_out_from() -> None:
    figure = charts.rates(made.CONTACT_RATE)
    line = figure.data[0]
    assert list(line.y) == [20, 30, 25, 12.5]
    assert list(line.marker.symbol) == ["circle", "circle", "circle", "circle-open"]
    assert figure.layout.shapes[0].y0 == 25
    assert beside(figure) == ["so far 12"]
    assert "Dotted: 25 per 100 contacts, the median of the weeks that are over." in caption(figure)
    assert list(figure.layout.xaxis.ticktext) == [
        "2 Nov<br>40 / 200",
        "9 Nov<br>30 / 100",
        "16 Nov<br>20 / 80",
        "23 Nov<br>10 / 80<br>so far",
    ]
    assert named(figure, "axis") == ["conversations per 100 active contacts"]
    assert scope(figure).endswith("n = 240")


def test_a_period_of_which_no_rate_is_known_has_no_parts_either() -> None:
    early = made.CONTACT_RATE.assign(value=[made.NONE, 30.0, 25.0, 12.5], n=[0, 100, 80, 80])
    early.attrs = made.CONTACT_RATE.attrs
    figure = charts.rates(early)
    assert figure.layout.xaxis.ticktext[0] == "2 Nov<br>none"
    assert "nan" not in figure.to_json().lower()


def test_stickiness_is_a_rate_too_in_percent() -> None:
    figure = charts.rates(made.STICKINESS)
    assert list(figure.layout.yaxis.ticktext) == ["0%", "10%", "20%", "30%"]
    assert "Dotted: 25%" in caption(figure)


def test_feature_adoption_has_a_bar_for_each_event_of_the_same_contacts() -> None:
    figure = charts.shares(made.ADOPTION)
    assert list(figure.data[0].y) == ["logged-in", "invited-friend"]
    assert scope(figure).startswith("Feature adoption by event")
    assert scope(figure).endswith("n = 50")


def test_support_load_sets_what_each_asks_for_beside_what_each_pays() -> None:
    figure = charts.support_load(made.LOAD)
    drawn = {dots.name: dict(zip(dots.y, (round(x, 3) for x in dots.x), strict=True)) for dots in figure.data}
    assert drawn == {
        "spend": {"Enterprise": 0.9, "Starter": 0.1, "Free": 0},
        "conversations: more": {"Starter": 0.316, "Free": 0.053},
        "conversations: less": {"Enterprise": 0.632},
    }
    assert beside(figure) == ["6.7 per 1,000 · n = 8", "30 per 1,000 · n = 30", "pays nothing · n = 20"]
    assert "n = 95 conversations of 58 companies" in scope(figure)
    assert "office hours" not in scope(figure)


def test_support_load_of_few_conversations_is_open() -> None:
    more = next(dots for dots in charts.support_load(made.LOAD).data if dots.name == "conversations: more")
    assert list(more.marker.symbol) == ["circle", "circle-open"]


def test_support_load_without_any_spend_says_so_and_shows_what_is_asked_for() -> None:
    unpaid = made.LOAD.assign(monthly_spend=0.0, per_1000_spend=float("nan"))
    unpaid.attrs = made.LOAD.attrs
    figure = charts.support_load(unpaid)
    assert [dots.name for dots in figure.data] == ["conversations"]
    assert "none to compare with" in caption(figure)


def test_support_load_of_all_companies_together_compares_nothing_and_is_refused() -> None:
    whole = made.LOAD.drop(columns="plan").head(1)
    whole.attrs = made.LOAD.attrs
    with pytest.raises(BadChartError, match="set by="):
        charts.support_load(whole)


def test_a_long_name_loses_its_middle_so_that_it_fits() -> None:
    long = made.ADOPTION.assign(event=["opened the settings of an integration in Europe", "opened"])
    long.attrs = made.ADOPTION.attrs
    assert list(charts.shares(long).data[0].y) == ["opened the settings …on in Europe", "opened"]


def test_what_is_of_one_group_refuses_several() -> None:
    grouped = made.DAYS.assign(plan="Pro")
    grouped.attrs = {"intercom": made.DAYS.attrs["intercom"] | {}}
    grouped.attrs["intercom"]["metric"] = made.DAYS.attrs["intercom"]["metric"] | {"by": ["plan"]}
    with pytest.raises(BadChartError, match="filter by one instead"):
        charts.active_days(grouped)
