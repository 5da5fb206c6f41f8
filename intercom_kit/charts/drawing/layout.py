"""What surrounds a drawing: the finding and the scope above, what to take care of and how it is counted below.

A figure is one JSON for every screen, and plotly breaks no lines. So texts are broken for the narrowest screen, labels
stand above or within the drawing rather than beside it, and on wider screens only the drawing grows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from intercom_kit.charts.reading import Reading
from intercom_kit.charts.theme import SMALL_PRINT, TITLE, Chart, template
from intercom_kit.charts.words.text import NARROWEST, SIDE, plain, width, wrapped
from intercom_kit.days import day

_LINE, _TITLE_LINE, _NOTE = 15, 21, 11
_BOLD = 1.08  # times as wide
# Plotly draws titles of several lines higher than others, and subtitles of one line lower.
_SECOND_LINE, _ONLY_LINE = 11, 9
_NOTHING = 120
_MOST_NOTES = 4  # lines
_HOVER = NARROWEST - 60  # pixels of the text behind "How counted"


@dataclass(frozen=True)
class Layout:
    """The title of a chart, and the room that its drawing needs.

    `title` is what stands out, and `what` is drawn. `n` is the number in the scope, by default that of the frame. The
    drawing is `height` pixels high, with the labels of `ticks` on its left and room for names on its `right`; `axis`
    says above it what the vertical axis counts, and `key` what its marks are: a sign, its colour and its name. With
    `nothing` to draw, the chart says so.
    """

    title: str = ""
    what: str = ""
    n: int | str | None = None
    height: int = 300
    ticks: Iterable[str] = ()
    right: int = SIDE
    axis: str = ""
    top: int = 0
    key: Iterable[tuple[str, str, str]] = ()
    nothing: bool = False


def left_of(ticks: Iterable[str]) -> int:
    """Return the room that the labels of a vertical axis need."""
    labels = list(ticks)
    return SIDE + (width(labels) + 8 if labels else 0)


def finished(figure: Chart, reading: Reading, layout: Layout) -> Chart:
    """Return the figure with its title and its scope above the drawing, and notes below."""
    nothing = layout.nothing or not len(reading.rows)
    if nothing:
        figure = _empty(reading)
    title = wrapped(reading.title if nothing else layout.title or reading.title, TITLE * _BOLD)
    scope = wrapped(plain(_scope(reading, layout)), SMALL_PRINT)
    axis = [] if nothing else [*_signs(layout.key), *wrapped(layout.axis, _NOTE)]
    notes = [] if nothing else _notes(reading)
    head = SIDE + _TITLE_LINE * len(title) + _LINE * len(scope) + 8 + _ONLY_LINE * (len(scope) == 1)
    top = head + _LINE + 12 + layout.top + (_LINE * len(axis) + 8 if axis else 0)
    foot = 8 if nothing else 26 + _below(figure)
    left, bottom = left_of(() if nothing else layout.ticks), foot + _LINE * len(notes) + SIDE
    figure.update_layout(
        template=template(),
        height=(_NOTHING if nothing else layout.height) + top + bottom,
        margin={"l": left, "r": layout.right, "t": top, "b": bottom, "autoexpand": False},
        title=_heading(title, scope),
        showlegend=False,
    )
    write = partial(_write, figure, SIDE - left)
    # Above the drawing, since plotly cuts what hovering shows at the lower edge of a figure.
    hidden = "<br>".join(line for part in _counted(reading) for line in [*_lines(part), ""])
    words = [f"<u>How counted</u> · {_when(reading)}"]
    write("counted", words, y=1, yanchor="top", yshift=top - head, hovertext=hidden, opacity=0.8)
    write("axis", axis, y=1, yanchor="bottom", yshift=layout.top + 8, opacity=0.8)
    write("caption", notes, y=0, yanchor="top", yshift=-foot)
    figure.update_annotations(showarrow=False)
    return figure


def _notes(reading: Reading) -> list[str]:
    """Return in lines the notes on what is drawn, and those of the metric where there is room for them as well."""
    drawn, every = (
        wrapped(plain(" ".join(dict.fromkeys(notes))), _NOTE)
        for notes in (reading.notes, [*reading.notes, *reading.metric["notes"]])
    )
    return every if len(every) <= _MOST_NOTES else drawn


def _heading(title: list[str], scope: list[str]) -> dict[str, Any]:
    return {
        "text": "<br>".join(title),
        "subtitle": {"text": "<br>".join(scope)},
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "top",
        "pad": {"l": SIDE, "t": SIDE + _SECOND_LINE * (len(title) > 1)},
    }


def _write(figure: Chart, shift: int, name: str, lines: list[str], **place: Any) -> None:
    """Write lines at the left edge of the figure, which is `shift` pixels from that of the drawing."""
    at = {"x": 0, "xref": "paper", "xanchor": "left", "xshift": shift, "yref": "paper", "align": "left"}
    if lines:
        figure.add_annotation(name=name, text="<br>".join(lines), font_size=_NOTE, **at, **place)


def _signs(key: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the names of signs, each behind its sign in its colour, in lines."""
    lines, room = [""], 0
    for sign, colour, name in key:
        needs = width([f"{sign} {name}..."], _NOTE)
        if lines[-1] and room < needs:
            lines.append("")
        room = NARROWEST - 2 * SIDE - needs if not lines[-1] else room - needs
        lines[-1] += f'{"   " if lines[-1] else ""}<span style="color:{colour}">{sign}</span> {name}'
    return [line for line in lines if line]


