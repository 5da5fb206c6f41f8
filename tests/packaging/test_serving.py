"""What registries, desktop assistants and containers are told of the server agrees with what is built."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from intercom_kit.cli import main
from tools.bundle import bundle

from .conftest import ROOT, Built

SERVER: dict[str, Any] = json.loads((ROOT / "server.json").read_text())
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
(PACKAGE,) = SERVER["packages"]


def test_registries_are_told_the_package_that_this_is() -> None:
    assert SERVER["version"] == PACKAGE["version"] == PROJECT["version"]
    assert PACKAGE["identifier"].replace("-", "_") == PROJECT["name"]
    assert not [each for each in PACKAGE["environmentVariables"] if "default" in each]
    assert len(SERVER["description"]) <= 100  # more is refused
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", SERVER["name"])


def test_uvx_finds_a_command_of_the_name_that_registries_are_told() -> None:
    """As `uvx intercom-kit mcp`, which looks for a command that is called as the package is."""
    assert PACKAGE["identifier"] in PROJECT["scripts"]
    assert [each["value"] for each in PACKAGE["packageArguments"]] == ["mcp"]
    assert "mcp" in main.commands


def test_the_readme_tells_registries_whose_package_it_is() -> None:
    assert f"<!-- mcp-name: {SERVER['name']} -->" in (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def unpacked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the bundle for desktop assistants holds."""
    folder = tmp_path_factory.mktemp("bundle")
    wheel = Path(shutil.copy(built.wheel, folder))
    with ZipFile(bundle(ROOT, wheel)) as packed:
        packed.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_a_bundle_holds_the_wheel_and_what_starts_it(unpacked: Path, built: Built) -> None:
    assert (unpacked / built.wheel.name).read_bytes() == built.wheel.read_bytes()
    project = tomllib.loads((unpacked / "pyproject.toml").read_text())
    assert project["tool"]["uv"]["sources"]["intercom_kit"]["path"] == built.wheel.name
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert project["tool"]["uv"]["constraint-dependencies"] == pins
    command = [sys.executable, str(unpacked / "server.py"), "--help"]
    assert "Serve an assistant over MCP" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_bundle_asks_for_what_the_server_takes(unpacked: Path) -> None:
    manifest = json.loads((unpacked / "manifest.json").read_text())
    config = manifest["server"]["mcp_config"]
    assert (manifest["server"]["type"], manifest["version"]) == ("uv", PROJECT["version"])
    assert (unpacked / manifest["server"]["entry_point"]).exists()
    assert set(config["env"]) == {each["name"] for each in PACKAGE["environmentVariables"]}
    asked = {name: f"${{user_config.{name}}}" for name in manifest["user_config"]}
    assert set(config["env"].values()) == set(asked.values())
    assert manifest["user_config"]["access_token"]["sensitive"]
    assert not manifest["user_config"]["access_token"]["required"]  # a profile may be stored
    assert {each["default"] for each in manifest["user_config"].values()} == {""}  # that of a profile counts then


def test_a_container_gets_all_that_building_takes() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packed = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert "--no-compile" not in "".join(lines)  # each start would take seconds longer
    assert copied == {"pyproject.toml", "constraints.txt", PROJECT["readme"], *PROJECT["license-files"], *packed}
