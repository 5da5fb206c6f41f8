"""Companies: their activity and their health."""

import math
from collections.abc import Iterable

import pandas as pd

from intercom_kit.charts.drawing.layout import Layout, finished
from intercom_kit.charts.marks import BAR, ROW, rows_axis, values_axis, veil
from intercom_kit.charts.reading import MOST_GROUPS, Reading, read
from intercom_kit.charts.theme import BLUE, GOLD, GREEN, GREY, LIGHTEST, VERMILION, Chart
from intercom_kit.charts.words.text import counted
from intercom_kit.days import day

_BLOCKS = "▁▂▃▄▅▆▇█"
_BANDS = {"red": VERMILION, "yellow": GOLD, "green": GREEN}
_DRIVERS = ["usage", "engagement", "support", "outcome"]
_LOWER = 0.14  # of a row, by which its parts stand below its middle, so that its name is free
_MOST_SILENT = 5  # accounts without any points, which look all alike


def accounts(frame: pd.DataFrame, trend: pd.DataFrame | None = None) -> Chart:
    """Draw how many of each company's contacts are active, when one last was, and with `trend` the development.

    Draws `ws.metric("company_activity")`; the trend is `ws.metric("active_contacts", by="company", period="week")`.
    """
    draws = "ws.metric('company_activity'), with the trend of ws.metric('active_contacts', by='company', period='week')"
    reading = read(frame, "accounts", draws, ("value", "n", "hits", "last_active_at"), "company_activity")
    whole = int(reading.rows["n"].sum())
    reading.notes += [f"{n:,} contacts have no {reading.by}." for n in reading.drop_without_group()["n"]]
    silent, all_of = int((reading.rows["hits"] == 0).sum()), len(reading.rows)
    reading.keep_largest()
    rows, labels, zone = reading.rows, reading.labels(), reading.zone
    seen = rows["last_active_at"].dt.tz_convert(zone).map(day, na_action="ignore").fillna("never")
    ends = [f"{hits:,} of {n:,} · {last}" for hits, n, last in zip(rows["hits"], rows["n"], seen, strict=True)]
    if trend is not None:
        ends = [f"{blocks} {words}" for blocks, words in zip(_trends(reading, trend, draws), ends, strict=True)]
    figure = Chart()
    for column, colour in (("n", veil(GREY, 0.35)), ("hits", BLUE)):
        name = {"n": "contacts", "hits": "active"}[column]
        hover = f"%{{y}}: %{{x:,}} {name}<extra></extra>"
        figure.add_bar(x=rows[column], y=labels, name=name, marker_color=colour, hovertemplate=hover, **BAR)
    rows_axis(figure, labels, ends)
    figure.update_layout(barmode="overlay")
    most = float(rows["n"].max()) if len(rows) else 1.0
    figure.update_xaxes(title="contacts", **values_axis(most or 1.0, "", counts=True))
    reading.notes.append("On the right: active contacts, and the last visit of any.")
    return finished(
        figure,
        reading,
        Layout(
            _silent(silent, all_of),
            n=f"{whole:,} contacts",
            height=ROW * len(rows),
            key=[("■", BLUE, "active"), ("■", GREY, "all contacts")],
        ),
    )


def _silent(silent: int, all_of: int) -> str:
    """Return in how many companies nobody was active."""
    if not silent:
        return f"Somebody was active in each of {counted(all_of, 'companies', 'company')}"
    return f"Nobody was active in {silent:,} of {counted(all_of, 'companies', 'company')}"


def _trends(reading: Reading, trend: pd.DataFrame, draws: str) -> Iterable[str]:
    """Return the development of each row, each on its own scale."""
    lines = read(trend, "accounts", draws, ("period", "value"), "active_contacts")
    drawn = lines.rows.assign(group=lines.groups()).groupby("group")["value"].apply(_sparkline)
    period = lines.metric["period"]
    reading.notes.append(f"Blocks: active per {period}, the last the {period} so far; each row has its own scale.")
    return list(reading.groups().map(drawn).fillna(""))


