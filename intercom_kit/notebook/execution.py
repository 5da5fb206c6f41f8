"""Execute a notebook from top to bottom in a new kernel, and collect what it fetched."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

CELL_SECONDS = 120

# By convention a notebook's workspace is called `ws`; without one, nothing was fetched.
TELL_FETCHES = """\
if hasattr(globals().get("ws"), "fetches"):
    print(ws.fetches[["table", "rows", "requests", "seconds"]].to_json(orient="records"))
"""


@dataclass
class Run:
    """An executed notebook, its fetches (table, rows, requests, seconds each), and why it failed, if it did."""

    name: str
    notebook: NotebookNode
    seconds: float = 0.0
    fetches: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""


def execute(path: Path, environment: Mapping[str, str], cell_seconds: int = CELL_SECONDS) -> Run:
    """Run every cell until one fails, and return the run, with all outputs including the error."""
    run = Run(path.stem, nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
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
        run.failure = _run_cells(client)
        run.seconds = time.monotonic() - began
        run.fetches = _fetches(client)
    return run


def _run_cells(client: NotebookClient) -> str:
    """Run the cells in order, and return why one failed; empty where none did."""
    number = 0
    for index, cell in enumerate(client.nb.cells):
        number += cell.cell_type == "code"
        try:
            client.execute_cell(cell, index)
        except CellTimeoutError:
            return f"cell {number} took longer than {client.timeout} seconds"
        except CellExecutionError as error:
            return f"cell {number}: {error.ename}: {error.evalue}"
        except (CellControlSignal, DeadKernelError) as error:
            return f"cell {number}: {error}"
    return ""


def _fetches(client: NotebookClient) -> list[dict[str, Any]]:
    """Return what was fetched, from a temporary cell."""
    cells = client.nb.cells
    cells.append(new_code_cell(TELL_FETCHES))  # type: ignore[no-untyped-call]
    try:
        outputs = client.execute_cell(cells[-1], len(cells) - 1).outputs
    except (CellControlSignal, DeadKernelError):
        return []  # the kernel is gone, or `ws` is something else
    finally:
        cells.pop()
    fetches: list[dict[str, Any]] = json.loads("".join(output.get("text", "") for output in outputs) or "[]")
    return fetches