def _lines(text: str) -> list[str]:
    return wrapped(plain(text), SMALL_PRINT, _HOVER)


def _below(figure: Chart) -> int:
    """Break the titles of horizontal axes to fit, and return the height of what stands below the drawing."""
    lines = 0
    for axis in figure.select_xaxes():
        title = wrapped(axis.title.text or "", SMALL_PRINT)
        if title:
            axis.title = {"text": "<br>".join(title), "standoff": 6}
        lines = max(lines, len(title) + max((str(label).count("<br>") for label in axis.ticktext or ()), default=0))
    return _LINE * lines + 6 * bool(lines)


def _scope(reading: Reading, layout: Layout) -> str:
    """Return what is drawn, the span, the number of rows, hours, options and filters, and whether rows are missing."""
    metric, receipt = reading.metric, reading.receipt
    n = reading.counted if layout.n is None else layout.n
    counted = f"{n:,}" if isinstance(n, int) else n
    parts = [layout.what or reading.title, _span(reading), f"n = {counted}" if counted else "", metric["hours"]]
    options = {name: value for name, value in metric.get("options", {}).items() if name != "contacts"}
    parts += [f"{name}: {_listed(value)}" for name, value in (options | metric.get("filters", {})).items()]
    if not receipt.get("complete", True):
        parts.append(f"NOT COMPLETE: {receipt.get('why') or 'rows are missing'}")
    return " · ".join(part for part in parts if part and part != "no durations")


def _counted(reading: Reading) -> list[str]:
    """Return what the numbers mean, what is left out, the metric's notes, and the source."""
    metric = reading.metric
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in metric["left_out"].items())
    meaning = f"{metric['text'].replace('`', '')} n counts {metric['denominator']}."
    source = f"Definition {metric['definition']!r}: {metric['source'].rstrip('.')}."
    return [part for part in (meaning, f"Left out: {left_out}." if left_out else "", *metric["notes"], source) if part]


def _when(reading: Reading) -> str:
    at = reading.receipt.get("at")
    local = datetime.fromisoformat(at).astimezone(reading.zone) if at else None
    return str(reading.metric["timezone"]) + (f", as of {day(local)} {local:%H:%M}" if local else "")


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
    figure.add_annotation(name="nothing", text="<br>".join(wrapped(words, 14)), x=0.5, y=0.5, font_size=14)
    return figure


def _listed(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
