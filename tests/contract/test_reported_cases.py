"""Small programs from public bug reports of people who do this work end as their authors would want."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared/cases/field"

# What belongs to work that is still to come.
LATER = ("08-topics-chart-of-a-young-workspace", "17-chart-in-an-exported-notebook")

FOUND = sorted(program.parent.name for program in CASES.glob("*/run.py"))


@pytest.mark.skipif(not FOUND, reason=f"the reported cases are not here: {CASES.parent.name}/{CASES.name}")
@pytest.mark.parametrize("case", [name for name in FOUND if name not in LATER])
def test_a_reported_case_is_right(case: str) -> None:
    program = CASES / case / "run.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
