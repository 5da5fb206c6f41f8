"""Hold 1,000,000 conversations in one session, and measure the memory that takes.

A sandbox of that size would take the machine's memory itself, so 20,000 conversations are listed once, and their pages
poured in fifty times, with other ids: as one fetch, whose rows land before they join the session's table.
`python -m tests.benchmarks.million` runs it in a process of its own, and prints its figures as JSON.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

import intercom_kit as ik
from intercom_kit.api.heads import Page, read_page
from intercom_kit.concurrency import loop
from intercom_kit.fetch.gathering import Gathering
from intercom_kit.fetch.meter import Meter
from intercom_kit.tables import CONVERSATIONS
from tests.benchmarks import pages

ROWS = 1_000_000
LISTED = 20_000
MARK = '"type":"conversation","id":"'


def measure(folder: Path) -> dict[str, float]:
    """Pour the pages in a folder in until there are a million rows; tell the peak of this process's memory."""
    listed = [read_page(file.read_text(), "conversations") for file in sorted(folder.glob("*.json"))]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    with ik.demo(conversations=1, contacts=12, companies=2) as ws:
        ws.sql("select count(*) from conversations where false")
        meter = Meter(CONVERSATIONS.name)
        gathering = ws._session.gathering(CONVERSATIONS, "a million", meter)
        started = time.perf_counter()
        loop.run(ws._session.pour(gathering, lambda gathering: _gather(gathering, listed)))
        seconds = time.perf_counter() - started
        assert gathering.receipt.rows == ROWS
        began = time.perf_counter()
        held = ws.sql("select state, count(*) as n from conversations group by 1", fresh="session")
        query = time.perf_counter() - began
        assert held["n"].sum() >= ROWS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {"rows": ROWS, "seconds": seconds, "peak_mb": peak, "before_mb": before, "query_ms": query * 1e3}


async def _gather(gathering: Gathering, listed: list[Page]) -> None:
    for copy in range(ROWS // LISTED):
        for page in listed:
            await gathering.take(_renamed(page, copy))
            await asyncio.sleep(0)


def _renamed(page: Page, copy: int) -> Page:
    """Give a page's conversations other ids."""
    assert page.text.count(MARK) >= page.count
    return replace(page, text=page.text.replace(MARK, f"{MARK}{copy}-"))


def compare() -> pd.DataFrame:
    """Measure in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        pages.write(Path(folder), LISTED)
        command = [sys.executable, "-m", "tests.benchmarks.million", folder]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return pd.DataFrame([json.loads(said.splitlines()[-1])])


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
