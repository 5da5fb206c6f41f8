"""Installed from the wheel, commands work in an empty folder, and write nothing among what is installed."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT
from .installed import Environment

# Leaves only what the package itself and one of its extras require to be imported.
ONLY_REQUIRED = """
import importlib.metadata as metadata, importlib, pkgutil, sys
from packaging.requirements import Requirement

def required(name, extra=""):
    found, wanted = set(), [(name, extra)]
    while wanted:
        name, extra = wanted.pop()
        for requirement in map(Requirement, metadata.requires(name) or []):
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": each}) for each in ("", extra)):
                new = [(requirement.name, each) for each in ("", *requirement.extras)]
                wanted += set(new) - found
                found |= set(new)
    return {name.lower().replace("_", "-") for name, _ in found} | {"intercom-kit"}

ours = required("intercom_kit", "EXTRA")
hidden = []
for module, owners in metadata.packages_distributions().items():
    if not {owner.lower().replace("_", "-") for owner in owners} & ours:
        sys.modules[module] = None
        hidden.append(module)
assert "jupyterlab" in hidden and "nbconvert" in hidden, hidden
assert "pandas" not in hidden
"""

WITH_NOTEBOOKS = """
import intercom_kit
PAGES = ("demo", "execution", "pages", "reporting")
ONLY_FOR_PAGES = tuple("intercom_kit.notebook." + name for name in PAGES)
ENGINES, STORES = "intercom_kit.lake.engines.", "intercom_kit.lake.stores."
ONLY_FOR_SPARK = ("intercom_kit.lake.dialect", ENGINES + "spark", ENGINES + "cluster")
ONLY_FOR_DIALECTS = ("intercom_kit.mcp.forgiving.sql.calls",)
ONLY_FOR_STORES = (STORES + "remote", STORES + "reading", STORES + "filesystems")
for module in pkgutil.walk_packages(intercom_kit.__path__, "intercom_kit."):
    if not module.name.startswith(ONLY_FOR_PAGES + ONLY_FOR_SPARK + ONLY_FOR_DIALECTS + ONLY_FOR_STORES):
        importlib.import_module(module.name)
from intercom_kit.cli import main
main(["sql", "select 7 as seven", "--demo", "--csv"])
"""

FOR_AN_ASSISTANT = """
assert {"plotly", "ipywidgets", "IPython"} <= set(hidden)
import anyio
from mcp import Client
from intercom_kit.connecting import demo
from intercom_kit.mcp.server import make_server

async def asked():
    async with Client(make_server(demo)) as client:
        answer = await client.call_tool("intercom_query", {"sql": "select 7 as seven"})
        measured = await client.call_tool("intercom_metric", {"name": "csat"})
    print(answer.structured_content["rows"], measured.is_error)

anyio.run(asked)

import intercom_kit as ik
from intercom_kit.cli import main

def refused(ask):
    try:
        ask()
    except ik.MissingExtraError as error:
        print(error)

refused(lambda: ik.charts)
refused(lambda: ik.ConnectPanel)
refused(lambda: importlib.import_module("intercom_kit.charts.waits"))
main(["lab"])
"""


@pytest.fixture
def folder(installed: Environment) -> Iterator[Path]:
    """The folder in which programs run, empty; what is installed must stay as it is."""
    package = installed.site / "intercom_kit"
    before = contents(package)
    for each in installed.home.rglob("*"):
        each.is_dir() or each.unlink()
    for each in sorted(installed.home.rglob("*"), reverse=True):
        each.rmdir()
    yield installed.home
    assert contents(package) == before


def contents(package: Path) -> set[str]:
    """Return the files of a package but for those that Python compiles."""
    return {str(file.relative_to(package)) for file in package.rglob("*") if "__pycache__" not in file.parts}


def stated_version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def test_the_command_tells_the_version_that_pyproject_states(installed: Environment) -> None:
    assert installed.run("intercom-kit", "--version") == f"intercom-kit, version {stated_version()}\n"


def test_python_m_is_the_command(installed: Environment) -> None:
    assert installed.run("python", "-m", "intercom_kit", "--version") == installed.run("intercom-kit", "--version")
    assert installed.run("python", "-m", "intercom_kit", "--help").startswith("Usage: python -m intercom_kit ")


def test_the_modules_are_those_of_the_wheel(installed: Environment) -> None:
    where = installed.run("python", "-c", "import intercom_kit; print(intercom_kit.__file__)")
    assert Path(where.strip()).parent == installed.site / "intercom_kit"


def only_with(extra: str) -> str:
    return ONLY_REQUIRED.replace("EXTRA", extra)


def test_without_jupyterlab_all_but_running_notebooks_works(installed: Environment, folder: Path) -> None:
    assert installed.run("python", "-c", only_with("notebook") + WITH_NOTEBOOKS) == "seven\n7\n"


def test_a_server_needs_neither_plotly_nor_widgets_nor_ipython_and_what_does_names_its_extra(
    installed: Environment, folder: Path
) -> None:
    with installed.running("python", "-c", only_with("") + FOR_AN_ASSISTANT) as program:
        printed, _ = program.communicate(timeout=120)
    needed = [("plotly", "notebook"), ("IPython", "notebook"), ("plotly", "notebook"), ("jupyterlab", "lab")]
    told = "This needs {}, which is not installed: pip install 'intercom_kit[{}]'."
    *lines, last = [told.format(*each) for each in needed]
    assert printed.splitlines() == ["[[7]] False", *lines, f"Error: {last}"]


def test_report_runs_an_example_in_an_empty_folder(installed: Environment, folder: Path) -> None:
    printed = installed.run("intercom-kit", "report", "00_connect", "--demo", "--out", "connect.html")
    assert printed.startswith("connect.html: ")
    assert {each.name for each in folder.iterdir()} == {"connect.html", "connect.json"}
    assert "<h1>Connect</h1>" in (folder / "connect.html").read_text()


def test_lab_opens_a_copy_of_the_examples_in_an_empty_folder(installed: Environment, folder: Path) -> None:
    with installed.running("intercom-kit", "lab", "--no-browser") as lab:
        served = next(line.split(": ")[-1].strip() for line in lab.stdout if "Serving notebooks from" in line)
    copies = {each.name: each.read_bytes() for each in (folder / "notebooks").glob("*.ipynb")}
    assert Path(served) == folder / "notebooks"
    assert copies == {file.name: file.read_bytes() for file in (ROOT / "notebooks").glob("*.ipynb")}


def test_an_editable_install_uses_the_notebooks_of_the_repository(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.install("--editable", ROOT)
    printed = environment.run("python", "-c", "from intercom_kit.notebook import shipped; print(shipped.examples())")
    assert Path(printed.strip()) == ROOT / "notebooks"
    assert not (environment.site / "intercom_kit").exists()
