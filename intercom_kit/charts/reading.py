"""A metric's frame as charts read it: its rows, its metadata, and the notes on what to take care of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from intercom_kit.charts.drawing import palette
from intercom_kit.charts.theme import BLUE
from intercom_kit.charts.words.text import meant, plain, shortened
from intercom_kit.days import day, month
from intercom_kit.errors import BadChartError
from intercom_kit.numbers import quantities
from intercom_kit.numbers.findings import SMALL
from intercom_kit.numbers.names import heading, spelled
from intercom_kit.zones import zone

MOST_GROUPS = 20

# Groups that have a colour of their own wherever they are drawn; of others there are too many.
_COLOURED = ("team", "channel", "source_type", "tag", "plan", "country", "direction", "priority", "state", "category")
_AXES = {"week": "week, from Monday", "quarter": "quarter, by its first month"}
# The column by which a metric groups on its own, whatever `by` is: each value is about the same contacts.
_OWN = {"feature_adoption": "event"}
# Metrics that count a contact again in each period, so that the n of periods do not add up.
_COUNT_AGAIN = ("active_contacts", "contact_rate", "stickiness")
_UNITS = ((2 * 3600, 60, "min"), (3 * 86_400, 3600, "h"), (float("inf"), 86_400, "days"))


@dataclass
class Reading:
    """The rows of a metric, its metadata, the frame's receipt, and the notes that a chart adds."""

    rows: pd.DataFrame
    metric: dict[str, Any]
    receipt: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Keep all rows, of which a chart may drop some."""
        self.whole = self.rows
        # Totals of a lifetime have no beginning.
        edges = (self.metric["since"] or self.metric["until"], self.metric["until"])
        self.since, self.until = map(datetime.fromisoformat, edges)

    @property
    def by(self) -> str:
        """The names of the groups, in words; empty without groups."""
        return " and ".join(heading(name) for name in self._keys)

    @property
    def _keys(self) -> list[str]:
        own = _OWN.get(self.metric["name"], "")
        return [name for name in (own, *self.metric["by"]) if name in self.rows]

    @property
    def zone(self) -> ZoneInfo:
        """The timezone of the numbers."""
        return zone(self.metric["timezone"])

    @property
    def days(self) -> int:
        """The length of the span, in days."""
        days: float = (self.until - self.since) / timedelta(days=1)
        return round(days)

    @property
    def counted(self) -> int | None:
        """The number of contacts or conversations that the rows are about, if they have an n."""
        rows, own = self.whole, _OWN.get(self.metric["name"], "")
        if "n" not in rows or not len(rows):
            return 0 if "n" in rows else None
        if self.metric["name"] in _COUNT_AGAIN:
            return int(self.metric["rows"])
        return max(map(int, rows.groupby(own)["n"].sum())) if own in rows else int(rows["n"].sum())

    @property
    def repeats(self) -> bool:
        """Whether a group in a period has several rows, which another column tells apart."""
        keys = [*self._keys, *(name for name in ("period",) if name in self.rows)]
        return bool(self.rows[keys].duplicated().any()) if keys else len(self.rows) > 1

    @property
    def overlapping(self) -> bool:
        """Whether something may count for several groups, which then do not add up."""
        return any("groups may add up" in note for note in self.metric["notes"])

    @property
    def title(self) -> str:
        """The metric's title, with its groups."""
        title = str(self.metric["title"])
        return f"{title} by {self.by}" if self.by and self.by not in title.lower() else title

    def groups(self) -> "pd.Series[str]":
        """Return the name of each row's group as Intercom's inbox spells it, such as "no team" for none."""
        whole = pd.Series("all", index=self.rows.index, dtype="str")
        for place, name in enumerate(self._keys):
            known = self.rows[name].notna()
            words = self.rows[name].map(lambda value, name=name: spelled(name, value)).astype("str")
            words = words.where(known, f"no {heading(name)}")
            whole = whole + " · " + words if place else words
        return whole.map(meant).map(shortened).map(plain)

    def colours(self, groups: Iterable[str], *, if_named: bool = False) -> dict[str, str]:
        """Return the colour of each group, by its name, and grey for nobody; all blue without groups.

        With `if_named`, only teams, channels, tags and the like have their own colour: of others there are too many.
        """
        names, keys = list(groups), self._keys
        if not keys or (if_named and keys[-1].rpartition(".")[2] not in _COLOURED):
            return dict.fromkeys(names, BLUE)
        return palette.colours(" and ".join(keys), names, " · ".join(f"no {heading(name)}" for name in keys))

    def written(self, value: float) -> str:
        """Return a number of the metric as text, with its unit."""
        return quantities.written(value, self.metric["unit"])

    def brief(self, value: float) -> str:
        """Return a number of the metric as text, without a unit that the axis has and that is long."""
        return quantities.brief(value, self.metric["unit"])

    def labels(self) -> "pd.Series[str]":
        """Return the name of each row on an axis, numbered where groups have the same name."""
        names = self.groups()
        place = names.groupby(names).cumcount() + 1
        return names.where(place == 1, names + " (" + place.astype("str") + ")")

    def drop_without_group(self) -> pd.DataFrame:
        """Drop the rows that belong to no group, and return them."""
        none = self.rows[self._keys].isna().all(axis="columns") & bool(self._keys)
        kept, dropped = self.rows[~none], self.rows[none]
        self.rows = kept
        return dropped

    def periods(self) -> "pd.Series[str]":
        """Return the name of each row's period: when it begins, in local time."""
        period, long = self.metric["period"], self.until - self.since > timedelta(days=300)

        def label(moment: datetime) -> str:
            if period in ("month", "quarter"):
                return month(moment)
            clock = f" {moment:%H:%M %Z}" if period == "hour" else ""
            return f"{day(moment, year=False)}{clock}" + f" {moment.year}" * long

        labels: pd.Series[str] = self.rows["period"].dt.tz_convert(self.zone).map(label).astype("str")
        return labels

    @property
    def share_axis(self) -> str:
        """The title of an axis of shares."""
        return f"share of {self.metric['denominator']}"

    @property
    def period_axis(self) -> str:
        """The title of an axis of periods."""
        return f"{_AXES.get(self.metric['period'], self.metric['period'])} ({self.metric['timezone']})"

    def partial(self) -> "pd.Series[bool]":
        """Return which rows belong to a period that is not over yet, and add a note on it."""
        rows = ~self.rows["complete"].astype("bool")
        if rows.any():
            self.notes.append(f"So far: the {self.metric['period']} is not over yet.")
        return rows

    def small(self, n: "pd.Series[Any]") -> "pd.Series[bool]":
        """Return which numbers come from a small sample, and add a note on it."""
        few = (n.astype("float64") < SMALL) & (n.astype("float64") > 0)
        if few.any():
            self.notes.append(f"Hatched or hollow: from fewer than {SMALL}, treat as a hint.")
        return few

    def keep_largest(self, column: str = "n", most: int = MOST_GROUPS) -> None:
        """Keep as many of the largest groups as can be read, and add a note if there are more."""
        if len(self.rows) > most:
            self.notes.append(f"Shown: the {most} largest of {len(self.rows):,}, by {column.replace('_', ' ')}.")
            self.rows = self.rows.sort_values(column, ascending=False, kind="stable").head(most)

    def unit(self, longest: float) -> tuple[float, str]:
        """Return the divisor and the name of the unit that suits values up to the longest."""
        if self.metric["unit"] not in ("seconds", "minutes"):
            return 1.0, self.metric["unit"]
        seconds = 60 if self.metric["unit"] == "minutes" else 1
        divisor, name = next((each, name) for most, each, name in _UNITS if not longest * seconds >= most)
        return divisor / seconds, name


