"""A page shows what a notebook put out, to readers: without code and checks, with contents, and without a network."""

import re

import plotly.express as px
import pytest
from bs4 import BeautifulSoup

from intercom_kit.charts.shown.embedded import plotlyjs
from intercom_kit.charts.theme import templates
from intercom_kit.notebook.pages.page import Page, index, page

from .made import cell, figure, notebook, shown

REVIEW = notebook(
    "# Tom & Ann's <week>\n\nWhat happened.",
    cell("since = 28", tags=("parameters",)),
    "## What came in",
    cell("draw_it()", figure()),
    cell("assert everything_is_well()", shown(text="a check"), tags=("remove-cell",)),
    "## How it ended",
    cell("draw_it()", figure()),
    "## What to do",
)


@pytest.fixture(scope="module")
def made() -> str:
    return page(REVIEW, Page("week", note="Made today."))


@pytest.fixture(scope="module")
def soup(made: str) -> BeautifulSoup:
    return BeautifulSoup(made, "html.parser")


def test_readers_see_neither_code_nor_checks_nor_parameters(made: str) -> None:
    assert not re.search(r"draw_it|everything_is_well|a check|since = 28", made)


def test_a_page_with_code_hides_the_checks_only() -> None:
    made = BeautifulSoup(page(REVIEW, Page("week", code=True)), "html.parser").get_text()
    assert "draw_it()" in made
    assert "since = 28" in made
    assert "everything_is_well" not in made
    assert "a check" not in made


def test_the_heading_is_the_title_and_the_sections_are_the_contents(soup: BeautifulSoup) -> None:
    assert [each.get_text() for each in soup.find_all("h1")] == ["Tom & Ann's "]
    assert soup.title is not None
    assert soup.title.get_text() == "Tom & Ann's <week>"
    links = {link.get_text(): str(link["href"])[1:] for link in soup.select("nav a")}
    assert list(links) == ["What came in", "How it ended", "What to do"]
    assert all(soup.find(id=name).get_text() == text for text, name in links.items())  # type: ignore[union-attr]


def test_a_page_of_few_sections_needs_no_contents() -> None:
    assert "<nav" not in page(notebook("# One", "## Two"), Page("one"))


def test_all_figures_share_one_plotly_and_follow_the_scheme_of_the_page(made: str) -> None:
    assert made.count("Plotly.newPlot(") == 2
    assert made.count(plotlyjs()) == 1
    assert made.count(templates()["dark"]["layout"]["paper_bgcolor"]) <= 4  # in the template, and not in each figure
    assert "the figure again" not in made


def test_figures_of_others_keep_their_looks() -> None:
    own = px.bar(x=["one", "two"], y=[1, 2], template="plotly_dark")
    made = page(notebook("# One", cell("", figure(own))), Page("one"))
    assert '"template": {' in made


def test_a_page_without_figures_is_small() -> None:
    assert len(page(notebook("# One", cell("", shown(text="1"))), Page("one"))) < 20_000


def test_nothing_is_loaded_from_anywhere(soup: BeautifulSoup) -> None:
    assert not soup.select("[src], link, iframe")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert str(policy["content"]).startswith("default-src 'none'; ")


def test_a_figure_says_what_it_shows(soup: BeautifulSoup) -> None:
    (first, _) = soup.select(".intercom-kit-figure")
    assert first["role"] == "figure"
    assert re.search(r"\w+.* n = \d+", str(first["aria-label"]))
    assert "<" not in str(first["aria-label"])


def test_a_figure_cannot_end_its_script() -> None:
    drawn = px.bar(x=["</script><b>"], y=[1])
    assert "</script><b>" not in page(notebook("# One", cell("", figure(drawn))), Page("one"))


def test_a_failure_is_told_on_top_and_escaped() -> None:
    made = page(notebook("# One", "## Two"), Page("one", failure="cell 3: <b>ValueError"))
    assert 'role="alert"' in made
    assert "cell 3: &lt;b&gt;ValueError" in made


def test_what_changed_stands_before_the_first_section() -> None:
    made = page(REVIEW, Page("week", changes="<p>Two numbers are others.</p>"))
    places = [made.index(text) for text in ("What happened.", "Two numbers are others.", 'id="what-came-in"')]
    assert places == sorted(places)
    assert 'href="#since-the-last-page"' in made


def test_an_index_links_pages_by_their_titles() -> None:
    made = index({"one.html": "One & two"}, "Examples")
    assert '<a href="one.html">One &amp; two</a>' in made
    assert "<title>Examples</title>" in made
