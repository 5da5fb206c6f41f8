"""How long customers wait."""

import math

import pandas as pd

from intercom_kit.charts.marks import band, end_labels, interval, lines, number, periods_axis, symbols
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.theme import COLOURS, DASHES, SYMBOLS, Chart

_HEIGHT = 320
_CURVE = ("seconds", "value", "n", "low", "high", "median")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_CLOCK = {
    **{minutes * _MINUTE: f"{minutes} min" for minutes in (1, 5, 15)},
    **{hours * _HOUR: f"{hours} h" for hours in (1, 4, 12)},
    **{days * _DAY: f"{days} day{'s' * (days > 1)}" for days in (1, 3, 7, 28, 90)},
}


def waiting_times(frame: pd.DataFrame) -> Chart:
    """Draw how a duration develops: median, 75th and 90th percentile per period, or medians of several groups.

    Draws durations by period, such as `ws.metric("first_response_time", period="week")`.
    """
    draws = "durations over time: ws.metric('first_response_time', period='week')"
    reading = read(frame, "waiting_times", draws, ("period", "value", "n", "low", "high", "p75", "p90"))
    periods, hollow = reading.periods(), reading.partial() | reading.small(reading.rows["n"])
    if reading.by:
        drawn = [(group, "value", rows) for group, rows in lines(reading).items()]
    else:
        names = {"half within": "value", "75 % within": "p75", "90 % within": "p90"}
        drawn = [(name, column, reading.rows) for name, column in names.items()]
    longest = max((rows[column].max() for _, column, rows in drawn if rows["n"].sum()), default=0)
    divisor, unit = reading.unit(longest)
    figure, ends = Chart(), []
    reading.notes.append("" if reading.by else "Upright lines: 95 % interval of the median.")
    for (name, column, rows), colour, dash, symbol in zip(drawn, COLOURS, DASHES, SYMBOLS, strict=False):
        values = rows[column] / divisor
        figure.add_scatter(
            x=periods[rows.index],
            y=values,
            customdata=rows["n"],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbols(symbol, hollow[rows.index]), "size": 8, "line": {"width": 2, "color": colour}},
            error_y=interval(rows, divisor) if name == "half within" else None,
            hovertemplate=f"{name}: %{{y:,.1f}} {unit} (n = %{{customdata:,}})<extra></extra>",
        )
        if len(known := values.dropna()):
            ends.append((f"{name}: {number(known.iloc[-1])} {unit}", known.iloc[-1]))
    top = longest / divisor * 1.08 or 1
    end_labels(figure, ends, periods.iloc[-1] if len(periods) else "", top, _HEIGHT)
    figure.update_layout(hovermode="x unified", showlegend=False)
    periods_axis(figure, reading, most=7)
    figure.update_yaxes(title=unit, range=[0, top])
    title = f"{reading.told['title']} per {reading.told['period']}" + (
        f", median by {reading.by}" if reading.by else ""
    )
    return reading.finished(figure, title, height=_HEIGHT, right=175, nothing=not reading.rows["n"].sum())


def answered_within(frame: pd.DataFrame) -> Chart:
    """Draw which share has got an answer after some time, with those who still wait counted in.

    Draws `ws.metric("first_response_survival")`, of all or by a few groups.
    """
    draws = "ws.metric('first_response_survival')"
    reading = read(frame, "answered_within", draws, _CURVE, "first_response_survival")
    complement = 1 - reading.rows[["value", "low", "high"]]
    reading.rows[["value", "low", "high"]] = complement
    return _steps(reading, "Answered within some time", "share answered", rising=True)


def still_open(frame: pd.DataFrame) -> Chart:
    """Draw which share is not done after some time, with those that are not done yet counted in.

    Draws `ws.metric("time_to_close_survival")` or `ws.metric("first_response_survival")`, of all or by a few groups.
    """
    reading = read(frame, "still_open", "ws.metric('time_to_close_survival')", _CURVE)
    title = reading.told["title"]
    return _steps(reading, f"{title} after some time", f"share {title.lower()}", rising=False)


def _steps(reading: Reading, title: str, axis: str, *, rising: bool) -> Chart:
    """Draw a curve of steps for each group, on a clock that runs ever faster."""
    drawn, figure = lines(reading), Chart()
    for (group, rows), colour, dash in zip(drawn.items(), COLOURS, DASHES, strict=False):
        rows = rows.assign(seconds=rows["seconds"].clip(lower=_MINUTE))  # a logarithm begins somewhere
        if len(drawn) == 1:
            figure.add_traces(band(rows["seconds"], rows["low"], rows["high"], colour))
            reading.notes.append("Shaded: 95 % interval.")
        median, n = rows["median"].iloc[0], rows["n"].iloc[0]
        half = "half: not reached" if pd.isna(median) else f"half within {_spoken(median)}"
        figure.add_scatter(
            x=rows["seconds"],
            y=rows["value"],
            mode="lines",
            name=f"{group}, n = {n:,}<br>{half}" if reading.by else f"{half}, n = {n:,}",
            line={"shape": "hv", "width": 2, "color": colour, "dash": dash},
            hovertemplate=f"{group}: %{{y:.0%}}<extra></extra>",
        )
    seconds = reading.rows.loc[reading.rows["value"].between(0, 1, inclusive="neither"), "seconds"]
    ends = (max(seconds.min() / 2, _MINUTE), max(seconds.max() * 1.3, 2 * _HOUR)) if len(seconds) else (_MINUTE, _DAY)
    since = "time since the customer's first message, around the clock (log scale)"
    clock = {"tickvals": list(_CLOCK), "ticktext": list(_CLOCK.values()), "range": [math.log10(end) for end in ends]}
    figure.update_xaxes(type="log", title=since, **clock)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02], title=axis)
    figure.add_hline(y=0.5, line={"width": 1, "dash": "dot"})
    beside = {"x": 1.01, "xanchor": "left", "y": 1} if reading.by else {"x": 0.99, "xanchor": "right"}
    if not reading.by:
        beside |= {"y": 0.04, "yanchor": "bottom"} if rising else {"y": 0.98, "yanchor": "top"}
    figure.update_layout(showlegend=True, legend={**beside, "bgcolor": "rgba(0,0,0,0)"})
    n = int(sum(rows["n"].iloc[0] for rows in drawn.values()))
    title += f" by {reading.by}" if reading.by else ""
    return reading.finished(figure, title, n=n, height=_HEIGHT, right=220 if reading.by else 24)


def _spoken(seconds: float) -> str:
    """Say a duration in the unit that is read best."""
    each, name = next(
        (each, name) for each, name in ((_DAY, "days"), (_HOUR, "hours"), (0, "minutes")) if seconds >= 2 * each
    )
    return f"{number(seconds / (each or _MINUTE))} {name}"
