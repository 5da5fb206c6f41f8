"""Print every benchmark's table, or those that are named: `python -m tests.benchmarks listing metrics`.

Their names are `import`, `conversion`, `listing`, `tickets`, `live`, `apart`, `million`, `export`, `metrics` and
`lake`.

`live.listing`, `live.behaviours`, `live.held` and `live.single` are parts of `live`.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from tests.benchmarks import apart, conversion, export, lake, listing, live, metrics, million, pages, tickets

CONVERSATIONS = 100_000


def main(chosen: list[str]) -> None:
    """Run the benchmarks that are named, or all."""
    if not chosen or "import" in chosen:
        show("import intercom_kit", imported())
    if not chosen or "conversion" in chosen:
        with tempfile.TemporaryDirectory() as folder:
            files = pages.write(Path(folder), CONVERSATIONS)
            size = sum(file.stat().st_size for file in files) / 1e6
            show(
                f"{CONVERSATIONS:,} conversations, {len(files)} pages, {size:.0f} MB of JSON → frame",
                conversion.compare(Path(folder)),
            )
    if not chosen or "listing" in chosen:
        show("listing 10,000 conversations, 5,000 tickets and 3,000 contacts", listing.compare())
    if not chosen or "tickets" in chosen:
        show(f"{tickets.TICKETS:,} tickets with their parts at 150 ms", tickets.compare())
    parts = [name for name in live.PARTS if not chosen or "live" in chosen or f"live.{name}" in chosen]
    if parts:
        with live.served() as at:
            for name in parts:
                title, measure = live.PARTS[name]
                show(title, measure(at))
    if not chosen or "apart" in chosen:
        show("a query over 3,000 conversations that are held, here and in a process apart", apart.compare())
    if not chosen or "million" in chosen:
        show("a million conversations held in one session", million.compare())
    if not chosen or "export" in chosen:
        show(f"writing {export.CONVERSATIONS:,} conversations to a lake at 150 ms", export.compare())
    if not chosen or "metrics" in chosen:
        show(
            f"metrics over {metrics.CONVERSATIONS:,} conversations and {metrics.EVENTS:,} events",
            metrics.measure(metrics.CONVERSATIONS, metrics.EVENTS),
        )
    if not chosen or "lake" in chosen:
        show(f"metrics over a lake of a million conversations, within {lake.MEMORY}", lake.compare())


def imported() -> pd.DataFrame:
    """Time the import in fresh interpreters, beside pandas alone, which is most of it."""
    import subprocess

    def seconds(module: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        return time.perf_counter() - started

    names = ("sys", "pandas", "intercom_kit", "intercom_kit.workspace")
    best = {name: min(seconds(name) for _ in range(5)) for name in names}
    return pd.DataFrame({"import": best.keys(), "seconds": best.values()})


def show(title: str, table: pd.DataFrame) -> None:
    """Print one table as Markdown, with how busy the machine was: processes that want to run, of late."""
    print(f"\n{title} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)\n")
    rows = [list(table.columns), ["---"] * len(table.columns), *table.map(_written).to_numpy().tolist()]
    print(*(f"| {' | '.join(row)} |" for row in rows), sep="\n", flush=True)


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.3f}" if value < 1 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
