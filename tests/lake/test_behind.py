"""The rows behind a number of a metric over a lake, and the charts of one, which say how to list them."""

from pathlib import Path
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import BadMetricError, Workspace, charts
from intercom_kit.lake.opened import Lake
from tests.charts.test_behind import hovered


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("conversations", {"by": "team", "period": "month"}),
        ("csat", {"by": "channel"}),
        ("ticket_time_to_resolve", {"by": "type"}),
        ("active_contacts", {"by": "plan"}),
        ("waiting_now", {}),
    ],
)
def test_as_many_rows_are_behind_a_number_as_it_counts(
    ws: Workspace, lake: Lake, name: str, options: dict[str, Any]
) -> None:
    frame = lake.metric(name, **({} if name == "waiting_now" else {"since": "60d"}), **options)
    assert frame["n"].sum() > 0
    for place, number in list(enumerate(frame["n"]))[:4]:
        rows = lake.behind(frame, place)
        assert len(rows) == number
        assert rows.attrs["intercom"]["requests"] == 0


def test_each_row_has_its_link_and_a_row_of_the_frame_is_enough(ws: Workspace, lake: Lake) -> None:
    frame = lake.metric("conversations", by="team", since="365d")
    rows = lake.behind(frame.iloc[0])
    live = ws.conversation(rows["id"][0])
    assert rows["url"][0] == live["url"][0]
    assert rows["url"].str.endswith(rows["id"].iloc[-1]).iloc[-1]


def test_an_answer_of_the_other_source_is_refused(ws: Workspace, lake: Lake) -> None:
    with pytest.raises(BadMetricError, match=r"ask ws\.behind\(\), whose it is"):
        lake.behind(ws.metric("conversations", since="60d"), 0)
    with pytest.raises(BadMetricError, match=r"ask lake\.behind\(\), whose it is"):
        ws.behind(lake.metric("conversations", since="60d"), 0)
    with pytest.raises(BadMetricError, match=r"lake\.behind\(\) takes a frame of lake\.metric\(\)"):
        lake.behind(lake.sql("select 1 as one"), 0)


def test_a_lake_that_was_brought_up_to_date_meanwhile_says_so(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", ["conversations"])
    with ik.open(tmp_path / "lake") as lake:
        frame = lake.metric("conversations", since="60d")
        assert "brought up to date" not in str(lake.behind(frame, 0).attrs["intercom"]["notes"])
        frame.attrs["intercom"]["metric"]["now"] = "2026-11-01T00:00:00+00:00"
        assert "brought up to date since" in str(lake.behind(frame, 0).attrs["intercom"]["notes"])


def test_a_mark_of_a_chart_names_the_call_that_lists_what_it_counts(lake: Lake) -> None:
    frame = lake.metric("csat", by="team", since="365d")
    texts = dict(hovered(charts.shares(frame)))
    for count, text in texts.items():
        assert text.startswith("<br>which: lake.behind(frame, ")
        place = int(text.removeprefix("<br>which: lake.behind(frame, ").removesuffix(")"))
        assert len(lake.behind(frame, place)) == count
    assert texts


def test_the_charts_draw_metrics_of_a_lake(ws: Workspace, lake: Lake) -> None:
    for draw, name, options in (
        (charts.waiting_now, "waiting_now", {"by": "team"}),
        (charts.shares, "csat", {"by": "team", "since": "90d"}),
        (charts.volume, "conversations", {"period": "week", "since": "90d"}),
    ):
        frame = lake.metric(name, **options)  # type: ignore[arg-type]
        assert len(draw(frame).data)
