"""Metrics over random workspaces equal their restatement in plain Python, in several timezones and as clocks change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit.metrics import METRICS
from intercom_kit.zones import zone as timezone
from tests.metrics.restated import (
    MEASURES,
    SHARES,
    TEAMS,
    WHEN_WRITTEN,
    Question,
    distribution,
    label,
    labels,
    share,
    spells,
    waits,
    without_statistics,
    wrote,
)
from tests.metrics.world import Row, World

# Each zone with a day on which its clocks change, by an hour or half of one, at midnight in Cairo; India's never do.
CHANGES = {
    "Europe/Dublin": datetime(2026, 3, 29, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, tzinfo=UTC),
    "Asia/Kolkata": datetime(2026, 3, 31, tzinfo=UTC),
    "Africa/Cairo": datetime(2026, 4, 24, tzinfo=UTC),
    "Pacific/Chatham": datetime(2026, 4, 5, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 4, tzinfo=UTC),
}
EXAMPLES = 10
BY = [(), ("team",), ("tag",), ("channel", "direction"), ("tag", "team")]

offsets = st.none() | st.integers(-4_000, 400_000)


@st.composite
def conversations(draw: st.DrawFn, change: datetime) -> Row:
    """Invent a conversation some days about a change of clocks; its members need not go together."""
    created = change + timedelta(seconds=draw(st.integers(-9 * 86_400, 3 * 86_400)))

    def after() -> datetime | None:
        seconds = draw(offsets)
        return None if seconds is None else created + timedelta(seconds=seconds)

    return {
        "created_at": created,
        "updated_at": created + timedelta(days=3),  # after all of its parts
        "first_contact_reply_at": draw(st.sampled_from([created, created, None, created + timedelta(hours=30)])),
        "first_admin_reply_at": after(),
        "first_close_at": (closed := after()),
        "last_close_at": draw(st.sampled_from([closed, closed, created + timedelta(days=2), None])),
        "first_assignment_at": after(),
        "time_to_admin_reply": draw(offsets),
        "time_to_first_close": draw(offsets),
        "time_to_last_close": draw(offsets),
        "time_to_assignment": draw(offsets),
        "median_time_to_reply": draw(offsets),
        "handling_time": draw(offsets),
        "adjusted_handling_time": draw(offsets),
        "count_reopens": draw(st.sampled_from([0, 0, 1, 2, None])),
        "count_assignments": draw(st.sampled_from([0, 1, 3, None])),
        "state": draw(st.sampled_from(["open", "closed", "closed", "snoozed"])),
        "waiting_since": after(),
        "team_assignee_id": draw(st.sampled_from(["1", "2", "99", None])),
        "teammate_ids": draw(st.sampled_from([[], ["11"], ["11", "11"], ["11", "12"], None])),
        "tag_names": draw(st.sampled_from([[], ["bug"], ["bug", "bug"], ["bug", "refund"], None])),
        "source_type": draw(st.sampled_from(["email", "conversation", None])),
        "count_conversation_parts": draw(st.sampled_from([None, 3])),
        "source_author_type": draw(st.sampled_from(["user", "lead", "admin", "bot", None])),
        "source_delivered_as": draw(st.sampled_from(["customer_initiated", "automated", None])),
        "rating": draw(st.sampled_from([None, 1, 3, 4, 5, 0, 7])),
        "rating_requested_at": draw(st.sampled_from([None, created])),
        "sla_status": draw(st.sampled_from([None, "hit", "missed", "cancelled", "active"])),
        "ai_agent_participated": draw(st.sampled_from([None, True, False])),
        "ai_agent_resolution_state": draw(st.sampled_from([None, "assumed_resolution", "escalated"])),
    }


@st.composite
def parts(draw: st.DrawFn) -> Row:
    """Invent a part, so many seconds after the start of its conversation."""
    kinds = [
        "comment",
        "comment",
        "note",
        "assignment",
        "away_mode_assignment",
        "close",
        "open",
        "assign_and_reopen",
        "snoozed",
    ]
    return {
        "created_at": timedelta(seconds=draw(st.integers(-1_000, 200_000))),
        "part_type": draw(st.sampled_from(kinds)),
        "author_type": draw(st.sampled_from(["user", "lead", "admin", "admin", "bot"])),
        "body": draw(st.sampled_from(["words", "words", "", None])),
        "attachment_urls": draw(st.sampled_from([None, [], [], ["https://files.example/1"]])),
        "redacted": draw(st.sampled_from([None, False, False, True])),
    }


WORLD = World("UTC", datetime(2026, 1, 1, tzinfo=UTC))


class Invented:
    """An invented workspace, and a request to it."""

    def __init__(self, zone: str, rows: list[Row], parts: list[Row], period: str | None, by: tuple[str, ...]) -> None:
        since = CHANGES[zone] - timedelta(days=6, minutes=50)
        now = CHANGES[zone] + timedelta(days=5, hours=5)
        self.conversations = rows
        self.parts = {c["id"]: [p for p in parts if p["conversation_id"] == c["id"]] for c in rows}
        self.question = Question(since, now, timezone(zone), period, by)
        teams = [{"id": id, "name": name} for id, name in TEAMS.items()]
        self.world = WORLD
        self.world.hold(zone, now, conversations=rows, conversation_parts=parts, teams=teams)

    def answer(self, name: str, **given: Any) -> dict[tuple[Any, ...], Row]:
        """Return the rows of a metric by their period and groups, without these."""
        question = self.question
        given = {"by": question.by, "period": question.period} | given
        rows = self.world.rows(name, question.since, **given)
        groups = [each.name for each in self.world.query(name, question.since, given).request.by]
        found = {}
        for row in rows:
            period = row.pop("period", None)
            if period and question.period != "hour":
                period = period[:10]
            row.pop("complete", None)
            found[period, *(row.pop(each) for each in groups)] = row
        assert len(found) == len(rows), "a group came twice"
        return found


@st.composite
def workspaces(draw: st.DrawFn) -> Invented:
    """Invent a workspace and a question."""
    zone = draw(st.sampled_from(list(CHANGES)))
    periods = ["hour", "day", "week", "month", "quarter", None]
    rows = draw(st.lists(conversations(CHANGES[zone]), max_size=12))
    for number, row in enumerate(rows):
        row["id"] = f"c{number}"
    said = []
    for row in rows:
        for part in draw(st.lists(parts(), max_size=4)):
            part |= {
                "id": str(len(said)),
                "conversation_id": row["id"],
                "created_at": row["created_at"] + part["created_at"],
            }
            said.append(part)
    return Invented(zone, rows, said, draw(st.sampled_from(periods)), draw(st.sampled_from(BY)))


def same(found: dict[Any, Row], expected: dict[Any, Row], name: str) -> None:
    """Compare rows by key; numbers may differ by rounding."""
    assert set(found) == set(expected), name
    for key, row in expected.items():
        assert found[key] == {each: pytest.approx(value) for each, value in row.items()}, (name, key)


random = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@random
@given(workspaces())
def test_distributions(invented: Invented) -> None:
    cells = invented.question.divided(invented.conversations)
    for (name, definition), measure in MEASURES.items():
        expected = {
            key: distribution([measure(c, invented.parts[c["id"]]) for c in rows], negative=definition == "dbt")
            for key, rows in cells.items()
        }
        same(invented.answer(name, definition=definition), expected, f"{name} {definition}")


@random
@given(workspaces())
def test_every_reply_is_measured(invented: Invented) -> None:
    expected = {}
    for key, rows in invented.question.divided(invented.conversations).items():
        each = [waits(c, invented.parts[c["id"]]) or [None] for c in rows]
        expected[key] = distribution([seconds for some in each for seconds in some], negative=False)
    same(invented.answer("response_time", definition="calendar"), expected, "response_time calendar")


@random
@given(workspaces())
def test_shares(invented: Invented) -> None:
    for name, hit in SHARES.items():
        at = (wrote,) if name in WHEN_WRITTEN else ()
        cells = invented.question.divided(invented.conversations, *at)
        same(invented.answer(name), {key: share([hit(c) for c in rows]) for key, rows in cells.items()}, name)


@random
@given(workspaces())
def test_counts(invented: Invented) -> None:
    for definition, at in {"intercom": (wrote,), "calendar": ()}.items():
        cells = invented.question.divided(invented.conversations, *at)
        expected = {key: {"value": len(rows), "n": len(rows)} for key, rows in cells.items()}
        same(invented.answer("conversations", definition=definition), expected, definition)


@random
@given(workspaces())
def test_topics(invented: Invented) -> None:
    cells = invented.question.divided(invented.conversations)
    expected = {}
    for key, rows in cells.items():
        everyone = {c["id"] for (period, *_), some in cells.items() for c in some if period == key[0]}
        expected[key] = share([True] * len(rows) + [False] * (len(everyone) - len(rows)))
    found = invented.answer("topics")
    for row in found.values():
        assert (row.pop("previous"), row.pop("change")) is not None
    earlier = [c for c in invented.conversations if c["created_at"] < invented.question.now]
    groups = {group for c in earlier for group in invented.question.groups(c)}
    for key in set(found) - set(expected):  # a topic of the period before, of which there is nothing any more
        assert found.pop(key)["hits"] == 0
        assert key[1:] in groups
    same(found, expected, "topics")


@random
@given(workspaces())
def test_workload(invented: Invented) -> None:
    zone, expected = invented.question.zone, {}
    for key, rows in invented.question.divided(invented.conversations).items():
        days = {c["created_at"].astimezone(zone).date() for c in rows}
        handled = [c["handling_time"] for c in rows if (c["handling_time"] or -1) >= 0 or c["handling_time"] == 0]
        expected[key] = {
            "value": len(rows),
            "n": len(rows),
            "replied": sum(c["first_admin_reply_at"] is not None for c in rows),
            "closed": sum(c["state"] == "closed" for c in rows),
            "still_open": sum(c["state"] != "closed" for c in rows),
            "reopened": sum((c["count_reopens"] or 0) > 0 for c in rows),
            "active_days": len(days),
            "per_active_day": len(rows) / len(days) if days else None,
            "handling_time": sum(handled) if handled else None,
        }
    same(invented.answer("workload"), expected, "workload")


@random
@given(workspaces())
def test_the_previous_period_is_the_one_before(invented: Invented) -> None:
    question = invented.question
    if question.period not in ("day", "week"):
        return
    values = {key: len(rows) for key, rows in _from_before(invented).items()}
    order = list(dict.fromkeys(period for period, *_ in values))
    found = invented.answer("conversations", definition="calendar", compare="previous")
    shown = labels(question.since, question.now, question.period, question.zone)
    assert {key[0] for key in found} <= set(shown)
    for (period, *group), row in found.items():
        before = order[order.index(period) - 1]
        assert row["previous"] == values[before, *group]
        assert row["change"] == row["value"] - row["previous"]


def _from_before(invented: Invented) -> dict[tuple[Any, ...], list[Row]]:
    """Divide the conversations from one period earlier on."""
    question = invented.question
    assert question.period
    earlier, begins = question.since, label(question.since, question.period, question.zone)
    while label(earlier, question.period, question.zone) == begins:
        earlier -= timedelta(minutes=15)
    return Question(earlier, question.now, question.zone, question.period, question.by).divided(invented.conversations)


@random
@given(workspaces())
def test_the_backlog(invented: Invented) -> None:
    question = invented.question
    if question.period is None:
        return
    periods = labels(question.since, question.now, question.period, question.zone)
    # Where the last moment of a period lies is found by walking through the span.
    ends: dict[str, datetime] = {}
    moment = question.since
    while moment < question.now:
        ends[label(moment, question.period, question.zone)] = moment
        moment += timedelta(minutes=15)
    for definition in ("calendar", "parts"):
        spans: list[tuple[Any, datetime, datetime | None]] = []
        for c in invented.conversations:
            gone = max(c["last_close_at"] or c["created_at"], c["created_at"]) if c["state"] == "closed" else None
            whole = [(c["created_at"], gone)]
            there = whole if definition == "calendar" else spells(c, invented.parts[c["id"]])
            if not _closed_before(c, question):
                spans += [(group, *each) for group in question.groups(c) for each in there]
        found = {key: row["n"] for key, row in invented.answer("backlog", definition=definition).items()}
        for period in periods:
            over = ends[period]
            for group in {key[1:] for key in found}:
                here = [(came, gone) for each, came, gone in spans if each == group]
                left = [c for c, gone in here if _by(c, over, question) and not (gone and _by(gone, over, question))]
                assert found[period, *group] == len(left), (definition, period, group)


def _closed_before(c: Row, question: Question) -> bool:
    """Return whether statistics say that a conversation was closed for good before the span, whatever its parts say."""
    closed = c["last_close_at"] if c["state"] == "closed" else None
    assert question.period
    first = label(question.since, question.period, question.zone)
    return bool(closed and closed < question.since and label(closed, question.period, question.zone) != first)


def _by(moment: datetime, over: datetime, question: Question) -> bool:
    """Return whether a moment is in the period of another, or before."""
    assert question.period
    if moment >= question.now:
        return False
    here = label(moment, question.period, question.zone) == label(over, question.period, question.zone)
    return here or moment <= over


@random
@given(workspaces())
def test_who_waits_now(invented: Invented) -> None:
    question, bands = invented.question, {"under 1 hour": 0, "1 to 4 hours": 1, "4 to 24 hours": 4, "over 24 hours": 24}
    waiting: dict[tuple[Any, ...], list[float]] = {}
    for c in invented.conversations:
        if c["state"] == "open" and c["waiting_since"] is not None:
            for group in question.groups(c):
                waiting.setdefault(group, []).append((question.now - c["waiting_since"]).total_seconds())
    rows = invented.world.rows("waiting_now", question.since, by=question.by)
    assert len(rows) == 4 * len(waiting)
    for row in rows:
        low = bands[row["waiting"]] * 3600
        high = next((hours * 3600 for hours in bands.values() if hours * 3600 > low), float("inf"))
        inside = [each for each in waiting[tuple(row[name] for name in question.by)] if low <= each < high]
        assert (row["n"], row["longest"]) == (len(inside), max(inside, default=None))


@random
@given(workspaces())
def test_busiest_hours(invented: Invented) -> None:
    question = invented.question
    since, now, zone = question.since, question.now, question.zone
    quarters = [
        since + timedelta(minutes=15 * number) for number in range(int((now - since).total_seconds() / 900) + 1)
    ]
    came: dict[tuple[int, int], int] = {}
    for each in quarters:
        # The span begins and ends within quarters of an hour, which count as whole.
        local = (each - timedelta(minutes=each.minute % 15)).astimezone(zone)
        if local < now:
            came[local.isoweekday(), local.hour] = came.get((local.isoweekday(), local.hour), 0) + 1
    rows = invented.world.rows("busiest_hours", since, definition="calendar")
    inside = [c["created_at"].astimezone(zone) for c in invented.conversations if since <= c["created_at"] < now]
    assert len(rows) == (168 if inside else 0)
    for row in rows:
        n = sum((each.isoweekday(), each.hour) == (row["weekday"], row["hour"]) for each in inside)
        quarters_of_it = came.get((row["weekday"], row["hour"]), 0)
        assert row["n"] == n
        assert row["value"] == (pytest.approx(n / (quarters_of_it / 4)) if quarters_of_it else None)


@random
@given(workspaces())
def test_survival(invented: Invented) -> None:
    question = invented.question
    for name in ("first_response_survival", "time_to_close_survival"):
        found: dict[tuple[Any, ...], dict[float, float]] = {}
        for row in invented.world.rows(name, question.since, by=question.by):
            found.setdefault(tuple(row[each] for each in question.by), {})[row["seconds"]] = row["value"]
        whole = Question(question.since, question.now, question.zone, None, question.by)
        cells = {key[1:]: rows for key, rows in whole.divided(invented.conversations).items()}
        for group, rows in cells.items():
            curve = survival([life for c in rows if (life := _life(name, c, question.now))])
            for seconds, value in found.get(group, {}).items():
                assert value == pytest.approx(curve[seconds]), (name, group, seconds)
            assert min(curve.values(), default=None) == pytest.approx(min(found.get(group, {}).values(), default=None))


def _life(name: str, c: Row, now: datetime) -> tuple[float, bool] | None:
    """Return how long a conversation waited, and whether that ended; nothing where its statistics do not say."""
    done, replied = c["last_close_at"] if c["state"] == "closed" else None, None
    if name == "first_response_survival":
        replied = c["first_admin_reply_at"]
        statistics = ("last_admin_reply_at", "time_to_admin_reply", "median_time_to_reply")
        if without_statistics(c) or (not replied and any(c.get(each) is not None for each in statistics)):
            return None
    ended = replied if name == "first_response_survival" else done
    until = replied or done or (None if c["state"] == "closed" else now)
    since = wrote(c)
    return ((until - since).total_seconds(), ended is not None) if since and until else None


def survival(lives: list[tuple[float, bool]]) -> dict[float, float]:
    """Estimate by Kaplan and Meier which share is left after each time."""
    lives, left, curve = [life for life in lives if life[0] >= 0], 1.0, {}
    for seconds in sorted({seconds for seconds, _ in lives}):
        at_risk = sum(each >= seconds for each, _ in lives)
        left *= 1 - sum(each == seconds and ended for each, ended in lives) / at_risk
        curve[seconds] = left
    return curve


def test_every_metric_of_support_is_restated() -> None:
    restated = {name for name, _ in MEASURES} | set(SHARES)
    restated |= {"conversations", "topics", "workload", "backlog", "waiting_now", "busiest_hours", "new_lead_response"}
    restated |= {"first_response_survival", "time_to_close_survival"}
    restated.add("fin_sources")  # in test_sources_and_articles
    assert {name for name, metric in METRICS.items() if metric.subject.alias == "conversation"} <= restated
