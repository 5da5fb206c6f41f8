"""The renderer that gives a figure to notebooks as HTML, too, so that it survives every export.

JupyterLab and VS Code draw a figure from plotly's JSON. nbconvert, and whatever else shows a saved notebook, cannot.
"""

from collections.abc import Mapping
from typing import Any

import plotly.io  # type: ignore[import-untyped]
from IPython.core.getipython import get_ipython
from plotly.io._base_renderers import MimetypeRenderer  # type: ignore[import-untyped]

from intercom_kit.charts.shown.embedded import embedded, plotlyjs

NAME = "intercom_kit"

# Renderers that plotly chooses by itself where it finds a notebook, and which give out its JSON alone.
_JSON_ALONE = ("plotly_mimetype", "vscode", "jupyterlab", "nteract")


class SurvivingRenderer(MimetypeRenderer):  # type: ignore[misc]  # plotly has no types
    """A renderer whose first figure in a notebook brings plotly.js along, for all others."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = config

    def to_mimebundle(self, figure: dict[str, Any]) -> dict[str, str]:
        """Return the figure as HTML."""
        html = embedded({**figure, "config": dict(self.config or {})})
        return {"text/html": plotlyjs() + html if _brings_plotlyjs() else html}


plotly.io.renderers[NAME] = SurvivingRenderer()


def renderer() -> str | None:
    """Return the renderer to show with: plotly's own, where somebody or another front end chose one."""
    chosen = plotly.io.renderers.default
    return f"{chosen}+{NAME}" if chosen in _JSON_ALONE else chosen


_bringing: tuple[object, object] | None = None


def _brings_plotlyjs() -> bool:
    """Return whether the running cell has to bring plotly.js: the first that shows a figure, whenever it is run."""
    global _bringing
    shell: Any = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    run = parent.get("header", {}).get("msg_id")
    cell = parent.get("metadata", {}).get("cellId") or run
    if _bringing and (cell != _bringing[0] or run == _bringing[1]):
        return False
    _bringing = cell, run
    return True
