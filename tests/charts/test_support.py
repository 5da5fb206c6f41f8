"""What is drawn is what the frame holds, in units that are read with ease."""

import math

import pandas as pd
import pytest

from intercom_kit import charts
from intercom_kit.errors import BadChartError
from tests.charts import made
from tests.charts.shown import beside, caption, named, scope, title


def test_the_busiest_hours_are_a_row_per_weekday_and_a_column_per_hour() -> None:
    figure = charts.busiest_hours(made.HOURS)
    assert list(figure.data[0].y) == [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]
    assert figure.data[0].z[0][9] == 109
    assert figure.data[0].z[6][23] == 723
    assert figure.layout.xaxis.title.text == "hour of the day (Europe/Dublin)"


def test_volume_is_a_bar_per_period_for_each_group_the_largest_at_the_bottom() -> None:
    figure = charts.volume(made.CHANNELS)
    assert [(bar.name, list(bar.y)) for bar in figure.data] == [
        ("Email", [10, 12, 9, 4]),
        ("no channel", [3, 2, 1, 0]),
    ]
    assert figure.layout.barmode == "stack"
    assert named(figure, "axis") == ["conversations per week"]


def test_a_period_that_is_not_over_is_pale() -> None:
    assert [list(bar.marker.opacity) for bar in charts.volume(made.CHANNELS).data] == [[1, 1, 1, 0.5]] * 2
    dormant = charts.lifecycle(made.STAGES).data[-1]
    assert list(dormant.marker.opacity) == [1]


def test_groups_are_told_apart_by_more_than_colour_by_names_beside_them_in_the_same_order() -> None:
    bars = charts.volume(made.CHANNELS)
    assert beside(bars) == [f"■ {bar.name}" for bar in bars.data]
    assert beside(charts.waiting_times(made.WAITS)) == ["half 15 min", "75% 30 min", "90% 40 min"]


def test_the_smallest_of_many_groups_are_one_where_groups_are_stacked() -> None:
    channels = [f"channel {number}" for number in range(9)]
    counts = {"value": [float(n) for n in range(1, 10)], "n": range(1, 10)}
    rows = {"period": made.WEEKS[:1] * 9, "complete": [True] * 9, "channel": channels, **counts}
    figure = charts.volume(made.frame("conversations", rows, by=["channel"], period="week"))
    assert [bar.name for bar in figure.data] == [*(f"channel {number}" for number in range(8, 1, -1)), "2 others"]
    assert sum(bar.y.sum() for bar in figure.data) == sum(counts["value"])


def test_the_backlog_is_an_area_and_says_what_it_is_now() -> None:
    figure = charts.backlog(made.BACKLOG)
    assert list(figure.data[0].y) == [40, 44, 41, 47]
    assert scope(figure).endswith("n = 47 now")
    assert any(note.text == "<b>47 now</b>" for note in figure.layout.annotations)


def test_who_waits_now_is_a_bar_per_band_the_longest_first_and_the_longest_wait_is_named() -> None:
    whole = made.frame(
        "waiting_now",
        {
            "waiting": ["under 1 hour", "1 to 4 hours", "4 to 24 hours", "over 24 hours"],
            "value": [5.0, 0.0, 2.0, 1.0],
            "n": [5, 0, 2, 1],
            "longest": [1320.0, float("nan"), 40_866.0, 180_000.0],
        },
    )
    figure = charts.waiting_now(whole)
    assert list(figure.layout.yaxis.categoryarray) == ["over 24 hours", "4 to 24 hours", "1 to 4 hours", "under 1 hour"]
    assert {bar.name: list(bar.x) for bar in figure.data} == {
        "under 1 hour": [5],
        "1 to 4 hours": [0],
        "4 to 24 hours": [2],
        "over 24 hours": [1],
    }
    assert beside(figure) == ["1, the longest 2.1 days", "2, the longest 11 h", "none", "5, the longest 22 min"]
    assert title(figure) == "8 customers wait, 1 of them for over 24 hours; the longest 2.1 days"
    assert "n = 8 waiting" in scope(figure)


def test_groups_in_which_somebody_waits_are_a_bar_each_the_longest_wait_on_top() -> None:
    figure = charts.waiting_now(made.WAITING)
    assert list(figure.layout.yaxis.categoryarray) == ["Support", "Billing"]
    assert beside(figure) == ["4, the longest 2.1 days", "5, the longest 22 min"]
    (key,) = named(figure, "axis")
    drawn = {bar.name: bar.marker.color for bar in figure.data if sum(bar.x)}
    assert all(f'<span style="color:{colour}">■</span> {name}' in key for name, colour in drawn.items())
    assert key.count("■") == len(drawn) == 3