def read(frame: pd.DataFrame, chart: str, draws: str, columns: Iterable[str], *metrics: str) -> Reading:
    """Return the reading of a frame for a chart that draws one of some metrics, or any metric with some columns.

    Raises BadChartError with the call that gives the right frame.
    """
    right = f"charts.{chart} draws {draws}."
    if not isinstance(frame, pd.DataFrame):
        raise BadChartError(f"{right} {frame!r} is no frame.")
    receipt = frame.attrs.get("intercom", {})
    metric = receipt.get("metric", {})
    if not metric:
        raise BadChartError(f"{right} This frame does not come from ws.metric, or was computed from one that did.")
    if metrics and metric["name"] not in metrics:
        raise BadChartError(f"{right} This frame is of the metric {metric['name']!r}.")
    if lacking := [column for column in columns if column not in frame]:
        raise BadChartError(f"{right} This frame of {metric['name']!r} has no {' and '.join(lacking)}.")
    if "period" in frame and "period" not in columns:
        raise BadChartError(f"{right} This frame has periods: leave period out.")
    reading = Reading(pd.DataFrame(frame).reset_index(drop=True), metric, receipt)
    if not metrics and reading.repeats:
        raise BadChartError(f"{right} This frame of {metric['name']!r} has several rows for each group or period.")
    return reading
