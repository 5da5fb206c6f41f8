"""Ctrl-C at any moment of any call is answered at once, and the session works afterwards."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_shots_at_random_moments_are_answered_within_a_second(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    seed, count = pytestconfig.getoption("--mix-seed"), pytestconfig.getoption("--shots")
    print(f"--mix-seed={seed}")
    command = [sys.executable, "-m", "tests.attack.shots", str(seed), str(count), str(tmp_path)]
    ours = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=ours, timeout=60 + 10 * count, check=False
    )
    assert run.returncode == 0, run.stderr
    shots = sorted((json.loads(line) for line in run.stdout.splitlines()), key=lambda shot: -shot["seconds"])
    assert len(shots) == count
    for slow in shots[:5]:
        print(slow)
    assert [shot for shot in shots if shot["other"] or shot["then"]] == []
    assert shots[count // 100]["seconds"] < 1
