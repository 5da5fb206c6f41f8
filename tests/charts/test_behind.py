"""Hovering over a mark says how to list the conversations that it counts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import Workspace, charts
from tests.charts import made

ASK = re.compile(r"which: ws\.behind\(frame, (\d+)\)")


@pytest.fixture(scope="module")
def ws() -> Iterator[Workspace]:
    with ik.demo(conversations=800, contacts=200, companies=20) as workspace:
        yield workspace


def hovered(figure: charts.Chart) -> Iterator[tuple[float, str]]:
    """Yield the size of each mark, with the text that its template adds for it."""
    for trace in figure.data:
        data = trace.customdata
        for place, size in enumerate(trace.x if trace.orientation == "h" else trace.y):
            several = not isinstance(data[place], str)
            assert ("%{customdata[2]}" if several else "%{customdata}") in trace.hovertemplate
            yield (data[place][1], data[place][2]) if several else (size, data[place])


@pytest.mark.parametrize(
    ("draw", "metric", "options"),
    [
        (charts.waiting_now, "waiting_now", {"by": "team"}),
        (charts.waiting_now, "waiting_now", {}),
        (charts.shares, "csat", {"by": "team", "since": "90d"}),
        (charts.shares, "reopen_rate", {"period": "week", "since": "30d"}),
        (charts.shares, "fin_resolution", {"by": "channel", "since": "90d"}),
    ],
)
def test_a_mark_names_the_call_that_lists_what_it_counts(
    ws: Workspace, draw: Any, metric: str, options: dict[str, Any]
) -> None:
    frame, asked = ws.metric(metric, **options), 0
    for count, text in hovered(draw(frame)):
        found = ASK.search(text)
        assert found
        if count:
            assert len(ws.behind(frame, int(found[1]))) == count
            asked += 1
    assert asked


def test_a_mark_of_contacts_names_no_call_since_none_lists_them(ws: Workspace) -> None:
    figure = charts.shares(ws.metric("active_share", by="plan"))
    assert [text for _, text in hovered(figure)] == [""] * len(figure.data[0].x)


def test_a_group_that_is_left_out_does_not_shift_the_rows() -> None:
    texts = dict(hovered(charts.waiting_now(made.WAITING)))
    assert texts[2] == "<br>which: ws.behind(frame, 7)"
