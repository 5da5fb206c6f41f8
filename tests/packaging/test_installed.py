"""Installed from the wheel, commands work in an empty folder, and write nothing among what is installed."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT
from .installed import Environment

# Imports every module where only what the package itself requires can be imported.
WITHOUT_EXTRAS = """
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

ours = required("intercom_kit")
hidden = []
for module, owners in metadata.packages_distributions().items():
    if not {owner.lower().replace("_", "-") for owner in owners} & ours:
        sys.modules[module] = None
        hidden.append(module)
assert "jupyterlab" in hidden and "nbconvert" in hidden, hidden
assert "pandas" not in hidden

import intercom_kit
PAGES = ("demo", "execution", "pages", "reporting")
ONLY_FOR_PAGES = tuple("intercom_kit.notebook." + name for name in PAGES)
ENGINES, STORES = "intercom_kit.lake.engines.", "intercom_kit.lake.stores."
ONLY_FOR_SPARK = ("intercom_kit.lake.dialect", ENGINES + "spark", ENGINES + "cluster")
ONLY_FOR_STORES = (STORES + "remote", STORES + "reading", STORES + "filesystems")
for module in pkgutil.walk_packages(intercom_kit.__path__, "intercom_kit."):
    if not module.name.startswith(ONLY_FOR_PAGES + ONLY_FOR_SPARK + ONLY_FOR_STORES):
        importlib.import_module(module.name)
from intercom_kit.cli import main
main(["sql", "select 7 as seven", "--demo", "--csv"])
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


def test_without_jupyterlab_all_but_notebooks_works(installed: Environment, folder: Path) -> None:
    assert installed.run("python", "-c", WITHOUT_EXTRAS) == "seven\n7\n"


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
