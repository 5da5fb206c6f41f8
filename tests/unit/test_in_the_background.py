"""Tests obey Ctrl-C also where a shell started them in the background, and made them ignore it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_ctrl_c_is_obeyed() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.platform == "win32", reason="no shell of this kind")
def test_ctrl_c_is_obeyed_where_it_was_ignored() -> None:
    program = f'"{sys.executable}" -m pytest -p no:cacheprovider {__file__}::test_ctrl_c_is_obeyed'
    ours = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["sh", "-c", f"trap '' INT; exec {program}"]
    run = subprocess.run(command, cwd=ROOT, env=ours, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout
