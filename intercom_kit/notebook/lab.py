"""Run JupyterLab on a folder, with a given environment."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def open_lab(folder: Path, environment: Mapping[str, str], port: int, *, browser: bool = True) -> int:
    """Run JupyterLab until it is stopped, and return its exit code; it never outlives the caller."""
    command = [
        *(sys.executable, "-m", "jupyterlab", str(folder)),
        f"--ServerApp.port={port}",
        "--ServerApp.answer_yes=True",  # one Ctrl-C is enough
        "--allow-root",  # as in a container; it listens on this machine only
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",  # the default one queries the package registry
    ]
    if not browser:
        command.append("--no-browser")
    with subprocess.Popen(command, env=dict(environment)) as lab:  # noqa: S603  # our own interpreter
        try:
            return lab.wait()
        finally:
            lab.terminate()
