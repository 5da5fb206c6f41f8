"""What a metric's frame says of itself, read once for every chart: its scope, its definition, and what is wanting."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from intercom_kit.charts.theme import Chart, template
from intercom_kit.days import day, month
from intercom_kit.errors import BadChartError
from intercom_kit.zones import zone

SMALL = 10
MOST_GROUPS = 20

_SIDE, _TOP, _BOTTOM, _LINE = 18, 70, 62, 16
_LETTER = 6.8
_AXES = {"week": "week, from Monday", "quarter": "quarter, by its first month"}
_LONGEST = 33  # letters of a name, for which there is room
# Of what a metric tells by itself, whatever it is grouped by: each is of the same contacts.
_OWN = {"feature_adoption": "event"}
# What counts a contact again in each period, so that n of the periods do not add up.
_AGAIN = ("active_contacts", "contact_rate", "stickiness")
_UNITS = ((2 * 3600, 60, "minutes"), (3 * 86_400, 3600, "hours"), (float("inf"), 86_400, "days"))


@dataclass
class Reading:
    """A metric's rows, what was said about them, and the notes that a chart adds."""

    rows: pd.DataFrame
    told: dict[str, Any]
    receipt: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Remember all rows, of which a chart may drop some."""
        self.whole = self.rows
        self.since, self.until = (datetime.fromisoformat(self.told[edge]) for edge in ("since", "until"))

    @property
    def by(self) -> str:
        """Say in words what the groups are; nothing, where there are none."""
        return " and ".join(_last(name) for name in self._keys)

    @property
    def _keys(self) -> list[str]:
        own = _OWN.get(self.told["name"], "")
        return [name for name in (own, *self.told["by"]) if name in self.rows]

    @property
    def zone(self) -> ZoneInfo:
        """Give the timezone by whose clock the numbers are."""
        return zone(self.told["timezone"])

    @property
    def days(self) -> int:
        """Say how many days the span has."""
        days: float = (self.until - self.since) / timedelta(days=1)
        return round(days)

    @property
    def counted(self) -> int | None:
        """Say of how many the rows are, where they say it."""
        rows, own = self.whole, _OWN.get(self.told["name"], "")
        if "n" not in rows or not len(rows):
            return 0 if "n" in rows else None
        if self.told["name"] in _AGAIN:
            return int(self.told["rows"])
        return max(map(int, rows.groupby(own)["n"].sum())) if own in rows else int(rows["n"].sum())

    @property
    def repeats(self) -> bool:
        """Say whether groups or periods come more than once, so that something else tells the rows apart."""
        keys = [*self._keys, *(name for name in ("period",) if name in self.rows)]
        return bool(self.rows[keys].duplicated().any()) if keys else len(self.rows) > 1

    @property
    def titled(self) -> str:
        """Give the metric's title, with its groups."""
        title = str(self.told["title"])
        return f"{title} by {self.by}" if self.by and self.by not in title.lower() else title

    def groups(self) -> "pd.Series[str]":
        """Name the group of each row; what has none is said to have none."""
        whole = pd.Series("all", index=self.rows.index, dtype="str")
        for place, name in enumerate(self._keys):
            words = self.rows[name].astype("str").where(self.rows[name].notna(), f"no {_last(name)}")
            whole = whole + " · " + words if place else words
        return whole.map(fitting).map(plain)

    def labels(self) -> "pd.Series[str]":
        """Name the rows of an axis, apart even where two groups have one name."""
        names = self.groups()
        place = names.groupby(names).cumcount() + 1
        return names.where(place == 1, names + " (" + place.astype("str") + ")")

    def only_groups(self) -> pd.DataFrame:
        """Keep the rows that are of a group, and give those that are of none."""
        none = self.rows[self._keys].isna().all(axis="columns") & bool(self._keys)
        kept, left = self.rows[~none], self.rows[none]
        self.rows = kept
        return left

    def periods(self) -> "pd.Series[str]":
        """Name the period of each row, as its clock shows the start."""
        period, long = self.told["period"], self.until - self.since > timedelta(days=300)

        def label(moment: datetime) -> str:
            if period in ("month", "quarter"):
                return month(moment)
            clock = f" {moment:%H:%M %Z}" if period == "hour" else ""
            return f"{day(moment, year=False)}{clock}" + f" {moment.year}" * long

        labels: pd.Series[str] = self.rows["period"].dt.tz_convert(self.zone).map(label).astype("str")
        return labels

    @property
    def share_axis(self) -> str:
        """Say what an axis of shares counts."""
        return f"share of {self.told['denominator']}"

    @property
    def period_axis(self) -> str:
        """Say what the axis of periods counts."""
        return f"{_AXES.get(self.told['period'], self.told['period'])} ({self.told['timezone']})"

    def partial(self) -> "pd.Series[bool]":
        """Say which rows are of a period that is not over, and note it."""
        rows = ~self.rows["complete"].astype("bool")
        if rows.any():
            self.notes.append(f"So far: the {self.told['period']} is not over yet.")
        return rows

    def small(self, n: "pd.Series[Any]") -> "pd.Series[bool]":
        """Say which numbers are worked out from few, and note it."""
        few = (n.astype("float64") < SMALL) & (n.astype("float64") > 0)
        if few.any():
            self.notes.append(f"Hatched or open: worked out from fewer than {SMALL}, a hint at most.")
        return few

    def largest(self, column: str = "n", most: int = MOST_GROUPS) -> None:
        """Keep the largest groups, where there are too many to read, and note how many are not shown."""
        if len(self.rows) > most:
            self.notes.append(f"Shown: the {most} largest of {len(self.rows):,}, by {column.replace('_', ' ')}.")
            self.rows = self.rows.sort_values(column, ascending=False, kind="stable").head(most)

    def unit(self, longest: float) -> tuple[float, str]:
        """Give the divisor and the name of the unit in which values up to the longest are read best."""
        if self.told["unit"] not in ("seconds", "minutes"):
            return 1.0, self.told["unit"]
        seconds = 60 if self.told["unit"] == "minutes" else 1
        divisor, name = next((each, name) for most, each, name in _UNITS if not longest * seconds >= most)
        return divisor / seconds, name

    # --- what stands around the drawing ------------------------------------------------------------

    def finished(
        self,
        figure: Chart,
        title: str = "",
        *,
        n: int | str | None = None,
        height: int = 300,
        left: Iterable[str] = (),
        right: int = 24,
        top: int = 0,
        legend: bool = False,
        table: bool = False,
        nothing: bool = False,
    ) -> Chart:
        """Put the scope above the drawing, of so many pixels, and the definition below.

        `left` are labels that need room, `top` is room for others, and a `legend` stands between scope and drawing;
        a `table` has neither axes nor labels.
        """
        if nothing or not len(self.rows):
            figure, legend = self._nothing(), False
        room = _SIDE if table else named(left) + _SIDE + 16
        room += _LINE * ("<br>" in (figure.layout.yaxis.title.text or ""))
        subtitle = textwrap.wrap(self.scope(n), 100)
        caption = [line for part in self.caption() for line in textwrap.wrap(part, 118)]
        above = _TOP + _LINE * len(subtitle) + 20 * legend + top
        bottom = _SIDE if table else _BOTTOM
        below = bottom + _LINE * len(caption) + _SIDE
        figure.update_layout(
            template=template(),
            height=height + above + below,
            margin={"l": room, "r": right, "t": above, "b": below, "autoexpand": False},
            title={
                "text": title or self.titled,
                "subtitle": {"text": plain("\n".join(subtitle))},
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "top",
                "pad": {"l": _SIDE, "t": _SIDE},
            },
        )
        if legend:
            # From a place left of the drawing, plotly lets names run on over the margin before it breaks the line.
            line = {"orientation": "h", "x": -1e-9, "xanchor": "left", "y": 1, "yanchor": "bottom"}
            figure.update_layout(showlegend=True, legend=line | {"traceorder": "normal"})
        figure.add_annotation(
            name="caption",
            text=plain("\n".join(caption)),
            font_size=11,
            showarrow=False,
            align="left",
            x=0,
            xref="paper",
            xanchor="left",
            xshift=_SIDE - room,
            y=0,
            yref="paper",
            yanchor="top",
            yshift=-bottom,
        )
        return figure

    def scope(self, n: int | str | None) -> str:
        """Say in a line when, of how many, and of which."""
        n = self.counted if n is None else n
        counted = f"{n:,}" if isinstance(n, int) else n
        said = [self._span(), f"n = {counted}" if counted else "", self.told["hours"]]
        options = {name: value for name, value in self.told.get("options", {}).items() if name != "contacts"}
        said += [f"{name}: {_spelled(value)}" for name, value in (options | self.told.get("filters", {})).items()]
        if not self.receipt.get("complete", True):
            said.append(f"NOT COMPLETE: {self.receipt.get('why') or 'rows are missing'}")
        return " · ".join(each for each in said if each and each != "no durations")

    def caption(self) -> list[str]:
        """Say in paragraphs what the numbers mean, what to take care of, and where they come from."""
        told, at = self.told, self.receipt.get("at")
        left_out = ", ".join(f"{count:,} {reason}" for reason, count in told["left_out"].items())
        local = datetime.fromisoformat(at).astimezone(self.zone) if at else None
        when = f", as of {day(local)} {local:%H:%M}" if local else ""
        means = f"{told['text'].replace('`', '')} n counts {told['denominator']}." + (
            f" Left out: {left_out}." if left_out else ""
        )
        source = f"Definition {told['definition']!r}: {told['source'].rstrip('.')}. {told['timezone']}{when}."
        return [means, " ".join(filter(None, dict.fromkeys([*self.notes, *told["notes"]]))), source]

    def _span(self) -> str:
        since, until = (moment.astimezone(self.zone) for moment in (self.since, self.until))
        last = until - timedelta(microseconds=1)
        first = "" if since.date() >= last.date() else day(since, year=since.year != last.year)
        return f"{first} to {day(last)}" if first else day(last)

    def _nothing(self) -> Chart:
        """Make the figure that says that there is nothing to draw."""
        figure = Chart()
        figure.update_xaxes(visible=False, range=[0, 1])
        figure.update_yaxes(visible=False, range=[0, 1])
        words = f"Nothing to draw: no {plain(self.told['denominator'].removesuffix(' in the span'))} in this span."
        figure.add_annotation(name="nothing", text=words, x=0.5, y=0.5, showarrow=False, font_size=14)
        return figure


