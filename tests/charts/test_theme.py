"""The theme is readable on light and on dark ground, and figures need no network."""

import itertools
import json
import re
import shutil
from collections.abc import Iterator

import plotly.io
import pytest

from intercom_kit import charts
from intercom_kit.charts import theme
from intercom_kit.errors import BadChartError
from tests.charts import made

THEMES = ("light", "dark")


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", THEMES)
def test_every_text_has_the_contrast_of_small_print(name: str) -> None:
    layout = plotly.io.templates[f"intercom_{name}"].layout
    inks = {
        layout.font.color,
        layout.title.font.color,
        layout.title.subtitle.font.color,
        layout.xaxis.tickfont.color,
        layout.xaxis.title.font.color,
        layout.yaxis.tickfont.color,
        layout.annotationdefaults.font.color,
    }
    assert all(contrast(ink, layout.paper_bgcolor) >= 4.5 for ink in inks)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("colour", theme.COLOURS)
def test_every_mark_stands_out_on_both_grounds(name: str, colour: str) -> None:
    assert contrast(colour, plotly.io.templates[f"intercom_{name}"].layout.paper_bgcolor) >= 3


@pytest.mark.parametrize("name", THEMES)
def test_more_is_further_from_the_ground_in_heatmaps(name: str) -> None:
    layout = plotly.io.templates[f"intercom_{name}"].layout
    shades = [contrast(shade, layout.paper_bgcolor) for _, shade in layout.coloraxis.colorscale]
    assert shades == sorted(shades)
    assert shades[-1] >= 7


@pytest.mark.parametrize("name", THEMES)
def test_numbers_can_be_read_on_every_cell_of_shares(name: str) -> None:
    layout = plotly.io.templates[f"intercom_{name}"].layout
    place, scale = 1 / theme.LIGHTEST, layout.coloraxis.colorscale
    (first, lighter), (second, darker) = next(
        (one, other) for one, other in itertools.pairwise(scale) if one[0] <= place <= other[0]
    )
    between = (place - first) / (second - first)
    parts = [
        round((1 - between) * int(lighter[at : at + 2], 16) + between * int(darker[at : at + 2], 16))
        for at in (1, 3, 5)
    ]
    shade = "#" + "".join(f"{part:02x}" for part in parts)
    assert contrast(layout.font.color, shade) >= 4.5
    assert contrast(layout.font.color, scale[0][1]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_figures_bring_their_ground_so_that_no_page_decides(name: str) -> None:
    layout = plotly.io.templates[f"intercom_{name}"].layout
    assert re.fullmatch("#[0-9a-f]{6}", layout.paper_bgcolor)
    assert layout.plot_bgcolor == layout.paper_bgcolor


@pytest.fixture
def _light_again() -> Iterator[None]:
    yield
    charts.use("light")


@pytest.mark.usefixtures("_light_again")
def test_a_theme_holds_for_the_figures_made_from_then_on() -> None:
    light = charts.shares(made.RATINGS)
    charts.use("dark")
    dark = charts.shares(made.RATINGS)
    assert light.layout.template.layout.paper_bgcolor == "#ffffff"
    assert luminance(dark.layout.template.layout.paper_bgcolor) < 0.02


def test_a_figure_changes_its_theme_by_its_template_alone() -> None:
    light, dark = charts.shares(made.RATINGS), charts.shares(made.RATINGS).update_layout(template="intercom_dark")
    assert json.loads(light.to_json())["data"] == json.loads(dark.to_json())["data"]
    assert "#ffffff" not in dark.to_json()


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(BadChartError, match="'light' or 'dark'"):
        charts.use("sepia")  # type: ignore[arg-type]
    with pytest.raises(BadChartError, match="'light' or 'dark'"):
        charts.use(made.RATINGS)  # type: ignore[arg-type]


def test_a_page_needs_no_network_and_offers_no_upload() -> None:
    page = charts.shares(made.RATINGS).to_html()
    assert not re.search(r"<(script|link|img|iframe)[^>]*\b(src|href)=", page)
    assert '"showSendToCloud": false' in page
    assert '"displaylogo": false' in page


def test_showing_a_figure_offers_no_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, object]] = []
    monkeypatch.setattr(plotly.io, "show", lambda _, **options: shown.append(options["config"]))
    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")
    figure = charts.shares(made.RATINGS)
    figure.show()
    figure._ipython_display_()
    figure.show(config={"scrollZoom": True})
    assert shown == [theme.CONFIG, theme.CONFIG, theme.CONFIG | {"scrollZoom": True}]


def test_a_figure_is_written_as_a_picture() -> None:
    pytest.importorskip("kaleido", reason="pictures need kaleido, of the dev extra")
    if not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("pictures need Chromium or Chrome")
    picture = charts.shares(made.RATINGS).to_image(format="png", width=900, height=400)
    assert picture.startswith(b"\x89PNG")
    assert [int.from_bytes(picture[start : start + 4]) for start in (16, 20)] == [900, 400]
