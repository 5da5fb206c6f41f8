"""Every metric over a lake that does not fit into memory: its seconds, and how much memory the process takes.

`python -m tests.benchmarks lake` asks a million conversations, with 8 million parts and 8 million events;
`python -m tests.benchmarks.lake 10` ten times as many, which takes 2 GB on the disk, and more for what is spilled.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

import intercom_kit as ik
from intercom_kit.lake.opened import Lake
from intercom_kit.metrics import METRICS
from intercom_kit.sandbox import serve_in_child
from tests.lake.grown import grow
from tests.metrics.world import with_hours

MEMORY = "2GB"
SMALL = {"conversations": 3_000, "contacts": 800, "companies": 120, "tickets": 600}
COPIES = 280  # for a million conversations
KEYED = ["contact_companies", "contact_tags", "contact_segments", "article_statistics"]
GROUPS = {"conversation": "team", "ticket": "type", "contact": "plan", "company": "plan", "article": "collection"}


def measure(folder: Path, only: str = "") -> pd.DataFrame:
    """Time each definition, or those of metrics whose name begins with `only`, by week and by a usual group."""
    with ik.open(folder, memory_limit=MEMORY) as lake:
        for name, rows in zip(lake.held["table"], lake.held["rows"], strict=True):
            print(f"{rows:>12,} {name}", flush=True)
        steps = lake.sql("select event_name from events group by 1 order by count(*) desc limit 3")["event_name"]
        figures = []
        for name, metric in METRICS.items():
            lacking = {table for each in metric.definitions.values() for table in each.needs} - set(lake.held["table"])
            for definition in metric.definitions if name.startswith(only) and not lacking else ():
                given = ({"steps": list(steps)} if name == "funnel" else {}) | with_hours(name, definition)
                given |= {"period": "week"} if metric.periods else {}
                by = GROUPS[metric.subject.alias]
                figures.append((name, definition, *_figures(lake, name, definition=definition, by=by, **given)))
                print(*figures[-1], flush=True)
    return pd.DataFrame(figures, columns=["metric", "definition", "seconds", "core seconds", "peak MB", "rows"])


def _figures(lake: Lake, name: str, **question: Any) -> tuple[float, float, int, int]:
    """Return the seconds that a question takes, those of all cores, the peak of the process's memory, and the rows."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    began, worked = time.perf_counter(), time.process_time()
    rows = len(lake.metric(name, since=None if METRICS[name].lifetime else "84d", **question))
    seconds, core_seconds = time.perf_counter() - began, time.process_time() - worked
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return seconds, core_seconds, int(status["VmHWM"].split()[0]) // 1024, rows


def made(folder: Path, millions: int) -> Path:
    """Make a lake of so many million conversations in a folder."""
    with (
        serve_in_child(**SMALL, seed=7, rate_limit=100_000_000) as at,
        ik.connect(at.token, base_url=at.base_url) as ws,
    ):
        ws.export(folder / "small", ["all", *KEYED], parts=True, events=True, max_requests=1_000_000)
    grow(folder / "small", folder / "large", millions * COPIES, events=2)
    return folder / "large"


def compare(millions: int = 1) -> pd.DataFrame:
    """Make a lake, ask it, and delete it."""
    folder = Path(tempfile.mkdtemp(prefix="intercom_kit-lake-"))
    try:
        return measure(made(folder, millions))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    print(compare(int(sys.argv[1])).to_string())
