"""How long customers wait."""

import math
from typing import Any

import pandas as pd

from intercom_kit.charts.drawing.layout import Layout, finished
from intercom_kit.charts.drawing.several import MOST_TOGETHER, above, lines, panels, together
from intercom_kit.charts.marks import (
    BAR,
    FADED,
    HEIGHT,
    ROW,
    band,
    behind,
    beside,
    end_labels,
    highest,
    interval,
    rows_axis,
    values_axis,
)
from intercom_kit.charts.reading import MOST_GROUPS, Reading, read
from intercom_kit.charts.theme import BLUE, GOLD, GREEN, VERMILION, Chart
from intercom_kit.charts.words import titles
from intercom_kit.charts.words.text import SIDE, counted, fitting
from intercom_kit.numbers.findings import SMALL, apart, sure
from intercom_kit.numbers.quantities import duration

_CURVE = ("seconds", "value", "n", "low", "high", "median")
_URGENCY = (GREEN, BLUE, GOLD, VERMILION)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_CLOCK = {
    **{minutes * _MINUTE: f"{minutes} min" for minutes in (1, 10)},
    **{hours * _HOUR: f"{hours} h" for hours in (1, 6)},
    **{days * _DAY: f"{days} day{'s' * (days > 1)}" for days in (1, 7, 30, 180)},
}
_SHORT_CLOCK = {5 * _MINUTE: "5 min", _HOUR: "1 h", _DAY: "1 day", 10 * _DAY: "10 days"}


def waiting_times(frame: pd.DataFrame) -> Chart:
    """Draw a duration over time: its median, 75th and 90th percentile per period, or the medians of groups.

    Draws durations by period, such as `ws.metric("first_response_time", period="week")`. More than four groups have a
    panel each.
    """
    draws = "durations over time: ws.metric('first_response_time', period='week')"
    reading = read(frame, "waiting_times", draws, ("period", "value", "n", "low", "high", "p75", "p90"))
    groups = lines(reading) if reading.by else {"half": reading.rows}
    judged = {group: sure(rows) for group, rows in groups.items()}
    shown = {group: rows["value"] for group, rows in groups.items()}
    if not reading.by:
        shown |= {"75%": reading.rows["p75"], "90%": reading.rows["p90"]}
        reading.notes.append("Upright lines: 95 % interval of the median.")
    top = highest(reading.rows, *(("value",) if reading.by else ("value", "p75", "p90")))
    divisor, unit = reading.unit(top)
    axis, figure = values_axis(top / divisor, unit), Chart()
    drawn = {name: values / divisor for name, values in shown.items()}
    height, right = together(figure, reading, drawn, lambda value: reading.written(value * divisor), axis)
    figure.update_traces(error_y=interval(reading.rows, divisor), selector={"name": "half"})
    metric = reading.metric
    what = f"{metric['title']} per {metric['period']}" + (f", median by {reading.by}" if reading.by else "")
    how = "median" if reading.by else "half of all, 75% and 90% took no longer"
    layout = Layout(
        titles.over_time(reading, judged),
        what,
        height=height or HEIGHT,
        ticks=axis["ticktext"],
        right=right,
        axis=how,
        nothing=not reading.rows["n"].sum(),
    )
    return finished(figure, reading, layout)


def waiting_now(frame: pd.DataFrame) -> Chart:
    """Draw how many customers wait, by how long they have waited: a bar per band or per group, the longest first.

    Draws `ws.metric("waiting_now")`, of all or by a group such as the team.
    """
    columns = ("waiting", "value", "n", "longest")
    reading = read(frame, "waiting_now", "ws.metric('waiting_now')", columns, "waiting_now")
    whole = reading.rows = reading.rows.assign(row=reading.groups() if reading.by else reading.rows["waiting"])
    rows = whole.groupby("row", sort=False).agg(n=("n", "sum"), longest=("longest", "max"))
    rows = rows[rows["n"] > 0].sort_values("longest", ascending=False) if reading.by else rows[::-1]
    if len(rows) > MOST_GROUPS:
        reading.notes.append(f"Shown: the {MOST_GROUPS} of {len(rows):,} with the longest wait.")
        rows = rows.head(MOST_GROUPS)
    figure = Chart()
    _bands(figure, reading, whole[whole["row"].isin(rows.index)])
    ends = [_longest(int(n), longest) for n, longest in zip(rows["n"], rows["longest"], strict=True)]
    rows_axis(figure, rows.index, ends)
    n = reading.counted or 0
    figure.update_xaxes(title=reading.metric["unit"], **values_axis(rows["n"].max() if n else 1, "", counts=True))
    figure.update_layout(barmode="stack")
    layout = Layout(
        _longest_wait(whole) if n else "",
        n=f"{n:,} waiting",
        height=ROW * len(rows),
        key=_key(whole) if reading.by else (),
        nothing=not n,
    )
    return finished(figure, reading, layout)


