"""Figures of engagement draw what the frame holds."""

import math

import pytest

from intercom_kit import charts
from intercom_kit.errors import BadChartError
from tests.charts import made


def test_retention_is_a_triangle_of_cohorts_by_age_and_blank_where_a_period_is_not_over() -> None:
    heatmap = charts.retention(made.COHORTS).data[0]
    assert list(heatmap.y) == ["9 Nov  (n = 20)", "16 Nov  (n = 4)"]
    assert list(heatmap.x) == [0, 1]
    assert list(heatmap.z[0]) == [1.0, 0.5]
    assert heatmap.z[1][0] == 0.25
    assert math.isnan(heatmap.z[1][1])
    assert [list(row) for row in heatmap.text] == [["100%", "50%"], ["25%", ""]]


def test_active_days_are_a_bar_per_number_of_days() -> None:
    figure = charts.active_days(made.DAYS)
    assert list(figure.data[0].x) == [0, 1, 2]
    assert list(figure.data[0].y) == [0.5, 0.3, 0.2]
    assert figure.layout.title.subtitle.text.endswith("n = 100")


def test_lifecycle_stands_above_the_line_and_who_has_gone_below_once_the_week_is_over() -> None:
    figure = charts.lifecycle(made.STAGES)
    assert {bars.name: list(bars.y) for bars in figure.data} == {
        "returning": [6, 2],
        "resurrected": [2, 1],
        "new": [1, 0],
        "dormant": [-4],
    }
    assert figure.layout.title.subtitle.text.endswith("n = 9 active in the last whole week")


def test_a_funnel_says_how_many_came_so_far_and_how_many_of_the_step_before() -> None:
    figure = charts.funnel(made.STEPS)
    assert list(figure.data[0].x) == [1.0, 0.5, 0.1]
    assert list(figure.data[0].y) == ["1. logged-in", "2. created-&lt;project&gt;", "3. invited-friend"]
    ends = [note.text for note in figure.layout.annotations][:3]
    assert ends == ["40  (100%)", "20  (50%)<br>50% of the step before", "4  (10%)<br>20% of the step before"]


def test_accounts_are_a_table_with_days_of_the_workspaces_own_calendar() -> None:
    cells = charts.accounts(made.COMPANIES).data[0].cells.values
    assert [list(column) for column in cells] == [
        ["Acme", "Zed"],
        ["4", "8"],
        ["2", "0"],
        ["50%", "0%"],
        ["20 Nov 2026", "never"],
    ]


def test_accounts_show_a_trend_each_on_its_own_scale() -> None:
    table = charts.accounts(made.COMPANIES, made.TREND).data[0]
    assert table.header.values[-1] == "<b>active per week</b>"
    assert list(table.cells.values[-1]) == ["▁▅█▅", "▁▁▁▁"]


def test_the_health_ranking_begins_with_the_lowest_and_those_who_pay_the_most() -> None:
    figure = charts.health(made.HEALTH)
    bars = {bar.name: (list(bar.y), list(bar.x)) for bar in figure.data[:3]}
    assert bars["red"] == (["Big", "Zed"], [20, 20])
    assert bars["green"] == (["Acme"], [85])
    drivers = figure.data[3]
    assert list(drivers.y) == ["Big", "Zed", "Acme"]
    assert list(drivers.text[1]) == ["10%", "20%", "", ""]
    assert [math.isnan(part) for part in drivers.z[1]] == [False, False, True, True]
    assert "1 accounts of which nothing is known" in figure.layout.annotations[-1].text.replace("<br>", " ")


def test_what_is_of_one_group_refuses_several() -> None:
    grouped = made.DAYS.assign(plan="Pro")
    grouped.attrs = {"intercom": made.DAYS.attrs["intercom"] | {}}
    grouped.attrs["intercom"]["metric"] = made.DAYS.attrs["intercom"]["metric"] | {"by": ["plan"]}
    with pytest.raises(BadChartError, match="filter by one instead"):
        charts.active_days(grouped)
