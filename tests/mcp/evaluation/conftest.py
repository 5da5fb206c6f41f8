"""What the sandbox's raw records say, for whoever asks the server."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from intercom_kit.sandbox import Sandbox

from ..test_questions import World
from .raw import tables_of


@pytest.fixture(scope="module")
def raw(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The raw records as tables."""
    world = World(sandbox)
    database = tables_of(world, Path(tmp_path_factory.mktemp("raw")))
    world.http.close()
    yield database
    database.close()
