"""Notebooks that demo and lab find, and pages of them: an old page stays until the new one is whole."""

import re
import signal
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_markdown_cell, new_notebook

from intercom_kit.cli import main
from intercom_kit.notebook import demo, shipped
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


def in_folder(folder: Path, *arguments: str) -> Result:
    with chdir(folder):
        return CliRunner().invoke(main, list(arguments))


def test_notebooks_of_the_current_folder_come_before_the_examples(notebooks: Path) -> None:
    result = in_folder(notebooks.parent, "demo")
    assert result.exit_code == 0, result.output
    assert executed == ["01_one.ipynb", "02_two.ipynb"]


def test_where_there_are_none_the_examples_are_run_outside_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Path] = []
    monkeypatch.setattr(demo, "execute", lambda path, _: ran.append(path.parent) or Run(path.stem, new_notebook()))
    assert in_folder(tmp_path, "demo", "01_first_look").exit_code == 0
    assert shipped.examples() not in ran
    assert not ran[0].exists()


def test_an_unknown_name_is_answered_with_the_examples(tmp_path: Path) -> None:
    result = in_folder(tmp_path, "demo", "99_none")
    assert result.exit_code == 2
    assert "01_first_look" in result.output


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that JupyterLab was opened on; none of them is really opened."""
    folders: list[Path] = []
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("intercom_kit.sandbox.serve", lambda: serve(**SMALL))
    monkeypatch.setattr("intercom_kit.notebook.lab.open_lab", lambda folder, *_, **__: folders.append(folder) or 0)
    return folders


def test_a_lab_copies_the_examples_once_and_leaves_what_was_changed_in_them(tmp_path: Path, opened: list[Path]) -> None:
    assert "copied into the folder notebooks" in in_folder(tmp_path, "lab").output
    changed = tmp_path / "notebooks" / "01_first_look.ipynb"
    changed.write_text("mine")
    assert in_folder(tmp_path, "lab").output == ""
    assert changed.read_text() == "mine"
    assert opened == [Path("notebooks")] * 2


def test_a_lab_on_a_folder_of_ones_own_copies_nothing(notebooks: Path, tmp_path: Path, opened: list[Path]) -> None:
    (tmp_path / "empty").mkdir()
    assert in_folder(tmp_path / "empty", "lab", "--notebooks", str(notebooks)).exit_code == 0
    assert opened == [notebooks]
    assert list((tmp_path / "empty").iterdir()) == []


def test_pages_take_the_places_of_the_old_ones(notebooks: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "01_one.html").write_text("old")
    assert run(notebooks, pages).exit_code == 0
    assert {each.name for each in pages.iterdir()} == {"01_one.html", "02_two.html", "index.html", "plotly.min.js"}
    assert re.search("<h1>New", (pages / "01_one.html").read_text())


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
