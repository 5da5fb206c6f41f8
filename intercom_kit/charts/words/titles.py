"""Titles that state what stands out in a frame, or that nothing does."""

from typing import Any

import pandas as pd

from intercom_kit.charts.reading import Reading
from intercom_kit.days import day, month
from intercom_kit.numbers.findings import LEAST, Course, apart, changed, course

# What is said of more, and of less, of some metrics; of others, see `_said`.
_SAID = {
    "first_response_time": ("First replies are slower", "First replies are quicker"),
    "response_time": ("Replies are slower", "Replies are quicker"),
    "new_lead_response": ("Replies to new leads are slower", "Replies to new leads are quicker"),
    "conversations": ("More conversations", "Fewer conversations"),
    "tickets": ("More tickets", "Fewer tickets"),
    "active_contacts": ("More active contacts", "Fewer active contacts"),
}
_ABOUT = {"first_response_time": "First replies", "response_time": "Replies"}


def over_time(reading: Reading, groups: dict[str, pd.DataFrame]) -> str:
    """Return what stands out in the periods of each group; groups are frames with a value and its interval."""
    days = reading.metric["period"] == "day"
    found = {
        name: each
        for name, rows in groups.items()
        if reading.metric["period"] != "hour" and (each := course(rows, days=days, looked_at=len(groups)))
    }
    if not found:
        return _unjudged(reading, groups)
    unusual = {name: each for name, each in found.items() if each.unusual}
    if not unusual:
        name, each = next(iter(found.items()))
        now = f"{_when(reading, groups[name], each)}, usually {reading.brief(each.usual)}"
        period = reading.metric["period"]
        if reading.by:
            return f"{about(reading)}: no {reading.by} stands out in any {period}"
        return f"{about(reading)}: {now}; no {period} stands out"
    name, each = max(unusual.items(), key=lambda found: _size(groups[found[0]], found[1]))
    said = _said(reading)[0 if each.more else 1]
    said = said if each.latest else said.replace(" are ", " were ").replace(" is ", " was ")
    said += f" {of(name)}" if reading.by else ""
    weekday = f" on a {groups[name].loc[each.place, 'period']:%A}" if days else ""
    return f"{said}: {_when(reading, groups[name], each)}, usually {reading.brief(each.usual)}{weekday}"


def between_groups(reading: Reading, rows: pd.DataFrame, labels: "pd.Series[str]") -> str:
    """Return which groups surely differ, from one another or from the span before."""
    if "previous" in rows and rows["previous"].notna().any():
        return _since_before(reading, rows, labels)
    if pair := apart(rows):
        named = [f"{reading.written(rows.loc[place, 'value'])} {of(labels[place])}" for place in pair]
        return f"{about(reading)} {'differ' if reading.metric['name'] in _ABOUT else 'differs'}: {', '.join(named)}"
    values = rows["value"].dropna()
    if len(values) < 2:
        pairs = zip(labels[values.index], values, strict=True)
        return "".join(f"{about(reading)}: {reading.written(value)} {of(name)}" for name, value in pairs)
    ends = f"{reading.written(values.min())} to {reading.written(values.max())}"
    return f"{about(reading)}: {ends}; no {reading.by} stands out"


def of(group: str) -> str:
    """Return a group within a sentence, such as "for Billing" and "with no team"."""
    return f"with {group}" if group.startswith("no ") else f"for {group}"


def about(reading: Reading) -> str:
    """Return what a metric is about, in words."""
    return _ABOUT.get(reading.metric["name"], str(reading.metric["title"]))


def when(reading: Reading, moment: pd.Timestamp) -> str:
    """Return the name of a period within a sentence, such as "in the week of 16 Nov"."""
    local, period = moment.tz_convert(reading.zone), reading.metric["period"]
    if period in ("month", "quarter"):
        return f"in the quarter from {month(local)}" if period == "quarter" else f"in {month(local)}"
    named = day(local, year=False)
    if period == "hour":
        return f"on {named} at {local:%H:%M}"
    return f"on {named}" if period == "day" else f"in the {period} of {named}"


def _since_before(reading: Reading, rows: pd.DataFrame, labels: "pd.Series[str]") -> str:
    sure = rows[changed(rows)]
    if not len(sure):
        return f"{about(reading)}: no clear change in any {reading.by}"
    place: Any = (sure["value"] - sure["previous"]).abs().idxmax()
    now, before = sure.loc[place, "value"], sure.loc[place, "previous"]
    said = f"{_said(reading)[0 if now > before else 1]} {of(labels[place])}"
    return f"{said}: {reading.written(now)}, before {reading.brief(before)}"


def _said(reading: Reading) -> tuple[str, str]:
    title = about(reading)
    words = ("longer", "shorter") if reading.metric["unit"] in ("seconds", "minutes") else ("higher", "lower")
    more, less = (f"{title} is {word}" for word in words)
    return _SAID.get(reading.metric["name"], (more, less))


def _when(reading: Reading, rows: pd.DataFrame, each: Course) -> str:
    """Return the number of a period, with the period's name."""
    row = rows.loc[each.place]
    return f"{reading.written(row['value'])} {when(reading, row['period'])}"


def _size(rows: pd.DataFrame, each: Course) -> float:
    """Return how far a number lies from what is usual, in widths of its interval."""
    row = rows.loc[each.place]
    side = row["high"] - row["value"] if row["value"] < each.usual else row["value"] - row["low"]
    return float(abs(row["value"] - each.usual) / (side or 1e-9))


def _unjudged(reading: Reading, groups: dict[str, pd.DataFrame]) -> str:
    """Return the latest number of frames too short to call anything usual."""
    period = reading.metric["period"]
    few = f"fewer than {LEAST} whole {period}s with enough to compare"
    if period == "day":
        few = f"fewer than {LEAST} whole weeks to compare days"
    known = [rows[rows["complete"].astype("bool") & rows["value"].notna()] for rows in groups.values()]
    if reading.by or not known or not len(known[0]) or period == "hour":
        return reading.title if period == "hour" else f"{about(reading)}: {few}"
    row = known[0].iloc[-1]
    return f"{about(reading)}: {reading.written(row['value'])} {when(reading, row['period'])}; {few}"
