"""The wheel and the sdist hold what users need, and describe it as a package index expects."""

import subprocess
import sys
import tarfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest

from .conftest import ROOT, Built

EXAMPLES = "intercom_kit/notebook/examples/"


@pytest.fixture(scope="module")
def names(built: Built) -> list[str]:
    """The files that the wheel holds."""
    return ZipFile(built.wheel).namelist()


@pytest.fixture(scope="module")
def metadata(built: Built) -> Message:
    """What the wheel says of itself."""
    with ZipFile(built.wheel) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(wheel.read(name))


def passes(tool: str, *arguments: str | Path) -> bool:
    command = [sys.executable, "-m", tool, *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    print(run.stdout, run.stderr)
    return run.returncode == 0


def test_twine_finds_nothing_wrong(built: Built) -> None:
    assert passes("twine", "check", "--strict", built.wheel, built.sdist)


def test_check_wheel_contents_finds_nothing_wrong(built: Built) -> None:
    assert passes("check_wheel_contents", built.wheel)


def test_the_wheel_installs_one_package_and_nothing_beside_it(names: list[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in names} == {"intercom_kit"}


def test_the_wheel_holds_every_module(names: list[str]) -> None:
    modules = {file.relative_to(ROOT).as_posix() for file in (ROOT / "intercom_kit").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules


def test_the_wheel_holds_what_pages_are_made_of(names: list[str]) -> None:
    assert {f"intercom_kit/notebook/pages/page.{kind}" for kind in ("html.j2", "css", "js")} <= set(names)


def test_the_wheel_tells_type_checkers_that_it_is_typed(names: list[str], metadata: Message) -> None:
    assert "intercom_kit/py.typed" in names
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


def test_the_wheel_holds_the_notebooks_of_the_repository(built: Built) -> None:
    with ZipFile(built.wheel) as wheel:
        held = {name.removeprefix(EXAMPLES): wheel.read(name) for name in wheel.namelist() if EXAMPLES in name}
    assert held == {file.name: file.read_bytes() for file in (ROOT / "notebooks").glob("*.ipynb")}


def test_the_oldest_python_that_it_requires_is_among_its_classifiers(metadata: Message) -> None:
    oldest = metadata["Requires-Python"].removeprefix(">=")
    assert f"Programming Language :: Python :: {oldest}" in metadata.get_all("Classifier", [])


def test_it_can_be_found_by_keywords(metadata: Message) -> None:
    assert {"intercom", "pandas", "duckdb", "jupyter"} <= set(metadata["Keywords"].split(","))


def test_the_sdist_holds_what_building_and_testing_take_and_nothing_else(built: Built) -> None:
    with tarfile.open(built.sdist) as sdist:
        held = {name.split("/")[1] for name in sdist.getnames()}
    folders = {"docs", "intercom_kit", "notebooks", "tests", "tools"}
    texts = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"}
    settings = {"Dockerfile", "Makefile", "constraints.txt", "mkdocs.yml", "pyproject.toml", "server.json"}
    assert held == folders | texts | settings | {".gitignore", "PKG-INFO"}  # both of which hatchling adds
