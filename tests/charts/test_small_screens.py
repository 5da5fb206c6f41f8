"""On the screen of a phone nothing of a chart is cut, and no text stands on another; nor is it on a wide one."""

from typing import Any

import pandas as pd
import pytest

from intercom_kit import charts
from tests.charts import made
from tests.charts.test_every_chart import EVERY

boxes = pytest.importorskip("tests.charts.boxes", reason="browsers need playwright, of the browser extra")
pytestmark = pytest.mark.skipif(not boxes.CHROMIUM, reason="drawing needs Chromium")

WIDTHS = (390, 1200)
PLANTED = "planted"
TEAMS = ["A very long name of a team, too long for any phone", "Phone &amp; SMS", "<b>Bold</b>", *"ABCDEFGH", None]


def teams() -> pd.DataFrame:
    """Make weekly waits of twelve teams with names of all kinds."""
    rows = len(TEAMS) * 4
    numbers = {column: [2400.0] * rows for column in ("value", "low", "high", "p75", "p90")}
    weeks = {"period": made.WEEKS * len(TEAMS), "complete": [True, True, True, False] * len(TEAMS), "n": [20] * rows}
    names = {"team": [team for team in TEAMS for _ in range(4)]}
    about = {"by": ["team"], "period": "week", "unit": "seconds"}
    return made.frame("first_response_time", {**weeks, **names, **numbers}, **about)  # type: ignore[arg-type]


def shares() -> pd.DataFrame:
    """Make shares of the twelve teams."""
    rows = {"team": TEAMS, "value": [0.985] * 12, "n": [12_345] * 12, "hits": [12_160] * 12}
    return made.frame("csat", {**rows, "low": [0.98] * 12, "high": [0.99] * 12}, by=["team"], unit="share")


def _like(rows: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    rows.attrs = frame.attrs
    return rows


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Where the texts of every chart stand on a phone and on a wide screen, and those of one with planted mistakes."""
    figures = {name: draw(frame) for name, (draw, frame) in EVERY.items()}
    figures |= {"panels": charts.waiting_times(teams()), "long": charts.shares(shares())}
    figures["empty"] = charts.shares(_like(shares().head(0), shares()))
    planted = figures[PLANTED] = charts.shares(made.RATINGS)
    planted.add_annotation(text="on the title", x=0, xref="paper", y=1, yref="paper", yshift=80, showarrow=False)
    planted.add_annotation(text="far out", x=1.2, xref="paper", y=0.5, yref="paper", showarrow=False)
    return boxes.drawn(figures, tmp_path_factory.mktemp("screens"), *WIDTHS)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_is_cut_or_stands_on_another(screens: Any, width: int) -> None:
    drawn = {name: figure for name, figure in screens[width].items() if name != PLANTED}
    assert all(len(each.boxes) > 3 for each in drawn.values())
    assert {name: each.cut() for name, each in drawn.items() if each.cut()} == {}
    assert {name: each.overlapping() for name, each in drawn.items() if each.overlapping()} == {}


def test_a_text_that_is_cut_and_one_on_another_are_found(screens: Any) -> None:
    planted = screens[WIDTHS[0]][PLANTED]
    assert planted.cut() == ["far out"]
    assert any("on the title" in pair for pair in planted.overlapping())
