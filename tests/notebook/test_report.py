"""`intercom-kit report` runs one notebook on a workspace, and writes one page, with what is asked for beside it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from intercom_kit.cli import main
from intercom_kit.notebook import reporting
from intercom_kit.notebook.execution import Run
from intercom_kit.sandbox import Sandbox
from tests.pages.made import cell, figure, notebook, table
from tests.pages.test_tables import FRAME

pytest.importorskip("papermill", reason="parameters of notebooks need papermill, of the extra lab")

CHART = """
import intercom_kit as ik

ws = ik.connect()
found = ws.metric("conversations", period="week", since=since, until=1_795_377_600)
ik.charts.volume(found)
"""
LIST = 'ws.conversations(limit=70, since="2026-09-01")[["id", "state"]]'


def write(path: Path, *cells: str) -> Path:
    """Write a notebook: text that begins with # is its prose, and the first other cell its parameters."""
    made = [new_markdown_cell(each) if each.startswith("#") else new_code_cell(each) for each in cells]
    next(each for each in made if each.cell_type == "code").metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(cells=made), path)
    return path


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


@pytest.fixture
def connected(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from cron: a token in the environment, and no terminal."""
    monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def run(folder: Path, sandbox: Sandbox) -> Run:
    """The run that a page is made of; its notebook has all outputs."""
    path = write(folder / "own.ipynb", "# Our week", "since = '28d'", "## Charts", CHART, LIST, "1 / 0", "print(2)")
    environment = {"INTERCOM_BASE_URL": sandbox.base_url, "INTERCOM_ACCESS_TOKEN": sandbox.token}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**environment, "INTERCOM_MAX_REQUESTS": "60"}.items():
            patch.setenv(name, value)
        order = reporting.Order(path, folder / "week.html", {"since": "2026-10-05"}, csv=True, since_last=True)
        return reporting.report(order, dict(os.environ), lambda _: None)


@pytest.fixture(scope="module")
def page(folder: Path, run: Run) -> BeautifulSoup:
    assert run.failure == "cell 5: ZeroDivisionError: division by zero"
    return BeautifulSoup((folder / "week.html").read_text(), "html.parser")


def test_the_page_ends_where_a_cell_failed_and_says_so(page: BeautifulSoup) -> None:
    alert = page.select_one('[role="alert"]')
    assert alert is not None
    assert "ZeroDivisionError: division by zero" in alert.get_text()
    assert len(page.select(".intercom-kit-figure")) == 1


def test_parameters_are_set_and_told(page: BeautifulSoup, run: Run) -> None:
    assert "from the notebook own, since = 2026-10-05, with" in page.get_text()
    assert 'since = "2026-10-05"' in run.notebook.cells[2].source
    (number, *_) = run.numbers
    assert (number["metric"], number["at"][:10]) == ("conversations", "2026-11-09")


def test_a_table_beside_the_page_has_the_rows_that_the_page_leaves_out(folder: Path, page: BeautifulSoup) -> None:
    (written,) = folder.glob("*.csv")
    assert written.name == "week-02-charts.csv"
    assert len(written.read_text().splitlines()) == 71
    assert len(page.select("tbody tr")) < 30


def test_ids_are_links(page: BeautifulSoup) -> None:
    link = page.select_one("tbody td a")
    assert link is not None
    assert str(link["href"]).startswith("https://app.intercom.com/")


def test_the_numbers_of_a_part_are_not_kept_for_the_next_page(folder: Path, page: BeautifulSoup) -> None:
    assert "This is the first page" in page.get_text()
    assert not (folder / "week.json").exists()


def test_what_was_fetched_is_counted(run: Run) -> None:
    assert 0 < run.requests < 60


def test_nbconvert_alone_shows_the_figure_without_a_network(run: Run) -> None:
    exported, _ = HTMLExporter().from_notebook_node(run.notebook)  # type: ignore[no-untyped-call]
    assert exported.count("Plotly.newPlot(") == 1
    assert exported.count("intercomKitPlotly ??=") == 1


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, str]]]:
    """Have notebooks end as a test says, without a kernel; returns the environments in which they ran."""

    def ends(**run: Any) -> list[dict[str, str]]:
        environments: list[dict[str, str]] = []
        shown = notebook("# Our week", "## Ratings & others", cell("", figure()), cell("", table(FRAME)))

        def execute(path: Path, environment: dict[str, str], *_: Any, **__: Any) -> Run:
            environments.append(environment)
            return Run(path.stem, shown, **run)

        monkeypatch.setattr(reporting, "execute", execute)
        return environments

    return ends


@pytest.mark.usefixtures("connected")
def test_without_a_notebook_the_weekly_review_is_run_within_300_requests(
    executed: Callable[..., list[dict[str, str]]], tmp_path: Path
) -> None:
    environments = executed()
    result = report("--out", tmp_path / "week.html")
    assert result.exit_code == 0, result.output
    assert environments[0]["INTERCOM_MAX_REQUESTS"] == "300"
    assert "notebook 03_support_review" in (tmp_path / "week.html").read_text()
    assert result.stdout == f"{tmp_path / 'week.html'}: 0 requests, 0 s\n"


@pytest.mark.usefixtures("connected")
def test_the_next_page_is_compared_with_the_last(executed: Callable[..., list[dict[str, str]]], tmp_path: Path) -> None:
    number = {"metric": "csat", "title": "Satisfaction", "unit": "share", "definition": "d", "period": None}
    number |= {"groups": {}, "filters": {}, "at": None, "low": None, "high": None, "n": 9}
    for value in (0.8, 0.5):
        executed(numbers=[number | {"value": value}])
        assert report("--out", tmp_path / "week.html", "--since-last").exit_code == 0
    assert "Satisfaction</td>" in (tmp_path / "week.html").read_text()
    assert json.loads((tmp_path / "week.json").read_text())["numbers"][0]["value"] == 0.5


@pytest.mark.usefixtures("connected")
def test_pictures_and_tables_are_named_by_their_sections(
    executed: Callable[..., list[dict[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed()
    monkeypatch.setattr("plotly.io.write_images", lambda _, files, **__: [Path(each).touch() for each in files])
    assert report("--out", tmp_path / "week.html", "--png", "--csv").exit_code == 0
    names = {each.name for each in tmp_path.iterdir()}
    assert names == {"week.html", "week.json", "week-01-ratings-others.png", "week-02-ratings-others.csv"}


@pytest.mark.usefixtures("connected")
def test_without_a_browser_for_pictures_the_page_is_whole_and_the_command_fails(
    executed: Callable[..., list[dict[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(*_: Any, **__: Any) -> None:
        raise RuntimeError("no Chrome")

    executed()
    monkeypatch.setattr("plotly.io.write_images", draw)
    result = report("--out", tmp_path / "week.html", "--png")
    assert result.exit_code == 1
    assert "Pictures of figures need Chromium or Chrome: install one of them." in result.output
    assert "Our week" in (tmp_path / "week.html").read_text()


@pytest.mark.usefixtures("connected")
def test_without_kaleido_pictures_are_refused_before_anything_is_asked(
    executed: Callable[..., list[dict[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments = executed()
    monkeypatch.setattr("intercom_kit.charts.shown.pictures.find_spec", lambda _: None)
    result = report("--out", tmp_path / "week.html", "--png")
    assert result.exit_code == 1
    assert "need kaleido: pip install kaleido" in result.output
    assert environments == []


def test_where_nothing_is_connected_that_is_the_error_and_nothing_runs(
    executed: Callable[..., list[dict[str, str]]], tmp_path: Path
) -> None:
    environments = executed()
    result = report("--out", tmp_path / "week.html")
    assert result.exit_code == 1
    assert result.output.startswith("Error: Not connected: there is no credential.")
    assert environments == []


@pytest.mark.usefixtures("connected")
def test_a_profile_that_is_named_comes_before_a_token_of_another_workspace(
    executed: Callable[..., list[dict[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments = executed()
    monkeypatch.setattr("intercom_kit.auth.finding.find", lambda profile: profile)
    assert report("--out", tmp_path / "week.html", "--profile", "acme").exit_code == 0
    assert environments[0]["INTERCOM_PROFILE"] == "acme"
    assert not {"INTERCOM_ACCESS_TOKEN", "INTERCOM_BASE_URL"} & environments[0].keys()


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["own.ipynb", "-p", "sinse=28d"], "The notebook own has no parameter 'sinse': its parameters are since."),
        (["own.ipynb", "-p", "since"], "-p since sets nothing: give NAME=VALUE, such as since=28d."),
        (["none.ipynb"], "There is no file none.ipynb."),
        (["99_none"], "It holds: 00_connect"),
        (["--demo", "--profile", "acme"], "Give --demo or --profile, not both."),
        (["text.ipynb"], "'text.ipynb' is no notebook: name a file that ends in .ipynb."),
        (["--max-requests", "0"], "0 is not in the range"),
    ],
    ids=str,
)
def test_a_mistake_is_one_sentence(
    executed: Callable[..., list[dict[str, str]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    environments = executed()
    monkeypatch.chdir(tmp_path)
    write(Path("own.ipynb"), "# Own", "since = '28d'")
    Path("text.ipynb").write_text("no notebook")
    result = report(*arguments)
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert environments == []
