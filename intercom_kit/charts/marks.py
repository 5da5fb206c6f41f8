"""The marks that several charts share: axes of periods, of rows and of values, bars, intervals, names beside marks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor, log10
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.reading import Reading
from intercom_kit.charts.theme import Chart
from intercom_kit.charts.words.text import NARROWEST, SIDE, fitting, width
from intercom_kit.numbers.findings import SMALL

ROW = 44
HEIGHT = 280
FADED = 0.5
_MOST_TICKS = 14
_LABEL = 15  # pixels from the middle of a row up to its name
_WHOLE = 1.04  # of a scale of shares, so that there is room for the label of 100 %
_LONGEST_INTERVAL = 2.5  # times the highest value, for which a scale has room
_BESIDE = 110  # pixels at most for names beside the ends of lines
# Bars of a row begin below its name.
BAR = {"orientation": "h", "width": 0.36, "offset": -0.04}
_UNSEEN = {"ticks": "outside", "ticklen": 7, "tickcolor": "rgba(0,0,0,0)"}


def scale(top: float, most: int = 4) -> list[float]:
    """Return the round numbers from 0 up to `top`, at which an axis is labelled."""
    if not top > 0:
        return [0.0]
    least = top / most
    power = 10.0 ** floor(log10(least))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= least * 0.999)
    return [round(step * place, 10) for place in range(floor(top / step * 1.001) + 1)]


def values_axis(top: float, unit: str, *, counts: bool = False) -> dict[str, Any]:
    """Return an axis from 0 to `top`, each number with its unit; `unit` is "%" for shares."""
    ticks = [tick for tick in scale(top) if not counts or tick == round(tick)]
    share, after = unit == "%", f" {unit}" if unit else ""
    words = [f"{round(100 * tick, 6):g}%" if share else f"{tick:,.10g}{after}" for tick in ticks]
    return {"range": [0.0, top], "tickvals": ticks, "ticktext": words, "tickangle": 0}


def highest(rows: pd.DataFrame, *columns: str, share: bool = False) -> float:
    """Return the end of a scale that fits the values, and their intervals unless they are long or of few."""
    values = pd.Series([rows[column].max() for column in columns or ("value",)]).max()
    values = 0.0 if pd.isna(values) else float(values)
    intervals = rows.loc[rows["n"] >= SMALL, "high"].max() if "high" in rows else values
    intervals = values if pd.isna(intervals) else float(intervals)
    top = 1.08 * max(values, min(intervals, _LONGEST_INTERVAL * values)) or 1.0
    return min(top, _WHOLE) if share else top


def periods_axis(
    figure: Chart, reading: Reading, taken: int = 0, below: "pd.Series[str] | None" = None, most: int = _MOST_TICKS
) -> None:
    """Label the axis with as many periods as there is room for, the last always; `below` is another line for each.

    `taken` are the pixels beside the drawing.
    """
    labels, partial = reading.periods(), reading.partial()
    under = partial.map({True: "so far", False: ""})
    words = labels + "<br>" + (under if below is None else below + "<br>" + under)
    words = words.str.removesuffix("<br>")
    named = dict(zip(labels, words, strict=True))
    each = width(line for text in named.values() for line in text.split("<br>")) + 10
    most = max(1, min(most, (NARROWEST - taken) // each))
    ticks = list(named)[:: -max(1, -(-len(named) // most))][::-1]
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(named),
        tickvals=ticks,
        ticktext=[named[tick] for tick in ticks],
        tickangle=0,
        title={"text": reading.period_axis},
        showgrid=False,
        **_UNSEEN,
    )


def rows_axis(figure: Chart, labels: Iterable[str], ends: Sequence[str]) -> None:
    """Write above each row, from top to bottom, its name on the left and its values on the right."""
    rows = list(labels)
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=rows,
        range=[len(rows) - 0.5, -0.5],
        showticklabels=False,
        showgrid=False,
        ticks="",
    )
    room = NARROWEST - 2 * SIDE - 12
    above = {"y": 0, "yshift": _LABEL, "xref": "paper", "showarrow": False}
    for label, words in zip(rows, ends, strict=True):
        letters = max(12, int((room - width([words])) / (0.6 * 12)))
        at = above | {"y": label}
        figure.add_annotation(text=fitting(label, letters), name="row", x=0, xanchor="left", align="left", **at)
        figure.add_annotation(text=words, name="end", x=1, xanchor="right", align="right", **at)


def end_labels(
    figure: Chart, ends: Sequence[tuple[str, float]], x: str | int, top: float, *, lines: int = 1, side: str = "left"
) -> None:
    """Write names beside the ends of marks, far enough apart on an axis from 0 to `top`."""
    ordered = sorted(ends, key=lambda end: end[1])
    least = 15 * lines / HEIGHT * top
    for (name, _), place in zip(ordered, spread([value for _, value in ordered], least, top), strict=True):
        shift = 8 if side == "left" else -8
        figure.add_annotation(
            text=name, name="end", x=x, y=place, xanchor=side, xshift=shift, align="left", showarrow=False
        )


def spread(values: Sequence[float], least: float, top: float) -> list[float]:
    """Return ascending places near ascending values, at least some distance apart, and below `top` where they can."""
    places: list[float] = []
    for value in values:
        places.append(max(value, places[-1] + least) if places else value)
    ceiling = top - least / 2
    for place in reversed(range(len(places))):
        places[place] = min(places[place], ceiling)
        ceiling = places[place] - least
    return places


def beside(names: Iterable[str]) -> int:
    """Return the room for names beside the ends of marks."""
    return 8 + min(_BESIDE, width(names)) + SIDE


def swatch(name: str, colour: str) -> str:
    """Return a name behind a square of its colour."""
    return f'<span style="color:{colour}">■</span> {name}'


def over_periods(
    figure: Chart,
    reading: Reading,
    drawn: "Mapping[str, pd.Series[float]]",
    written: Callable[[float], str],
    colours: Mapping[str, str],
) -> None:
    """Draw a line for each name, hollow where it needs care; `written` formats a value."""
    periods, hollow = reading.periods(), reading.partial() | reading.small(reading.rows["n"])
    for name, values in drawn.items():
        marker = {"symbol": symbols("circle", hollow[values.index]), "size": 7}
        figure.add_scatter(
            x=periods[values.index],
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colours[name], "width": 2},
            marker=marker | {"color": colours[name], "line": {"width": 2, "color": colours[name]}},
            customdata=["" if pd.isna(value) else written(value) for value in values],
            text=reading.rows.loc[values.index, "n"],
            hovertemplate=f"{name}: %{{customdata}} (n = %{{text:,}})<extra></extra>",
        )
    figure.update_layout(hovermode="x unified")
    figure.update_xaxes(range=[-0.3, periods.nunique() - 0.7])


def last_values(
    reading: Reading, drawn: "Mapping[str, pd.Series[float]]", written: Callable[[float], str]
) -> dict[str, tuple[str, float]]:
    """Return for each line its value in the last period as text, and the height of its end."""
    now = reading.rows["period"] == reading.rows["period"].max()
    ends = {}
    for name, values in drawn.items():
        value, known = values[now[values.index]].max(), values.dropna()
        ends[name] = ("none" if pd.isna(value) else written(value), known.iloc[-1] if len(known) else 0.0)
    return ends


def behind(reading: Reading, rows: pd.DataFrame) -> list[str]:
    """Return for each row of a metric's frame how to list what it counts, shown by hovering; empty where none can."""
    listed = str(reading.metric["denominator"]).startswith(("conversations", "open conversations", "tickets"))
    source = "lake" if reading.receipt.get("table") == "lake" else "ws"
    return [f"<br>which: {source}.behind(frame, {place})" if listed else "" for place in rows.index]


