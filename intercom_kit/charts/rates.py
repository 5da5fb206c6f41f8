"""The need for support, beside the number of active contacts and beside what companies pay."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from intercom_kit.charts.layout import Layout, finished
from intercom_kit.charts.marks import (
    HEIGHT,
    ROW,
    lines,
    over_periods,
    periods_axis,
    rows_axis,
    symbols,
    upright,
)
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.text import number
from intercom_kit.charts.theme import BLUE, GREY, VERMILION, Chart
from intercom_kit.errors import BadChartError

_COUNTS = {"contact_rate": "conversations", "stickiness": "daily"}


def rates(frame: pd.DataFrame) -> Chart:
    """Draw a rate over time, with the numbers that it comes from under each period, or a line for each group.

    Draws `ws.metric("contact_rate", period="week")`, and `ws.metric("stickiness")`.
    """
    draws = "ws.metric('contact_rate') or ws.metric('stickiness')"
    reading = read(frame, "rates", draws, ("period", "value", "n"), *_COUNTS)
    metric, figure = reading.metric, Chart()
    share = metric["unit"] == "share"
    draw = _groups if reading.by else _whole
    right = draw(figure, reading, "{:.0%}".format if share else number)
    axis = reading.share_axis if share else metric["unit"]
    figure.update_yaxes(title=upright(axis), tickformat=".0%" if share else None)
    title = f"{metric['title']} per {metric['period']}" + (f" by {reading.by}" if reading.by else "")
    return finished(figure, reading, Layout(title, height=HEIGHT, right=right, nothing=not reading.rows["n"].sum()))


def _groups(figure: Chart, reading: Reading, written: Callable[[float], str]) -> int:
    right = over_periods(figure, reading, {group: rows["value"] for group, rows in lines(reading).items()}, written)
    periods_axis(figure, reading, most=7)
    return right


def _whole(figure: Chart, reading: Reading, written: Callable[[float], str]) -> int:
    """Draw one line, and its usual value: the median of the periods that are over."""
    rows, metric = reading.rows, reading.metric
    count, usual = _COUNTS[metric["name"]], rows.loc[rows["complete"], "value"].median()
    ends = [] if pd.isna(usual) else [(f"usual: {written(usual)}", usual)]
    name = "last" if rows["complete"].iloc[-1:].all() else "so far"
    right = over_periods(figure, reading, {name: rows["value"]}, written, ends)
    if ends:
        first, last = reading.periods().iloc[[0, -1]]
        figure.add_shape(type="line", x0=first, x1=last, y0=usual, y1=usual, line_dash="dot")
        reading.notes.append(f"Dotted: the median of the {metric['period']}s that are over.")
    reading.notes.append(f"Under each {metric['period']}: {count} / {metric['denominator']}.")
    parts = rows[count].astype("str") + " / " + rows["n"].astype("str")
    periods_axis(figure, reading, 7, parts.where(rows["value"].notna(), "none"))  # without a rate, n is unknown
    return right


def support_load(frame: pd.DataFrame) -> Chart:
    """Draw each group's share of all conversations beside its share of all spend.

    Draws `ws.metric("support_load")`, by plan, company, or another group of companies.
    """
    columns = ("value", "n", "conversations", "monthly_spend", "per_1000_spend")
    reading = read(frame, "support_load", "ws.metric('support_load')", columns, "support_load")
    if not reading.by:
        raise BadChartError("charts.support_load draws ws.metric('support_load') by a group: set by=.")
    reading.metric = reading.metric | {"hours": ""}  # durations are not drawn
    conversations, spend = (float(reading.rows[column].sum()) for column in ("conversations", "monthly_spend"))
    reading.keep_largest("conversations")
    rows = reading.rows.sort_values("conversations", ascending=False, kind="stable")
    rows = rows.assign(needed=rows["conversations"] / (conversations or 1), paid=rows["monthly_spend"] / spend)
    reading.rows = rows
    labels, figure = reading.labels(), Chart()
    _shares(figure, reading, labels)
    ends = [_per_spend(each) for each in rows["per_1000_spend"]]
    if (rows["n"] > 1).any():
        ends = [f"{words}  (n = {n:,})" for words, n in zip(ends, rows["n"], strict=True)]
    right = rows_axis(figure, labels, ends)
    figure.update_yaxes(categoryorder="array", categoryarray=list(labels))
    axis = "share of all conversations" + (" and of all spend" if spend else "")
    figure.update_xaxes(title=axis, tickformat=".0%", rangemode="tozero")
    n = f"{conversations:,.0f} conversations of {reading.counted:,} companies"
    height, nothing = ROW * len(rows) + 30, not conversations
    layout = Layout(n=n, height=height, left=labels, right=right, legend=True, nothing=nothing)
    return finished(figure, reading, layout)


def _shares(figure: Chart, reading: Reading, labels: "pd.Series[str]") -> None:
    """Draw what each group needs, and a line from there to what it pays, if any group pays."""
    rows, few = reading.rows, reading.small(reading.rows["conversations"])
    sides = {"conversations": (rows["paid"].isna(), BLUE, "diamond")}
    if rows["paid"].notna().any():
        mark = {"symbol": "line-ns-open", "size": 17, "color": GREY, "line": {"width": 3}}
        figure.add_scatter(x=rows["paid"], y=labels, mode="markers", name="spend", marker=mark)
        more = rows["needed"] > rows["paid"]
        sides = {"conversations: more": (more, VERMILION, "circle"), "conversations: less": (~more, BLUE, "diamond")}
        reading.notes.append("On the right: conversations per 1,000 of monthly spend; n counts companies.")
    else:
        reading.notes.append("Intercom knows no company's spend, so there is none to compare with.")
    for name, (which, colour, symbol) in sides.items():
        some, open_or_not = rows[which], symbols(symbol, few[which])
        figure.add_scatter(
            x=some["needed"],
            y=labels[which],
            mode="markers",
            name=name,
            marker={"symbol": open_or_not, "size": 11, "color": colour, "line": {"width": 2, "color": colour}},
            error_x=_towards(some["needed"], some["paid"], colour),
            customdata=some[["conversations", "monthly_spend"]],
            hovertemplate="%{y}: %{customdata[0]:,} conversations, spend %{customdata[1]:,.0f}<extra></extra>",
        )
    figure.update_traces(cliponaxis=False)


def _towards(begin: "pd.Series[float]", end: "pd.Series[float]", colour: str) -> dict[str, Any]:
    """Return lines from one place to another, as plotly's error bars without caps."""
    apart = (end - begin).fillna(0)
    line = {"color": colour, "thickness": 2, "width": 0}
    return {"type": "data", "symmetric": False, "array": apart.clip(lower=0), "arrayminus": -apart.clip(upper=0)} | line


def _per_spend(conversations: float) -> str:
    return "pays nothing" if pd.isna(conversations) else f"{number(conversations)} per 1,000"
