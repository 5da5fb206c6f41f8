"""From pages of conversations to a DataFrame: ours, `json_normalize`, and the official SDK's models.

Each way runs in a process of its own: `python -m tests.benchmarks.conversion WAY FOLDER` prints its figures as JSON.
Seconds run from page bodies in memory to the finished frame; memory is the peak above what the bodies take.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

Pages = list[str]


def ours(pages: Pages) -> pd.DataFrame:
    """Convert as every verb of intercom_kit does."""
    from intercom_kit.api.heads import read_page
    from intercom_kit.database import open_database
    from intercom_kit.fetch.landing import Landing
    from intercom_kit.fetch.staging import Staging
    from intercom_kit.frames.receipt import Receipt
    from intercom_kit.search.filters import Selection
    from intercom_kit.tables import CONVERSATIONS

    landing = Landing(Staging(open_database()), CONVERSATIONS, "conversations")
    with ThreadPoolExecutor(2) as readers:  # as pages are read while others land, in a fetch
        for page in readers.map(lambda text: read_page(text, "conversations"), pages):
            if landing.add(page):
                landing.parse()
    return landing.frame(Receipt("conversations"), Selection())


def json_normalize(pages: Pages) -> pd.DataFrame:
    """Convert as most notebooks do; columns come out untyped, and lists stay Python lists."""
    return pd.json_normalize([record for page in pages for record in json.loads(page)["conversations"]])


def official_sdk(pages: Pages) -> pd.DataFrame:
    """Convert through the models of python-intercom, as its `conversations.list` gives them."""
    from intercom import Conversation
    from intercom.core.unchecked_base_model import construct_type

    models: list[Any] = [
        construct_type(type_=Conversation, object_=record)
        for page in pages
        for record in json.loads(page)["conversations"]
    ]
    return pd.json_normalize([model.dict() for model in models])


WAYS: dict[str, Callable[[Pages], pd.DataFrame]] = {
    "intercom_kit": ours,
    "pandas.json_normalize": json_normalize,
    "python-intercom models": official_sdk,
}


# The models take minutes for everything: they get every twentieth page, and ratios are by row.
EVERY_SO_MANY = {"python-intercom models": 20}


def resident() -> float:
    """Give the memory that this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def measure(way: str, folder: Path) -> dict[str, float]:
    """Run one way over the pages in a folder."""
    pages = [file.read_text() for file in sorted(folder.glob("*.json"))[:: EVERY_SO_MANY.get(way, 1)]]
    WAYS[way](pages[:2])  # imports and first-use costs are no part of the conversion
    before, peak, done = resident(), 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    frame = WAYS[way](pages)
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    return {"seconds": seconds, "peak_mb": peak - before, "rows": len(frame), "columns": len(frame.columns)}


def compare(folder: Path) -> pd.DataFrame:
    """Measure every way in turn, each in a fresh process."""
    rows = []
    for way in WAYS:
        command = [sys.executable, "-m", "tests.benchmarks.conversion", way, str(folder)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows.append({"way": way, **json.loads(said.splitlines()[-1])})
    table = pd.DataFrame(rows)
    each = table["seconds"] / table["rows"]
    table["times ours by row"] = each / each.iloc[0]
    return table


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
