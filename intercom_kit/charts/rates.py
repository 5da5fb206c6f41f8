"""How much support is asked for: beside how many contacts are active, and beside what companies pay."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from intercom_kit.charts.marks import (
    HEIGHT,
    ROW,
    lines,
    number,
    over_periods,
    periods_axis,
    rows_axis,
    symbols,
    upright,
)
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.theme import BLUE, GREY, VERMILION, Chart
from intercom_kit.errors import BadChartError

_COUNTS = {"contact_rate": "conversations", "stickiness": "daily"}


def rates(frame: pd.DataFrame) -> Chart:
    """Draw how a rate develops, with what it is worked out from under each period, or a line for each of some groups.

    Draws `ws.metric("contact_rate", period="week")`, and `ws.metric("stickiness")`.
    """
    draws = "ws.metric('contact_rate') or ws.metric('stickiness')"
    reading = read(frame, "rates", draws, ("period", "value", "n"), *_COUNTS)
    told, figure = reading.told, Chart()
    share = told["unit"] == "share"
    draw = _groups if reading.by else _whole
    right = draw(figure, reading, "{:.0%}".format if share else number)
    axis = reading.share_axis if share else told["unit"]
    figure.update_yaxes(title=upright(axis), tickformat=".0%" if share else None)
    title = f"{told['title']} per {told['period']}" + (f" by {reading.by}" if reading.by else "")
    return reading.finished(figure, title, height=HEIGHT, right=right, nothing=not reading.rows["n"].sum())


def _groups(figure: Chart, reading: Reading, say: Callable[[float], str]) -> int:
    right = over_periods(figure, reading, {group: rows["value"] for group, rows in lines(reading).items()}, say)
    periods_axis(figure, reading, most=7)
    return right


def _whole(figure: Chart, reading: Reading, say: Callable[[float], str]) -> int:
    """Draw one line, with its usual height: the median of the periods that are over."""
    rows, told = reading.rows, reading.told
    count, usual = _COUNTS[told["name"]], rows.loc[rows["complete"], "value"].median()
    ends = [] if pd.isna(usual) else [(f"usual: {say(usual)}", usual)]
    name = "last" if rows["complete"].iloc[-1:].all() else "so far"
    right = over_periods(figure, reading, {name: rows["value"]}, say, ends)
    if ends:
        first, last = reading.periods().iloc[[0, -1]]
        figure.add_shape(type="line", x0=first, x1=last, y0=usual, y1=usual, line_dash="dot")
        reading.notes.append(f"Dotted: the median of the {told['period']}s that are over.")
    reading.notes.append(f"Under each {told['period']}: {count} / {told['denominator']}.")
    parts = rows[count].astype("str") + " / " + rows["n"].astype("str")
    periods_axis(figure, reading, 7, parts.where(rows["value"].notna(), "none"))  # n is unknown where no rate is told
    return right


def support_load(frame: pd.DataFrame) -> Chart:
    """Draw who asks for more of support than they pay for: shares of all conversations, beside those of all spend.

    Draws `ws.metric("support_load")`, by plan, company, or another group of companies.
    """
    columns = ("value", "n", "conversations", "monthly_spend", "per_1000_spend")
    reading = read(frame, "support_load", "ws.metric('support_load')", columns, "support_load")
    if not reading.by:
        raise BadChartError("charts.support_load draws ws.metric('support_load') by a group: name one by by=.")
    reading.told = reading.told | {"hours": ""}  # nothing is drawn of how long it took
    asked, paid = (float(reading.rows[column].sum()) for column in ("conversations", "monthly_spend"))
    reading.largest("conversations")
    rows = reading.rows.sort_values("conversations", ascending=False, kind="stable")
    rows = reading.rows = rows.assign(asked=rows["conversations"] / (asked or 1), paid=rows["monthly_spend"] / paid)
    labels, figure = reading.labels(), Chart()
    _shares(figure, reading, labels)
    ends = [_per_spend(each) for each in rows["per_1000_spend"]]
    if (rows["n"] > 1).any():
        ends = [f"{words}  (n = {n:,})" for words, n in zip(ends, rows["n"], strict=True)]
    right = rows_axis(figure, labels, ends)
    figure.update_yaxes(categoryorder="array", categoryarray=list(labels))
    axis = "share of all conversations (asked for)" + (" and of all spend (paid)" if paid else "")
    figure.update_xaxes(title=axis, tickformat=".0%", rangemode="tozero")
    n = f"{asked:,.0f} conversations of {reading.counted:,} companies"
    height = ROW * len(rows) + 30
    return reading.finished(figure, n=n, height=height, left=labels, right=right, legend=True, nothing=not asked)


def _shares(figure: Chart, reading: Reading, labels: "pd.Series[str]") -> None:
    """Draw what each group asks for, and from there a line to what it pays, where any group pays."""
    rows, few = reading.rows, reading.small(reading.rows["conversations"])
    sides = {"asked for": (rows["paid"].isna(), BLUE, "diamond")}
    if rows["paid"].notna().any():
        mark = {"symbol": "line-ns-open", "size": 17, "color": GREY, "line": {"width": 3}}
        figure.add_scatter(x=rows["paid"], y=labels, mode="markers", name="paid", marker=mark)
        more = rows["asked"] > rows["paid"]
        sides = {"asked for: more": (more, VERMILION, "circle"), "asked for: less": (~more, BLUE, "diamond")}
        reading.notes.append("On the right: conversations per 1,000 of monthly spend; n counts companies.")
    else:
        reading.notes.append("No company has a spend that Intercom knows of, so there is none to compare with.")
    for name, (which, colour, symbol) in sides.items():
        some, open_or_not = rows[which], symbols(symbol, few[which])
        figure.add_scatter(
            x=some["asked"],
            y=labels[which],
            mode="markers",
            name=name,
            marker={"symbol": open_or_not, "size": 11, "color": colour, "line": {"width": 2, "color": colour}},
            error_x=_towards(some["asked"], some["paid"], colour),
            customdata=some[["conversations", "monthly_spend"]],
            hovertemplate="%{y}: %{customdata[0]:,} conversations, spend %{customdata[1]:,.0f}<extra></extra>",
        )
    figure.update_traces(cliponaxis=False)


def _towards(begin: "pd.Series[float]", end: "pd.Series[float]", colour: str) -> dict[str, Any]:
    """Draw lines from one place to another, as plotly's error bars without their ends."""
    apart = (end - begin).fillna(0)
    line = {"color": colour, "thickness": 2, "width": 0}
    return {"type": "data", "symmetric": False, "array": apart.clip(lower=0), "arrayminus": -apart.clip(upper=0)} | line


def _per_spend(conversations: float) -> str:
    return "pays nothing" if pd.isna(conversations) else f"{number(conversations)} per 1,000"