def health(frame: pd.DataFrame) -> Chart:
    """Draw the accounts with the lowest health, and the parts that their points are made of.

    Draws `ws.metric("account_health")`, or some of its rows. Among equals, those that pay the most come first. Of
    accounts without any points, which look all alike, only a few are drawn.
    """
    columns = ("value", "band", "n", "monthly_spend", *_DRIVERS)
    reading = read(frame, "health", "ws.metric('account_health')", columns, "account_health")
    known = reading.rows.dropna(subset=["value"])
    known = known.sort_values(["value", "monthly_spend"], ascending=[True, False], kind="stable")
    if unknown := len(reading.rows) - len(known):
        reading.notes.append(f"{counted(unknown, 'accounts')} without any data {_are(unknown)} not shown.")
    title = _lowest(known)
    silent = known[known["value"] == 0]
    if more := len(silent.iloc[_MOST_SILENT:]):
        paying = int((silent.iloc[_MOST_SILENT:]["monthly_spend"] > 0).sum())
        reading.notes.append(
            f"{more:,} more without any points {_are(more)} not shown; {paying or 'none'} of them pay."
        )
    alike = silent.iloc[_MOST_SILENT:].index
    listed = known.drop(alike)
    if len(listed) > MOST_GROUPS:
        reading.notes.append(f"Shown: the {MOST_GROUPS} lowest of {len(listed):,} accounts.")
    rows = reading.rows = listed.head(MOST_GROUPS)
    labels, figure = reading.labels(), Chart()
    _points(figure, rows, labels)
    _parts(figure, reading, labels)
    rows_axis(figure, labels, [_points_and_spend(row) for _, row in rows.iterrows()])
    drivers = {"domain": [0.4, 1], "showgrid": False, "side": "top", "ticks": "", "tickangle": 0, "tickfont_size": 11}
    drivers |= {"tickvals": _DRIVERS, "ticktext": ["usage", "engaged", "support", "outcome"]}
    lower = {"overlaying": "y", "range": [len(rows) - 0.5 - _LOWER, -0.5 - _LOWER], "visible": False}
    figure.update_layout(xaxis2=drivers, yaxis2=lower, barmode="overlay")
    points = {"domain": [0, 0.36], "range": [0, 100], "tickvals": [0, 50, 100]}
    figure.update_xaxes(selector={"side": None}, title=reading.metric["unit"], **points)
    figure.update_coloraxes(cmin=0, cmax=LIGHTEST, showscale=False)
    n = f"{int(frame['n'].sum()):,} contacts of {counted(len(frame), 'accounts')}"
    return finished(figure, reading, Layout(title, n=n, height=ROW * len(rows), top=18))


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _lowest(known: pd.DataFrame) -> str:
    """Return how many accounts are red and what these pay, or that none is."""
    if not len(known):
        return ""
    if (known["value"] == known["value"].iloc[0]).all() and len(known) > 1:
        return f"All {len(known):,} accounts have {known['value'].iloc[0]:.0f} points: nothing tells them apart"
    low = known[known["band"] == "red"]
    if not len(low):
        return f"No account is red: the lowest has {math.floor(known['value'].min())} of 100 points"
    spend = low["monthly_spend"].sum()
    paying = f", paying {spend:,.0f} a month" if spend else ", none of which pays" if len(low) > 1 else ""
    return f"{counted(len(low), 'accounts')} of {len(known):,} {_are(len(low))} red{paying}"


def _points_and_spend(row: "pd.Series[float]") -> str:
    spend = f" · {row['monthly_spend']:,.0f} a month" if row["monthly_spend"] > 0 else ""
    return f"{math.floor(row['value'])} {row['band']}{spend}"


def _points(figure: Chart, rows: pd.DataFrame, labels: "pd.Series[str]") -> None:
    for band, colour in _BANDS.items():
        some = rows[rows["band"] == band]
        figure.add_bar(
            x=some["value"],
            y=labels[some.index],
            name=band,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"%{{y}}: %{{x:.0f}} ({band})<extra></extra>",
            **BAR,
        )


def _parts(figure: Chart, reading: Reading, labels: "pd.Series[str]") -> None:
    """Draw what the points of each account are made of."""
    parts = reading.rows[_DRIVERS].astype("float64")
    if parts.isna().any(axis=None):
        reading.notes.append("Blank: no data.")
    figure.add_heatmap(
        z=parts,
        x=_DRIVERS,
        y=list(range(len(labels))),
        customdata=[[label] * len(_DRIVERS) for label in labels],
        text=parts.map(lambda part: "" if pd.isna(part) else f"{part:.0%}"),
        texttemplate="%{text}",
        coloraxis="coloraxis",
        xaxis="x2",
        yaxis="y2",
        xgap=2,
        ygap=ROW - 18,
        hovertemplate="%{customdata}, %{x}: %{text}<extra></extra>",
        hoverongaps=False,
    )


def _sparkline(values: "pd.Series[float]") -> str:
    """Return numbers as blocks of text, the highest as a full one."""
    top = values.max() or 1
    return "".join(_BLOCKS[round(value / top * (len(_BLOCKS) - 1))] for value in values.fillna(0))
