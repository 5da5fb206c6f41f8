"""Whether somebody can click where a cell runs, and whether the cell learns of it before it ends."""

import sys
from typing import Any

from IPython.core.getipython import get_ipython

_INSTEAD = (
    "connect without a panel, by intercom_kit.connect() with INTERCOM_ACCESS_TOKEN set or after `intercom-kit login` "
    "in a terminal, or by intercom_kit.demo()."
)
# The oldest ipykernel that tells a waiting cell of a click, whatever the front end.
_TELLS = (7, 4)


def nobody() -> str | None:
    """Return why nobody can click where this cell runs, and what to call instead; None where somebody can.

    Programs that run notebooks unattended disallow prompts in each cell, which JupyterLab, VS Code and Colab allow.
    """
    if (marimo := sys.modules.get("marimo")) and marimo.running_in_notebook():
        return f"marimo shows no widgets of Jupyter: {_INSTEAD}"
    kernel = _kernel()
    if kernel is None:
        return f"Nobody can click here, since this is no notebook: {_INSTEAD}"
    if not getattr(kernel, "_allow_stdin", False):
        return f"Nobody can click here, since this notebook runs unattended (as by nbconvert or papermill): {_INSTEAD}"
    return None


def deaf() -> str | None:
    """Return why this cell does not learn of a click before it ends, and what to do instead; None where it does."""
    version: tuple[Any, ...] = getattr(sys.modules.get("ipykernel"), "version_info", _TELLS)
    if version[:2] >= _TELLS:
        return None
    return (
        f"ipykernel {version[0]}.{version[1]} passes a click on only when the cell has ended: show the panel in a cell "
        f"of its own, and use panel.workspace in the next, or install ipykernel {_TELLS[0]}.{_TELLS[1]}."
    )


def _kernel() -> Any:
    return getattr(get_ipython(), "kernel", None)
