"""The marks that several charts share: axes of periods and of rows, bars, intervals, labels at the ends of lines."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.reading import Reading
from intercom_kit.charts.text import width
from intercom_kit.charts.theme import COLOURS, DASHES, SYMBOLS, Chart

MOST_LINES = 6
MOST_TICKS = 10
ROW = 27
HEIGHT = 320
FADED = 0.5
_UNSEEN = {"ticks": "outside", "ticklen": 7, "tickcolor": "rgba(0,0,0,0)"}


def periods_axis(
    figure: Chart, reading: Reading, most: int = MOST_TICKS, below: "pd.Series[str] | None" = None
) -> None:
    """Label the axis with as many periods as there is room for, the last always; `below` is a second line for each."""
    labels, partial = reading.periods(), reading.partial()
    under = partial.map({True: "so far", False: ""})
    words = labels + "<br>" + (under if below is None else below + " " + under)
    named = dict(zip(labels, words, strict=True))
    ticks = list(named)[:: -max(1, -(-len(named) // most))][::-1]
    texts = [named[tick] for tick in ticks]
    title = {"text": reading.period_axis, "standoff": 4}
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(named),
        tickvals=ticks,
        ticktext=texts,
        tickangle=0,
        title=title,
        showgrid=False,
        **_UNSEEN,
    )


def rows_axis(figure: Chart, labels: Iterable[str], ends: Sequence[str] = ()) -> int:
    """Label rows on the left, from top to bottom, and their values on the right; return the room for the values."""
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, **_UNSEEN)
    for label, words in zip(labels, ends, strict=False):
        figure.add_annotation(
            text=words, x=1, xref="paper", xanchor="left", xshift=10, y=label, align="left", showarrow=False
        )
    return 24 + width(line for words in ends for line in words.split("<br>")) if ends else 24


def over_periods(
    figure: Chart,
    reading: Reading,
    drawn: "Mapping[str, pd.Series[float]]",
    written: Callable[[float], str],
    ends: Iterable[tuple[str, float]] = (),
) -> int:
    """Draw a line for each name, hollow where it needs care, with its last value; return the room for the labels.

    Lines of groups may cross and are named in a legend; other lines are named at their ends, as `ends` are. `written`
    formats a value.
    """
    periods, last = reading.periods(), _last(reading, drawn)
    hollow = reading.partial() | reading.small(reading.rows["n"])
    words = {name: f"{name}: {'none' if pd.isna(value) else written(value)}" for name, value in last.items()}
    for (name, values), colour, dash, symbol in zip(drawn.items(), COLOURS, DASHES, SYMBOLS, strict=False):
        figure.add_scatter(
            x=periods[values.index],
            y=values,
            name=words[name] if reading.by else name,
            legendrank=1 + list(last).index(name),
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbols(symbol, hollow[values.index]), "size": 8, "line": {"width": 2, "color": colour}},
            customdata=["" if pd.isna(value) else written(value) for value in values],
            text=reading.rows.loc[values.index, "n"],
            hovertemplate=f"{name}: %{{customdata}} (n = %{{text:,}})<extra></extra>",
        )
    figure.update_layout(hovermode="x unified", showlegend=bool(reading.by), legend={"x": 1.01, "xanchor": "left"})
    figure.update_xaxes(range=[-0.3, periods.nunique() - 0.7])
    known = {name: values.dropna() for name, values in drawn.items() if values.notna().any()}
    top = max((values.max() for values in known.values()), default=0) * 1.08 or 1.0
    figure.update_yaxes(range=[0, top])
    if not reading.by and len(periods):
        ends = [*ends, *((words[name], values.iloc[-1]) for name, values in known.items())]
        end_labels(figure, ends, periods.iloc[-1], top, HEIGHT)
    return 34 + 50 * bool(reading.by) + width(words.values())


def _last(reading: Reading, drawn: "Mapping[str, pd.Series[float]]") -> dict[str, float]:
    """Return the value of each line in the last period, the highest first, and lines without one last."""
    now = reading.rows["period"] == reading.rows["period"].max()
    values = {name: values[now[values.index]].max() for name, values in drawn.items()}
    return dict(sorted(values.items(), key=lambda line: float("inf") if pd.isna(line[1]) else -line[1]))


def behind(reading: Reading, rows: pd.DataFrame) -> list[str]:
    """Return for each row of a metric's frame how to list what it counts, shown by hovering; empty where none can."""
    listed = str(reading.metric["denominator"]).startswith(("conversations", "open conversations", "tickets"))
    source = "lake" if reading.receipt.get("table") == "lake" else "ws"
    return [f"<br>which: {source}.behind(frame, {place})" if listed else "" for place in rows.index]


def faint(reading: Reading) -> "pd.Series[float]":
    """Return the opacity of bars, which are faded in periods that are not over."""
    return reading.partial().map({True: FADED, False: 1.0})


def upright(title: str) -> str:
    """Return the title of a vertical axis, broken into lines no longer than the axis."""
    return "<br>".join(textwrap.wrap(title, 46))


def bar(colour: str, hatched: "Iterable[bool]") -> dict[str, Any]:
    """Return the marker of bars: an outline and a light fill, on which intervals show; hatched where they need care."""
    pattern = {
        "shape": ["/" if each else "" for each in hatched],
        "size": 7,
        "fgcolor": colour,
        "bgcolor": veil(colour),
    }
    return {"color": veil(colour), "line": {"width": 1.5, "color": colour}, "pattern": pattern}


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


def end_labels(
    figure: Chart, ends: Sequence[tuple[str, float]], x: str | int, top: float, height: int, side: str = "left"
) -> None:
    """Write names beside the ends of lines, far enough apart on an axis from 0 to `top`, `height` pixels high."""
    least, place = 15 / height * top, float("-inf")
    for name, value in sorted(ends, key=lambda end: end[1]):
        place = max(value, place + least)
        shift = 10 if side == "left" else -10
        figure.add_annotation(text=name, x=x, y=place, xanchor=side, xshift=shift, showarrow=False)


def lines(reading: Reading, *, stacked: bool = False) -> dict[str, pd.DataFrame]:
    """Return the rows of each group, the largest groups first.

    Too many groups are cut: if `stacked`, the smallest are added up as one group, so that the total stays right; else
    they are left out, with a note.
    """
    rows = reading.rows.assign(group=reading.groups())
    sizes = rows.groupby("group")["n"].sum().sort_values(ascending=False)
    sizes = sizes[sizes > 0]
    drawn = {str(name): rows[rows["group"] == name] for name in sizes.index[:MOST_LINES]}
    others = rows[rows["group"].isin(sizes.index[MOST_LINES:])]
    if stacked and len(others):
        firsts = others.drop_duplicates("period")
        sums = others.groupby("period")[["value", "n"]].sum().loc[firsts["period"]].set_index(firsts.index)
        drawn[f"{len(sizes) - MOST_LINES:,} others"] = firsts.assign(value=sums["value"], n=sums["n"])
    elif len(others):
        reading.notes.append(f"Shown: the {MOST_LINES} largest of {len(sizes):,} groups.")
    return drawn


def veil(colour: str, opacity: float = 0.45) -> str:
    """Return a colour through which the background shows."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
