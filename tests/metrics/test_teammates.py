"""How long teammates were available, and what they replied then, restated minute by minute in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit import Workspace
from intercom_kit.errors import BadMetricError
from intercom_kit.zones import zone as timezone
from tests.metrics.restated import label
from tests.metrics.test_restated import CHANGES
from tests.metrics.world import Row, World, at

MINUTE = timedelta(minutes=1)
DUBLIN = "Europe/Dublin"
WORLD = World(DUBLIN, at(DUBLIN, "2026-03-30 12:00"))
METRICS = ("available_hours", "away_share", "replies_per_available_hour")


def admin(id_: str, **more: Any) -> Row:
    return {"id": id_, "name": f"name {id_}", "team_ids": ["1"]} | more


def entry(id_: str, who: str, moment: datetime, *, away: bool) -> Row:
    kind = "admin_away_mode_change"
    return {"id": id_, "created_at": moment, "activity_type": kind, "performed_by_id": who, "away_mode": away}


@st.composite
def days(draw: st.DrawFn) -> tuple[str, str | None, list[Row], list[Row]]:
    """Invent a few days about a change of clocks: who went away and came back when, and who replied."""
    zone, change = draw(st.sampled_from(list(CHANGES.items())))
    logs, parts = [], []
    for who in draw(st.sampled_from(["a", "ab", "abc"])):
        moment = change - timedelta(days=2)
        for number in range(draw(st.integers(0, 9))):
            moment += draw(st.integers(1, 900)) * MINUTE
            away = draw(st.booleans())
            logs.append(entry(f"{who}{number}", who, moment, away=away))
            if draw(st.booleans()):  # a duplicate, some seconds before
                logs.append(entry(f"{who}{number}x", who, moment - timedelta(seconds=4), away=not away))
        for number in range(draw(st.integers(0, 5))):
            sent = change + timedelta(minutes=draw(st.integers(-3_500, 3_000)))
            parts.append({"id": f"{who}p{number}", "author_id": who, "created_at": sent})
    return zone, draw(st.sampled_from([None, "hour", "day", "week"])), logs, parts


def states(logs: list[Row], who: str) -> list[tuple[datetime, bool]]:
    """Return when a teammate's state changed, without entries that another follows within five seconds."""
    own = sorted((each["created_at"], each["away_mode"]) for each in logs if each["performed_by_id"] == who)
    later = [moment for moment, _ in own[1:]] + [datetime.max.replace(tzinfo=own[0][0].tzinfo)] if own else []
    return [each for each, following in zip(own, later, strict=True) if following - each[0] > timedelta(seconds=5)]


def minutes(zone: str, period: str | None, since: datetime, now: datetime) -> Iterator[tuple[str | None, datetime]]:
    """Walk through a span, from the beginning of its first period on."""
    local = timezone(zone)
    moment = since
    while period and label(moment - MINUTE, period, local) == label(since, period, local):
        moment -= MINUTE
    while moment < now:
        yield (label(moment, period, local) if period else None), moment
        moment += MINUTE


