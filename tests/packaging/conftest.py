"""Build the package once, without a package index, and install it once."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .installed import Environment

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """What a release consists of."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return Built(next(folder.glob("*.whl")), next(folder.glob("*.tar.gz")))


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel; what its programs write must not matter to other tests."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.install(built.wheel)
    return environment
