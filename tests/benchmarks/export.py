"""Export 1,000,000 conversations at 150 ms latency: requests, seconds beside the least possible, and memory.

The export is a process of its own, `python -m tests.benchmarks.export WAY BASE_URL TOKEN FOLDER`, which prints its
figures as JSON. The least possible time is what the latency, over all connections, or the rate limit make of its
requests, whichever is longer. A sandbox of a million conversations takes 3 GB and minutes to begin, and shares the
machine, so that seconds are those of both.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from typing import Any

import pandas as pd

import intercom_kit as ik
from intercom_kit.api.transport import CONNECTIONS
from intercom_kit.lake import steps
from tests.benchmarks.served import sandbox

CONVERSATIONS = 1_000_000
LATENCY = 0.15
RATE = 10_000 / 60  # requests a second, as Intercom allows
WAYS = {"one step after another": 0, "steps side by side": steps.AHEAD}


def measure(way: str, base_url: str, token: str, folder: str) -> dict[str, Any]:
    """Export, and tell requests, seconds and the memory that was taken above the start."""
    steps.AHEAD = WAYS[way]
    with ik.connect(token, base_url=base_url) as ws:
        ws.sql("select count(*) from teams")
        before, sent, started = _peak(), ws.budget["requests"] or 0, time.perf_counter()
        ws.export(folder, "conversations", max_requests=1_000_000)
        seconds, requests = time.perf_counter() - started, (ws.budget["requests"] or 0) - sent
        peak = _peak()
    with ik.open(folder) as lake:
        rows = int(lake.sql("select count(distinct id) as n from conversations")["n"][0])
        megabytes = float(lake.held["megabytes"].sum())
    return {
        "rows": rows,
        "requests": requests,
        "seconds": seconds,
        "least, s": max(requests * LATENCY / CONNECTIONS, requests / RATE),
        "memory above the start, MB": peak - before,
        "files, MB": megabytes,
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def compare(conversations: int = CONVERSATIONS, ways: tuple[str, ...] = tuple(WAYS)) -> pd.DataFrame:
    """Measure each way in a process of its own, on one sandbox."""
    rows = []
    size = ("--conversations", str(conversations), "--contacts", "3000", "--companies", "400", "--tickets", "0")
    with sandbox(*size, "--seed", "7", "--latency", str(LATENCY), "--rate-limit", str(round(RATE * 10))) as served:
        for way in ways:
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, "-m", "tests.benchmarks.export", way, served.base_url, served.token, folder]
                said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            rows.append({"way": way, **json.loads(said.splitlines()[-1])})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
