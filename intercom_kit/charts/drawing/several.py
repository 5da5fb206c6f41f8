"""Charts of several groups: which of them are drawn, stacked, beside one another, or each in a panel of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from intercom_kit.charts.drawing.layout import left_of
from intercom_kit.charts.marks import beside, end_labels, last_values, over_periods, periods_axis
from intercom_kit.charts.reading import Reading
from intercom_kit.charts.theme import BLUE, GREY, Chart
from intercom_kit.charts.words.text import NARROWEST, SIDE, fitting, width

MOST_TOGETHER = 4  # lines in one drawing
MOST_PANELS = 12
_MOST_STACKED = 7
PANEL, _GAP, _BETWEEN = 80, 34, 0.07  # the height of a panel and what is above it, and the room between two
_AXIS = 22  # pixels that the labels of the axis take from each panel
_PALE = "#A9AEB8"
_OTHERS = {"color": "rgba(119,124,134,0.35)", "width": 1}


def lines(reading: Reading, *, stacked: bool = False) -> dict[str, pd.DataFrame]:
    """Return the rows of each group, the largest groups first.

    Too many groups are cut: if `stacked`, the smallest are added up as one group, so that the total stays right; else
    they are left out, with a note. A small group that has a higher peak than a large one is drawn in its place.
    """
    rows = reading.rows.assign(group=reading.groups())
    sizes = rows.groupby("group")["n"].sum().sort_values(ascending=False, kind="stable")
    sizes = sizes[sizes > 0]
    most = _MOST_STACKED if stacked else MOST_PANELS
    most += len(sizes) == most + 1  # one group alone is drawn by its name
    named = _with_peaks(rows, list(sizes.index), most) if stacked else list(sizes.index[:most])
    drawn = {str(name): rows[rows["group"] == name] for name in named}
    left = rows[rows["group"].isin(set(sizes.index) - set(named))]
    if stacked and len(left):
        firsts = left.drop_duplicates("period")
        sums = left.groupby("period")[["value", "n"]].sum().loc[firsts["period"]].set_index(firsts.index)
        drawn[f"{len(sizes) - len(named):,} others"] = firsts.assign(value=sums["value"], n=sums["n"])
    elif len(left):
        reading.notes.append(f"Shown: the {most} largest of {len(sizes):,} groups.")
    return drawn


def _with_peaks(rows: pd.DataFrame, names: list[str], most: int) -> list[str]:
    """Return the largest groups; the last gives way to a smaller one with a higher peak, such as an incident."""
    named, others = names[:most], names[most:]
    peaks = rows.groupby("group")["n"].max()
    if others and (highest := max(others, key=lambda name: int(peaks[name]))):
        named = [*named[:-1], highest] if peaks[highest] > peaks[named[-1]] else named
    return named


def stack_colours(reading: Reading, names: Iterable[str]) -> dict[str, str]:
    """Return the colour of each part of a stack, pale grey for what several groups were added up to."""
    parts, known = list(names), set(reading.groups())
    own = reading.colours(name for name in parts if name in known)
    return {name: own.get(name, _PALE) for name in parts}


def stacked_names(reading: Reading, drawn: Mapping[str, pd.DataFrame]) -> list[tuple[str, float]]:
    """Return each name with the middle of its part of the last stack that is whole."""
    whole = reading.rows[reading.rows["complete"].astype("bool")]
    periods = (whole if len(whole) else reading.rows)["period"]
    under, ends = 0.0, []
    for name, rows in drawn.items():
        value = float(rows.loc[rows["period"] == periods.max(), "value"].sum())
        ends.append((name, under + value / 2))
        under += value
    return ends


def together(
    figure: Chart,
    reading: Reading,
    drawn: "Mapping[str, pd.Series[float]]",
    written: Callable[[float], str],
    axis: dict[str, Any],
    below: "pd.Series[str] | None" = None,
) -> tuple[int, int]:
    """Draw lines over periods with their names at their ends, or each in a panel; return the height and right margin.

    `axis` is the vertical one, and `below` what stands below each period where there are no panels.
    """
    colours = (
        reading.colours(drawn) if reading.by else {name: GREY if place else BLUE for place, name in enumerate(drawn)}
    )
    ends = last_values(reading, drawn, written)
    over_periods(figure, reading, drawn, written, colours)
    if len(drawn) > MOST_TOGETHER:
        words = {name: above(name, now) for name, (now, _) in ends.items()}
        labels = reading.periods()
        reading.partial()
        height = panels(figure, words, axis, {"type": "category", "categoryarray": list(dict.fromkeys(labels))})
        _edges(figure, len(words), labels)
        return height, SIDE
    names = {name: f"{fitting(name, 15)}<br>{now}" for name, (now, _) in ends.items()}
    right = beside(line for words in names.values() for line in words.split("<br>"))
    periods_axis(figure, reading, left_of(axis["ticktext"]) + right, below, most=7)
    figure.update_yaxes(**axis)
    labels = reading.periods()
    if len(labels):
        places = [(f'<span style="color:{colours[name]}">{names[name]}</span>', ends[name][1]) for name in names]
        end_labels(figure, places, labels.iloc[-1], axis["range"][1], lines=2)
    return 0, right


def above(name: str, value: str) -> str:
    """Return what stands above a panel: its name, as long as there is room, and a value."""
    room = (NARROWEST - 3 * SIDE) / 2 - 1.1 * width([value]) - _AXIS
    return f"{fitting(name, max(6, int(room / 7.5)))} <b>{value}</b>"


def panels(figure: Chart, names: Mapping[str, str], axis: dict[str, Any], across: dict[str, Any]) -> int:
    """Put each line into a panel of its own, two to a row, before the others in grey; return the height.

    `names` are the names of lines with what stands above their panels; `axis` and `across` are the axes of each panel.
    """
    rows = -(-len(names) // 2)
    height = rows * (PANEL + _GAP)
    drawn = [trace for trace in figure.data if trace.name in names]
    figure.data = ()
    for place, (name, words) in enumerate(names.items()):
        left, top = (place % 2) * (0.5 + _BETWEEN / 2), 1 - (place // 2) * (PANEL + _GAP) / height - _GAP / height
        number = place + 1 if place else ""
        figure.update_layout(
            {
                f"xaxis{number}": across
                | {"domain": [left, min(left + 0.5 - _BETWEEN / 2, 1)], "anchor": f"y{number}"}
                | {"showticklabels": place >= len(names) - 2 and "tickvals" in across, "showgrid": False},
                f"yaxis{number}": axis
                | {"domain": [max(top - PANEL / height, 0), top], "anchor": f"x{number}"}
                | {"showticklabels": not place % 2, "ticks": ""},
            }
        )
        at = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        others = [trace for trace in drawn if trace.name != name]
        figure.add_scatter(
            x=[each for trace in others for each in [*trace.x, None]],
            y=[each for trace in others for each in [*trace.y, None]],
            mode="lines",
            line=_OTHERS | {"shape": drawn[0].line.shape},
            hoverinfo="skip",
            name="",
            **at,
        )
        figure.add_trace(next(trace for trace in drawn if trace.name == name).update(at))
        above = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False}
        figure.add_annotation(text=words, name="panel", x=left, y=top, yshift=3, **above)
    return height


def _edges(figure: Chart, panels: int, labels: "pd.Series[str]") -> None:
    """Write the first and the last period below the lowest panels."""
    for place in range(max(0, panels - 2), panels):
        bottom = figure.layout[f"yaxis{place + 1 if place else ''}"].domain[0]
        ends = figure.layout[f"xaxis{place + 1 if place else ''}"].domain
        for x, words, side in zip(ends, labels.iloc[[0, -1]], ("left", "right"), strict=True):
            at = {"xref": "paper", "yref": "paper", "yanchor": "top", "showarrow": False}
            figure.add_annotation(text=words, name="edge", x=x, y=bottom, yshift=-3, xanchor=side, **at)
