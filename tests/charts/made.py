"""Frames as `ws.metric` gives them, written by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

ZONE = ZoneInfo("Europe/Dublin")
SINCE, UNTIL = datetime(2026, 11, 2, tzinfo=ZONE), datetime(2026, 11, 23, 21, tzinfo=ZONE)
NONE = float("nan")
WEEKS = [pd.Timestamp(day, tz="Europe/Dublin") for day in ("2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23")]


def frame(
    name: str,
    columns: Mapping[str, Sequence[Any]],
    *,
    by: Sequence[str] = (),
    period: str | None = None,
    complete: bool = True,
    **told: Any,
) -> pd.DataFrame:
    """Make the frame of a metric, with what it says of itself."""
    made = pd.DataFrame(dict(columns))
    for column in ("n", "hits"):
        if column in made:
            made[column] = made[column].astype("Int64")
    metric = {
        "name": name,
        "title": "Something measured",
        "definition": "intercom",
        "text": "What it means.",
        "source": "the handbook",
        "unit": "conversations",
        "hours": "no durations",
        "timezone": "Europe/Dublin",
        "since": SINCE.isoformat(),
        "until": UNTIL.isoformat(),
        "period": period,
        "by": list(by),
        "denominator": "conversations of some kind",
        "rows": int(made["n"].sum()) if "n" in made else len(made),
        "left_out": {"not answered": 4},
        "notes": [],
        "filters": {},
    }
    why = "" if complete else "3 contacts could not be asked"
    receipt = {"complete": complete, "why": why, "at": datetime(2026, 11, 23, 21, tzinfo=UTC).isoformat()}
    made.attrs["intercom"] = {**receipt, "metric": metric | told}
    return made


def over_weeks(**columns: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return columns over four weeks, of which the last is not over."""
    return {"period": WEEKS, "complete": [True, True, True, False], **columns}