def restated(
    zone: str, period: str | None, logs: list[Row], parts: list[Row], since: datetime, now: datetime
) -> dict[tuple[str | None, str], list[float]]:
    """Return the hours available, away and unknown and the replies, by period and teammate."""
    found: dict[tuple[str | None, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    span = list(minutes(zone, period, since, now))
    for who in "abc":
        own = states([each for each in logs if span[0][1] <= each["created_at"] < now], who)
        sent = Counter(each["created_at"] for each in parts if each["author_id"] == who)
        for name, moment in span:
            cell = found[name, f"name {who}"]
            known = [away for changed, away in own if changed <= moment]
            cell[2 if not known else 1 if known[-1] else 0] += 1 / 60
            cell[3] += sent[moment] if known else 0
    return found


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(days())
def test_random_days_of_teammates(invented: tuple[str, str | None, list[Row], list[Row]]) -> None:
    zone, period, logs, parts = invented
    since, now = CHANGES[zone] - timedelta(hours=30), CHANGES[zone] + timedelta(hours=30)
    talk = {"id": "1", "created_at": since - timedelta(days=9), "updated_at": now}
    said = {"conversation_id": "1", "part_type": "comment", "author_type": "admin", "body": "Hello"}
    WORLD.hold(
        zone,
        now,
        admins=[admin(who) for who in "cab"],
        activity_logs=logs,
        conversations=[talk],
        conversation_parts=[said | each for each in parts],
    )
    expected = restated(zone, period, logs, parts, since, now)
    for name in METRICS:
        rows = WORLD.rows(name, since, period=period)
        assert len(rows) == len(expected)
        assert [row["teammate"] for row in rows][:3] == ["name a", "name b", "name c"]
        for row in rows:
            moment = row.get("period")
            key = moment if moment is None or period == "hour" else moment[:10]
            available, away, unknown, replies = expected[key, row["teammate"]]
            known = available + away > 0
            assert row["unknown"] == pytest.approx(unknown, abs=1e-5)
            assert (row["available"], row["away"]) == (
                (pytest.approx(available), pytest.approx(away)) if known else (None, None)
            )
            assert row["n"] == known
            value = {"available_hours": available, "away_share": away / (available + away) if known else None}
            value["replies_per_available_hour"] = replies / available if available else None
            assert row["value"] == (pytest.approx(value[name]) if known and value[name] is not None else None), name


def test_a_group_adds_up_its_teammates_and_says_of_how_many_it_knows() -> None:
    logs = [
        entry("1", "a", at(DUBLIN, "2026-03-27 09:00"), away=False),
        entry("2", "a", at(DUBLIN, "2026-03-27 17:00"), away=True),
        entry("3", "b", at(DUBLIN, "2026-03-27 12:00"), away=False),
    ]
    team = {"id": "1", "name": "Billing"}
    admins = [admin("a"), admin("b"), admin("c", team_ids=["2"])]
    now = at(DUBLIN, "2026-03-28 00:00")
    WORLD.hold(DUBLIN, now, admins=admins, activity_logs=logs, teams=[team])
    rows = WORLD.rows("available_hours", at(DUBLIN, "2026-03-27 00:00"), by="team")
    assert [(row["team"], row["value"], row["n"], row["away"], row["unknown"]) for row in rows] == [
        ("2", None, 0, None, 24),
        ("Billing", 8 + 12, 2, 7, 9 + 12),
    ]


def test_other_entries_and_those_that_say_nothing_do_not_count() -> None:
    login = entry("1", "a", at(DUBLIN, "2026-03-27 09:00"), away=False) | {"activity_type": "admin_login_success"}
    silent = entry("2", "a", at(DUBLIN, "2026-03-27 10:00"), away=False) | {"away_mode": None}
    WORLD.hold(DUBLIN, at(DUBLIN, "2026-03-28 00:00"), admins=[admin("a")], activity_logs=[login, silent])
    (row,) = WORLD.rows("available_hours", at(DUBLIN, "2026-03-27 00:00"))
    assert (row["value"], row["n"], row["unknown"]) == (None, 0, 24)


def test_hours_agree_with_the_periods_away_that_the_verb_lists(ws: Workspace) -> None:
    since, until = "2026-11-02", "2026-11-08"  # a week, that day included
    away = ws.away_periods(since, until)
    known = away[away["began"].notna()].assign(ended=lambda frame: frame["ended"].fillna(away["ended"].max()))
    frame = ws.metric("available_hours", by="id", since=since, until=until).set_index("id")
    for who, own in known.groupby("admin_id"):
        closed = own.iloc[:-1]  # the last one may go on
        hours = (closed["ended"] - closed["began"]).dt.total_seconds().sum() / 3600
        assert frame.loc[who, "away"] >= hours - 1e-6
    whole = frame[["available", "away", "unknown"]].sum(axis=1)
    assert (whole - 7 * 24).abs().max() < 1e-4


def test_what_is_unknown_is_said(ws: Workspace) -> None:
    told = ws.metric("away_share", since="2026-11-02").attrs["intercom"]["metric"]
    assert any("before their first change in the span is unknown" in note for note in told["notes"])
    assert any("Available is not at work" in note for note in told["notes"])


def test_replies_cost_a_request_for_each_conversation_that_changed_in_the_span(ws: Workspace) -> None:
    frame = ws.metric("replies_per_available_hour", since="2026-11-18", fresh="refetch")
    assert frame["teammate"].tolist() == sorted(frame["teammate"])
    assert frame["replies"].sum() > 0
    with pytest.raises(BadMetricError, match="cannot be compared"):
        ws.metric("replies_per_available_hour", compare="previous")
