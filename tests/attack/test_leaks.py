"""Listings that are refused, cancelled, interrupted or given up take nothing with them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from intercom_kit.api.transport import CONNECTIONS

ROOT = Path(__file__).parents[2]
CHANCE = 8  # files and threads that happen to be open a moment longer
SECONDS = 5
MEGABYTES = 60


def test_a_session_holds_no_more_after_many_listings_than_after_fifty(pytestconfig: pytest.Config) -> None:
    seed, count = pytestconfig.getoption("--mix-seed"), pytestconfig.getoption("--listings")
    print(f"--mix-seed={seed}")
    command = [sys.executable, "-m", "tests.attack.listings", str(seed), str(count)]
    ours = {**os.environ, "PYTHONPATH": str(ROOT)}
    most = 60 + 5 * count
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ours, timeout=most, check=False)
    assert run.returncode == 0, run.stderr
    before, after = json.loads(run.stdout)
    print(before, after)
    both_ends = 2 * CONNECTIONS
    assert after["connections"] <= both_ends
    assert after["files"] - after["connections"] <= before["files"] - before["connections"] + CHANCE
    assert after["threads"] <= before["threads"] + CHANCE
    assert after["megabytes"] <= before["megabytes"] + MEGABYTES
    assert after["seconds"] < SECONDS
