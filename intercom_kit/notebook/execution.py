"""Execute a notebook from top to bottom in a new kernel, and collect what it fetched."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from intercom_kit.errors import BadRequestError

CELL_SECONDS = 120

# Before and after a notebook's own cells: their outputs are not among its own.
BEGIN = "from intercom_kit.notebook.pages import kernel\nkernel.begin(csv={csv})\ndel kernel"
END = "from intercom_kit.notebook.pages import kernel\nprint(kernel.told(globals()))"


@dataclass
class Run:
    """An executed notebook, its fetches (table, rows, requests, seconds each), and why it failed, if it did.

    `numbers` are those of the metrics that its variables hold. Where a cell failed, the notebook ends with it.
    """

    name: str
    notebook: NotebookNode
    seconds: float = 0.0
    fetches: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""

    @property
    def requests(self) -> int:
        """Return how many requests the notebook's workspace has sent for what it fetched."""
        return sum(fetch["requests"] for fetch in self.fetches)


def read(path: Path, parameters: Mapping[str, Any] | None = None) -> NotebookNode:
    """Return a notebook with its parameters set, in the way of papermill: after the cell with the tag `parameters`.

    Raises BadRequestError for a file that is no notebook, and for a parameter that it does not have.
    """
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (ValueError, nbformat.ValidationError) as error:
        raise BadRequestError(f"{str(path)!r} is no notebook: name a file that ends in .ipynb.") from error
    notebook.metadata.setdefault("kernelspec", {"name": "python3", "language": "python", "display_name": "Python 3"})
    if not parameters:
        return notebook
    import papermill.parameterize  # only parameters need it, and it takes half a second

    known = _parameters(notebook)
    if unknown := [name for name in parameters if name not in known]:
        has = f"its parameters are {', '.join(known)}" if known else "no cell with the tag `parameters` sets any"
        raise BadRequestError(f"The notebook {path.stem} has no parameter {unknown[0]!r}: {has}.")
    notebook.metadata.setdefault("papermill", {})
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])  # as papermill does with what it reads itself
    made: NotebookNode = papermill.parameterize.parameterize_notebook(notebook, dict(parameters))
    return made


def _parameters(notebook: NotebookNode) -> list[str]:
    """Return the names that the cell with the tag `parameters` sets."""
    from papermill.translators import PythonTranslator

    tagged = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    cell = next(tagged, None)
    return [parameter.name for parameter in PythonTranslator.inspect(cell)] if cell else []


def execute(
    path: Path,
    environment: Mapping[str, str],
    notebook: NotebookNode | None = None,
    *,
    csv: bool = False,
    cell_seconds: int = CELL_SECONDS,
    on_cell: Callable[[NotebookNode], object] = lambda _: None,
) -> Run:
    """Run every cell until one fails, and return the run, with all outputs including the error.

    `notebook` is that of the path with parameters. With `csv`, frames are put out as CSV as well. `on_cell` is called
    before each cell.
    """
    run = Run(path.stem, notebook or read(path))
    client = NotebookClient(
        run.notebook,
        timeout=cell_seconds,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,  # it would contain whatever was typed into a form
        extra_arguments=["--log-level=ERROR"],  # otherwise each kernel warns that its loopback port is not encrypted
    )
    began = time.monotonic()
    with client.setup_kernel(env=dict(environment)):
        _aside(client, BEGIN.format(csv=csv))
        run.failure = _run_cells(client, on_cell)
        run.seconds = time.monotonic() - began
        told = json.loads(_aside(client, END) or "{}")
        run.fetches, run.numbers = told.get("fetches", []), told.get("numbers", [])
    return run


def _run_cells(client: NotebookClient, on_cell: Callable[[NotebookNode], object]) -> str:
    """Run the cells in order, and return why one failed, with which the notebook then ends; empty where none did."""
    number = 0
    for index, cell in enumerate(client.nb.cells):
        number += cell.cell_type == "code"
        on_cell(cell)
        try:
            client.execute_cell(cell, index)
        except CellTimeoutError:
            why = f"cell {number} took longer than {client.timeout} seconds"
        except CellExecutionError as error:
            why = f"cell {number}: {error.ename}: {error.evalue}"
        except (CellControlSignal, DeadKernelError) as error:
            why = f"cell {number}: {error}"
        else:
            continue
        del client.nb.cells[index + 1 :]
        return why
    return ""


def _aside(client: NotebookClient, code: str) -> str:
    """Run code that is no cell of the notebook, and return what it printed; nothing where that is not possible."""
    cells = client.nb.cells
    cells.append(new_code_cell(code))  # type: ignore[no-untyped-call]
    try:
        outputs = client.execute_cell(cells[-1], len(cells) - 1).outputs
    except (CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError):
        return ""  # the kernel is gone, or `ws` is something else
    finally:
        cells.pop()
    return "".join(output.get("text", "") for output in outputs)