HOURS = frame(
    "busiest_hours",
    {
        "weekday": [day for day in range(1, 8) for _ in range(24)],
        "hour": list(range(24)) * 7,
        "value": [day * 100 + hour for day in range(1, 8) for hour in range(24)],
        "n": [1] * 168,
    },
)
CHANNELS = frame(
    "conversations",
    {
        "period": [week for week in WEEKS for _ in range(2)],
        "complete": [True] * 6 + [False] * 2,
        "channel": ["email", None] * 4,
        "value": [10.0, 3.0, 12.0, 2.0, 9.0, 1.0, 4.0, 0.0],
        "n": [10, 3, 12, 2, 9, 1, 4, 0],
    },
    by=["channel"],
    period="week",
)
BACKLOG = frame(
    "backlog", over_weeks(value=[40.0, 44.0, 41.0, 47.0], n=[40, 44, 41, 47]), period="week", title="Backlog"
)
WAITS = frame(
    "first_response_time",
    over_weeks(
        value=[600.0, 1200.0, float("nan"), 900.0],
        n=[20, 5, 0, 30],
        low=[300.0, 600.0, float("nan"), 600.0],
        high=[900.0, 3600.0, float("nan"), 1200.0],
        p75=[1200.0, 2400.0, float("nan"), 1800.0],
        p90=[3000.0, 3600.0, float("nan"), 2400.0],
    ),
    period="week",
    unit="seconds",
    hours="office hours, as Intercom counts them",
)
CURVE = {
    "seconds": [60.0, 600.0, 3600.0, 86_400.0],
    "value": [1.0, 0.8, 0.5, 0.1],
    "n": [50] * 4,
    "low": [float("nan"), 0.7, 0.4, 0.05],
    "high": [float("nan"), 0.9, 0.6, 0.2],
    "median": [3600.0] * 4,
}
FIRST_RESPONSES = frame("first_response_survival", CURVE, title="Waiting for a first response")
CLOSINGS = frame("time_to_close_survival", CURVE, title="Still open")
WAITING = frame(
    "waiting_now",
    {
        "team": ["Billing", "Support", None] * 4,
        "waiting": [
            *["under 1 hour"] * 3,
            *["1 to 4 hours"] * 3,
            *["4 to 24 hours"] * 3,
            *["over 24 hours"] * 3,
        ],
        "value": [5.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0],
        "n": [5, 1, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0],
        "longest": [1320.0, 600.0, NONE, NONE, NONE, NONE, NONE, 40_866.0, NONE, NONE, 180_000.0, NONE],
    },
    by=["team"],
    title="Waiting now",
    hours="calendar time, around the clock",
)
RATINGS = frame(
    "csat",
    {
        "team": ["Billing", "Support", None],
        "value": [0.5, 0.9, float("nan")],
        "n": [4, 40, 0],
        "hits": [2, 36, 0],
        "low": [0.15, 0.77, float("nan")],
        "high": [0.85, 0.96, float("nan")],
    },
    by=["team"],
    unit="share",
)
TOPICS = frame(
    "topics",
    {
        "tag": ["bug", "billing", None],
        "value": [0.2, 0.1, 0.7],
        "n": [400] * 3,
        "hits": [80, 40, 280],
        "low": [0.16, 0.07, 0.65],
        "high": [0.24, 0.13, 0.74],
        "previous": [0.1, 0.12, 0.78],
        "change": [0.1, -0.02, -0.08],
    },
    by=["tag"],
    unit="share",
)
WORK = frame(
    "workload",
    {
        "participant": ["Ann", "Bo"],
        "value": [10.0, 20.0],
        "n": [10, 20],
        "closed": [9, 15],
        "still_open": [1, 5],
        "per_active_day": [2.0, 2.5],
    },
    by=["participant"],
)
COHORTS = frame(
    "retention",
    {
        "period": [WEEKS[1], WEEKS[1], WEEKS[1], WEEKS[2], WEEKS[2]],
        "complete": [True, True, False, True, False],
        "age": [0, 1, 2, 0, 1],
        "value": [1.0, 0.5, float("nan"), 0.25, float("nan")],
        "n": [20, 20, 20, 4, 4],
    },
    period="week",
    unit="share",
)
DAYS = frame(
    "active_days",
    {
        "days": [0, 1, 2],
        "value": [0.5, 0.3, 0.2],
        "n": [100] * 3,
        "hits": [50, 30, 20],
        "low": [0.4, 0.22, 0.13],
        "high": [0.6, 0.4, 0.29],
    },
)
STAGES = frame(
    "lifecycle",
    {
        "period": [week for week in WEEKS[2:] for _ in range(4)],
        "complete": [True] * 4 + [False] * 4,
        "stage": ["dormant", "new", "resurrected", "returning"] * 2,
        "value": [4.0, 1.0, 2.0, 6.0, 7.0, 0.0, 1.0, 2.0],
        "n": [4, 1, 2, 6, 7, 0, 1, 2],
    },
    period="week",
)
STEPS = frame(
    "funnel",
    {
        "step": [1, 2, 3],
        "event": ["logged-in", "created-<project>", "invited-friend"],
        "value": [1.0, 0.5, 0.1],
        "n": [40] * 3,
        "hits": [40, 20, 4],
        "low": [0.91, 0.35, 0.04],
        "high": [1.0, 0.65, 0.23],
        "of_previous": [float("nan"), 0.5, 0.2],
    },
)
COMPANIES = frame(
    "company_activity",
    {
        "company": ["Acme", "Zed"],
        "value": [0.5, 0.0],
        "n": [4, 8],
        "hits": [2, 0],
        "last_active_at": pd.to_datetime(["2026-11-20 23:30", None], utc=True),
    },
    by=["company"],
)
TREND = frame(
    "active_contacts",
    {
        "period": [week for week in WEEKS for _ in range(2)],
        "complete": [True] * 6 + [False] * 2,
        "company": ["Acme", "Zed"] * 4,
        "value": [0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 1.0, 0.0],
        "n": [0, 0, 1, 0, 2, 0, 1, 0],
    },
    by=["company"],
    period="week",
)
CONTACT_RATE = frame(
    "contact_rate",
    over_weeks(value=[20.0, 30.0, 25.0, 12.5], n=[200, 100, 80, 80], conversations=[40, 30, 20, 10]),
    period="week",
    title="Contact rate",
    unit="conversations per 100 active contacts",
    rows=240,
)
STICKINESS = frame(
    "stickiness",
    over_weeks(value=[0.2, 0.25, 0.3, 0.1], n=[100] * 4, daily=[20, 25, 30, 10]),
    period="day",
    unit="share",
)
ADOPTION = frame(
    "feature_adoption",
    {
        "event": ["logged-in", "invited-friend"],
        "value": [0.9, 0.2],
        "n": [50, 50],
        "hits": [45, 10],
        "low": [0.79, 0.11],
        "high": [0.96, 0.33],
    },
    title="Feature adoption",
    unit="share",
)
LOAD = frame(
    "support_load",
    {
        "plan": ["Enterprise", "Starter", "Free"],
        "value": [7.5, 1.0, 0.25],
        "n": [8, 30, 20],
        "conversations": [60, 30, 5],
        "monthly_spend": [9000.0, 1000.0, 0.0],
        "per_1000_spend": [60 / 9, 30.0, float("nan")],
    },
    by=["plan"],
    title="Support load",
    unit="conversations per company",
    hours="office hours, as Intercom counts them",
)
HEALTH = frame(
    "account_health",
    {
        "company": ["Acme", "Zed", "Big", "Who"],
        "value": [85.0, 20.0, 20.0, float("nan")],
        "band": ["green", "red", "red", None],
        "n": [4, 8, 9, 0],
        "monthly_spend": [100.0, 10.0, 900.0, 0.0],
        "usage": [0.9, 0.1, 0.2, float("nan")],
        "engagement": [1.0, 0.2, 0.2, float("nan")],
        "support": [0.5, float("nan"), 0.3, float("nan")],
        "outcome": [1.0, float("nan"), 0.0, float("nan")],
    },
    by=["company"],
)
