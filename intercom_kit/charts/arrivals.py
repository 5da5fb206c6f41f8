"""Conversations: when they come in, how many are not done, and who works on them."""

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.layout import Layout, finished
from intercom_kit.charts.marks import ROW, faint, lines, periods_axis, rows_axis, veil
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.text import width
from intercom_kit.charts.theme import BLUE, COLOURS, GOLD, HATCHES, Chart
from intercom_kit.errors import BadChartError

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
    axis = f"hour of the day ({reading.metric['timezone']})"
    figure.update_xaxes(title=axis, dtick=2, ticksuffix=":00", showgrid=False, tickangle=0)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="")
    figure.update_coloraxes(colorbar_title="per hour", cmin=0)
    title = "Busiest hours of an average week"
    return finished(figure, reading, Layout(title, left=_WEEKDAYS, right=100, nothing=not reading.rows["n"].sum()))


def volume(frame: pd.DataFrame) -> Chart:
    """Draw the number per period as bars, divided into groups.

    Draws counts by period, such as `ws.metric("conversations", by="channel", period="week")`.
    """
    draws = "counts over time: ws.metric('conversations', period='week')"
    reading = read(frame, "volume", draws, ("period", "value", "n"), "conversations", "tickets", "active_contacts")
    figure, periods = Chart(), reading.periods()
    opacity = faint(reading)
    for (group, rows), colour, hatch in zip(lines(reading, stacked=True).items(), COLOURS, HATCHES, strict=False):
        marker = {"color": colour, "line": {"width": 0}, "opacity": opacity[rows.index]}
        marker["pattern"] = {"shape": hatch, "size": 6, "fgopacity": 0.6}
        hover = f"{group}: %{{y:,.0f}}<extra></extra>"
        figure.add_bar(x=periods[rows.index], y=rows["value"], name=group, marker=marker, hovertemplate=hover)
    beside = _stacked(figure, reading)
    figure.update_layout(barmode="stack", bargap=0.25)
    figure.update_traces(marker_pattern_fillmode="overlay")
    figure.update_yaxes(title=f"{reading.metric['unit']} per {reading.metric['period']}")
    title = f"{reading.metric['title']} per {reading.metric['period']}" + (f" by {reading.by}" if reading.by else "")
    return finished(figure, reading, Layout(title, right=beside or 24, nothing=not reading.rows["n"].sum()))


def backlog(frame: pd.DataFrame) -> Chart:
    """Draw the number not done at the end of each period as an area, divided into groups.

    Draws `ws.metric("backlog", since="90d")`, or `ws.metric("ticket_backlog", since="90d")`.
    """
    reading = read(frame, "backlog", "ws.metric('backlog')", ("period", "value", "n"), "backlog", "ticket_backlog")
    figure, periods = Chart(), reading.periods()
    for (group, rows), colour, hatch in zip(lines(reading, stacked=True).items(), COLOURS, HATCHES, strict=False):
        pattern = {"shape": hatch, "fgcolor": colour, "bgcolor": veil(colour, 0.35), "size": 7, "solidity": 0.15}
        figure.add_scatter(
            x=periods[rows.index],
            y=rows["value"],
            name=group,
            mode="lines",
            stackgroup="backlog",
            line={"color": colour, "width": 2},
            fillpattern=pattern,
            hovertemplate=f"{group}: %{{y:,.0f}}<extra></extra>",
        )
    beside = _stacked(figure, reading)
    figure.update_yaxes(title=f"{reading.metric['unit']} not done")
    now = int(reading.rows.loc[reading.rows["period"] == reading.rows["period"].max(), "n"].sum())
    if now and not reading.by:
        figure.add_annotation(
            text=f"<b>{now:,} now</b>", x=periods.iloc[-1], y=now, showarrow=False, xanchor="left", xshift=8
        )
    title = f"{reading.metric['title']} at the end of each {reading.metric['period']}"
    title += f" by {reading.by}" if reading.by else ""
    return finished(figure, reading, Layout(title, n=f"{now:,} now", right=beside or 80))


def workload(frame: pd.DataFrame) -> Chart:
    """Draw the conversations of each teammate or team, closed and still open, and how many these are per active day.

    Draws `ws.metric("workload")`, by participant, teammate or team.
    """
    columns = ("n", "closed", "still_open", "per_active_day")
    reading = read(frame, "workload", "ws.metric('workload')", columns, "workload")
    n = int(reading.metric["rows"])
    reading.notes += [f"{each:,} conversations have no {reading.by}." for each in reading.drop_without_group()["n"]]
    reading.rows = reading.rows[reading.rows["n"] > 0].sort_values("n", ascending=False, kind="stable")
    reading.keep_largest()
    rows, labels = reading.rows, reading.labels()
    figure = Chart()
    for column, colour, hatch in (("closed", BLUE, ""), ("still_open", GOLD, "/")):
        name = column.replace("_", " ")
        pattern = {"shape": hatch, "size": 6, "fgcolor": colour, "bgcolor": veil(colour, 0.35)}
        marker = {"color": colour, "pattern": pattern, "line": {"width": 0}}
        hover = f"%{{y}}: %{{x:,}} {name}<extra></extra>"
        figure.add_bar(x=rows[column], y=labels, orientation="h", name=name, marker=marker, hovertemplate=hover)
    right = rows_axis(figure, labels, [f"{each:.1f} per active day" for each in rows["per_active_day"]])
    figure.update_xaxes(title=reading.metric["unit"], rangemode="tozero")
    figure.update_layout(barmode="stack")
    return finished(figure, reading, Layout(n=n, height=ROW * len(rows) + 20, left=labels, right=right, legend=True))


def _stacked(figure: Chart, reading: Reading) -> int:
    """Stack groups over periods, with their names beside them in the same order; return the room for the names."""
    legend = {"x": 1, "xanchor": "left", "y": 1, "traceorder": "reversed"}
    figure.update_layout(hovermode="x unified", showlegend=bool(reading.by), legend=legend)
    periods_axis(figure, reading)
    figure.update_yaxes(rangemode="tozero")
    return 60 + width(trace.name for trace in figure.data) if reading.by else 0
