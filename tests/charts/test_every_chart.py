"""What holds for every chart: it says what it is about, and survives having nothing, or one row, to draw."""

from collections.abc import Callable

import pandas as pd
import pytest

from intercom_kit import charts
from intercom_kit.errors import BadChartError
from tests.charts import made
from tests.charts.shown import caption, counted, named, scope

Draw = Callable[[pd.DataFrame], charts.Chart]
EVERY: dict[str, tuple[Draw, pd.DataFrame]] = {
    "busiest_hours": (charts.busiest_hours, made.HOURS),
    "volume": (charts.volume, made.CHANNELS),
    "backlog": (charts.backlog, made.BACKLOG),
    "waiting_times": (charts.waiting_times, made.WAITS),
    "waiting_now": (charts.waiting_now, made.WAITING),
    "answered_within": (charts.answered_within, made.FIRST_RESPONSES),
    "still_open": (charts.still_open, made.CLOSINGS),
    "shares": (charts.shares, made.RATINGS),
    "comparison": (charts.comparison, made.RATINGS),
    "rates": (charts.rates, made.CONTACT_RATE),
    "support_load": (charts.support_load, made.LOAD),
    "topics": (charts.topics, made.TOPICS),
    "workload": (charts.workload, made.WORK),
    "retention": (charts.retention, made.COHORTS),
    "active_days": (charts.active_days, made.DAYS),
    "lifecycle": (charts.lifecycle, made.STAGES),
    "funnel": (charts.funnel, made.STEPS),
    "accounts": (charts.accounts, made.COMPANIES),
    "health": (charts.health, made.HEALTH),
}
CAUTION = "The past is approximate."
each_chart = pytest.mark.parametrize(("draw", "frame"), EVERY.values(), ids=EVERY)


def with_attrs(frame: pd.DataFrame, like: pd.DataFrame, **changed: object) -> pd.DataFrame:
    receipt = like.attrs["intercom"]
    frame.attrs["intercom"] = receipt | {"metric": receipt["metric"] | changed}
    return frame


def test_every_function_that_draws_is_tested() -> None:
    assert set(EVERY) | {"Chart", "use"} == set(charts.__all__)


@each_chart
@pytest.mark.parametrize("given", ["csat", None, [1]], ids=repr)
def test_what_is_no_frame_is_refused_with_the_call_that_gives_one(
    draw: Draw, frame: pd.DataFrame, given: object
) -> None:
    with pytest.raises(BadChartError, match=r"draws .*ws\.metric\(.* is no frame"):
        draw(given)  # type: ignore[arg-type]


@each_chart
def test_it_says_when_of_how_many_and_by_which_definition(draw: Draw, frame: pd.DataFrame) -> None:
    figure = draw(frame)
    assert figure.layout.title.text
    assert "2 Nov to 23 Nov 2026 · n = " in scope(figure)
    for said in ("What it means.", "n counts conversations of some kind.", "4 not answered", "'intercom'", "handbook"):
        assert said in counted(figure)
    assert counted(figure).endswith("Europe/Dublin, as of 23 Nov 2026 21:00")


@each_chart
def test_it_names_its_axes_or_labels_each_mark(draw: Draw, frame: pd.DataFrame) -> None:
    figure = draw(frame)
    assert figure.layout.xaxis.title.text or figure.layout.xaxis.ticktext
    assert named(figure, "axis") or len(named(figure, "row")) == len(figure.layout.yaxis.categoryarray)


@each_chart
def test_filters_and_what_is_missing_stand_in_the_scope(draw: Draw, frame: pd.DataFrame) -> None:
    filtered = with_attrs(frame.copy(), frame, filters={"channel": ["email", "sms"]})
    filtered.attrs["intercom"] |= {"complete": False, "why": "3 contacts could not be asked"}
    words = scope(draw(filtered))
    assert "channel: email, sms" in words
    assert "NOT COMPLETE: 3 contacts could not be asked" in words


@each_chart
def test_a_frame_without_rows_gives_an_empty_figure_that_says_so(draw: Draw, frame: pd.DataFrame) -> None:
    figure = draw(with_attrs(frame.iloc[:0], frame))
    assert len(figure.data) == 0
    assert figure.layout.title.text
    assert named(figure, "nothing") == ["Nothing to draw: no conversations of some kind in this span."]


@each_chart
@pytest.mark.parametrize(
    ("note", "seen"), [("The past is approximate.", True), ("The past is approximate. " * 20, False)]
)
def test_notes_of_the_metric_stand_below_where_there_is_room_and_behind_how_counted_always(
    draw: Draw, frame: pd.DataFrame, note: str, *, seen: bool
) -> None:
    figure = draw(with_attrs(frame.copy(), frame, notes=[note]))
    assert (CAUTION in caption(figure)) is seen
    assert note.strip() in counted(figure)


@each_chart
def test_one_row_is_drawn(draw: Draw, frame: pd.DataFrame) -> None:
    figure = draw(with_attrs(frame.iloc[:1], frame))
    assert len(figure.data) > 0
    assert figure.to_json()


@each_chart
def test_what_people_wrote_is_not_read_as_html(draw: Draw, frame: pd.DataFrame) -> None:
    by = frame.attrs["intercom"]["metric"]["by"]
    named = frame.assign(**{name: "<a href='https://example.com'>" + frame[name].astype("str") for name in by})
    figure = draw(with_attrs(named, frame, filters={"channel": "<b>x</b>"}))
    assert "<a " not in figure.to_json().replace("\\u003c", "<")
    assert "&lt;b&gt;x" in figure.layout.title.subtitle.text