def _bands(figure: Chart, reading: Reading, rows: pd.DataFrame) -> None:
    for waiting, colour in zip(rows["waiting"].unique(), _URGENCY, strict=False):
        some = rows[rows["waiting"] == waiting]
        figure.add_bar(
            x=some["n"],
            y=some["row"],
            name=waiting,
            marker={"color": colour, "line": {"width": 0}},
            customdata=behind(reading, some),
            hovertemplate=f"%{{y}}: %{{x:,}} for {waiting}%{{customdata}}<extra></extra>",
            **BAR,
        )


def _key(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return the bands in which somebody waits, with their colours."""
    bands = rows.groupby("waiting", sort=False)["n"].sum()
    return [("■", colour, str(name)) for (name, n), colour in zip(bands.items(), _URGENCY, strict=False) if n]


def _longest(n: int, seconds: float) -> str:
    """Return how many wait, and the longest wait, as text."""
    return f"{n:,}, the longest {duration(seconds)}" if n else "none"


def _longest_wait(rows: pd.DataFrame) -> str:
    """Return how many wait, how many of them longest, and how long."""
    by_band = rows.groupby("waiting", sort=False)["n"].sum()
    last, n = by_band[by_band > 0].index[-1], int(by_band.sum())
    most = f"; the longest {duration(rows['longest'].max())}"
    some = f", {by_band[last]:,} of them {last.replace('over', 'for over').replace('under', 'for under')}"
    return f"{counted(n, 'customers')} {'waits' if n == 1 else 'wait'}{some if n > 1 else ''}{most}"


def answered_within(frame: pd.DataFrame) -> Chart:
    """Draw the share answered after some time; customers who still wait count too.

    Draws `ws.metric("first_response_survival")`, of all or by groups, of which more than four have a panel each.
    """
    draws = "ws.metric('first_response_survival')"
    reading = read(frame, "answered_within", draws, _CURVE, "first_response_survival")
    reading.metric = reading.metric | {
        "notes": [
            *reading.metric["notes"],
            "Drawn is 1 minus that share: replies to conversations that were not closed before. It may reach 100 % "
            "although some were closed without a reply.",
        ]
    }
    rows = reading.rows
    reading.rows = rows.assign(value=1 - rows["value"], low=1 - rows["high"], high=1 - rows["low"])
    return _steps(reading, "Answered within some time", "answered")


def still_open(frame: pd.DataFrame) -> Chart:
    """Draw the share not done after some time; conversations that are not done yet count too.

    Draws `ws.metric("time_to_close_survival")` or `ws.metric("first_response_survival")`, of all or by groups, of
    which more than four have a panel each.
    """
    draws = "ws.metric('time_to_close_survival')"
    reading = read(frame, "still_open", draws, _CURVE, "time_to_close_survival", "first_response_survival")
    title = reading.metric["title"]
    return _steps(reading, f"{title} after some time", title.lower())


def _steps(reading: Reading, what: str, state: str) -> Chart:
    """Draw a stepped curve of the share in some state for each group, on a logarithmic axis of time."""
    drawn, figure = lines(reading), Chart()
    colours = reading.colours(drawn)
    for group, rows in drawn.items():
        rows = rows.assign(seconds=rows["seconds"].clip(lower=_MINUTE))  # a logarithmic axis has no 0
        if len(drawn) == 1:
            figure.add_traces(band(rows["seconds"], rows["low"], rows["high"], colours[group]))
            reading.notes.append("Shaded: 95 % interval.")
        few = rows["n"].iloc[0] < SMALL
        if few:
            reading.notes.append(f"Faded: from fewer than {SMALL}, treat as a hint.")
        figure.add_scatter(
            x=rows["seconds"],
            y=rows["value"],
            mode="lines",
            name=group,
            line={"shape": "hv", "width": 2, "color": colours[group]},
            opacity=FADED if few else 1,
            hovertemplate=f"{group}: %{{y:.0%}}<extra></extra>",
        )
    seconds = reading.rows.loc[reading.rows["value"].between(0, 1, inclusive="neither"), "seconds"]
    ends = (max(seconds.min() / 2, _MINUTE), max(seconds.max() * 1.3, 2 * _HOUR)) if len(seconds) else (_MINUTE, _DAY)
    clock = {"range": [math.log10(end) for end in ends], "type": "log", "tickangle": 0}
    shares = values_axis(1.0, "%") | {"range": [0, 1.02]}
    height, right = _named(figure, reading, drawn, clock, shares)
    n = int(sum(rows["n"].iloc[0] for rows in drawn.values()))
    what += f" by {reading.by}" if reading.by else ""
    layout = Layout(
        _half(reading, drawn, state),
        f"{what}, from the customer's first message on, around the clock (log scale)",
        n=n,
        height=height or HEIGHT,
        ticks=shares["ticktext"],
        right=right,
        axis=f"share {state}",
    )
    return finished(figure, reading, layout)


def _named(
    figure: Chart, reading: Reading, drawn: dict[str, pd.DataFrame], clock: dict[str, Any], shares: dict[str, Any]
) -> tuple[int, int]:
    """Name the curves at the time by which half is over, or above panels; return the height and the right margin."""
    halves = {name: _median(rows) for name, rows in drawn.items()}
    if len(drawn) > MOST_TOGETHER:
        words = {name: above(name, half) for name, half in halves.items()}
        across = clock | {"tickvals": list(_SHORT_CLOCK), "ticktext": list(_SHORT_CLOCK.values())}
        return panels(figure, words, shares, across), SIDE
    times = _SHORT_CLOCK if reading.by else _CLOCK
    figure.update_xaxes(tickvals=list(times), ticktext=list(times.values()), **clock)
    figure.update_yaxes(**shares)
    figure.add_hline(y=0.5, line={"width": 1, "dash": "dot"})
    if not reading.by:
        for rows in drawn.values():
            _half_mark(figure, rows, clock["range"])
        return 0, SIDE
    colours = reading.colours(drawn)
    names = {name: f"{fitting(name, 15)}<br>{half}" for name, half in halves.items()}
    right = beside(line for words in names.values() for line in words.split("<br>"))
    end = 10 ** clock["range"][1]
    last = {name: rows.loc[rows["seconds"] <= end, "value"] for name, rows in drawn.items()}
    places = [
        (f'<span style="color:{colours[name]}">{names[name]}</span>', values.iloc[-1] if len(values) else 0.0)
        for name, values in last.items()
    ]
    end_labels(figure, places, clock["range"][1], 1.02, lines=2)
    return 0, right


def _median(rows: pd.DataFrame) -> str:
    median = rows["median"].iloc[0]
    return "half not yet" if pd.isna(median) else duration(median)


def _half_mark(figure: Chart, rows: pd.DataFrame, ends: list[float]) -> None:
    """Name the time by which half is over, on the side of the curve that is free."""
    median = rows["median"].iloc[0]
    if not pd.isna(median):
        x, rising = math.log10(max(median, _MINUTE)), rows["value"].iloc[-1] > rows["value"].iloc[0]
        late = x > sum(ends) / 2
        side, level = ("right", "bottom" if rising else "top") if late else ("left", "top" if rising else "bottom")
        shift, text = -6 if late else 6, f"half within {duration(median)}"
        at = {"x": x, "y": 0.5, "xanchor": side, "yanchor": level, "xshift": shift, "showarrow": False}
        figure.add_annotation(name="half", text=text, **at)


def _half(reading: Reading, drawn: dict[str, pd.DataFrame], state: str) -> str:
    """Return by when half is over; of groups, which surely differ at the time by which half of the largest is over."""
    if not drawn:
        return ""
    done = "answered" if reading.metric["name"] == "first_response_survival" else "closed"
    time = next(iter(drawn.values()))["median"].iloc[0]
    if not reading.by:
        return f"Fewer than half are {done} so far" if pd.isna(time) else f"Half are {done} within {duration(time)}"
    if pd.isna(time):
        return ""
    curves = {name: curve[curve["seconds"] <= time].tail(1) for name, curve in drawn.items()}
    at = pd.concat([rows.assign(group=name) for name, rows in curves.items()]).set_index("group")
    pair = apart(at)
    if pair is None:
        known = [rows["median"].iloc[0] for rows in drawn.values() if pd.notna(rows["median"].iloc[0])]
        within = duration(min(known)) + (f" to {duration(max(known))}" if len(drawn) > 1 else "")
        return f"Half are {done} within {within}" + (f"; no {reading.by} stands out" if len(drawn) > 1 else "")
    shares = [f"{at.loc[name, 'value']:.0%} {titles.of(name)}" for name in pair]
    return f"After {duration(time)}, {state}: {', '.join(shares)}"
