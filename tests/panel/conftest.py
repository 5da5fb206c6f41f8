"""Panels before the sandbox, with profiles and an app of the test's own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intercom_kit import ConnectPanel
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import SMALL
from .person import Person

Open = Callable[..., Person]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test's profiles in a folder of its own, and let the kernel be on the browser's machine."""
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path / "kept"))
    for name in [name for name in os.environ if name.startswith(("JUPYTERHUB_", "BINDER_", "SSH_CONNECTION"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def european() -> Iterator[Sandbox]:
    """Another workspace, kept in Europe."""
    with serve(**SMALL, region="eu") as sandbox:
        sandbox.workspace.name, sandbox.workspace.id_code = "Südwind", "european1"
        yield sandbox


@pytest.fixture
def panel(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Show panels to a person; the sandbox's app is known to them."""
    monkeypatch.setenv("INTERCOM_CLIENT_ID", sandbox.client_id)
    monkeypatch.setenv("INTERCOM_CLIENT_SECRET", sandbox.client_secret)
    shown: list[Person] = []

    def opened(**options: object) -> Person:
        shown.append(Person(ConnectPanel(**{"base_url": sandbox.base_url} | options)))
        return shown[-1]

    yield opened
    for person in shown:
        if person.panel.state == "connected":
            person.panel.workspace.close()
        elif "Cancel" in person.labels:
            person.press("Cancel")
        person.panel.close_all()
