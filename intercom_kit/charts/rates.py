"""The need for support, beside the number of active contacts and beside what companies pay."""

from typing import Any

import pandas as pd

from intercom_kit.charts.drawing.layout import Layout, finished
from intercom_kit.charts.drawing.several import lines, together
from intercom_kit.charts.marks import HEIGHT, ROW, highest, rows_axis, symbols, values_axis
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.theme import BLUE, GREY, VERMILION, Chart
from intercom_kit.charts.words import titles
from intercom_kit.errors import BadChartError
from intercom_kit.numbers.findings import by_chance
from intercom_kit.numbers.quantities import number

_COUNTS = {"contact_rate": "conversations", "stickiness": "daily"}


def rates(frame: pd.DataFrame) -> Chart:
    """Draw a rate over time, with the numbers that it comes from under each period, or a line for each group.

    Draws `ws.metric("contact_rate", period="week")`, and `ws.metric("stickiness")`. More than four groups have a panel
    each.
    """
    draws = "ws.metric('contact_rate') or ws.metric('stickiness')"
    reading = read(frame, "rates", draws, ("period", "value", "n"), *_COUNTS)
    metric, figure, count = reading.metric, Chart(), _COUNTS[reading.metric["name"]]
    whole = "last" if reading.rows["complete"].iloc[-1:].all() else "so far"
    groups = lines(reading) if reading.by else {whole: reading.rows}
    axis = values_axis(highest(reading.rows), "%" if metric["unit"] == "share" else "")
    below = None if reading.by else _parts(reading, count)
    drawn = {group: rows["value"] for group, rows in groups.items()}
    height, right = together(figure, reading, drawn, reading.brief, axis, below)
    if not reading.by:
        _usual(figure, reading)
    unit = reading.share_axis if metric["unit"] == "share" else metric["unit"]
    layout = Layout(
        titles.over_time(reading, {group: by_chance(rows, count) for group, rows in groups.items()}),
        f"{metric['title']} per {metric['period']}" + (f" by {reading.by}" if reading.by else ""),
        height=height or HEIGHT,
        ticks=axis["ticktext"],
        right=right,
        axis=unit,
        nothing=not reading.rows["n"].sum(),
    )
    return finished(figure, reading, layout)


def _parts(reading: Reading, count: str) -> "pd.Series[str]":
    """Return the numbers that each rate comes from."""
    rows, metric = reading.rows, reading.metric
    reading.notes.append(f"Under each {metric['period']}: {count} / {metric['denominator']}.")
    parts = rows[count].astype("str") + " / " + rows["n"].astype("str")
    return parts.where(rows["value"].notna(), "none")  # without a rate, n is unknown


def _usual(figure: Chart, reading: Reading) -> None:
    """Draw the median of the periods that are over."""
    rows = reading.rows
    usual = rows.loc[rows["complete"].astype("bool"), "value"].median()
    if not pd.isna(usual):
        first, last = reading.periods().iloc[[0, -1]]
        figure.add_shape(type="line", x0=first, x1=last, y0=usual, y1=usual, line_dash="dot")
        reading.notes.append(
            f"Dotted: {reading.written(usual)}, the median of the {reading.metric['period']}s that are over."
        )


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
    key = _shares(figure, reading, labels)
    ends = [_per_spend(each) for each in rows["per_1000_spend"]]
    if (rows["n"] > 1).any():
        ends = [f"{words} · n = {n:,}" for words, n in zip(ends, rows["n"], strict=True)]
    rows_axis(figure, labels, ends)
    top = float(rows[["needed", "paid"]].max().max()) if len(rows) else 1.0
    axis = "share of all conversations" + (" and of all spend" if spend else "")
    figure.update_xaxes(title=axis, **values_axis(min(1.08 * top, 1.04), "%"))
    layout = Layout(
        _most_apart(rows, labels) if conversations else "",
        n=f"{conversations:,.0f} conversations of {reading.counted:,} companies",
        height=ROW * len(rows),
        key=key,
        nothing=not conversations,
    )
    return finished(figure, reading, layout)


def _most_apart(rows: pd.DataFrame, labels: "pd.Series[str]") -> str:
    """Return whose share of conversations is furthest from its share of spend."""
    if rows["paid"].isna().all():
        return f"{labels.iloc[0]} brings {rows['needed'].iloc[0]:.0%} of conversations"
    place: Any = (rows["needed"] - rows["paid"]).abs().idxmax()
    return f"{labels[place]} brings {rows['needed'][place]:.0%} of conversations and {rows['paid'][place]:.0%} of spend"


def _shares(figure: Chart, reading: Reading, labels: "pd.Series[str]") -> list[tuple[str, str, str]]:
    """Draw what each group needs, and a line from there to what it pays, if any group pays; return the key."""
    rows, few = reading.rows, reading.small(reading.rows["conversations"])
    sides = {"conversations": (rows["paid"].isna(), BLUE, "diamond")}
    if rows["paid"].notna().any():
        mark = {"symbol": "line-ns-open", "size": 12, "color": GREY, "line": {"width": 3}}
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
    signs = {"circle": "●", "diamond": "◆"}
    used = [(signs[symbol], colour, name) for name, (which, colour, symbol) in sides.items() if which.any()]
    return [*used, ("┃", GREY, "spend")] if rows["paid"].notna().any() else used


def _towards(begin: "pd.Series[float]", end: "pd.Series[float]", colour: str) -> dict[str, Any]:
    """Return lines from one place to another, as plotly's error bars without caps."""
    apart = (end - begin).fillna(0)
    line = {"color": colour, "thickness": 2, "width": 0}
    return {"type": "data", "symmetric": False, "array": apart.clip(lower=0), "arrayminus": -apart.clip(upper=0)} | line


def _per_spend(conversations: float) -> str:
    return "pays nothing" if pd.isna(conversations) else f"{number(conversations)} per 1,000"
