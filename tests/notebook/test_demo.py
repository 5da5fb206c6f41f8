"""Pages of notebooks: one that is there stays until the new one is whole, and a folder that will not do is named."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_markdown_cell, new_notebook

from intercom_kit.cli import main
from intercom_kit.notebook import demo
from intercom_kit.notebook.execution import Run
from intercom_kit.sandbox import serve

from ..conftest import SMALL

executed: list[str] = []


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run notebooks without a kernel."""

    def execute(path: Path, environment: Mapping[str, str]) -> Run:
        executed.append(path.name)
        return Run(path.stem, new_notebook(cells=[new_markdown_cell("# New")]))

    executed.clear()
    monkeypatch.setattr(demo, "execute", execute)
    monkeypatch.setattr(demo, "serve", lambda: serve(**SMALL))


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("01_one", "02_two"):
        (folder / f"{name}.ipynb").write_text("")
    return folder


def run(notebooks: Path, output: Path) -> Result:
    return CliRunner().invoke(main, ["demo", "--notebooks", str(notebooks), "--output", str(output)])


def test_pages_take_the_places_of_the_old_ones(notebooks: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "01_one.html").write_text("old")
    assert run(notebooks, pages).exit_code == 0
    assert {each.name for each in pages.iterdir()} == {"01_one.html", "02_two.html", "index.html"}
    assert re.search("<h1[^>]*>New", (pages / "01_one.html").read_text())


def test_a_full_disk_leaves_the_old_page_and_is_told(
    notebooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "01_one.html").write_text("old")
    write_text = Path.write_text

    def full(self: Path, text: str, **options: str) -> int:
        write_text(self, text[:100], **options)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        result = run(notebooks, pages)
    assert result.exit_code == 1
    assert result.output.endswith(
        f"Error: The folder '{pages}' cannot be written to (No space left on device), and what was in it is as before: "
        "make room there, or name another.\n"
    )
    assert [(each.name, each.read_text()) for each in pages.iterdir()] == [("01_one.html", "old")]


def test_a_folder_that_cannot_be_made_is_named_before_anything_is_run(notebooks: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    result = run(notebooks, tmp_path / "taken" / "pages")
    assert result.exit_code == 1
    assert "taken/pages' cannot be written to (Not a directory)" in result.output
    assert executed == []
