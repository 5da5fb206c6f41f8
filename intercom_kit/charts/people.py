"""Contacts: who is active, who stays, and how far they get."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.drawing.layout import Layout, finished, left_of
from intercom_kit.charts.marks import (
    BAR,
    HEIGHT,
    ROW,
    bar,
    faint,
    highest,
    interval,
    periods_axis,
    rows_axis,
    scale,
    values_axis,
)
from intercom_kit.charts.reading import Reading, read
from intercom_kit.charts.theme import BLUE, GOLD, GREEN, LIGHTEST, VERMILION, Chart
from intercom_kit.charts.words.text import SIDE, counted, plain, shortened
from intercom_kit.charts.words.titles import when
from intercom_kit.errors import BadChartError
from intercom_kit.numbers.findings import SMALL
from intercom_kit.numbers.quantities import number, percent

_ALL = "all"
_MOST_AGES = 8  # columns in which a share can be read on the narrowest screen
_CELL = 28  # pixels
_SMALL_COHORT = 20  # contacts, below which a cell says little
_PALE = 0.5
_STAGES = {"returning": BLUE, "resurrected": GOLD, "new": GREEN, "dormant": VERMILION}


def retention(frame: pd.DataFrame) -> Chart:
    """Draw the share of each cohort that is active later, as a triangle of cohorts by age.

    Draws `ws.metric("retention")`. A period that is not over is left blank, and cohorts of few are pale.
    """
    reading = _whole(frame, "retention", ("period", "age", "value", "n"))
    unit, rows = reading.metric["period"], reading.rows.assign(cohort=reading.periods())
    sizes = rows.groupby("cohort", sort=False)["n"].first()
    cells = rows.pivot_table(index="cohort", columns="age", values="value", dropna=False, observed=False)
    cells = cells.reindex(index=sizes.index).dropna(axis="columns", how="all")
    counts = cells.notna().mul(sizes.astype("float64"), axis="index")
    if len(sizes) > 1:
        cells, counts, sizes = _with_all(cells, counts, sizes)
    labels = [f"{cohort}, {n:,}" for cohort, n in sizes.items()]
    words = cells.map(lambda share: "" if pd.isna(share) else f"{share:.0%}")
    text = words if len(cells.columns) <= _MOST_AGES else None
    few = counts < _SMALL_COHORT
    figure = Chart()
    for thin, opacity in ((False, 1.0), (True, _PALE)):
        part = cells.where(few == thin)
        figure.add_heatmap(
            z=part,
            x=list(cells.columns),
            y=labels,
            text=None if text is None else text.where(part.notna(), ""),
            texttemplate=None if text is None else "%{text}",
            opacity=opacity,
            hovertemplate=f"%{{y}}, {unit} %{{x}}: %{{z:.0%}}<extra></extra>",
        )
    figure.update_traces(coloraxis="coloraxis", xgap=2, ygap=2, hoverongaps=False)
    figure.update_coloraxes(cmin=0, cmax=LIGHTEST, showscale=False)
    ages = dict.fromkeys(range(0, int(max(cells.columns, default=0)) + 1, 1 if text is not None else 2))
    figure.update_xaxes(title=f"{unit}s since the {unit} of sign-up", tickvals=list(ages), showgrid=False)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticks="")
    if (few & cells.notna()).any(axis=None):
        reading.notes.append(f"Pale: of fewer than {_SMALL_COHORT} contacts, treat as a hint.")
    reading.notes.append(f"Blank: the {unit} is not over yet.")
    layout = Layout(
        _stay(cells, counts, unit),
        f"{reading.metric['title']} by {unit} of sign-up",
        n=int(sizes.max()) if len(sizes) else 0,
        height=_CELL * len(sizes),
        ticks=labels,
        axis="cohort and its size; share that is active",
    )
    return finished(figure, reading, layout)


def _stay(cells: pd.DataFrame, counts: pd.DataFrame, unit: str) -> str:
    """Return how many are active later, of all cohorts together, as long as these are enough."""
    if not len(cells):
        return ""
    later = cells.iloc[0][counts.iloc[0] >= SMALL].drop(0, errors="ignore")
    if not len(later):
        return f"Fewer than {SMALL} signed up a whole {unit} ago: too few to say who stays"
    first, last = int(later.index[0]), int(later.index[-1])
    title = f"{later[first]:.0%} are active {counted(first, f'{unit}s')} after sign-up"
    return title if first == last else f"{title}, {later[last]:.0%} after {last}"


def _with_all(
    cells: pd.DataFrame, counts: pd.DataFrame, sizes: "pd.Series[Any]"
) -> tuple[pd.DataFrame, pd.DataFrame, "pd.Series[Any]"]:
    """Return the cells with a row of all cohorts on top, each weighted by its size where its number is known."""
    every = (cells * counts).sum().div(counts.sum()).to_frame(_ALL).T
    counted_in = counts.sum().to_frame(_ALL).T
    return (
        pd.concat([every, cells]),
        pd.concat([counted_in, counts]),
        pd.concat([pd.Series({_ALL: sizes.sum()}), sizes]),
    )


def active_days(frame: pd.DataFrame) -> Chart:
    """Draw the share of contacts by the number of days on which they were active.

    Draws `ws.metric("active_days")`.
    """
    reading = _whole(frame, "active_days", ("days", "value", "n", "hits", "low", "high"))
    rows = reading.rows
    hover = "%{x} days: %{y:.1%} (%{customdata:,})<extra></extra>"
    figure = Chart(go.Bar(x=rows["days"], y=rows["value"], customdata=rows["hits"], hovertemplate=hover))
    figure.update_traces(marker=bar([BLUE] * len(rows), reading.small(rows["n"])), error_y=interval(rows))
    ticks = scale(float(rows["days"].max()) if len(rows) else 0, 6)
    whole = [tick for tick in ticks if tick == round(tick)]
    figure.update_xaxes(title="days with an event", tickvals=whole, showgrid=False)
    axis = values_axis(highest(rows, share=True), "%")
    figure.update_yaxes(**axis)
    reading.notes.append("Upright lines: 95 % interval.")
    layout = Layout(
        _most_days(rows) if len(rows) else "",
        f"{reading.title}: contacts by days with an event",
        n=int(rows["n"].max()) if len(rows) else 0,
        height=HEIGHT,
        ticks=axis["ticktext"],
        axis="share of contacts",
    )
    return finished(figure, reading, layout)


def _most_days(rows: pd.DataFrame) -> str:
    """Return how many had no event, and how many had one on several days."""
    by_days = rows.groupby("days")["hits"].sum()
    contacts = int(rows["n"].max())
    none, several = int(by_days.get(0, 0)), int(by_days[by_days.index > 1].sum())
    if not contacts:
        return ""
    few = contacts < SMALL
    often, never = (f"{hits:,} of {contacts:,}" if few else percent(hits / contacts) for hits in (several, none))
    return f"{often} had an event on 2 days or more" + (f", {never} on none" if none else "")


def lifecycle(frame: pd.DataFrame) -> Chart:
    """Draw new, returning and resurrected contacts above the line, and dormant ones below.

    Draws `ws.metric("lifecycle")`.
    """
    reading = _whole(frame, "lifecycle", ("period", "stage", "value", "n"))
    figure, periods = Chart(), reading.periods()
    opacity = faint(reading)
    for stage, colour in _STAGES.items():
        rows = reading.rows[reading.rows["stage"] == stage]
        rows = rows[rows["complete"].astype("bool")] if stage == "dormant" else rows
        figure.add_bar(
            x=periods[rows.index],
            y=-rows["value"] if stage == "dormant" else rows["value"],
            customdata=rows["value"],
            name=stage,
            marker={"color": colour, "line": {"width": 0}, "opacity": opacity[rows.index]},
            hovertemplate=f"{stage}: %{{customdata:,.0f}}<extra></extra>",
        )
    figure.update_layout(barmode="relative", bargap=0.25, hovermode="x unified")
    axis = _both_ways(reading.rows)
    periods_axis(figure, reading, left_of(axis["ticktext"]) + SIDE)
    figure.update_yaxes(zeroline=True, zerolinewidth=1.5, **axis)
    over = reading.rows[reading.rows["complete"].astype("bool")]
    last = over[over["period"] == over["period"].max()]
    active = int(last.loc[last["stage"] != "dormant", "n"].sum())
    reading.notes.append(f"Dormant contacts are known once the {reading.metric['period']} is over.")
    layout = Layout(
        _came_and_went(reading, last),
        f"{reading.metric['title']} of contacts per {reading.metric['period']}",
        n=f"{active:,} active in the last whole {reading.metric['period']}",
        height=HEIGHT,
        ticks=axis["ticktext"],
        axis="contacts active (above) and gone (below)",
        key=[("■", colour, stage) for stage, colour in _STAGES.items()],
    )
    return finished(figure, reading, layout)


def _both_ways(rows: pd.DataFrame) -> dict[str, Any]:
    """Return an axis of counts from those who are gone, below, to those who are active."""
    gone = rows["stage"] == "dormant"
    above, below = (rows[which].groupby("period")["value"].sum().max() for which in (~gone, gone))
    above, below = (1.05 * (0.0 if pd.isna(most) else float(most)) for most in (above, below))
    ticks = [tick for tick in scale(max(above, below)) if tick == round(tick)]
    both = sorted({*ticks, *(-tick for tick in ticks if tick <= below)})
    return {"range": [-below, above or 1], "tickvals": both, "ticktext": [f"{abs(tick):,.0f}" for tick in both]}


def _came_and_went(reading: Reading, last: pd.DataFrame) -> str:
    """Return how many came and went in the last whole period."""
    if not len(last):
        return ""
    by_stage = last.groupby("stage")["n"].sum()
    came, went = (
        int(sum(by_stage.get(stage, 0) for stage in stages)) for stages in (("new", "resurrected"), ("dormant",))
    )
    than = "as many as" if came == went else "more than" if came > went else "fewer than"
    return f"{came:,} contacts came, {than} the {went:,} that went, {when(reading, last['period'].iloc[0])}"


def funnel(frame: pd.DataFrame) -> Chart:
    """Draw the share of those who took the first step that took each next one.

    Draws `ws.metric("funnel", steps=["logged-in", "created-project"])`.
    """
    reading = _whole(frame, "funnel", ("step", "event", "value", "n", "hits", "low", "high", "of_previous"))
    rows = reading.rows
    labels = [f"{step}. {plain(shortened(event))}" for step, event in zip(rows["step"], rows["event"], strict=True)]
    figure = Chart(go.Bar(x=rows["value"], y=labels, error_x=interval(rows), **BAR))
    marker = bar([BLUE] * len(rows), reading.small(rows["n"]))
    figure.update_traces(marker=marker, hovertemplate="%{y}: %{x:.1%}<extra></extra>")
    rows_axis(figure, labels, list(_steps(rows)))
    figure.update_xaxes(title="share of those who took the first step", **values_axis(1.04, "%"))
    reading.notes.append("Lines: 95 % interval. On the right: how many, of the first step, and of the step before.")
    n = int(rows["n"].max()) if len(rows) else 0
    ends = [plain(shortened(event)) for event in rows["event"].iloc[[0, -1]]] if len(rows) > 1 else []
    what = reading.title + (f" from {ends[0]} to {ends[1]}" if ends else "")
    return finished(figure, reading, Layout(_loss(rows) if n else "", what, n=n, height=ROW * len(rows)))


def _loss(rows: pd.DataFrame) -> str:
    """Return before which step most of those who were left are lost."""
    before = rows["hits"].shift(1).dropna()
    if not len(before):
        return ""
    lost = before - rows["hits"][before.index]
    place: Any = lost.idxmax()
    if not lost[place]:
        return "Nobody is lost on the way"
    event = plain(shortened(rows["event"].loc[place]))
    return f"Most are lost before {event}: {int(lost[place]):,} of {int(before[place]):,}"


def _steps(rows: pd.DataFrame) -> Iterable[str]:
    for hits, value, before in zip(rows["hits"], rows["value"], rows["of_previous"], strict=True):
        last = "" if pd.isna(before) else f" · {number(100 * before)}% of the last"
        yield f"{hits:,} ({percent(value)}){last}"


def _whole(frame: pd.DataFrame, name: str, columns: Iterable[str]) -> Reading:
    reading = read(frame, name, f"ws.metric({name!r})", columns, name)
    if reading.by:
        raise BadChartError(f"charts.{name} draws ws.metric({name!r}), not by {reading.by}: filter by one instead.")
    return reading
