"""Groups compared: shares, medians, and changes."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.drawing.layout import Layout, finished, left_of
from intercom_kit.charts.marks import (
    BAR,
    HEIGHT,
    ROW,
    bar,
    behind,
    highest,
    interval,
    periods_axis,
    rows_axis,
    symbols,
    values_axis,
)
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.theme import BLUE, GREY, Chart
from intercom_kit.charts.words import titles
from intercom_kit.charts.words.text import SIDE
from intercom_kit.errors import BadChartError
from intercom_kit.numbers.findings import changed, sure
from intercom_kit.numbers.quantities import percent

_INTERVALS = "Lines: 95 % interval."
_MOST_TOPICS = 12


def shares(frame: pd.DataFrame) -> Chart:
    """Draw shares with their 95 % intervals: a row per group, or a column per period.

    Draws any share, such as `ws.metric("csat", by="team")` or `ws.metric("reopen_rate", period="week")`.
    """
    draws = "shares by group or by period: ws.metric('csat', by='team')"
    dated = ("period",) if isinstance(frame, pd.DataFrame) and "period" in frame else ()
    reading = read(frame, "shares", draws, (*dated, "value", "n", "hits", "low", "high"))
    if dated and reading.by:
        raise BadChartError(f"charts.shares draws {draws}. This frame has groups and periods: leave one out.")
    reading.notes.append(_INTERVALS)
    reading.rows = reading.rows[reading.rows["n"] > 0]
    return _columns(reading) if dated else _rows(reading)


def _rows(reading: Reading) -> Chart:
    reading.keep_largest()
    rows = reading.rows = reading.rows.sort_values("value", ascending=False, kind="stable")
    labels, colours = reading.labels(), reading.colours(reading.groups(), if_named=True)
    marker = bar(reading.groups().map(colours), reading.small(rows["n"]))
    figure = Chart(go.Bar(x=rows["value"], y=labels, marker=marker, error_x=interval(rows), **BAR))
    figure.update_traces(
        customdata=rows[["hits", "n"]].assign(behind=behind(reading, rows)),
        hovertemplate="%{y}: %{x:.1%} (%{customdata[0]:,} of %{customdata[1]:,})%{customdata[2]}<extra></extra>",
    )
    numbers = zip(rows["value"], rows["hits"], rows["n"], strict=True)
    rows_axis(figure, labels, [f"{percent(value)}  ({hits:,} of {n:,})" for value, hits, n in numbers])
    figure.update_xaxes(title=reading.share_axis, **values_axis(highest(rows, share=True), "%"))
    title = titles.between_groups(reading, rows, labels) if reading.by else ""
    return finished(figure, reading, Layout(title, height=ROW * len(rows)))


def _columns(reading: Reading) -> Chart:
    rows = reading.rows
    few, partial = reading.small(rows["n"]), reading.partial()
    marker = bar([BLUE] * len(rows), few) | {"opacity": partial.map({True: 0.5, False: 1.0})}
    figure = Chart(go.Bar(x=reading.periods(), y=rows["value"], marker=marker, error_y=interval(rows)))
    figure.update_traces(
        customdata=rows[["hits", "n"]].assign(behind=behind(reading, rows)),
        hovertemplate="%{x}: %{y:.1%} (%{customdata[0]:,} of %{customdata[1]:,})%{customdata[2]}<extra></extra>",
    )
    axis = values_axis(highest(rows, share=True), "%")
    periods_axis(figure, reading, left_of(axis["ticktext"]) + SIDE, "n " + rows["n"].astype("str"))
    figure.update_yaxes(**axis)
    layout = Layout(
        titles.over_time(reading, {"all": sure(rows)}),
        f"{reading.metric['title']} per {reading.metric['period']}",
        height=HEIGHT,
        ticks=axis["ticktext"],
        axis=reading.share_axis,
    )
    return finished(figure, reading, layout)


def comparison(frame: pd.DataFrame) -> Chart:
    """Draw each group as a dot with its 95 % interval, and with a line at its value before.

    Draws any metric with an interval by group, such as `ws.metric("first_response_time", by="segment")`; with
    compare="previous" also the values of the span before, where there are any.
    """
    draws = "a metric by group: ws.metric('first_response_time', by='team')"
    reading = read(frame, "comparison", draws, ("value", "n", "low", "high"))
    if not reading.by:
        raise BadChartError(f"charts.comparison draws {draws}. This frame has no groups: set by=.")
    reading.rows = reading.rows.dropna(subset=["value"])
    reading.keep_largest()
    reading.notes.append(_INTERVALS)
    rows = reading.rows = reading.rows.sort_values("value", ascending=False, kind="stable")
    labels, share = reading.labels(), reading.metric["unit"] == "share"
    before = "previous" in rows and bool(rows["previous"].notna().any())
    top = highest(rows, *(("value", "previous") if before else ("value",)), share=share)
    divisor, unit = reading.unit(top)
    figure = Chart()
    if before:
        mark = {"symbol": "line-ns-open", "size": 12, "color": GREY, "line": {"width": 2.5}}
        name = f"the {reading.days} days before"
        figure.add_scatter(x=rows["previous"] / divisor, y=labels, mode="markers", name=name, marker=mark)
    groups = reading.groups()
    colours = list(groups.map(reading.colours(groups, if_named=True)))
    dots = {"color": colours, "size": 11, "symbol": symbols("circle", reading.small(rows["n"]))}
    figure.add_scatter(
        x=rows["value"] / divisor,
        y=labels,
        mode="markers",
        name=f"these {reading.days} days",
        marker=dots | {"line": {"width": 2, "color": colours}},
        error_x=interval(rows, divisor),
    )
    values = zip(rows["value"], rows["n"], strict=True)
    rows_axis(figure, labels, [f"{reading.written(value)} · n = {n:,}" for value, n in values])
    what = ("median " if "p75" in rows else "") + reading.metric["title"].lower()
    axis = reading.share_axis if share else what if unit in what else f"{what}, {unit}"
    short = "%" if share else unit if unit in ("min", "h", "days") else ""
    ends = values_axis(top / divisor, short)
    figure.update_xaxes(title=axis, **ends | {"range": [-0.02 * top / divisor, 1.02 * top / divisor]})
    title = titles.between_groups(reading, rows, labels)
    return finished(figure, reading, Layout(title, height=ROW * len(rows), key=_then_and_now(reading, before)))


def topics(frame: pd.DataFrame) -> Chart:
    """Draw the share of each topic now, with a line from its share before, where there was anything before.

    Draws `ws.metric("topics")`, by tag or by another group.
    """
    draws = "shares beside those before: ws.metric('topics')"
    reading = read(frame, "topics", draws, ("value", "previous", "n", "low", "high"), "topics")
    n = int(reading.rows["n"].max()) if len(reading.rows) else 0
    reading.notes += [f"{share:.0%} have no {reading.by}." for share in reading.drop_without_group()["value"].dropna()]
    reading.rows = reading.rows.dropna(subset=["value"]).sort_values("value", ascending=False, kind="stable")
    before = bool(reading.rows["previous"].notna().any())
    clear = changed(reading.rows)
    reading.keep_largest("value", _MOST_TOPICS)
    rows, labels, figure = reading.rows, reading.labels(), Chart()
    colours = reading.colours(labels)
    place: Any
    for place, row in rows.iterrows():
        topic = labels[place]
        figure.add_scatter(
            x=[row["previous"], row["value"]] if not pd.isna(row["previous"]) else [row["value"]],
            y=[topic, topic] if not pd.isna(row["previous"]) else [topic],
            name=topic,
            mode="lines+markers",
            line={"color": colours[topic], "width": 4 if clear[place] else 1.5},
            marker={"size": 11, "symbol": ["line-ns-open", "circle"] if not pd.isna(row["previous"]) else ["circle"]},
            cliponaxis=False,
            hovertemplate=f"{topic}: %{{x:.1%}}<extra></extra>",
        )
    each = zip(rows.to_dict("records"), clear[rows.index], strict=True)
    rows_axis(figure, labels, [_share_and_change(row, sure) for row, sure in each])
    top = highest(rows.drop(columns="high"), "value", "previous", share=True)
    figure.update_xaxes(title=reading.share_axis, **values_axis(top, "%"))
    if before:
        reading.notes.append("Bold: a clear change, by the 95 % interval; others may be chance.")
    layout = Layout(
        _leading(reading, rows, labels, clear) if len(rows) else "",
        f"{reading.title}: shares now and before" if before else f"{reading.title}: shares",
        n=n,
        height=ROW * len(rows),
        key=_then_and_now(reading, before),
    )
    return finished(figure, reading, layout)


def _leading(reading: Reading, rows: pd.DataFrame, labels: "pd.Series[str]", clear: "pd.Series[bool]") -> str:
    """Return which topic changed clearly, or which is the largest."""
    moved = rows[clear[rows.index]]
    if not len(moved):
        largest = f"{labels.iloc[0]} is the largest {reading.by} with {percent(rows['value'].iloc[0])}"
        return largest + ("; no clear change" if rows["previous"].notna().any() else "")
    place: Any = (moved["value"] - moved["previous"]).abs().idxmax()
    now, before = (moved[column].loc[place] for column in ("value", "previous"))
    return f"{labels[place]} {'rose' if now > before else 'fell'} to {percent(now)}, before {percent(before)}"


def _share_and_change(row: Mapping[Hashable, Any], clear: bool) -> str:
    if pd.isna(row["previous"]):
        return percent(row["value"])
    words = f"{percent(row['value'])} ({100 * row['change']:+.1f} points)"
    return f"<b>{words}</b>" if clear else words


def _then_and_now(reading: Reading, before: bool) -> list[tuple[str, str, str]]:
    """Return the key of marks for the span before; where it has none, say so if it was to be compared."""
    if before:
        return [("●", GREY, f"these {reading.days} days"), ("┃", GREY, f"the {reading.days} days before")]
    if "previous" in reading.rows:
        reading.notes.append(f"Nothing is known of the {reading.days} days before.")
    return []
