"""The report of a check as text for a terminal, at most 100 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import pandas as pd

from intercom_kit.api.behaviours import registry
from intercom_kit.doctor.questions import ANSWERS, WITHOUT_PLAN, WITHOUT_SCOPE
from intercom_kit.doctor.results import UNREADABLE

WIDTH = 100
_HEADS = ("", "documented", "measured by others", "this workspace")
_NAME = 28  # letters of an endpoint beside its state; below longer ones the state has its own line
_INDENT = " " * (_NAME + 2)
_WIDTHS = (14, 22, 22, 34)  # with two spaces before each


def printed(report: pd.DataFrame) -> str:
    """Return the report as text."""
    facts = report.attrs["doctor"]
    parts, reports = _endpoints(facts["endpoints"]), _datasets(facts["datasets"])
    blocks = [*_summary(facts), parts, reports, *_behaviours(report), _untried(report)]
    return "\n\n".join(filter(None, blocks))


def _summary(facts: dict[str, Any]) -> Iterator[str]:
    requested, answered = facts["api_version"]["asked"], facts["api_version"]["answered"] or "unknown"
    limit = f"{facts['rate_limit']:,} requests" if facts["rate_limit"] else "unknown"
    median, longest = facts["seconds"]["median"], facts["seconds"]["max"]
    yield _filled(
        f"Checked with {facts['requests']} requests of {facts['at_most']} at most. Nothing was changed. Findings "
        "are stored for a week with the workspace's profile, if it has one."
    )
    lines = [
        f"Region             {facts['region'] or 'unknown'}, at {_host(facts['host'])}",
        f"API version        asked for {requested}, answered by {answered}",
        f"Rate limit         {limit} in ten seconds",
    ]
    if median is not None:
        lines.append(f"Time to an answer  median {_milliseconds(median)}, longest {_milliseconds(longest)}")
    yield "\n".join(lines)


def _host(host: str) -> str:
    return "another address than Intercom's (a sandbox or a proxy)" if host == "another" else host


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _endpoints(endpoints: list[dict[str, Any]]) -> str:
    """Return the endpoints with their states, and how to allow those that are refused."""
    lines = ["Parts of the API"]
    for each in endpoints:
        remedy = ""
        if each["state"] == WITHOUT_SCOPE:
            remedy = f": tick “{each['permission']}” in the Developer Hub"
        elif each["state"] == WITHOUT_PLAN:
            remedy = ": Intercom answers api_plan_restricted"
        elif each["state"] != ANSWERS and each["statuses"]:
            remedy = f" ({', '.join(map(str, each['statuses']))})"
        name = f"  {each['endpoint']:<{_NAME}}" if len(each["endpoint"]) < _NAME else f"  {each['endpoint']}\n{_INDENT}"
        lines.append(f"{name}{each['state']}{remedy}")
    return "\n".join(lines)


def _datasets(datasets: list[str]) -> str:
    """Return which reports can be exported; empty if none can."""
    return _filled(f"Reports that prove() can use: {', '.join(datasets)}") if datasets else ""


def _behaviours(report: pd.DataFrame) -> Iterator[str]:
    """Yield a block per tested behaviour: the question, a row per type of object, and what depends on it."""
    for name, rows in report.groupby("behaviour", sort=False):
        behaviour = registry()[str(name)]
        if behaviour.name in UNREADABLE:
            continue
        lines = [_filled(f"{behaviour.name}: {behaviour.question}"), *_cells(_HEADS)]
        for row in rows.to_dict("records"):
            found = row["found"] if isinstance(row["found"], str) else ""
            here = "; ".join(filter(None, [found, row["note"]]))
            lines += _cells((row["object"] or "all", row["documented"], row["measured"] or "nothing", here))
        lines.append(_filled(behaviour.matters, "  "))
        yield "\n".join(lines)


def _cells(texts: Sequence[str]) -> list[str]:
    """Return the lines of one table row, with long texts wrapped."""
    wrapped = [textwrap.wrap(text, width) or [""] for text, width in zip(texts, _WIDTHS, strict=True)]
    lines = zip_longest(*wrapped, fillvalue="")
    return ["".join(f"  {part:<{width}}" for part, width in zip(line, _WIDTHS, strict=True)).rstrip() for line in lines]


def _untried(report: pd.DataFrame) -> str:
    """Return the block of behaviours that reading cannot show."""
    rows = report[report["behaviour"].isin(list(UNREADABLE))].to_dict("records")
    lines = ["What reading does not show"]
    for row in rows:
        note = str(row["note"]).removeprefix("not tried: ")
        lines.append(textwrap.fill(note, WIDTH, initial_indent=f"  {row['behaviour']:<20}", subsequent_indent=" " * 22))
    return "\n".join(lines)


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
