"""Run notebooks on a sandbox, write them as web pages, and print a summary."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from intercom_kit.charts.shown.embedded import plotlyjs_file
from intercom_kit.notebook.environment import beside
from intercom_kit.notebook.execution import Run, execute
from intercom_kit.notebook.pages.page import Page, index, page, title
from intercom_kit.replacing import replacing
from intercom_kit.sandbox import serve

# One file for all pages, each of which would be 2 MB larger with it.
_PLOTLYJS = "plotly.min.js"


def demonstrate(notebooks: Iterable[Path], output: Path) -> bool:
    """Write a page per notebook into `output`, and return whether all of them succeeded.

    A page is replaced once the new one is complete. Raises BadRequestError where the folder cannot be written to.
    """
    _write(output / _PLOTLYJS, plotlyjs_file())  # fails early where the folder cannot be written to
    runs = []
    with serve() as sandbox, TemporaryDirectory() as home:
        for path in notebooks:
            print(f"{path.name} … ", end="", flush=True)
            run = execute(path, beside(sandbox, home))
            about = Page(run.name, run.failure, code=True, scripts=_PLOTLYJS)
            _write(_page(output, run), page(run.notebook, about))
            print(f"FAILED in {run.failure}" if run.failure else f"{run.seconds:.1f} s", flush=True)
            runs.append(run)
    print("", *_summary(runs), f"Open {_entrance(output, runs)}", sep="\n")
    return not any(run.failure for run in runs)


def _page(output: Path, run: Run) -> Path:
    return output / f"{run.name}.html"


def _write(file: Path, text: str) -> None:
    with replacing(file.parent) as new:
        (new / file.name).write_text(text, encoding="utf-8")


def _entrance(output: Path, runs: list[Run]) -> Path:
    """Return the page to open first; writes an index where there are several."""
    if len(runs) == 1:
        return _page(output, runs[0])
    entrance = output / "index.html"
    titles = {_page(output, run).name: title(run.notebook, otherwise=run.name) for run in runs}
    _write(entrance, index(titles, "intercom_kit: worked examples"))
    return entrance


def _summary(runs: list[Run]) -> list[str]:
    """Return rows, requests and seconds by table, as lines of text."""
    rows, requests, seconds = Counter[str](), Counter[str](), Counter[str]()
    for fetch in (fetch for run in runs for fetch in run.fetches):
        rows[fetch["table"]] += fetch["rows"]
        requests[fetch["table"]] += fetch["requests"]
        seconds[fetch["table"]] += fetch["seconds"]
    if not rows:
        return []
    lines = [f"{table:24}{rows[table]:>12,}{requests[table]:>10,}{seconds[table]:>10.2f}" for table in sorted(rows)]
    total = f"{'all':24}{rows.total():>12,}{requests.total():>10,}{seconds.total():>10.2f}"
    return [f"{'fetched':24}{'rows':>12}{'requests':>10}{'seconds':>10}", *lines, total, ""]