def test_that_nobody_waits_is_said() -> None:
    none = made.WAITING.assign(n=0, value=0.0, longest=float("nan"))
    none.attrs = made.WAITING.attrs
    assert named(charts.waiting_now(none), "nothing") == [
        "Nothing to draw: no conversations of some kind in this span."
    ]


def test_durations_are_drawn_in_the_unit_that_suits_them() -> None:
    figure = charts.waiting_times(made.WAITS)
    median = next(line for line in figure.data if line.name == "half")
    assert list(median.y)[:2] == [10, 20]
    assert math.isnan(median.y[2])
    assert list(figure.layout.yaxis.ticktext) == ["0 min", "20 min", "40 min", "60 min"]
    slow = made.WAITS.assign(p90=[5 * 86_400.0] * 4)
    slow.attrs = made.WAITS.attrs
    assert charts.waiting_times(slow).layout.yaxis.ticktext[-1] == "4 days"


def test_weeks_with_few_or_that_are_not_over_have_open_markers() -> None:
    figure = charts.waiting_times(made.WAITS)
    median = next(line for line in figure.data if line.name == "half")
    assert list(median.marker.symbol) == ["circle", "circle-open", "circle", "circle-open"]
    assert "fewer than 10" in caption(figure)
    assert "the week is not over yet" in caption(figure)
    assert figure.layout.xaxis.ticktext[-1] == "23 Nov<br>so far"


def test_answered_within_is_what_no_longer_waits() -> None:
    figure = charts.answered_within(made.FIRST_RESPONSES)
    line = figure.data[-1]
    assert list(line.x) == [60, 600, 3600, 86_400]
    assert list(line.y) == pytest.approx([0, 0.2, 0.5, 0.9])
    assert title(figure) == "Half are answered within 60 min"
    assert named(figure, "half") == ["half within 60 min"]
    assert named(figure, "axis") == ["share answered"]


def test_still_open_falls_and_is_stepwise() -> None:
    line = charts.still_open(made.CLOSINGS).data[-1]
    assert list(line.y) == [1, 0.8, 0.5, 0.1]
    assert line.line.shape == "hv"


def test_curves_of_few_are_pale() -> None:
    few = made.CLOSINGS.assign(n=9)
    few.attrs = made.CLOSINGS.attrs
    figure = charts.still_open(few)
    assert figure.data[-1].opacity == 0.5
    assert "Faded: from fewer than 10, treat as a hint" in caption(figure)
    assert charts.still_open(made.CLOSINGS).data[-1].opacity == 1


def test_a_frame_is_not_changed_by_being_drawn() -> None:
    before = made.FIRST_RESPONSES.copy()
    charts.answered_within(made.FIRST_RESPONSES)
    pd.testing.assert_frame_equal(before, made.FIRST_RESPONSES)


def test_shares_stand_with_their_interval_and_the_best_on_top() -> None:
    figure = charts.shares(made.RATINGS)
    bars = figure.data[0]
    assert list(bars.y) == ["Support", "Billing"]
    assert list(bars.x) == [0.9, 0.5]
    assert list(bars.x + bars.error_x.array) == pytest.approx([0.96, 0.85])
    assert list(bars.x - bars.error_x.arrayminus) == pytest.approx([0.77, 0.15])
    assert beside(figure) == ["90%  (36 of 40)", "50%  (2 of 4)"]
    assert list(figure.layout.xaxis.ticktext) == ["0%", "50%", "100%"]


def test_shares_of_few_are_hatched() -> None:
    figure = charts.shares(made.RATINGS)
    assert list(figure.data[0].marker.pattern.shape) == ["", "/"]


def test_shares_by_period_say_how_many_they_are_of() -> None:
    columns = made.over_weeks(value=[0.5, 1.0, 0.9, 0.8], n=[4, 20, 30, 10], hits=[2, 20, 27, 8], low=[0.1] * 4)
    figure = charts.shares(made.frame("csat", {**columns, "high": [1.0] * 4}, period="week", unit="share"))
    assert list(figure.data[0].y) == [0.5, 1.0, 0.9, 0.8]
    assert list(figure.layout.xaxis.ticktext) == [
        "2 Nov<br>n 4",
        "9 Nov<br>n 20",
        "16 Nov<br>n 30",
        "23 Nov<br>n 10<br>so far",
    ]
    assert list(figure.data[0].marker.pattern.shape) == ["/", "", "", ""]
    assert list(figure.data[0].marker.opacity) == [1, 1, 1, 0.5]


def test_topics_go_from_before_to_now_and_stand_out_where_the_change_is_clear() -> None:
    figure = charts.topics(made.TOPICS)
    assert {line.name: list(line.x) for line in figure.data} == {"bug": [0.1, 0.2], "billing": [0.12, 0.1]}
    assert {line.name: line.line.width for line in figure.data} == {"bug": 4, "billing": 1.5}
    assert beside(figure) == ["<b>20% (+10.0 points)</b>", "10% (-2.0 points)"]
    assert "70% have no tag." in caption(figure)


def test_workload_is_closed_and_still_open_the_most_on_top() -> None:
    figure = charts.workload(made.WORK)
    assert [(bars.name, list(bars.y), list(bars.x)) for bars in figure.data] == [
        ("closed", ["Bo", "Ann"], [15, 9]),
        ("still open", ["Bo", "Ann"], [5, 1]),
    ]
    assert beside(figure) == ["20 · 2.5 per active day", "10 · 2.0 per active day"]


def test_what_is_nobodys_work_is_said_and_not_drawn() -> None:
    work = made.WORK.assign(participant=["Ann", None])
    work.attrs = made.WORK.attrs
    figure = charts.workload(work)
    assert [list(bars.y) for bars in figure.data] == [["Ann"], ["Ann"]]
    assert "20 conversations have no participant." in caption(figure)


def test_groups_are_compared_with_where_they_were_before() -> None:
    rows = {"plan": ["Pro", "Free"], "value": [7200.0, 3600.0], "n": [40, 5], "low": [3600.0, 1800.0]}
    rows |= {"high": [10_800.0, 7200.0], "previous": [3600.0, float("nan")]}
    figure = charts.comparison(made.frame("first_response_time", rows, by=["plan"], unit="seconds"))
    before, now = figure.data
    assert next(iter(before.x)) == 1
    assert list(now.x) == [2, 1]
    assert list(now.marker.symbol) == ["circle", "circle-open"]
    assert before.name == "the 22 days before"
    assert figure.layout.xaxis.title.text == "something measured"
    assert list(figure.layout.xaxis.ticktext) == ["0 h", "1 h", "2 h", "3 h"]


def test_an_axis_says_that_durations_are_medians() -> None:
    rows = {"team": ["Support"], "value": [2.0], "n": [40], "low": [1.0], "high": [3.0], "p75": [4.0]}
    replies = made.frame("replies_to_resolve", rows, by=["team"], unit="replies", title="Replies to resolve")
    assert charts.comparison(replies).layout.xaxis.title.text == "median replies to resolve"


def test_lines_of_groups_are_named_by_what_they_are_now_and_who_has_nothing_now_has_none() -> None:
    columns = {column: [600.0, 1200.0, 1800.0, made.NONE] for column in ("value", "low", "high", "p75", "p90")}
    rows = {"period": made.WEEKS[:2] * 2, "complete": [True] * 4, "team": ["A", "A", "B", "B"], "n": [20, 20, 20, 0]}
    frame = made.frame("first_response_time", {**rows, **columns}, by=["team"], period="week", unit="seconds")
    figure = charts.waiting_times(frame)
    assert beside(figure) == ["A 20 min", "B none"]


@pytest.mark.parametrize(
    ("chart", "frame", "remedy"),
    [
        (charts.busiest_hours, made.RATINGS, r"draws ws\.metric\('busiest_hours'\).*'csat'"),
        (charts.volume, made.RATINGS, "period='week'.*'csat'"),
        (charts.answered_within, made.CLOSINGS, "first_response_survival"),
        (charts.workload, made.WORK.rename(columns={"closed": "done"}), "no closed"),
        (charts.topics, pd.DataFrame({"value": [1]}), "does not come from ws.metric"),
        (charts.comparison, made.WAITS, "leave period out"),
        (charts.volume, made.STICKINESS, "period='week'.*'stickiness'"),
        (charts.rates, made.WAITS, r"draws ws\.metric\('contact_rate'\).*'first_response_time'"),
        (charts.support_load, made.COMPANIES, r"draws ws\.metric\('support_load'\).*'company_activity'"),
        (charts.waiting_now, made.BACKLOG, r"draws ws\.metric\('waiting_now'\).*'backlog'"),
        (charts.still_open, made.DAYS, "time_to_close_survival.*'active_days'"),
        (charts.shares, made.DAYS, "'active_days' has several rows for each group or period"),
    ],
)
def test_a_frame_that_it_does_not_draw_is_refused_with_the_call_that_gives_one(chart, frame, remedy) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadChartError, match=remedy):
        chart(frame)
