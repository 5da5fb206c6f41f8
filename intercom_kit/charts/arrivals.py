"""Conversations: when they come in, how many are not done, and who works on them."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.drawing.layout import Layout, finished, left_of
from intercom_kit.charts.drawing.several import lines, stack_colours, stacked_names
from intercom_kit.charts.marks import (
    BAR,
    HEIGHT,
    ROW,
    beside,
    end_labels,
    faint,
    periods_axis,
    rows_axis,
    swatch,
    values_axis,
    veil,
)
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.theme import BLUE, GOLD, Chart
from intercom_kit.charts.words import titles
from intercom_kit.charts.words.text import SIDE, fitting
from intercom_kit.errors import BadChartError
from intercom_kit.numbers.findings import SMALL, by_chance, widened

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def busiest_hours(frame: pd.DataFrame) -> Chart:
    """Draw at which hours of the week conversations come in, as a heatmap.

    Draws `ws.metric("busiest_hours")`, of all conversations or of those that a filter keeps.
    """
    draws = "ws.metric('busiest_hours')"
    reading = read(frame, "busiest_hours", draws, ("weekday", "hour", "value", "n"), "busiest_hours")
    if reading.by:
        raise BadChartError(f"charts.busiest_hours draws {draws}, not by {reading.by}: filter by one instead.")
    cells = reading.rows.set_index(["weekday", "hour"])["value"].unstack().reindex(index=range(1, 8), columns=range(24))
    hover = "%{y} %{x}:00: %{z:.1f} in an average week<extra></extra>"
    heatmap = go.Heatmap(z=cells, x=list(range(24)), y=_WEEKDAYS, xgap=2, ygap=2, hovertemplate=hover)
    figure = Chart(heatmap.update(coloraxis="coloraxis"))
    hours = list(range(0, 24, 4))
    axis = {"tickvals": hours, "ticktext": [f"{hour}:00" for hour in hours], "showgrid": False, "tickangle": 0}
    figure.update_xaxes(title=f"hour of the day ({reading.metric['timezone']})", **axis)
    days = [day[:3] for day in _WEEKDAYS]
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", tickvals=_WEEKDAYS, ticktext=days)
    figure.update_coloraxes(cmin=0, showscale=False)
    layout = Layout(
        _busiest(reading.rows) if len(reading.rows) else "",
        "Conversations per hour of an average week",
        height=240,
        ticks=days,
        axis=f"from none to {reading.rows['value'].max():.1f} conversations per hour",
        nothing=not reading.rows["n"].sum(),
    )
    return finished(figure, reading, layout)


def _busiest(rows: pd.DataFrame) -> str:
    """Return the busiest hour where it has more than chance gives to the busiest of all hours."""
    rows = rows.assign(per_hour=rows["value"], value=rows["n"].astype("float64"))
    place: Any = rows["value"].idxmax()
    low = widened(by_chance(rows.loc[[place]], "n"), len(rows)).loc[place, "low"]
    row, value = rows.loc[place], rows["value"].mean()
    if row["n"] < SMALL or low <= value:
        return "Busiest hours: no hour stands out"
    hour = f"{_WEEKDAYS[int(row['weekday']) - 1]}s at {int(row['hour'])}:00"
    return f"Busiest on {hour}: {row['per_hour']:.1f} conversations, {rows['per_hour'].mean():.1f} in the average hour"


def volume(frame: pd.DataFrame) -> Chart:
    """Draw the number per period as bars, divided into groups.

    Draws counts by period, such as `ws.metric("conversations", by="channel", period="week")`.
    """
    draws = "counts over time: ws.metric('conversations', period='week')"
    reading = read(frame, "volume", draws, ("period", "value", "n"), "conversations", "tickets", "active_contacts")
    figure, periods = Chart(), reading.periods()
    opacity, drawn = faint(reading), lines(reading, stacked=True)
    colours = stack_colours(reading, drawn)
    for group, rows in drawn.items():
        marker = {"color": colours[group], "line": {"width": 0}, "opacity": opacity[rows.index]}
        hover = f"{group}: %{{y:,.0f}}<extra></extra>"
        figure.add_bar(x=periods[rows.index], y=rows["value"], name=group, marker=marker, hovertemplate=hover)
    figure.update_layout(barmode="stack", bargap=0.25)
    ticks, right = _stacked(figure, reading, drawn, colours)
    metric = reading.metric
    layout = Layout(
        titles.over_time(reading, {group: by_chance(rows, "n") for group, rows in _named(reading, drawn).items()}),
        f"{metric['title']} per {metric['period']}" + (f" by {reading.by}" if reading.by else ""),
        height=HEIGHT,
        ticks=ticks,
        right=right,
        axis=f"{metric['unit']} per {metric['period']}",
        nothing=not reading.rows["n"].sum(),
    )
    return finished(figure, reading, layout)


def _named(reading: Reading, drawn: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the groups that have a name, of which something can be said."""
    added_up = [name for name, rows in drawn.items() if reading.by and not (reading.groups()[rows.index] == name).all()]
    return {name: rows for name, rows in drawn.items() if name not in added_up}


