"""Figures carry what each front end needs, so that they survive every export without a network."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import plotly.io
import pytest

from intercom_kit import charts
from intercom_kit.charts.shown import renderer
from tests.charts import made

JSON, HTML = "application/vnd.plotly.v1+json", "text/html"
BRINGS = "intercomKitPlotly ??="


@pytest.fixture
def in_cell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Show a figure as a cell of a notebook does; returns what it put out."""
    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")
    monkeypatch.setattr(renderer, "_bringing", None)
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **_: shown.append(bundle))

    def show(cell: str, run: str) -> dict[str, Any]:
        class Shell:
            def get_parent(self) -> dict[str, Any]:
                return {"header": {"msg_id": run}, "metadata": {"cellId": cell}}

        monkeypatch.setattr(renderer, "get_ipython", Shell)
        charts.shares(made.RATINGS)._ipython_display_()
        return shown[-1]

    yield show
    plotly.io.renderers.default = "browser"


def test_a_notebook_gets_json_for_front_ends_and_html_for_exports(in_cell: Callable[..., dict[str, Any]]) -> None:
    bundle = in_cell("one", "1")
    assert bundle.keys() == {JSON, HTML}
    assert bundle[JSON]["config"]["showSendToCloud"] is False
    assert '"showSendToCloud": false' in bundle[HTML]
    assert not re.search(r"<(script|link|img|iframe)[^>]*\b(src|href)=", bundle[HTML])


def test_the_first_cell_brings_plotly_for_all_others(in_cell: Callable[..., dict[str, Any]]) -> None:
    first, second, third = in_cell("one", "1"), in_cell("one", "1"), in_cell("two", "2")
    assert [BRINGS in each[HTML] for each in (first, second, third)] == [True, False, False]
    assert len(first[HTML]) < 2_200_000
    assert len(third[HTML]) < 30_000


def test_the_first_cell_brings_it_again_when_it_is_run_again(in_cell: Callable[..., dict[str, Any]]) -> None:
    in_cell("one", "1")
    in_cell("two", "2")
    assert BRINGS in in_cell("one", "3")[HTML]
    assert BRINGS not in in_cell("two", "4")[HTML]


@pytest.mark.parametrize("chosen", ["json", "browser", "colab"])
def test_a_renderer_that_somebody_or_a_front_end_chose_stays(chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotly.io, "renderers", type("Chosen", (), {"default": chosen}))
    assert renderer.renderer() == chosen


def test_whatever_shows_html_gets_a_whole_figure() -> None:
    html = charts.shares(made.RATINGS)._repr_html_()
    assert BRINGS in html
    assert "cdn." not in html.split("Plotly.newPlot")[-1]
