"""Run one notebook on a workspace, and write it as one page to be read, sent and printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from intercom_kit.charts.shown.pictures import draw, require_kaleido
from intercom_kit.days import day
from intercom_kit.errors import BadChartError
from intercom_kit.notebook.execution import Run, execute, read
from intercom_kit.notebook.pages.changes import changes, kept
from intercom_kit.notebook.pages.kernel import CSV
from intercom_kit.notebook.pages.page import FIGURE, Page, page, seen, slug
from intercom_kit.replacing import replacing

CELL_SECONDS = 600  # a page of many conversations is fetched by few cells


@dataclass(frozen=True)
class Order:
    """What to make of which notebook: the page `out`, and with `png` and `csv` its figures and tables beside it."""

    notebook: Path
    out: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    png: bool = False
    csv: bool = False
    since_last: bool = False

    @property
    def numbers(self) -> Path:
        """The file beside the page that holds its numbers, for the next page."""
        return self.out.with_suffix(".json")


def report(order: Order, environment: Mapping[str, str], on_cell: Callable[[NotebookNode], object]) -> Run:
    """Run the notebook and write its page, which ends where a cell failed; return the run.

    All files are replaced together, once they are complete. A run whose pictures could not be drawn has failed, too,
    and its page is whole. Raises BadRequestError where the folder cannot be written to, before anything is run.
    """
    notebook = read(order.notebook, order.parameters)
    if order.png:
        require_kaleido()
    with replacing(order.out.parent):
        pass  # fails early where the folder cannot be written to
    run = execute(order.notebook, environment, notebook, csv=order.csv, cell_seconds=CELL_SECONDS, on_cell=on_cell)
    now = datetime.now(UTC)
    made = f"{day(now)}, {now:%H:%M} UTC"
    about = Page(order.out.stem, run.failure, _made(run, made, order))
    if order.since_last:
        about.changes = changes(order.numbers, run.numbers)
    with replacing(order.out.parent) as new:
        tables, figures = _beside(order, run.notebook, new)
        for file, content in tables.items():
            file.write_text(content, encoding="utf-8")
        if not run.failure:  # else the next page would be compared with a part of this one
            (new / order.numbers.name).write_text(kept(run.name, made, run.numbers), encoding="utf-8")
        (new / order.out.name).write_text(page(run.notebook, about), encoding="utf-8")
        try:
            draw(figures)
        except BadChartError as error:
            run.failure = run.failure or str(error)
    return run


def _made(run: Run, made: str, order: Order) -> str:
    chosen = "".join(f", {name} = {value}" for name, value in order.parameters.items())
    requests = f"{run.requests:,} request{'' if run.requests == 1 else 's'}"
    return f"Made on {made} from the notebook {run.name}{chosen}, with {requests} to Intercom."


def _beside(order: Order, notebook: NotebookNode, folder: Path) -> tuple[dict[Path, str], dict[Path, Any]]:
    """Return tables and figures by their files, numbered in the order of the page, and named by its headings."""
    tables, figures, heading, place = dict[Path, str](), dict[Path, Any](), "", 0
    for cell in seen(notebook):
        if cell.cell_type == "markdown":
            heading = next((line for line in reversed(cell.source.splitlines()) if line.startswith("#")), heading)
        for data in (output["data"] for output in cell.get("outputs", []) if "data" in output):
            place += "text/html" in data or FIGURE in data
            stem = f"{order.out.stem}-{place:02d}-{slug(heading)}"
            if order.png and FIGURE in data:
                figures[folder / f"{stem}.png"] = data[FIGURE]
            elif order.csv and CSV in data:
                tables[folder / f"{stem}.csv"] = data[CSV]
    return tables, figures