def backlog(frame: pd.DataFrame) -> Chart:
    """Draw the number not done at the end of each period as an area, divided into groups.

    Draws `ws.metric("backlog", since="90d")`, or `ws.metric("ticket_backlog", since="90d")`.
    """
    reading = read(frame, "backlog", "ws.metric('backlog')", ("period", "value", "n"), "backlog", "ticket_backlog")
    now = int(reading.rows.loc[reading.rows["period"] == reading.rows["period"].max(), "n"].sum())
    figure, periods, drawn = Chart(), reading.periods(), lines(reading, stacked=True)
    colours = stack_colours(reading, drawn)
    for group, rows in drawn.items():
        figure.add_scatter(
            x=periods[rows.index],
            y=rows["value"],
            name=group,
            mode="lines" if rows["period"].nunique() > 1 else "lines+markers",
            stackgroup="backlog",
            line={"color": colours[group], "width": 1.5},
            fillcolor=veil(colours[group], 0.6),
            hovertemplate=f"{group}: %{{y:,.0f}}<extra></extra>",
        )
    totals = reading.rows.groupby("period")["value"].sum()
    ticks, right = _stacked(figure, reading, drawn, colours, f"{now:,} now")
    if now and not reading.by:
        text = f"<b>{now:,} now</b>"
        figure.add_annotation(text=text, x=periods.iloc[-1], y=now, showarrow=False, xanchor="left", xshift=6)
    metric = reading.metric
    layout = Layout(
        _backlog_now(reading, totals, now),
        f"{metric['title']} at the end of each {metric['period']}" + (f" by {reading.by}" if reading.by else ""),
        n=f"{now:,} now",
        height=HEIGHT,
        ticks=ticks,
        right=right,
        axis=f"{metric['unit']} not done",
    )
    return finished(figure, reading, layout)


def _backlog_now(reading: Reading, totals: "pd.Series[float]", now: int) -> str:
    """Return how many are not done now, and whether these are more or fewer than at any other time of the span."""
    before = totals.iloc[:-1]
    if reading.overlapping or not len(before):
        return "" if reading.overlapping else f"{now:,} {reading.metric['unit']} not done now"
    beyond = "the most" if now > before.max() else "the fewest" if now < before.min() else ""
    since = f"{beyond} of these {reading.days} days; usually" if beyond else "usually"
    return f"{now:,} {reading.metric['unit']} not done now, {since} {before.median():,.0f}"


def workload(frame: pd.DataFrame) -> Chart:
    """Draw the conversations of each teammate or team, closed and still open, and how many these are per active day.

    Draws `ws.metric("workload")`, by participant, teammate or team.
    """
    columns = ("n", "closed", "still_open", "per_active_day")
    reading = read(frame, "workload", "ws.metric('workload')", columns, "workload")
    n = int(reading.metric["rows"])
    reading.notes += [f"{each:,} conversations have no {reading.by}." for each in reading.drop_without_group()["n"]]
    reading.rows = reading.rows[reading.rows["n"] > 0].sort_values("n", ascending=False, kind="stable")
    usual = reading.rows["n"].median()
    reading.keep_largest()
    rows, labels = reading.rows, reading.labels()
    figure = Chart()
    for column, colour in (("closed", BLUE), ("still_open", GOLD)):
        name = column.replace("_", " ")
        hover = f"%{{y}}: %{{x:,}} {name}<extra></extra>"
        marker = {"color": colour, "line": {"width": 0}}
        figure.add_bar(x=rows[column], y=labels, name=name, marker=marker, hovertemplate=hover, **BAR)
    each = zip(rows["n"], rows["per_active_day"], strict=True)
    rows_axis(figure, labels, [f"{n:,} · {per_day:.1f} per active day" for n, per_day in each])
    most = (rows["closed"] + rows["still_open"]).max() if len(rows) else 1
    figure.update_xaxes(title=reading.metric["unit"], **values_axis(float(most), "", counts=True))
    figure.update_layout(barmode="stack")
    title = ""
    if len(rows) > 1:
        title = f"{labels.iloc[0]} has most: {rows['n'].iloc[0]:,} conversations, half have at most {usual:,.0f}"
    key = [("■", BLUE, "closed"), ("■", GOLD, "still open")]
    layout = Layout(title, n=n, height=ROW * len(rows), key=key)
    return finished(figure, reading, layout)


def _stacked(
    figure: Chart, reading: Reading, drawn: dict[str, pd.DataFrame], colours: dict[str, str], end: str = ""
) -> tuple[list[str], int]:
    """Stack groups over periods, with their names beside them; return the labels of the axis, and the right margin.

    Without groups, `end` stands there.
    """
    figure.update_layout(hovermode="x unified")
    totals = reading.rows.groupby("period")["value"].sum()
    top = (totals.max() if len(totals) else 0) * 1.05 or 1
    axis = values_axis(top, "", counts=True)
    names = {name: swatch(fitting(name, 14), colours[name]) for name in drawn} if reading.by else {}
    right = beside(f"■ {fitting(name, 14)}" for name in names) if names else beside([f"{end}."]) if end else SIDE
    periods_axis(figure, reading, left_of(axis["ticktext"]) + right)
    figure.update_yaxes(**axis)
    ends = [(names[name], place) for name, place in stacked_names(reading, drawn) if name in names]
    if ends:
        end_labels(figure, ends, 1, top)
        figure.update_annotations(selector={"name": "end"}, xref="paper")
    return axis["ticktext"], right
