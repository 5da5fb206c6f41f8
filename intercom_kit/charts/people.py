"""Contacts: who is active, who stays, and how far they get."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.layout import Layout, finished
from intercom_kit.charts.marks import ROW, bar, faint, interval, periods_axis, rows_axis
from intercom_kit.charts.reading import SMALL, Reading, read
from intercom_kit.charts.text import number, plain, shortened
from intercom_kit.charts.theme import BLUE, GOLD, GREEN, LIGHTEST, VERMILION, Chart
from intercom_kit.errors import BadChartError

_ALL = "all of them"
_STAGES = {"returning": (BLUE, ""), "resurrected": (GOLD, "/"), "new": (GREEN, "."), "dormant": (VERMILION, "x")}


def retention(frame: pd.DataFrame) -> Chart:
    """Draw the share of each cohort that is active later, as a triangle of cohorts by age.

    Draws `ws.metric("retention")`. A period that is not over is left blank.
    """
    reading = _whole(frame, "retention", ("period", "age", "value", "n"))
    unit, rows = reading.metric["period"], reading.rows.assign(cohort=reading.periods())
    sizes = rows.groupby("cohort", sort=False)["n"].first()
    cells = rows.pivot_table(index="cohort", columns="age", values="value", dropna=False, observed=False)
    cells = cells.reindex(index=sizes.index).dropna(axis="columns", how="all")
    if len(sizes) > 1:
        cells, sizes = _with_all(cells, sizes)
    labels = [f"{cohort}  (n = {n:,})" for cohort, n in sizes.items()]
    words = cells.map(lambda share: "" if pd.isna(share) else f"{share:.0%}")
    hover = f"%{{y}}, {unit} %{{x}}: %{{z:.0%}}<extra></extra>"
    figure = Chart(go.Heatmap(z=cells, x=list(cells.columns), y=labels, text=words, hovertemplate=hover))
    figure.update_traces(coloraxis="coloraxis", texttemplate="%{text}", xgap=2, ygap=2, hoverongaps=False)
    figure.update_coloraxes(cmin=0, cmax=LIGHTEST, showscale=False)
    figure.update_xaxes(title=f"{unit}s since the {unit} of sign-up", dtick=1, showgrid=False)
    rows_axis(figure, labels)
    if (sizes < SMALL).any():
        reading.notes.append(f"In cohorts of fewer than {SMALL}, a single contact makes a large difference.")
    title = f"{reading.metric['title']} by {unit} of sign-up"
    reading.notes.append(f"Blank: the {unit} is not over yet.")
    n = int(sizes.max()) if len(sizes) else 0
    return finished(figure, reading, Layout(title, n=n, height=ROW * len(sizes) + 20, left=labels))


def _with_all(cells: pd.DataFrame, sizes: "pd.Series[Any]") -> tuple[pd.DataFrame, "pd.Series[Any]"]:
    """Return the cells with a row of all cohorts on top, each weighted by its size where its number is known."""
    known = cells.notna().mul(sizes.astype("float64"), axis="index")
    every = (cells * known).sum().div(known.sum()).to_frame(_ALL).T
    return pd.concat([every, cells]), pd.concat([pd.Series({_ALL: sizes.sum()}), sizes])


def active_days(frame: pd.DataFrame) -> Chart:
    """Draw the share of contacts by the number of days on which they were active.

    Draws `ws.metric("active_days")`.
    """
    reading = _whole(frame, "active_days", ("days", "value", "n", "hits", "low", "high"))
    rows = reading.rows
    hover = "%{x} days: %{y:.1%} (%{customdata:,})<extra></extra>"
    figure = Chart(go.Bar(x=rows["days"], y=rows["value"], customdata=rows["hits"], hovertemplate=hover))
    figure.update_traces(marker=bar(BLUE, reading.small(rows["n"])), error_y=interval(rows))
    figure.update_xaxes(title="days with an event", dtick=1 if len(rows) <= 32 else None, showgrid=False)
    figure.update_yaxes(title="share of contacts", tickformat=".0%", rangemode="tozero")
    reading.notes.append("Upright lines: 95 % interval.")
    return finished(figure, reading, Layout(n=int(rows["n"].max()) if len(rows) else 0))


def lifecycle(frame: pd.DataFrame) -> Chart:
    """Draw new, returning and resurrected contacts above the line, and dormant ones below.

    Draws `ws.metric("lifecycle")`.
    """
    reading = _whole(frame, "lifecycle", ("period", "stage", "value", "n"))
    figure, periods = Chart(), reading.periods()
    opacity = faint(reading)
    for stage, (colour, hatch) in _STAGES.items():
        rows = reading.rows[reading.rows["stage"] == stage]
        rows = rows[rows["complete"]] if stage == "dormant" else rows
        pattern = {"shape": hatch, "size": 6, "fillmode": "overlay", "fgopacity": 0.6}
        figure.add_bar(
            x=periods[rows.index],
            y=-rows["value"] if stage == "dormant" else rows["value"],
            customdata=rows["value"],
            name=stage,
            marker={"color": colour, "pattern": pattern, "line": {"width": 0}, "opacity": opacity[rows.index]},
            hovertemplate=f"{stage}: %{{customdata:,.0f}}<extra></extra>",
        )
    figure.update_layout(barmode="relative", bargap=0.25, hovermode="x unified")
    periods_axis(figure, reading)
    figure.update_yaxes(title="contacts active (above) and gone (below)", zeroline=True, zerolinewidth=1.5)
    over = reading.rows[reading.rows["complete"] & (reading.rows["stage"] != "dormant")]
    active = int(over.loc[over["period"] == over["period"].max(), "n"].sum())
    reading.notes.append(f"Dormant contacts are known once the {reading.metric['period']} is over.")
    title = f"{reading.metric['title']} of contacts per {reading.metric['period']}"
    return finished(
        figure, reading, Layout(title, n=f"{active:,} active in the last whole {reading.metric['period']}", legend=True)
    )


def funnel(frame: pd.DataFrame) -> Chart:
    """Draw the share of those who took the first step that took each next one.

    Draws `ws.metric("funnel", steps=["logged-in", "created-project"])`.
    """
    reading = _whole(frame, "funnel", ("step", "event", "value", "n", "hits", "low", "high", "of_previous"))
    rows = reading.rows
    labels = [f"{step}. {plain(shortened(event))}" for step, event in zip(rows["step"], rows["event"], strict=True)]
    figure = Chart(go.Bar(x=rows["value"], y=labels, orientation="h", error_x=interval(rows)))
    figure.update_traces(marker=bar(BLUE, reading.small(rows["n"])), hovertemplate="%{y}: %{x:.1%}<extra></extra>")
    right = rows_axis(figure, labels, list(_steps(rows)))
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title="share of those who took the first step")
    reading.notes.append("Lines: 95 % interval.")
    n = int(rows["n"].max()) if len(rows) else 0
    ends = [plain(shortened(event)) for event in rows["event"].iloc[[0, -1]]] if len(rows) > 1 else []
    title = reading.title + (f" from {ends[0]} to {ends[1]}" if ends else "")
    return finished(figure, reading, Layout(title, n=n, height=44 * len(rows) + 20, left=labels, right=right))


def _steps(rows: pd.DataFrame) -> Iterable[str]:
    for hits, value, before in zip(rows["hits"], rows["value"], rows["of_previous"], strict=True):
        last = "" if pd.isna(before) else f"<br>{number(100 * before)}% of the step before"
        yield f"{hits:,}  ({value:.0%}){last}"


def _whole(frame: pd.DataFrame, name: str, columns: Iterable[str]) -> Reading:
    reading = read(frame, name, f"ws.metric({name!r})", columns, name)
    if reading.by:
        raise BadChartError(f"charts.{name} draws ws.metric({name!r}), not by {reading.by}: filter by one instead.")
    return reading
