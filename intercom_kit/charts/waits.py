"""How long customers wait."""

import math

import pandas as pd

from intercom_kit.charts.layout import Layout, finished
from intercom_kit.charts.marks import (
    FADED,
    HEIGHT,
    ROW,
    band,
    behind,
    interval,
    lines,
    over_periods,
    periods_axis,
    rows_axis,
)
from intercom_kit.charts.reading import MOST_GROUPS, SMALL, Reading, read
from intercom_kit.charts.text import number
from intercom_kit.charts.theme import BLUE, COLOURS, DASHES, GOLD, GREEN, VERMILION, Chart

_CURVE = ("seconds", "value", "n", "low", "high", "median")
_URGENCY = ((GREEN, ""), (BLUE, "."), (GOLD, "/"), (VERMILION, "x"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_CLOCK = {
    **{minutes * _MINUTE: f"{minutes} min" for minutes in (1, 5, 15)},
    **{hours * _HOUR: f"{hours} h" for hours in (1, 4)},
    **{days * _DAY: f"{days} day{'s' * (days > 1)}" for days in (1, 3, 10, 30, 90)},
}


def waiting_times(frame: pd.DataFrame) -> Chart:
    """Draw a duration over time: its median, 75th and 90th percentile per period, or the medians of groups.

    Draws durations by period, such as `ws.metric("first_response_time", period="week")`.
    """
    draws = "durations over time: ws.metric('first_response_time', period='week')"
    reading = read(frame, "waiting_times", draws, ("period", "value", "n", "low", "high", "p75", "p90"))
    if reading.by:
        shown = {group: rows["value"] for group, rows in lines(reading).items()}
    else:
        shown = {"half within": reading.rows["value"], "75 % within": reading.rows["p75"]}
        shown["90 % within"] = reading.rows["p90"]
        reading.notes.append("Upright lines: 95 % interval of the median.")
    longest = max((values.max() for values in shown.values() if values.notna().any()), default=0)
    divisor, unit = reading.unit(longest)
    figure = Chart()
    drawn = {name: values / divisor for name, values in shown.items()}
    right = over_periods(figure, reading, drawn, lambda value: f"{number(value)} {unit}")
    figure.update_traces(error_y=interval(reading.rows, divisor), selector={"name": "half within"})
    periods_axis(figure, reading, most=7)
    figure.update_yaxes(title=unit)
    title = f"{reading.metric['title']} per {reading.metric['period']}"
    title += f", median by {reading.by}" if reading.by else ""
    return finished(figure, reading, Layout(title, height=HEIGHT, right=right, nothing=not reading.rows["n"].sum()))


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
    right = rows_axis(figure, rows.index, ends)
    figure.update_yaxes(categoryorder="array", categoryarray=list(rows.index))
    each = 1 if (rows["n"] <= 10).all() else None  # no half conversations
    figure.update_xaxes(title=reading.metric["unit"], rangemode="tozero", dtick=each)
    figure.update_layout(barmode="stack", showlegend=False)
    n = reading.counted or 0
    counted = f"{n:,} waiting" + (f", the longest for {_duration(whole['longest'].max())}" if n else "")
    height, by = ROW * len(rows) + 20, bool(reading.by)
    return finished(
        figure, reading, Layout(n=counted, height=height, left=rows.index, right=right, legend=by, nothing=not n)
    )


def _bands(figure: Chart, reading: Reading, rows: pd.DataFrame) -> None:
    for waiting, (colour, hatch) in zip(rows["waiting"].unique(), _URGENCY, strict=False):
        some = rows[rows["waiting"] == waiting]
        pattern = {"shape": hatch, "size": 6, "fillmode": "overlay", "fgopacity": 0.6}
        figure.add_bar(
            x=some["n"],
            y=some["row"],
            orientation="h",
            name=waiting,
            marker={"color": colour, "pattern": pattern, "line": {"width": 0}},
            customdata=behind(reading, some),
            hovertemplate=f"%{{y}}: %{{x:,}} for {waiting}%{{customdata}}<extra></extra>",
        )


def answered_within(frame: pd.DataFrame) -> Chart:
    """Draw the share answered after some time; customers who still wait count too.

    Draws `ws.metric("first_response_survival")`, of all or by a few groups.
    """
    draws = "ws.metric('first_response_survival')"
    reading = read(frame, "answered_within", draws, _CURVE, "first_response_survival")
    reading.notes.append(
        "Drawn is 1 minus that share: replies to conversations that were not closed before. It may reach 100 % "
        "although some were closed without a reply."
    )
    complement = 1 - reading.rows[["value", "low", "high"]]
    reading.rows[["value", "low", "high"]] = complement
    return _steps(reading, "Answered within some time", "share answered", rising=True)


def still_open(frame: pd.DataFrame) -> Chart:
    """Draw the share not done after some time; conversations that are not done yet count too.

    Draws `ws.metric("time_to_close_survival")` or `ws.metric("first_response_survival")`, of all or by a few groups.
    """
    draws = "ws.metric('time_to_close_survival')"
    reading = read(frame, "still_open", draws, _CURVE, "time_to_close_survival", "first_response_survival")
    title = reading.metric["title"]
    return _steps(reading, f"{title} after some time", f"share {title.lower()}", rising=False)


def _steps(reading: Reading, title: str, axis: str, *, rising: bool) -> Chart:
    """Draw a stepped curve for each group, on a logarithmic axis of time."""
    drawn, figure = lines(reading), Chart()
    for (group, rows), colour, dash in zip(drawn.items(), COLOURS, DASHES, strict=False):
        rows = rows.assign(seconds=rows["seconds"].clip(lower=_MINUTE))  # a logarithmic axis has no 0
        if len(drawn) == 1:
            figure.add_traces(band(rows["seconds"], rows["low"], rows["high"], colour))
            reading.notes.append("Shaded: 95 % interval.")
        median, n = rows["median"].iloc[0], rows["n"].iloc[0]
        if n < SMALL:
            reading.notes.append(f"Faded: from fewer than {SMALL}, treat as a hint.")
        half = "half: not reached" if pd.isna(median) else f"half within {_duration(median)}"
        figure.add_scatter(
            x=rows["seconds"],
            y=rows["value"],
            mode="lines",
            name=f"{group}, n = {n:,}<br>{half}" if reading.by else f"{half}, n = {n:,}",
            line={"shape": "hv", "width": 2, "color": colour, "dash": dash},
            opacity=FADED if n < SMALL else 1,
            hovertemplate=f"{group}: %{{y:.0%}}<extra></extra>",
        )
    seconds = reading.rows.loc[reading.rows["value"].between(0, 1, inclusive="neither"), "seconds"]
    ends = (max(seconds.min() / 2, _MINUTE), max(seconds.max() * 1.3, 2 * _HOUR)) if len(seconds) else (_MINUTE, _DAY)
    since = "time since the customer's first message, around the clock (log scale)"
    clock = {"tickvals": list(_CLOCK), "ticktext": list(_CLOCK.values()), "range": [math.log10(end) for end in ends]}
    figure.update_xaxes(type="log", title=since, tickangle=0, **clock)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02], title=axis)
    figure.add_hline(y=0.5, line={"width": 1, "dash": "dot"})
    beside = {"x": 1.01, "xanchor": "left", "y": 1} if reading.by else {"x": 0.99, "xanchor": "right"}
    if not reading.by:
        beside |= {"y": 0.04, "yanchor": "bottom"} if rising else {"y": 0.98, "yanchor": "top"}
    figure.update_layout(showlegend=True, legend={**beside, "bgcolor": "rgba(0,0,0,0)"})
    n = int(sum(rows["n"].iloc[0] for rows in drawn.values()))
    title += f" by {reading.by}" if reading.by else ""
    return finished(figure, reading, Layout(title, n=n, height=HEIGHT, right=220 if reading.by else 24))


def _longest(n: int, seconds: float) -> str:
    """Return how many wait, and the longest wait, as text."""
    return f"{n:,}, the longest {_duration(seconds)}" if n else "none"


def _duration(seconds: float) -> str:
    """Return a duration as text, in the unit that suits it."""
    each, name = next(
        (each, name) for each, name in ((_DAY, "days"), (_HOUR, "hours"), (0, "minutes")) if seconds >= 2 * each
    )
    return f"{number(seconds / (each or _MINUTE))} {name}"
