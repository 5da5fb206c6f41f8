"""A trial of a release: build it, check what was built, install it into an environment of its own, and use it."""

import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import anyio
import click
from mcp import Client, StdioServerParameters

QUERY = "select count(*) > 0 as found from conversations"
NOTEBOOK = "01_first_look"
LARGEST_SERVER = 240  # megabytes of what a server for assistants needs, of which DuckDB, NumPy and pandas are 172


def copied(root: Path, folder: Path) -> Path:
    """Copy the source into a folder, without what .gitignore names."""
    ignored = (line.strip("/") for line in (root / ".gitignore").read_text(encoding="utf-8").split())
    return Path(shutil.copytree(root, folder, ignore=shutil.ignore_patterns(".git", *ignored)))


def build(source: Path, output: Path) -> Path:
    """Build the sdist, and the wheel from it; check both, and return the wheel."""
    with step("build"):
        pinned = {**os.environ, "UV_CONSTRAINT": "constraints.txt"}  # of the environment that it is built in
        run(sys.executable, "-m", "build", "--installer", "uv", "--outdir", output, ".", cwd=source, env=pinned)
    wheel, sdist = next(output.glob("*.whl")), next(output.glob("*.tar.gz"))
    with step("check"):
        run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
        run(sys.executable, "-m", "check_wheel_contents", wheel)
    return wheel


def use(wheel: Path, constraints: Path, version: str, folder: Path, *, lab: bool) -> None:
    """Install the wheel into a new environment, with JupyterLab or as a server, and use it from an empty folder."""
    environment = Environment(folder)
    with step("install"):
        environment.install(f"{wheel}[{'lab' if lab else 'mcp'}]", constraints)
    if not lab and environment.megabytes > LARGEST_SERVER:
        raise click.ClickException(f"The extra mcp takes {environment.megabytes} MB, over {LARGEST_SERVER}.")
    with step("use"):
        environment.answers(f"intercom-kit, version {version}", "intercom-kit", "--version")
        environment.answers("found\nTrue", "python", "-m", "intercom_kit", "sql", QUERY, "--demo", "--csv")
        if not lab:
            return
        environment.run("intercom-kit", "demo", NOTEBOOK)
        if not (environment.home / "demo-pages" / f"{NOTEBOOK}.html").is_file():
            raise click.ClickException(f"intercom-kit demo {NOTEBOOK} wrote no page.")
        environment.run("intercom-kit", "report", "--demo", "--out", "week.html")  # fails where a cell does


def serve(bundle: Path, folder: Path) -> None:
    """Unpack the bundle, start its server as an assistant's program does, and ask it for the demo workspace."""
    with ZipFile(bundle) as packed:
        packed.extractall(folder)
    config = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["server"]["mcp_config"]
    arguments = [str(each).replace("${__dirname}", str(folder)) for each in config["args"]]
    with step("serve"):
        found = anyio.run(_asked, ["-m", "uv", *arguments, "--demo"])
    if found != [[True]]:
        raise click.ClickException(f"The server of {bundle.name} answered {found!r}.")


async def _asked(arguments: list[str]) -> Any:
    server = StdioServerParameters(command=sys.executable, args=arguments, env=_without_settings())
    async with Client(server) as client:
        answer = await client.call_tool("intercom_query", {"sql": QUERY})
    return answer.structured_content and answer.structured_content["rows"]


class Environment:
    """A new environment, whose programs run in an empty folder and without the user's settings."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self._folder = folder / "environment"
        self._scripts = self._folder / ("Scripts" if os.name == "nt" else "bin")
        venv.create(self._folder)

    @property
    def megabytes(self) -> int:
        """The size of what is installed."""
        files = (each for each in self._folder.rglob("*") if each.is_file() and not each.is_symlink())
        return sum(each.stat().st_size for each in files) // 1_000_000

    def install(self, what: str, constraints: Path) -> None:
        """Install a wheel with the versions that the tests run with."""
        uv = (sys.executable, "-m", "uv", "pip", "install", "--python", self._scripts / "python")
        run(*uv, "--constraint", constraints, what)

    def answers(self, expected: str, *command: str) -> None:
        """Run a command that must print exactly this."""
        printed = self.run(*command)
        if printed.strip().splitlines() != expected.splitlines():
            raise click.ClickException(f"{' '.join(command)} printed {printed!r} instead of {expected!r}.")

    def run(self, script: str, *arguments: str | Path) -> str:
        """Run a program of the environment, and return what it printed."""
        own = {"INTERCOM_KIT_HOME": str(self.home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        return run(self._scripts / script, *arguments, cwd=self.home, env={**_without_settings(), **own})


def _without_settings() -> dict[str, str]:
    """Return the environment without what would change how the package runs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("INTERCOM_", "PYTHON"))}


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a program, and return what it printed; where it fails, show that and its errors, and end."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, env=env, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print a step and how long it took."""
    click.echo(f"{name} … ", nl=False)
    began = time.monotonic()
    yield
    click.echo(f"{time.monotonic() - began:.1f} s")
