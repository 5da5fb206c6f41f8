"""Serve workspaces with planted differences, and ask whether jobs are ready without waiting long."""

from collections.abc import Iterator

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW

SIZE = {"conversations": 110, "contacts": 40, "companies": 15, "tickets": 20, "days": 70, "now": NOW}
SINCE, UNTIL = "2026-10-10", "2026-11-20"
SPAN = {"since": SINCE, "until": UNTIL}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.reports.jobs.FIRST_WAIT", 0.01)
    monkeypatch.setattr("intercom_kit.reports.jobs.LONGEST_WAIT", 0.02)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox as it is generated."""
    with serve(**SIZE, rate_limit=100_000) as running:
        yield running


@pytest.fixture(scope="module")
def ws(sandbox: Sandbox) -> Iterator[Workspace]:
    with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        yield workspace
