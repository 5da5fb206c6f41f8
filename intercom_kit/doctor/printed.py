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
_WIDTHS = (14, 22, 22, 34)  # with two spaces before each


def printed(report: pd.DataFrame) -> str:
    """Return the whole report."""
    seen = report.attrs["doctor"]
    blocks = [*_summary(seen), _endpoints(seen["endpoints"]), *_behaviours(report), _untried(report)]
    return "\n\n".join(filter(None, blocks))


def _summary(seen: dict[str, Any]) -> Iterator[str]:
    asked, answered = seen["api_version"]["asked"], seen["api_version"]["answered"] or "unknown"
    limit = f"{seen['rate_limit']:,} requests" if seen["rate_limit"] else "unknown"
    median, longest = seen["seconds"]["median"], seen["seconds"]["max"]
    yield _filled(
        f"Checked with {seen['requests']} requests of {seen['at_most']} at most. Nothing was changed. What was found "
        "is remembered for a week where the workspace is a stored profile."
    )
    facts = [
        f"Region             {seen['region'] or 'unknown'}, at {_host(seen['host'])}",
        f"API version        asked for {asked}, answered by {answered}",
        f"Rate limit         {limit} in ten seconds",
    ]
    if median is not None:
        facts.append(f"Time to an answer  median {_milliseconds(median)}, longest {_milliseconds(longest)}")
    yield "\n".join(facts)


def _host(host: str) -> str:
    return "another address than Intercom's (a sandbox or a proxy)" if host == "another" else host


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _endpoints(endpoints: list[dict[str, Any]]) -> str:
    """List the parts of the API, and what the token may not ask for."""
    lines = ["Parts of the API"]
    for each in endpoints:
        remedy = ""
        if each["state"] == WITHOUT_SCOPE:
            remedy = f": tick “{each['permission']}” in the Developer Hub"
        elif each["state"] == WITHOUT_PLAN:
            remedy = ": Intercom answers api_plan_restricted"
        elif each["state"] != ANSWERS and each["statuses"]:
            remedy = f" ({', '.join(map(str, each['statuses']))})"
        lines.append(f"  {each['endpoint']:<28}{each['state']}{remedy}")
    return "\n".join(lines)


def _behaviours(report: pd.DataFrame) -> Iterator[str]:
    """Show each behaviour that was tried: the question, a line per kind of object, and what depends on it."""
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
    """Lay one row of the table out, wrapping what is longer than its column."""
    wrapped = [textwrap.wrap(text, width) or [""] for text, width in zip(texts, _WIDTHS, strict=True)]
    lines = zip_longest(*wrapped, fillvalue="")
    return ["".join(f"  {part:<{width}}" for part, width in zip(line, _WIDTHS, strict=True)).rstrip() for line in lines]


def _untried(report: pd.DataFrame) -> str:
    """List what is not found out by reading."""
    rows = report[report["behaviour"].isin(list(UNREADABLE))].to_dict("records")
    lines = ["What reading does not show"]
    for row in rows:
        note = str(row["note"]).removeprefix("not tried: ")
        lines.append(textwrap.fill(note, WIDTH, initial_indent=f"  {row['behaviour']:<20}", subsequent_indent=" " * 22))
    return "\n".join(lines)


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
