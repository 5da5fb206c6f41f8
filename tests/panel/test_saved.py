"""A notebook that is executed and written back, as by `nbmake --overwrite`, which saves what widgets hold."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from intercom_kit.notebook.environment import beside
from intercom_kit.sandbox import Sandbox

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "00_connect.ipynb"


def test_an_executed_notebook_holds_widgets_and_no_secret(sandbox: Sandbox) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    app = {"INTERCOM_CLIENT_ID": sandbox.client_id, "INTERCOM_CLIENT_SECRET": sandbox.client_secret}
    client = NotebookClient(notebook, timeout=120, store_widget_state=True, extra_arguments=["--log-level=ERROR"])
    with client.setup_kernel(env={**os.environ, **beside(sandbox), **app}):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        client.set_widgets_metadata()
    written = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    assert "PasswordModel" in written
    assert "Connected since" in written
    assert not [secret for secret in (sandbox.token, sandbox.client_secret) if secret in written]
