"""Groups compared: shares, medians, and changes."""

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.layout import Layout, finished
from intercom_kit.charts.marks import ROW, bar, behind, end_labels, interval, periods_axis, rows_axis, symbols, upright
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.text import number
from intercom_kit.charts.theme import BLUE, GREY, VERMILION, Chart
from intercom_kit.errors import BadChartError

_HEIGHT = 400
_INTERVALS = "Lines: 95 % interval."


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
    labels, marker = reading.labels(), bar(BLUE, reading.small(rows["n"]))
    figure = Chart(go.Bar(x=rows["value"], y=labels, orientation="h", marker=marker, error_x=interval(rows)))
    figure.update_traces(
        customdata=rows[["hits", "n"]].assign(behind=behind(reading, rows)),
        hovertemplate="%{y}: %{x:.1%} (%{customdata[0]:,} of %{customdata[1]:,})%{customdata[2]}<extra></extra>",
    )
    numbers = zip(rows["value"], rows["hits"], rows["n"], strict=True)
    right = rows_axis(figure, labels, [f"{value:.0%}  ({hits:,} of {n:,})" for value, hits, n in numbers])
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title=reading.share_axis)
    return finished(figure, reading, Layout(height=ROW * len(rows) + 20, left=labels, right=right))


def _columns(reading: Reading) -> Chart:
    rows = reading.rows
    marker = bar(BLUE, reading.partial() | reading.small(rows["n"]))
    figure = Chart(go.Bar(x=reading.periods(), y=rows["value"], marker=marker, error_y=interval(rows)))
    figure.update_traces(
        customdata=rows[["hits", "n"]].assign(behind=behind(reading, rows)),
        hovertemplate="%{x}: %{y:.1%} (%{customdata[0]:,} of %{customdata[1]:,})%{customdata[2]}<extra></extra>",
    )
    periods_axis(figure, reading, 14, "n " + rows["n"].astype("str"))
    figure.update_yaxes(range=[0, 1], tickformat=".0%", title=upright(reading.share_axis))
    return finished(figure, reading, Layout(f"{reading.metric['title']} per {reading.metric['period']}"))


def comparison(frame: pd.DataFrame) -> Chart:
    """Draw each group as a dot with its 95 % interval, and with a line at its value before.

    Draws any metric with an interval by group, such as `ws.metric("first_response_time", by="segment")`; with
    compare="previous" also the values of the span before.
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
    divisor, unit = reading.unit(rows["high"].max())
    figure = Chart()
    if "previous" in rows:
        before = {"symbol": "line-ns-open", "size": 15, "color": GREY, "line": {"width": 2.5}}
        figure.add_scatter(
            x=rows["previous"] / divisor,
            y=labels,
            mode="markers",
            name=f"the {reading.days} days before",
            marker=before,
        )
    dots = {
        "color": BLUE,
        "size": 11,
        "line": {"width": 2, "color": BLUE},
        "symbol": symbols("circle", reading.small(rows["n"])),
    }
    errors = interval(rows, divisor)
    figure.add_scatter(
        x=rows["value"] / divisor,
        y=labels,
        mode="markers",
        name=f"these {reading.days} days",
        marker=dots,
        error_x=errors,
    )
    values = [f"{value:.0%}" if share else number(value / divisor) for value in rows["value"]]
    ends = [f"{value}  (n = {n:,})" for value, n in zip(values, rows["n"], strict=True)]

    right = rows_axis(figure, labels, ends)
    figure.update_traces(cliponaxis=False)
    what = ("median " if "p75" in rows else "") + reading.metric["title"].lower()
    axis = reading.share_axis if share else what if unit in what else f"{what}, {unit}"
    figure.update_xaxes(title=axis, tickformat=".0%" if share else None, rangemode="tozero")
    return finished(
        figure, reading, Layout(height=ROW * len(rows) + 30, left=labels, right=right, legend="previous" in rows)
    )


def topics(frame: pd.DataFrame) -> Chart:
    """Draw the share of each topic, before and now, as a line.

    Draws `ws.metric("topics")`, by tag or by another group.
    """
    draws = "shares beside those before: ws.metric('topics')"
    reading = read(frame, "topics", draws, ("value", "previous", "n", "low", "high"), "topics")
    n = int(reading.rows["n"].max()) if len(reading.rows) else 0
    reading.notes += [f"{share:.0%} have no {reading.by}." for share in reading.drop_without_group()["value"].dropna()]
    reading.rows = reading.rows.dropna(subset=["value", "previous"])
    reading.keep_largest("value", 12)
    reading.notes.append(
        "Bold: the share before lies outside the 95 % interval of the share now; solid is more, dashed less. "
        "Dotted: the change may be chance."
    )
    rows, figure, before, now = reading.rows, Chart(), [], []
    for topic, (_, row) in zip(reading.groups(), rows.iterrows(), strict=True):
        clear = not row["low"] <= row["previous"] <= row["high"]
        colour, dash = ((VERMILION, "solid") if row["change"] > 0 else (BLUE, "dash")) if clear else (GREY, "dot")
        figure.add_scatter(
            x=[0, 1],
            y=[row["previous"], row["value"]],
            name=topic,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2.5 if clear else 1.5},
            marker={"size": 8},
            hovertemplate=f"{topic}: %{{y:.1%}}<extra></extra>",
        )
        before.append((f"{row['previous']:.1%}", row["previous"]))
        words = f"{topic} {row['value']:.1%}"
        now.append((f"<b>{words} ({100 * row['change']:+.1f} points)</b>" if clear else words, row["value"]))
    top = rows[["value", "previous"]].to_numpy().max(initial=0) * 1.1 or 1.0
    end_labels(figure, before, 0, top, _HEIGHT, side="right")
    end_labels(figure, now, 1, top, _HEIGHT)
    spans = [f"the {reading.days} days before", f"these {reading.days} days"]
    figure.update_xaxes(tickvals=[0, 1], ticktext=spans, range=[-0.15, 1.02], showgrid=False)
    figure.update_yaxes(range=[-0.03 * top, top], visible=False)
    figure.update_layout(showlegend=False)
    return finished(figure, reading, Layout(f"{reading.title}: shares now and before", n=n, height=_HEIGHT, right=300))
