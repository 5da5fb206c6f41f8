"""A panel that is waited for where nobody can click ends with an error within seconds, and says what to do."""

import asyncio
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from intercom_kit import NotConnectedError
from intercom_kit.notebook import frontend
from intercom_kit.notebook.execution import execute

from .conftest import Open


def test_in_a_notebook_that_runs_unattended(tmp_path: Path) -> None:
    path = tmp_path / "waits.ipynb"
    cells = [new_code_cell("import intercom_kit as ik"), new_code_cell("ws = await ik.ConnectPanel().ready()")]
    nbformat.write(new_notebook(cells=cells), path)
    apart = {name: value for name, value in os.environ.items() if not name.startswith("INTERCOM_")}
    run = execute(path, {**apart, "INTERCOM_KIT_HOME": str(tmp_path / "home")}, cell_seconds=60)
    assert "NotConnectedError: Nobody can click here" in run.failure
    for remedy in ("INTERCOM_ACCESS_TOKEN", "intercom-kit login", "intercom_kit.demo()"):
        assert remedy in run.failure


def test_in_a_program_without_a_notebook(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.notebook.panel._GRACE", 0.2)
    began = time.monotonic()
    with pytest.raises(NotConnectedError, match="Nobody can click here"):
        asyncio.run(panel().panel.ready())
    assert time.monotonic() - began < 5


def test_what_a_program_began_is_waited_for(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.notebook.panel._GRACE", 0.01)
    person = panel()

    async def pressed() -> Any:
        person.press("Demo")
        return await person.panel.ready()

    assert asyncio.run(pressed()) is person.panel.workspace


def test_before_a_person_it_waits(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.notebook.panel._GRACE", 0.01)
    monkeypatch.setattr("intercom_kit.notebook.panel.nobody", lambda: None)
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(panel().panel.ready(), 0.3))


def test_in_a_kernel_that_hears_no_click_meanwhile(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.notebook.panel._GRACE", 0.01)
    monkeypatch.setattr("intercom_kit.notebook.panel.nobody", lambda: None)
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace(version_info=(6, 29, 5)))
    with pytest.raises(NotConnectedError, match=r"ipykernel 6\.29 passes a click on only .* use panel\.workspace"):
        asyncio.run(panel().panel.ready())


def test_marimo_shows_what_to_call_in_place_of_a_panel(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    person = panel()
    monkeypatch.setitem(sys.modules, "marimo", SimpleNamespace(running_in_notebook=lambda: True))
    assert (
        "marimo shows no widgets of Jupyter: connect without a panel" in person.panel._repr_mimebundle_()["text/html"]
    )
    person.press("Demo")
    person.wait_for("connected")
    assert "text/html" not in person.panel._repr_mimebundle_()


@pytest.mark.parametrize(
    ("shell", "why"),
    [
        (None, "this is no notebook"),
        (SimpleNamespace(), "this is no notebook"),
        (SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=False)), "runs unattended"),
        (SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=True)), None),
    ],
    ids=["no IPython", "a terminal", "nbconvert", "JupyterLab"],
)
def test_who_is_there_is_known_by_whether_a_cell_may_ask(
    shell: object, why: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "get_ipython", lambda: shell)
    said = frontend.nobody()
    assert said is None if why is None else why in said
