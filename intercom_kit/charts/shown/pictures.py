"""Figures as pictures, which kaleido draws with a Chromium or Chrome."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import plotly.io  # type: ignore[import-untyped]

from intercom_kit.charts.shown.embedded import HEIGHT
from intercom_kit.errors import BadChartError

_WIDTH = 1_000  # pixels, as those of a wide page
_SCALE = 2


def require_kaleido() -> None:
    """Raise BadChartError where kaleido is not installed."""
    if find_spec("kaleido") is None:
        raise BadChartError("Pictures of figures need kaleido: pip install kaleido.")


def draw(figures: Mapping[Path, Mapping[str, Any]]) -> None:
    """Draw figures into PNG files, all in one browser. Raises BadChartError where there is none."""
    if not figures:
        return
    bare = [{"data": figure["data"], "layout": figure["layout"]} for figure in figures.values()]
    heights = [figure["layout"].get("height", HEIGHT) for figure in bare]
    files = [str(file) for file in figures]
    try:
        plotly.io.write_images(bare, files, width=_WIDTH, height=heights, scale=_SCALE, validate=False)
    except RuntimeError as error:  # as plotly says that there is no browser
        raise BadChartError("Pictures of figures need Chromium or Chrome: install one of them.") from error
