"""The metrics restated in plain Python, from their definitions and not from their SQL: slow, and easy to believe."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

from tests.metrics.world import Row

Parts = list[Row]


def label(moment: datetime, period: str, zone: ZoneInfo) -> str:
    """Name the period of a moment by the clock on the wall: a date, or for hours a time with its offset."""
    local = moment.astimezone(zone)
    if period == "hour":
        return hour(moment, zone).isoformat()
    day = local.date()
    first = {
        "day": day,
        "week": day - timedelta(days=day.isoweekday() - 1),
        "month": day.replace(day=1),
        "quarter": day.replace(month={0: 1, 1: 4, 2: 7, 3: 10}[(day.month - 1) // 3], day=1),
    }
    return first[period].isoformat()


def hour(moment: datetime, zone: ZoneInfo) -> datetime:
    """Walk back to when the clock last showed the full hour; where it leapt over that, to the first quarter after."""
    at = moment.astimezone(UTC)
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    back = [(quarter - number * timedelta(minutes=15)).astimezone(zone) for number in range(9)]
    inside = [each for each in back if each.hour == back[0].hour]
    return next((each for each in inside if each.minute == 0), inside[-1])


def labels(since: datetime, until: datetime, period: str, zone: ZoneInfo) -> list[str]:
    """Name every period from one moment up to another."""
    moments = [since]
    while moments[-1] + timedelta(minutes=15) < until:
        moments.append(moments[-1] + timedelta(minutes=15))
    return list(dict.fromkeys(label(each, period, zone) for each in [*moments, until - timedelta(seconds=1)]))


TEAMS = {"1": "Billing", "2": "Technical"}

GROUPS: dict[str, Callable[[Row], list[Any]]] = {
    "team": lambda c: [TEAMS.get(c["team_assignee_id"], c["team_assignee_id"])],
    "channel": lambda c: [c["source_type"]],
    "tag": lambda c: list(dict.fromkeys(c["tag_names"] or [])) or [None],
    "direction": lambda c: [
        None
        if c["source_delivered_as"] is None
        else "inbound"
        if c["source_delivered_as"] == "customer_initiated"
        else "outbound"
    ],
}


def between(earlier: datetime | None, later: datetime | None) -> float | None:
    return None if earlier is None or later is None else (later - earlier).total_seconds()


def first(moments: Iterable[datetime]) -> datetime | None:
    return min(moments, default=None)


def last(moments: Iterable[datetime]) -> datetime | None:
    return max(moments, default=None)


def minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 60, 2)


# --- dbt_intercom's intermediate tables, one rule a line -------------------------------------------------------------


def contact_comments(parts: Parts) -> list[datetime]:
    return [p["created_at"] for p in parts if p["part_type"] == "comment" and p["author_type"] in ("user", "lead")]


def admin_responses(parts: Parts) -> list[datetime]:
    """Of bodies the warehouse has none where they are empty."""
    kinds = ("comment", "assignment")
    return [p["created_at"] for p in parts if p["part_type"] in kinds and p["author_type"] == "admin" and p["body"]]


def of_type(parts: Parts, word: str) -> list[datetime]:
    return [p["created_at"] for p in parts if word in p["part_type"]]


def closes(parts: Parts) -> list[datetime]:
    return [p["created_at"] for p in parts if p["part_type"] == "close"]


# --- what customers see ----------------------------------------------------------------------------------------------


def says_something(p: Row) -> bool:
    """A text, a file, or what was there before somebody removed it."""
    return bool(p["body"] or p["attachment_urls"] or p["redacted"])


def visible_reply(p: Row) -> bool:
    return bool(p["author_type"] == "admin" and says_something(p) and not p["part_type"].startswith("note"))


def opened_by_customer(c: Row) -> bool:
    return c["source_delivered_as"] == "customer_initiated" or c["source_author_type"] in ("user", "lead", "contact")


def wrote(c: Row) -> datetime | None:
    """When the customer first wrote: as statistics say, else with the opening message, if it is theirs."""
    return c["first_contact_reply_at"] or (c["created_at"] if opened_by_customer(c) else None)


def without_statistics(c: Row) -> bool:
    counts = ("count_conversation_parts", "count_reopens", "count_assignments")
    moments = ("first_contact_reply_at", "first_admin_reply_at", "first_close_at", "last_close_at")
    return all(c[name] is None for name in (*counts, *moments))


def waited(c: Row, parts: Parts) -> list[tuple[datetime, datetime]]:
    """Walk through a conversation, and note since when each answered customer had waited, and until when."""
    said = [(p["created_at"], 1) for p in parts if visible_reply(p)]
    said += [(p["created_at"], 0) for p in parts if p["author_type"] in ("user", "lead") and says_something(p)]
    if opened_by_customer(c):
        said.append((c["created_at"], 0))
    waiting, found = None, []
    for moment, reply in sorted(said):
        if not reply:
            waiting = waiting or moment
        elif waiting is not None:
            found.append((waiting, moment))
            waiting = None
    return found


def waits(c: Row, parts: Parts) -> list[float]:
    """Return how long each answered customer had waited."""
    return [(until - since).total_seconds() for since, until in waited(c, parts)]


def spells(c: Row, parts: Parts) -> list[tuple[datetime, datetime | None]]:
    """Walk through a conversation, and note when it was there, and until when."""
    happened = sorted((max(p["created_at"], c["created_at"]), int(p["id"]), p["part_type"]) for p in parts)
    came, found = c["created_at"], []
    for moment, _, kind in happened:
        if kind == "close" and came:
            found.append((came, moment))
            came = None
        elif kind in ("open", "assign_and_reopen", "snoozed"):
            came = came or moment
    if came:
        found.append((came, max(c["last_close_at"] or came, came) if c["state"] == "closed" else None))
    return found


Measure = Callable[[Row, Parts], Any]

MEASURES: dict[tuple[str, str], Measure] = {
    ("first_response_time", "intercom"): lambda c, _: c["time_to_admin_reply"],
    ("first_response_time", "calendar"): lambda c, _: between(wrote(c), c["first_admin_reply_at"]),
    ("first_response_time", "dbt"): lambda c, p: minutes(between(c["created_at"], first(admin_responses(p)))),
    ("time_to_first_close", "intercom"): lambda c, _: c["time_to_first_close"],
    ("time_to_first_close", "calendar"): lambda c, _: between(wrote(c), c["first_close_at"]),
    ("time_to_first_close", "dbt"): lambda _, p: minutes(between(first(contact_comments(p)), first(closes(p)))),
    ("time_to_close", "intercom"): lambda c, _: c["time_to_last_close"],
    ("time_to_close", "calendar"): lambda c, _: between(wrote(c), c["last_close_at"]),
    ("time_to_close", "dbt"): lambda _, p: minutes(between(first(contact_comments(p)), last(closes(p)))),
    ("time_to_assignment", "intercom"): lambda c, _: c["time_to_assignment"],
    ("time_to_assignment", "calendar"): lambda c, _: between(wrote(c), c["first_assignment_at"]),
    ("time_to_assignment", "dbt"): lambda c, p: minutes(between(c["created_at"], first(of_type(p, "assignment")))),
    ("handling_time", "intercom"): lambda c, _: c["handling_time"],
    ("handling_time", "adjusted"): lambda c, _: c["adjusted_handling_time"],
    ("response_time", "intercom"): lambda c, _: c["median_time_to_reply"],
    ("replies_to_resolve", "calendar"): lambda c, p: sum(map(visible_reply, p)) if c["state"] == "closed" else None,
    ("reopens", "intercom"): lambda c, _: c["count_reopens"],
    ("reopens", "dbt"): lambda _, p: sum(each["part_type"] == "open" for each in p),
    ("assignments", "intercom"): lambda c, _: c["count_assignments"],
    ("assignments", "dbt"): lambda _, p: len(of_type(p, "assignment")),
}


def rated(c: Row) -> bool:
    return c["rating"] in (1, 2, 3, 4, 5)


def resolved(c: Row) -> bool:
    return bool(
        c["ai_agent_participated"] and c["ai_agent_resolution_state"] in ("confirmed_resolution", "assumed_resolution")
    )


def closed_once(c: Row) -> bool | None:
    """Not told where the last close is missing, and nothing else says no."""
    by_one = c["state"] == "closed" and not c["count_reopens"] and len(set(c["teammate_ids"] or [])) == 1
    return (by_one and c["first_close_at"] == c["last_close_at"]) if c["last_close_at"] or not by_one else None


SHARES: dict[str, Callable[[Row], bool | None]] = {
    "csat": lambda c: c["rating"] >= 4 if rated(c) else None,
    "rating_response_rate": lambda c: rated(c) if c["rating_requested_at"] else None,
    "reopen_rate": lambda c: c["count_reopens"] > 0 if c["first_close_at"] and c["count_reopens"] is not None else None,
    "closed_on_first_contact": lambda c: closed_once(c) if c["first_close_at"] else None,
    "sla_hit_rate": lambda c: c["sla_status"] == "hit" if c["sla_status"] in ("hit", "missed") else None,
    "fin_involvement": lambda c: bool(c["ai_agent_participated"]),
    "fin_resolution": lambda c: resolved(c) if c["ai_agent_participated"] else None,
    "fin_automation": resolved,
}

# These count when the customer first wrote, all others when the conversation began.
WHEN_WRITTEN = {"fin_involvement", "fin_resolution", "fin_automation"}


def percentile(values: list[float], share: float) -> float:
    """Interpolate between the two values next to a place in the order."""
    place = share * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def distribution(values: list[float | None], *, negative: bool) -> Row:
    """Sum up what was measured of one group."""
    kept = sorted(float(value) for value in values if value is not None and (negative or value >= 0))
    n = len(kept)
    away = 1.959963984540054 * math.sqrt(n) / 2
    low, high = round(n / 2 - away), round(n / 2 + 1 + away)
    return {
        "value": median(kept) if kept else None,
        "n": n,
        "total": len(values),
        "low": kept[low - 1] if low >= 1 else None,
        "high": kept[high - 1] if low >= 1 else None,
        "p25": percentile(kept, 0.25) if kept else None,
        "p75": percentile(kept, 0.75) if kept else None,
        "p90": percentile(kept, 0.9) if kept else None,
        "mean": fmean(kept) if kept else None,
    }


def share(values: list[bool | None]) -> Row:
    """Sum up what is true of one group."""
    kept = [value for value in values if value is not None]
    n, hits = len(kept), sum(kept)
    if not n:
        return {"value": None, "n": 0, "hits": 0, "low": None, "high": None}
    z, p = 1.959963984540054, hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return {"value": p, "n": n, "hits": hits, "low": max(centre - half, 0), "high": min(centre + half, 1)}


@dataclass(frozen=True)
class Question:
    """What is asked: a span, a period and groups."""

    since: datetime
    now: datetime
    zone: ZoneInfo
    period: str | None
    by: tuple[str, ...]

    def groups(self, c: Row) -> list[tuple[Any, ...]]:
        """Return the groups that a conversation is in."""
        found: list[tuple[Any, ...]] = [()]
        for name in self.by:
            found = [(*some, each) for some in found for each in GROUPS[name](c)]
        return found

    def divided(
        self, conversations: list[Row], at: Callable[[Row], datetime | None] = lambda c: c["created_at"]
    ) -> dict[tuple[Any, ...], list[Row]]:
        """Put conversations under their period and groups; every group is there in every period."""
        periods = labels(self.since, self.now, self.period, self.zone) if self.period else [None]
        placed = []
        for c in conversations:
            moment = at(c)
            if moment is None or moment >= self.now:
                continue
            place = label(moment, self.period, self.zone) if self.period else None
            if place in periods and (self.period or moment >= self.since):
                placed += [((place, *group), c) for group in self.groups(c)]
        groups = dict.fromkeys(key[1:] for key, _ in placed)
        cells: dict[tuple[Any, ...], list[Row]] = {(period, *group): [] for period in periods for group in groups}
        for key, c in placed:
            cells[key].append(c)
        return cells
