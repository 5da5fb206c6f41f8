"""Print every benchmark's table: `python -m tests.benchmarks [conversion] [listing]`."""

import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from tests.benchmarks import conversion, listing, pages

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
        show("listing 10,000 conversations and 3,000 contacts", listing.compare())


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
    """Print one table."""
    print(f"\n{title}\n{table.to_string(index=False, float_format='{:,.2f}'.format)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
