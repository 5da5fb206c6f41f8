"""Small programs from public bug reports of people who do this work end as their authors would want."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared/cases/field"

# Modules that a program names by where they stood when it was written.
MOVED = {"intercom_kit.live.receipt": "intercom_kit.frames.receipt"}

RUN = """
import importlib, runpy, sys
for old, new in {moved}.items():
    module = sys.modules[old] = importlib.import_module(new)
    room, _, name = old.rpartition(".")
    setattr(importlib.import_module(room), name, module)
runpy.run_path({program!r}, run_name="__main__")
"""

FOUND = sorted(program.parent.name for program in CASES.glob("*/run.py"))


@pytest.mark.skipif(not FOUND, reason=f"the reported cases are not here: {CASES.parent.name}/{CASES.name}")
@pytest.mark.parametrize("case", FOUND)
def test_a_reported_case_is_right(case: str) -> None:
    program = CASES / case / "run.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", RUN.format(moved=MOVED, program=str(program))]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
