"""What is drawn is what the frame holds, in units that are read with ease."""

import math

import pandas as pd
import pytest

from intercom_kit import charts
from intercom_kit.errors import BadChartError
from tests.charts import made


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
        ("email", [10, 12, 9, 4]),
        ("no channel", [3, 2, 1, 0]),
    ]
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.title.text == "conversations per week"


def test_groups_are_told_apart_by_more_than_colour() -> None:
    hatches = [bar.marker.pattern.shape for bar in charts.volume(made.CHANNELS).data]
    assert len(set(hatches)) == len(hatches)
    lines = [line for line in charts.waiting_times(made.WAITS).data if line.name]
    assert len({line.line.dash for line in lines}) == len(lines)


def test_only_the_largest_groups_are_drawn_and_the_caption_says_so() -> None:
    channels = [f"channel {number}" for number in range(8)]
    counts = {"value": [float(n) for n in range(1, 9)], "n": range(1, 9)}
    rows = {"period": made.WEEKS[:1] * 8, "complete": [True] * 8, "channel": channels, **counts}
    figure = charts.volume(made.frame("conversations", rows, by=["channel"], period="week"))
    assert [bar.name for bar in figure.data] == [f"channel {number}" for number in (7, 6, 5, 4, 3, 2)]
    assert "6 largest of 8" in caption(figure)


def test_the_backlog_is_an_area_and_says_what_it_is_now() -> None:
    figure = charts.backlog(made.BACKLOG)
    assert list(figure.data[0].y) == [40, 44, 41, 47]
    assert figure.layout.title.subtitle.text.endswith("n = 47 now")
    assert any(note.text == "<b>47 now</b>" for note in figure.layout.annotations)


def test_durations_are_drawn_in_the_unit_that_suits_them() -> None:
    figure = charts.waiting_times(made.WAITS)
    median = next(line for line in figure.data if line.name == "half within")
    assert list(median.y)[:2] == [10, 20]
    assert math.isnan(median.y[2])
    assert figure.layout.yaxis.title.text == "minutes"
    slow = made.WAITS.assign(p90=[5 * 86_400.0] * 4)
    slow.attrs = made.WAITS.attrs
    assert charts.waiting_times(slow).layout.yaxis.title.text == "days"


def test_weeks_with_few_or_that_are_not_over_have_open_markers() -> None:
    figure = charts.waiting_times(made.WAITS)
    median = next(line for line in figure.data if line.name == "half within")
    assert list(median.marker.symbol) == ["circle", "circle-open", "circle", "circle-open"]
    assert "fewer than 10" in caption(figure)
    assert "the week is not over yet" in caption(figure)
    assert figure.layout.xaxis.ticktext[-1] == "23 Nov<br>so far"


def test_answered_within_is_what_no_longer_waits() -> None:
    figure = charts.answered_within(made.FIRST_RESPONSES)
    line = figure.data[-1]
    assert list(line.x) == [60, 600, 3600, 86_400]
    assert list(line.y) == pytest.approx([0, 0.2, 0.5, 0.9])
    assert line.name == "half within 60 minutes, n = 50"
    assert figure.layout.yaxis.title.text == "share answered"


def test_still_open_falls_and_is_stepwise() -> None:
    line = charts.still_open(made.CLOSINGS).data[-1]
    assert list(line.y) == [1, 0.8, 0.5, 0.1]
    assert line.line.shape == "hv"


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
    assert [note.text for note in figure.layout.annotations][:2] == ["90%  (36 of 40)", "50%  (2 of 4)"]
    assert figure.layout.xaxis.range == (0, 1)


def test_shares_of_few_are_hatched() -> None:
    figure = charts.shares(made.RATINGS)
    assert list(figure.data[0].marker.pattern.shape) == ["", "/"]


def test_shares_by_period_say_how_many_they_are_of() -> None:
    columns = made.over_weeks(value=[0.5, 1.0, 0.9, 0.8], n=[4, 20, 30, 10], hits=[2, 20, 27, 8], low=[0.1] * 4)
    figure = charts.shares(made.frame("csat", {**columns, "high": [1.0] * 4}, period="week", unit="share"))
    assert list(figure.data[0].y) == [0.5, 1.0, 0.9, 0.8]
    assert list(figure.layout.xaxis.ticktext) == [
        "2 Nov<br>n 4 ",
        "9 Nov<br>n 20 ",
        "16 Nov<br>n 30 ",
        "23 Nov<br>n 10 so far",
    ]
    assert list(figure.data[0].marker.pattern.shape) == ["/", "", "", "/"]


def test_topics_go_from_before_to_now_and_stand_out_where_the_change_is_clear() -> None:
    figure = charts.topics(made.TOPICS)
    assert {line.name: list(line.y) for line in figure.data} == {"bug": [0.1, 0.2], "billing": [0.12, 0.1]}
    assert {line.name: line.line.dash for line in figure.data} == {"bug": "solid", "billing": "dot"}
    assert "<b>bug 20.0% (+10.0 points)</b>" in [note.text for note in figure.layout.annotations]
    assert "70% have no tag." in caption(figure)


def test_workload_is_closed_and_still_open_the_most_on_top() -> None:
    figure = charts.workload(made.WORK)
    assert [(bars.name, list(bars.y), list(bars.x)) for bars in figure.data] == [
        ("closed", ["Bo", "Ann"], [15, 9]),
        ("still open", ["Bo", "Ann"], [5, 1]),
    ]
    assert figure.layout.annotations[0].text == "2.5 per active day"


def test_groups_are_compared_with_where_they_were_before() -> None:
    rows = {"plan": ["Pro", "Free"], "value": [7200.0, 3600.0], "n": [40, 5], "low": [3600.0, 1800.0]}
    rows |= {"high": [10_800.0, 7200.0], "previous": [3600.0, float("nan")]}
    figure = charts.comparison(made.frame("first_response_time", rows, by=["plan"], unit="seconds"))
    before, now = figure.data
    assert next(iter(before.x)) == 1
    assert list(now.x) == [2, 1]
    assert list(now.marker.symbol) == ["circle", "circle-open"]
    assert figure.layout.xaxis.title.text == "something measured, hours"


@pytest.mark.parametrize(
    ("chart", "frame", "remedy"),
    [
        (charts.busiest_hours, made.RATINGS, r"draws ws\.metric\('busiest_hours'\).*'csat'"),
        (charts.volume, made.RATINGS, "period='week'.*no period"),
        (charts.answered_within, made.CLOSINGS, "first_response_survival"),
        (charts.workload, made.WORK.rename(columns={"closed": "done"}), "no closed"),
        (charts.topics, pd.DataFrame({"value": [1]}), "no metric's"),
        (charts.comparison, made.WAITS, "leave period out"),
    ],
)
def test_a_frame_that_it_does_not_draw_is_refused_with_the_call_that_gives_one(chart, frame, remedy) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadChartError, match=remedy):
        chart(frame)


def caption(figure: charts.Chart) -> str:
    words = next(note.text for note in figure.layout.annotations if note.name == "caption")
    return str(words).replace("<br>", " ")
