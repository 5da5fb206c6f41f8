"""What the tests of the lake share: a small lake that nobody changes, and small steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import intercom_kit as ik
from intercom_kit import Workspace, connect
from intercom_kit.lake import keyed, planning
from intercom_kit.lake.opened import Lake
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW

SIZE = {"conversations": 200, "contacts": 80, "companies": 30, "tickets": 40}
KEYED = ["contact_companies", "contact_tags", "contact_segments"]


@pytest.fixture(scope="session", autouse=True)
def _small_steps() -> Iterator[None]:
    """Cut exports into many steps, as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "ROWS_OF_A_SPAN", 120)
        patch.setattr(keyed, "KEYS_OF_A_STEP", 50)
        yield


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """A sandbox that nobody changes."""
    with serve(**SIZE, seed=7, now=NOW, rate_limit=100_000_000) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def ws(served: Sandbox) -> Iterator[Workspace]:
    """A workspace connected to it."""
    with connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


@pytest.fixture(scope="session")
def folder(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lake with all its tables."""
    folder = tmp_path_factory.mktemp("lake") / "lake"
    ws.export(folder, "all", parts=True, events=True, max_requests=100_000)
    return folder


@pytest.fixture(scope="session")
def lake(folder: Path) -> Iterator[Lake]:
    """The lake in that folder."""
    with ik.open(folder) as opened:
        yield opened
