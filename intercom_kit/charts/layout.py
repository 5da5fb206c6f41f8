"""What surrounds a drawing: the title, the scope above, and the caption below."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intercom_kit.charts.reading import Reading
from intercom_kit.charts.text import plain, width
from intercom_kit.charts.theme import Chart, template
from intercom_kit.days import day

_SIDE, _TOP, _BOTTOM, _LINE = 18, 70, 62, 16


@dataclass(frozen=True)
class Layout:
    """The title of a chart, and the room that its drawing needs.

    `n` is the number in the scope, by default that of the frame. The drawing is `height` pixels high; `left` are
    labels that need room, `right` and `top` is room for others, and a `legend` stands above the drawing. A `table` has
    neither axes nor labels. With `nothing` to draw, the chart says so.
    """

    title: str = ""
    n: int | str | None = None
    height: int = 300
    left: Iterable[str] = ()
    right: int = 24
    top: int = 0
    legend: bool = False
    table: bool = False
    nothing: bool = False


def finished(figure: Chart, reading: Reading, layout: Layout) -> Chart:
    """Return the figure with its title, its scope above the drawing, and its caption below."""
    legend = layout.legend
    if layout.nothing or not len(reading.rows):
        figure, legend = _empty(reading), False
    left = _SIDE if layout.table else width(layout.left) + _SIDE + 16
    left += _LINE * ("<br>" in (figure.layout.yaxis.title.text or ""))
    subtitle = textwrap.wrap(_scope(reading, layout.n), 100)
    caption = [line for paragraph in _caption(reading) for line in textwrap.wrap(paragraph, 118)]
    above = _TOP + _LINE * len(subtitle) + 20 * legend + layout.top
    bottom = _SIDE if layout.table else _BOTTOM
    below = bottom + _LINE * len(caption) + _SIDE
    figure.update_layout(
        template=template(),
        height=layout.height + above + below,
        margin={"l": left, "r": layout.right, "t": above, "b": below, "autoexpand": False},
        title={
            "text": layout.title or reading.title,
            "subtitle": {"text": plain("\n".join(subtitle))},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "pad": {"l": _SIDE, "t": _SIDE},
        },
    )
    if legend:
        # From a place left of the drawing, plotly lets names run on over the margin before it breaks the line.
        line = {"orientation": "h", "x": -1e-9, "xanchor": "left", "y": 1, "yanchor": "bottom"}
        figure.update_layout(showlegend=True, legend=line | {"traceorder": "normal"})
    figure.add_annotation(
        name="caption",
        text=plain("\n".join(caption)),
        font_size=11,
        showarrow=False,
        align="left",
        x=0,
        xref="paper",
        xanchor="left",
        xshift=_SIDE - left,
        y=0,
        yref="paper",
        yanchor="top",
        yshift=-bottom,
    )
    return figure


def _scope(reading: Reading, n: int | str | None) -> str:
    """Return one line: the span, the number of rows, hours, options and filters, and whether rows are missing."""
    metric, receipt = reading.metric, reading.receipt
    n = reading.counted if n is None else n
    counted = f"{n:,}" if isinstance(n, int) else n
    parts = [_span(reading), f"n = {counted}" if counted else "", metric["hours"]]
    options = {name: value for name, value in metric.get("options", {}).items() if name != "contacts"}
    parts += [f"{name}: {_listed(value)}" for name, value in (options | metric.get("filters", {})).items()]
    if not receipt.get("complete", True):
        parts.append(f"NOT COMPLETE: {receipt.get('why') or 'rows are missing'}")
    return " · ".join(part for part in parts if part and part != "no durations")


def _caption(reading: Reading) -> list[str]:
    """Return three paragraphs: what the numbers mean, the notes, and the source."""
    metric, at = reading.metric, reading.receipt.get("at")
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in metric["left_out"].items())
    local = datetime.fromisoformat(at).astimezone(reading.zone) if at else None
    when = f", as of {day(local)} {local:%H:%M}" if local else ""
    meaning = f"{metric['text'].replace('`', '')} n counts {metric['denominator']}."
    meaning += f" Left out: {left_out}." if left_out else ""
    source = f"Definition {metric['definition']!r}: {metric['source'].rstrip('.')}. {metric['timezone']}{when}."
    return [meaning, " ".join(filter(None, dict.fromkeys([*reading.notes, *metric["notes"]]))), source]


def _span(reading: Reading) -> str:
    since, until = (moment.astimezone(reading.zone) for moment in (reading.since, reading.until))
    last = until - timedelta(microseconds=1)
    first = "" if since.date() >= last.date() else day(since, year=since.year != last.year)
    return f"{first} to {day(last)}" if first else day(last)


def _empty(reading: Reading) -> Chart:
    """Return a figure with a note in place of a chart, for a frame without rows."""
    figure = Chart()
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(visible=False, range=[0, 1])
    words = f"Nothing to draw: no {plain(reading.metric['denominator'].removesuffix(' in the span'))} in this span."
    figure.add_annotation(name="nothing", text=words, x=0.5, y=0.5, showarrow=False, font_size=14)
    return figure


def _listed(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