def faint(reading: Reading) -> "pd.Series[float]":
    """Return the opacity of bars, which are faded in periods that are not over."""
    return reading.partial().map({True: FADED, False: 1.0})


def bar(colours: Iterable[str], hatched: "Iterable[bool]") -> dict[str, Any]:
    """Return the marker of bars: an outline and a light fill, on which intervals show; hatched where of few."""
    each = list(colours)
    light = [veil(colour) for colour in each]
    pattern = {"shape": ["/" if few else "" for few in hatched], "size": 7, "fgcolor": each, "bgcolor": light}
    return {"color": light, "line": {"width": 1.5, "color": each}, "pattern": pattern}


def symbols(symbol: str, hollow: Iterable[bool]) -> list[str]:
    """Return filled markers, and hollow ones for what needs care."""
    return [f"{symbol}-open" if each else symbol for each in hollow]


def interval(rows: pd.DataFrame, divisor: float = 1.0) -> dict[str, Any]:
    """Return an interval as plotly's error bars, which are relative to the value."""
    above, below = (rows["high"] - rows["value"]) / divisor, (rows["value"] - rows["low"]) / divisor
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below}


def band(x: "pd.Series[Any]", low: "pd.Series[float]", high: "pd.Series[float]", colour: str) -> list[Any]:
    """Return the traces that shade the interval around a stepped line, where it is known."""
    known = low.notna() & high.notna()
    unseen = {"mode": "lines", "hoverinfo": "skip", "showlegend": False, "line": {"width": 0, "shape": "hv"}}
    return [
        go.Scatter(x=x[known], y=low[known], **unseen),
        go.Scatter(x=x[known], y=high[known], fill="tonexty", fillcolor=veil(colour, 0.25), **unseen),
    ]


def veil(colour: str, opacity: float = 0.45) -> str:
    """Return a colour through which the background shows."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
