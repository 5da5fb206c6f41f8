"""A JupyterLab of one's own: its settings, port and kernels touch nothing of the user's and end with the tests."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
TOKEN = "for-this-test-only"
START_SECONDS = 60

SETTINGS = {
    # The worst case for secrets: whatever a widget holds is written into the notebook.
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
# A toast that asks about news covers the lower right, and its command-line options do not stop it.
PAGE = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    address: str
    folder: Path

    def write(self, name: str, *cells: str) -> str:
        """Write a notebook of code cells, and give the address that opens it."""
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
        nbformat.write(notebook, self.folder / name)  # type: ignore[no-untyped-call]
        return f"{self.address}/lab/tree/{name}?token={TOKEN}&reset"

    def read(self, name: str) -> str:
        """Give a notebook as it stands on disk."""
        return (self.folder / name).read_text()

    def end_kernels(self) -> None:
        """End the kernels, which outlive their pages."""
        for session in self._ask("GET", "/api/sessions"):
            self._ask("DELETE", f"/api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> Any:
        request = urllib.request.Request(f"{self.address}{path}?token={TOKEN}", method=method)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # our own server
            return json.loads(answer.read() or "null")


@contextmanager
def running(home: Path, environment: Mapping[str, str]) -> Iterator[Lab]:
    """Run JupyterLab in a folder, with kernels that see only the given environment of ours, until the block ends."""
    folder = home / "notebooks"
    folder.mkdir(parents=True)
    _write_json(home / "config/labconfig/page_config.json", PAGE)
    for name, setting in SETTINGS.items():
        _write_json(home / f"settings/{name}.jupyterlab-settings", setting)
    port = _free_port()
    lab = Lab(f"http://127.0.0.1:{port}", folder)
    with (
        (home / "lab.log").open("w") as log,
        subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
                *(f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly"),
                "--LabApp.expose_app_in_browser=True",  # so that its commands can be given without opening menus
            ],
            env=_isolated(home, environment),
            stdout=log,
            stderr=log,
        ) as server,
    ):
        try:
            _wait(lab, server, home / "lab.log")
            yield lab
            lab.end_kernels()
        finally:
            server.terminate()


def _isolated(home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Keep the user's settings, credentials and workspaces out of the way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INTERCOM_", "JUPYTER", "SSH_"))}
    own = {
        "HOME": home / "user",
        "XDG_CONFIG_HOME": home / "user/config",
        "XDG_DATA_HOME": home / "user/data",
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "PYTHONPATH": ROOT,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    return {**kept, **{name: str(path) for name, path in own.items()}, **environment}


def _wait(lab: Lab, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            lab._ask("GET", "/api/status")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
