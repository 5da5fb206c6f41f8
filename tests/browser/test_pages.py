"""Pages and exported notebooks draw their figures without a network, on any screen and in either scheme."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Page, expect

from intercom_kit import charts
from intercom_kit.charts.shown.embedded import embedded, plotlyjs
from intercom_kit.notebook.pages import page as pages
from tests.charts import made as frames
from tests.pages.made import cell, figure, notebook, shown, table
from tests.pages.test_tables import FRAME

GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 29)"}

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    review = notebook("# Our week", "## Ratings", cell("", figure()), "## Waits", cell("", table(FRAME)), "## End")
    (folder / "page.html").write_text(pages.page(review, pages.Page("week")), encoding="utf-8")
    drawn = json.loads(charts.waiting_times(frames.WAITS).to_json())
    outputs = [shown(html=plotlyjs() + embedded(drawn)), shown(html=embedded(drawn))]
    exported, _ = HTMLExporter().from_notebook_node(notebook(*(cell("", each) for each in outputs)))  # type: ignore[no-untyped-call]
    (folder / "exported.html").write_text(exported, encoding="utf-8")
    return folder


@pytest.fixture
def opened(chromium: Browser, folder: Path) -> Iterator[Any]:
    """Open a file without a network."""
    contexts = []

    def open(name: str, width: int, scheme: Scheme = "light") -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.goto((folder / name).as_uri())
        page.locator(".intercom-kit-figure .main-svg").first.wait_for(timeout=20_000)
        return page

    yield open
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", GROUNDS)
def test_a_page_fits_every_screen_and_its_figures_have_its_ground(opened: Any, scheme: Scheme, pictures: Path) -> None:
    for width in (390, 800, 1200):
        page = opened("page.html", width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator("html")).to_have_css("background-color", GROUNDS[scheme])
        expect(page.locator(".main-svg").first).to_have_css("background-color", GROUNDS[scheme])
        page.screenshot(path=pictures / f"page_{scheme}_{width}.png", full_page=True)


def test_figures_follow_a_scheme_that_changes_and_are_light_on_paper(opened: Any) -> None:
    page = opened("page.html", 1200, "light")
    page.emulate_media(color_scheme="dark")
    ground = page.locator(".main-svg").first
    expect(ground).to_have_css("background-color", GROUNDS["dark"])
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(ground).to_have_css("background-color", GROUNDS["light"])
    assert ground.bounding_box()["width"] < 750
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(ground).to_have_css("background-color", GROUNDS["dark"])


def test_a_click_on_a_head_sorts_by_size_and_not_by_letters(opened: Any) -> None:
    page = opened("page.html", 800)
    ids = page.locator("tbody tr td:first-child")
    head = page.get_by_role("columnheader", name="wait")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert ids.all_inner_texts() == ["7", "12"]
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert ids.all_inner_texts() == ["12", "7"]


def test_an_exported_notebook_draws_all_its_figures(opened: Any) -> None:
    page = opened("exported.html", 1200)
    expect(page.locator(".intercom-kit-figure.js-plotly-plot")).to_have_count(2)
    expect(page.get_by_text("How counted").first).to_be_visible()


def test_a_figure_without_plotly_says_what_is_missing(chromium: Browser) -> None:
    with chromium.new_context(offline=True) as context:
        page = context.new_page()
        page.set_content(embedded(json.loads(charts.shares(frames.RATINGS).to_json())))
        expect(page.get_by_role("figure")).to_have_text(
            "This figure needs the first one of its notebook, which is not here: run all cells again."
        )