def read(frame: pd.DataFrame, chart: str, draws: str, columns: Iterable[str], *metrics: str) -> Reading:
    """Read a frame for a chart that draws any of some metrics, or any at all with some columns.

    Raises BadChartError with the call that gives the right one.
    """
    right = f"charts.{chart} draws {draws}."
    if not isinstance(frame, pd.DataFrame):
        raise BadChartError(f"{right} {frame!r} is no frame.")
    receipt = frame.attrs.get("intercom", {})
    told = receipt.get("metric", {})
    if not told:
        raise BadChartError(f"{right} This frame is no metric's, or was computed from one and lost what it is.")
    if metrics and told["name"] not in metrics:
        raise BadChartError(f"{right} This frame is of the metric {told['name']!r}.")
    if lacking := [column for column in columns if column not in frame]:
        raise BadChartError(f"{right} This frame of {told['name']!r} has no {' and '.join(lacking)}.")
    if "period" in frame and "period" not in columns:
        raise BadChartError(f"{right} This frame has periods: leave period out.")
    reading = Reading(pd.DataFrame(frame).reset_index(drop=True), told, receipt)
    if not metrics and reading.repeats:
        raise BadChartError(f"{right} This frame of {told['name']!r} tells more than one number of each.")
    return reading


def named(names: Iterable[str]) -> int:
    """Say how many pixels the longest of some names takes."""
    return round(min(_LETTER * max(map(len, names), default=4), 260))


def plain(text: str) -> str:
    """Keep plotly from reading what people wrote as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def fitting(name: str) -> str:
    """Leave out the middle of a long name, since names are often alike in how they begin."""
    return name if len(name) <= _LONGEST else f"{name[:20]}…{name[-12:]}"


def _last(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
