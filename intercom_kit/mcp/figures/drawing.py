"""The figure of a metric's answer, by the chart that draws its frame, and its picture."""

import contextlib
import json
import re
import threading
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from intercom_kit.errors import BadChartError, MissingExtraError
from intercom_kit.mcp.figures.app import FIGURE, has_figures

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.charts import Chart

# Charts of one metric come before those that draw any metric with some columns.
_CHARTS = (
    *("busiest_hours", "funnel", "retention", "lifecycle", "active_days", "topics", "answered_within", "still_open"),
    *("waiting_now", "backlog", "workload", "support_load", "rates", "accounts", "health", "volume", "waiting_times"),
    *("shares", "comparison"),
)
_WIDTH = 800  # pixels
_LONGEST_WAIT = 25.0  # seconds that a browser may take to draw a picture


def figure_of(frame: "pd.DataFrame") -> "Chart | None":
    """Return the figure of a metric's frame; None where no chart draws it, or plotly is not installed."""
    try:
        from intercom_kit import charts
    except MissingExtraError:
        return None
    for name in _CHARTS:
        try:
            figure: Chart = getattr(charts, name)(frame)
        except BadChartError:
            continue
        return figure
    return None


def picture_of(figure: "Chart") -> bytes | str:
    """Return the figure as PNG, or why there is none: without kaleido or a browser, or where that takes too long."""
    drawn: list[bytes] = []

    def draw() -> None:
        with contextlib.suppress(Exception):  # kaleido raises many kinds; the rows are the answer, with or without
            drawn.append(figure.to_image(format="png", width=_WIDTH))

    thread = threading.Thread(target=draw, daemon=True)
    thread.start()
    thread.join(_LONGEST_WAIT)
    if thread.is_alive():
        return f"it took longer than {_LONGEST_WAIT:.0f} seconds. Call again: the first one takes longest."
    return drawn[0] if drawn else NEEDED


def with_figure(answer: CallToolResult, frame: "pd.DataFrame", *, picture: bool, app: bool) -> CallToolResult:
    """Add the figure of a frame to its answer: as a picture, and for an app in the metadata; rows stay as they are."""
    figure = figure_of(frame) if picture or app else None
    if figure is not None and app:
        answer.meta = {**(answer.meta or {}), FIGURE: _as_json(figure)}
    if picture:
        answer.content.append(_shown(figure))
    return answer


NEEDED = (
    "it needs plotly, kaleido and a Chromium or Chrome where the server runs: "
    "`pip install 'intercom_kit[notebook]' kaleido`."
)
_HOVERED = re.compile("^<u>.*?</u> · ")
_UNDRAWN = "no chart draws these numbers. Call again with by alone, with period alone, or with both."


def _shown(figure: "Chart | None") -> ContentBlock:
    """Return the picture of a figure, or a sentence that says why there is none, and what to do."""
    if figure is not None:  # nobody can hover over a picture, to read what the underlined words show
        figure.for_each_annotation(lambda note: note.update(text=_HOVERED.sub("", note.text)), {"name": "counted"})
    drawn = picture_of(figure) if figure is not None else _UNDRAWN if has_figures() else NEEDED
    if isinstance(drawn, str):
        return TextContent(text=f"No picture: {drawn}")
    return ImageContent(data=b64encode(drawn).decode(), mime_type="image/png")


def _as_json(figure: "Chart") -> Any:
    """Return the figure as JSON, without its template, which the app has."""
    plain = json.loads(figure.to_json())
    plain["layout"].pop("template", None)
    return plain
