"""Companies: their activity and their health."""

import math

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]

from intercom_kit.charts.layout import Layout, finished
from intercom_kit.charts.marks import ROW, rows_axis, veil
from intercom_kit.charts.reading import MOST_GROUPS, read
from intercom_kit.charts.theme import GOLD, GREEN, LIGHTEST, VERMILION, Chart
from intercom_kit.days import day

_LINE = 30  # as high as plotly makes rows with an ampersand, so that all rows are alike
_BLOCKS = "▁▂▃▄▅▆▇█"
_BANDS = {"red": (VERMILION, "x"), "yellow": (GOLD, "/"), "green": (GREEN, "")}
_DRIVERS = ["usage", "engagement", "support", "outcome"]


def accounts(frame: pd.DataFrame, trend: pd.DataFrame | None = None) -> Chart:
    """Tabulate how many of each company's contacts are active, when one last was, and with `trend` the development.

    Draws `ws.metric("company_activity")`; the trend is `ws.metric("active_contacts", by="company", period="week")`.
    """
    draws = "ws.metric('company_activity'), with the trend of ws.metric('active_contacts', by='company', period='week')"
    reading = read(frame, "accounts", draws, ("value", "n", "hits", "last_active_at"), "company_activity")
    whole = int(reading.rows["n"].sum())
    reading.notes += [f"{n:,} contacts have no {reading.by}." for n in reading.drop_without_group()["n"]]
    reading.keep_largest()
    rows, zone = reading.rows, reading.zone
    columns = {
        reading.by or "all": reading.groups(),
        "contacts": [f"{n:,}" for n in rows["n"]],
        "active": [f"{hits:,}" for hits in rows["hits"]],
        "share": ["" if pd.isna(share) else f"{share:.0%}" for share in rows["value"]],
        "last active": rows["last_active_at"].dt.tz_convert(zone).map(day, na_action="ignore").fillna("never"),
    }
    if trend is not None:
        lines = read(trend, "accounts", draws, ("period", "value"), "active_contacts")
        drawn = lines.rows.assign(group=lines.groups()).groupby("group")["value"].apply(_sparkline)
        columns[f"active per {lines.metric['period']}"] = reading.groups().map(drawn).fillna("")
        reading.notes.append(f"The last block is the {lines.metric['period']} so far; each row has its own scale.")
    align = ["left", "right", "right", "right", "right", "left"]
    header = {"values": [f"<b>{name}</b>" for name in columns], "align": align, "height": _LINE}
    cells = {"values": list(columns.values()), "align": align, "height": _LINE}
    table = go.Table(header=header, cells=cells, columnwidth=[3, 1, 1, 1, 1.5, 2])
    height = _LINE * (len(rows) + 1) + 12
    return finished(Chart(table), reading, Layout(n=f"{whole:,} contacts", height=height, table=True))


def health(frame: pd.DataFrame) -> Chart:
    """Draw the accounts with the lowest health, and the parts that their points are made of.

    Draws `ws.metric("account_health")`, or some of its rows. Among equals, those that pay the most come first.
    """
    columns = ("value", "band", "n", "monthly_spend", *_DRIVERS)
    reading = read(frame, "health", "ws.metric('account_health')", columns, "account_health")
    known = reading.rows.dropna(subset=["value"])
    known = known.sort_values(["value", "monthly_spend"], ascending=[True, False], kind="stable")
    if unknown := len(reading.rows) - len(known):
        reading.notes.append(f"{unknown:,} accounts without any data are not shown.")
    if len(known) > MOST_GROUPS:
        reading.notes.append(f"Shown: the {MOST_GROUPS} lowest of {len(known):,} accounts.")
    rows = reading.rows = known.head(MOST_GROUPS)
    labels = reading.labels()
    figure = Chart()
    for band, (colour, hatch) in _BANDS.items():
        some = rows[rows["band"] == band]
        pattern = {"shape": hatch, "size": 6, "fgcolor": colour, "bgcolor": veil(colour)}
        figure.add_bar(
            x=some["value"],
            y=labels[some.index],
            orientation="h",
            name=band,
            marker={"color": veil(colour), "line": {"width": 1.5, "color": colour}, "pattern": pattern},
            text=[f"{math.floor(points)} {band}" for points in some["value"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x:.0f}} ({band})<extra></extra>",
        )
    parts = rows[_DRIVERS].astype("float64")
    if parts.isna().any(axis=None):
        reading.notes.append("Blank: no data.")
    words = parts.map(lambda part: "" if pd.isna(part) else f"{part:.0%}")
    figure.add_heatmap(
        z=parts,
        x=_DRIVERS,
        y=labels,
        text=words,
        texttemplate="%{text}",
        coloraxis="coloraxis",
        xaxis="x2",
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
        hoverongaps=False,
    )
    spends = [f"{spend:,.0f} a month" if spend > 0 else "" for spend in rows["monthly_spend"]]
    right = rows_axis(figure, labels, spends)
    figure.update_yaxes(categoryorder="array", categoryarray=list(labels))
    drivers = {"domain": [0.44, 1], "showgrid": False, "side": "top", "ticks": "", "tickangle": 0, "tickfont_size": 11}
    drivers |= {"tickvals": _DRIVERS, "ticktext": ["usage", "engage-<br>ment", "support", "outcome"]}
    figure.update_layout(xaxis2=drivers, barmode="stack", showlegend=False)
    points = {"domain": [0, 0.42], "range": [0, 150], "tickvals": [0, 50, 100]}
    figure.update_xaxes(selector={"side": None}, title=reading.metric["unit"], **points)
    figure.update_coloraxes(cmin=0, cmax=LIGHTEST, showscale=False)
    n = f"{int(frame['n'].sum()):,} contacts of {len(frame):,} accounts"
    return finished(figure, reading, Layout(n=n, height=ROW * len(rows) + 20, left=labels, right=right, top=20))


def _sparkline(values: "pd.Series[float]") -> str:
    """Return numbers as blocks of text, the highest as a full one."""
    top = values.max() or 1
    return "".join(_BLOCKS[round(value / top * (len(_BLOCKS) - 1))] for value in values.fillna(0))
