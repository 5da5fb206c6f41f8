"""What the tests of live SQL share: how many queries to try, and a world that is small, and known whole."""

import os
from collections.abc import Iterator

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import serve_in_child
from tests.conftest import NOW

from .whole import Whole

SIZE = {"conversations": 300, "contacts": 120, "companies": 40}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--fuzz 5000` try more queries, `--statements 20000` more statements, and `--fuzz-seed 9` others."""
    parser.addoption("--fuzz", type=int, default=500, help="how many random queries live SQL answers")
    parser.addoption("--fuzz-seed", type=int, default=1, help="which random queries and conditions these are")
    parser.addoption("--statements", type=int, default=600, help="how many random statements are answered or refused")
    count = int(os.environ.get("CONDITIONS", "20000"))
    parser.addoption("--conditions", type=int, default=count, help="how many random conditions are read")


@pytest.fixture(scope="session")
def live() -> Iterator[Workspace]:
    """A workspace connected to a sandbox that nobody changes, and that is never out of budget."""
    with (
        serve_in_child(**SIZE, seed=7, now=NOW, rate_limit=100_000_000) as address,
        connect(address.token, base_url=address.base_url) as workspace,
    ):
        yield workspace


@pytest.fixture(scope="session")
def whole(live: Workspace) -> Iterator[Whole]:
    """All that the workspace holds, in plain DuckDB."""
    loaded = Whole(live)
    yield loaded
    loaded.close()
