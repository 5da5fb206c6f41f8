"""What a page of somebody else's needs to draw figures that it gets as JSON: plotly.js, and the templates by theme."""

from typing import Any, get_args

import plotly.io  # type: ignore[import-untyped]
from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]

from intercom_kit.charts.theme import Theme


def plotlyjs() -> str:
    """Return the script that draws figures; it is 4.5 MB."""
    return str(get_plotlyjs())


def templates() -> dict[str, Any]:
    """Return the templates of figures as JSON, by theme."""
    return {name: plotly.io.templates[f"intercom_{name}"].to_plotly_json() for name in get_args(Theme)}
