"""The timezone of a report's local times: the one in which they are moments that the API knows, too."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from intercom_kit.reports.report import ID, MOMENT, Report
from intercom_kit.zones import zone

# The columns of our rows that may be the moments of a report's.
KNOWN = (
    "created_at",
    "first_contact_reply_at",
    "first_admin_reply_at",
    "first_close_at",
    "last_close_at",
    "rating_requested_at",
)
_UTC = "UTC"


def calibrate(report: Report, context: pd.DataFrame, workspace: ZoneInfo) -> None:
    """Turn a report's local times into instants; without a moment that both know they stay as they are.

    The zone is the workspace's or UTC, whichever makes more of the moments agree (UNCONFIRMED [report-zone]).
    """
    if report.has_zone or MOMENT not in report.rows or report.rows.empty:
        return
    moments = _moments(context)
    candidates: list[tuple[str, tzinfo]] = [(workspace.key, workspace), (_UTC, zone(_UTC))]
    tried = [(name, _as_instants(report.rows[MOMENT], timezone)) for name, timezone in candidates]
    agreeing = [_agreeing(report.rows[ID], found, moments) for _, found in tried]
    if not max(agreeing):
        report.notes.append("The timezone of its times is unknown, since none of them is known here.")
        return
    best = agreeing.index(max(agreeing))
    name, found = tried[best]
    report.rows[MOMENT] = found
    report.notes.append(f"Its times are in {name}, as {agreeing[best]:,} of {len(found):,} known moments show.")


def _moments(context: pd.DataFrame) -> set[tuple[str, datetime]]:
    """Return the known moments, each with its conversation."""
    found = set()
    for name in KNOWN:
        if name in context:
            pairs = context[[ID, name]].dropna()
            found |= set(zip(pairs[ID], pairs[name].dt.floor("s"), strict=True))
    return found


def _as_instants(moments: "pd.Series[Any]", timezone: tzinfo) -> "pd.Series[Any]":
    first = [True] * len(moments)
    local: pd.Series[Any] = moments.dt.tz_localize(timezone, ambiguous=first, nonexistent="NaT").dt.tz_convert("UTC")
    return local


def _agreeing(ids: Iterable[str], moments: Iterable[datetime], known: set[tuple[str, datetime]]) -> int:
    return sum(pair in known for pair in zip(ids, moments, strict=True))
