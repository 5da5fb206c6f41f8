"""Pages that `intercom-kit demo` writes can be used by keyboard and screen reader, in either scheme."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser

from intercom_kit.notebook.demo import demonstrate

from .accessibility import stumbles

CELLS = [
    new_markdown_cell("# A week\n\nWhat [Intercom](https://www.intercom.com) says, and `ws.sql` counts."),
    new_code_cell("import intercom_kit as ik\n\nws = ik.demo()\nws.conversations(limit=3)"),
    new_code_cell("answer = ws.metric('first_response_time', period='week', since='28d')\nanswer"),
    new_code_cell("ik.charts.waiting_times(answer)"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages of two small notebooks, and of the page that lists them."""
    folder = tmp_path_factory.mktemp("pages")
    notebooks = {"week": CELLS, "words": CELLS[:1]}
    for name, cells in notebooks.items():
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")  # type: ignore[no-untyped-call]
    assert demonstrate([folder / f"{name}.ipynb" for name in notebooks], folder / "out")
    return folder / "out"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["week.html", "index.html"])
def test_nothing_serious_is_found(chromium: Browser, written: Path, name: str, scheme: str) -> None:
    with chromium.new_context(color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto((written / name).as_uri())
        assert stumbles(page) == []


def test_every_link_is_reached_by_keyboard(chromium: Browser, written: Path) -> None:
    page = chromium.new_page()
    page.goto((written / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "week.html"
    page.close()
