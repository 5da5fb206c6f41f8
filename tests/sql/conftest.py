"""What the tests of live SQL share: how many queries to try, and a world that is small, and known whole."""

from collections.abc import Iterator

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import serve_in_child
from tests.conftest import NOW

from .whole import Whole

SIZE = {"conversations": 300, "contacts": 120, "companies": 40}


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
