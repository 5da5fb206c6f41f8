"""Durations in office hours of one's own: worked out by hand in many zones, and restated over random workspaces."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit import BadMetricError, OfficeHours
from tests.metrics.restated import Parts, distribution, waited, wrote
from tests.metrics.restated_hours import DAYS, Schedule
from tests.metrics.test_restated import CHANGES, Invented, same, workspaces
from tests.metrics.world import Row, World, at

NOW = datetime(2027, 1, 10, tzinfo=UTC)
HOUR = 3600


@pytest.fixture(scope="module")
def world() -> World:
    return World("UTC", NOW)


def lasted(world: World, hours: Any, zone: str, begins: str, ends: str) -> float:
    """Return the first response time of one conversation."""
    since = at(zone, begins)
    row = {"id": "1", "source_delivered_as": "customer_initiated", "created_at": since}
    world.hold("UTC", NOW, conversations=[{**row, "first_admin_reply_at": at(zone, ends)}])
    asked = {"definition": "office", "hours": hours, "until": since + timedelta(seconds=1)}
    (found,) = world.rows("first_response_time", since, **asked)
    return float(found["value"])


OFFICE = "Mon-Fri 09:00-17:00"


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:30", HOUR / 2),  # a Monday
        ("2026-11-23T07:00", "2026-11-23T09:00:01", 1),
        ("2026-11-23T16:59:59", "2026-11-23T22:00", 1),
        ("2026-11-23T16:30", "2026-11-24T09:30", HOUR),
        ("2026-11-27T16:30", "2026-11-30T09:30", HOUR),
        ("2026-11-28T12:00", "2026-11-29T12:00", 0),
        ("2026-11-02T00:00", "2026-11-30T00:00", 4 * 5 * 8 * HOUR),
    ],
)
def test_only_time_in_the_office_counts(world: World, begins: str, ends: str, expected: float) -> None:
    assert lasted(world, OfficeHours("Europe/Dublin", OFFICE), "Europe/Dublin", begins, ends) == expected


@pytest.mark.parametrize(
    ("weekly", "zone", "day", "expected"),
    [
        # Dublin: at 1:00 to 2:00, and back at 2:00 to 1:00
        ("Sun 00:00-04:00", "Europe/Dublin", "2026-03-29", 3),
        ("Sun 00:00-04:00", "Europe/Dublin", "2026-10-25", 5),
        ("Sun 01:30-03:00", "Europe/Dublin", "2026-03-29", 1),  # from 2:00 on, since there is no 1:30
        ("Sun 01:15-01:45", "Europe/Dublin", "2026-03-29", 0),
        ("Sun 01:30-03:00", "Europe/Dublin", "2026-10-25", 2.5),  # from the first 1:30 on
        ("Sun 01:00-01:30", "Europe/Dublin", "2026-10-25", 0.5),
        # New York: at 2:00, in the night after the day on which the interval begins
        ("Sat 22:00-04:00", "America/New_York", "2026-03-07", 5),
        ("Sat 22:00-04:00", "America/New_York", "2026-10-31", 7),
        # Lord Howe: half an hour, at 2:00
        ("Sun 00:00-06:00", "Australia/Lord_Howe", "2026-10-04", 5.5),
        ("Sun 00:00-06:00", "Australia/Lord_Howe", "2026-04-05", 6.5),
        # Chatham, 12:45 ahead: from 3:45 back to 2:45
        ("Sun 02:00-05:00", "Pacific/Chatham", "2026-04-05", 4),
        # Havana: at midnight, which was skipped in March, and came twice in November
        ("Sun 00:00-08:00", "America/Havana", "2026-03-08", 7),
        ("Sun 00:00-08:00", "America/Havana", "2025-11-02", 9),
        ("Sat 22:00-24:00", "America/Havana", "2025-11-01", 2),
        # Casablanca: back at 3:00 when Ramadan begins
        ("Sun 00:00-06:00", "Africa/Casablanca", "2026-02-15", 7),
        # no change in Kathmandu, 5:45 ahead
        ("Sun 10:00-18:15", "Asia/Kathmandu", "2026-11-22", 8.25),
    ],
)
def test_hours_follow_the_clocks_of_their_zone(world: World, weekly: str, zone: str, day: str, expected: float) -> None:
    end = (date.fromisoformat(day) + timedelta(days=2)).isoformat()
    assert lasted(world, OfficeHours(zone, weekly), zone, f"{day}T00:00", f"{end}T00:00") == expected * HOUR


def test_quarters_of_an_hour_in_kathmandu(world: World) -> None:
    hours = OfficeHours("Asia/Kathmandu", "Mon-Fri 10:00-18:00")
    assert lasted(world, hours, "UTC", "2026-11-23T03:00", "2026-11-23T05:00") == 45 * 60  # from 4:15 on


@pytest.mark.parametrize(
    ("zone", "begins", "ends", "hours"),
    [
        ("Europe/Dublin", "2026-03-29T00:00", "2026-03-30T00:00", 23),
        ("Europe/Dublin", "2026-10-25T00:00", "2026-10-26T00:00", 25),
        ("Australia/Lord_Howe", "2026-04-05T00:00", "2026-04-06T00:00", 24.5),
        ("America/Havana", "2026-03-07T12:00", "2026-03-08T12:00", 23),
        ("America/Havana", "2025-11-01T12:00", "2025-11-02T12:00", 25),
        ("Asia/Kathmandu", "2026-11-01T00:00", "2026-12-01T00:00", 30 * 24),
    ],
)
def test_around_the_clock_is_calendar_time(world: World, zone: str, begins: str, ends: str, hours: float) -> None:
    assert lasted(world, OfficeHours(zone, "24/7"), zone, begins, ends) == hours * HOUR


@pytest.mark.parametrize(
    ("weekly", "holidays", "begins", "ends", "expected"),
    [
        # Christmas 2026 is a Friday
        (OFFICE, ["2026-12-25"], "2026-12-24T16:00", "2026-12-28T10:00", 2),
        (OFFICE, ["12-25"], "2026-12-24T16:00", "2026-12-28T10:00", 2),
        (OFFICE, ["12-25"], "2025-12-24T16:00", "2025-12-26T10:00", 2),
        (OFFICE, ["2026-12-25"], "2025-12-24T16:00", "2025-12-26T10:00", 10),
        # hours of their own, also on a Saturday
        (OFFICE, {"2026-12-24": "10:00-12:00"}, "2026-12-24T00:00", "2026-12-25T00:00", 2),
        (OFFICE, ["2026-12-26 10:00-12:00 13:00-13:30"], "2026-12-26T00:00", "2026-12-27T00:00", 2.5),
        # a date is stronger than the day of every year
        (OFFICE, ["12-24", "2026-12-24 10:00-12:00"], "2026-12-24T00:00", "2026-12-25T00:00", 2),
        (OFFICE, ["12-24", "2026-12-24 10:00-12:00"], "2025-12-24T00:00", "2025-12-25T00:00", 0),
        # in other years there is no such day
        ("24/7", ["02-29"], "2026-02-28T00:00", "2026-03-02T00:00", 48),
        ("24/7", ["2026-12-25"], "2026-12-24T12:00", "2026-12-26T12:00", 24),
        # an interval belongs to the day on which it begins
        ("Thu-Fri 22:00-02:00", ["2026-12-25"], "2026-12-24T00:00", "2026-12-26T12:00", 4),
        ("Thu-Fri 22:00-02:00", {"2026-12-25": "23:00-01:00"}, "2026-12-24T00:00", "2026-12-26T12:00", 6),
        # what overlaps counts once
        ("Thu 20:00-04:00, Fri 00:00-06:00", [], "2026-12-24T00:00", "2026-12-26T00:00", 10),
        ("Thu 09:00-13:00 12:00-17:00 10:00-11:00", [], "2026-12-24T00:00", "2026-12-25T00:00", 8),
        # there is no hour at all, or none for long
        ("Mon 09:00-10:00", ["2026-11-23", "2026-11-30"], "2026-11-17T00:00", "2026-12-07T09:30", 0.5),
    ],
)
def test_holidays_replace_the_hours_of_the_week(
    world: World, weekly: str, holidays: Any, begins: str, ends: str, expected: float
) -> None:
    hours = OfficeHours("Europe/Dublin", weekly, holidays)
    assert lasted(world, hours, "Europe/Dublin", begins, ends) == expected * HOUR


# --- what is left out, and what is told ---

INBOUND: Row = {
    "id": "1",
    "created_at": datetime(2026, 11, 23, 10, tzinfo=UTC),
    "source_delivered_as": "customer_initiated",
    "count_conversation_parts": 2,
}
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
ASKED = {"definition": "office", "hours": f"Europe/Dublin {OFFICE}"}


def replied(after: timedelta, **more: Any) -> Row:
    return {**INBOUND, "first_admin_reply_at": INBOUND["created_at"] + after, **more}


def test_a_reply_before_the_question_is_left_out_though_the_office_was_closed(world: World) -> None:
    night = datetime(2026, 11, 23, 3, tzinfo=UTC)
    world.hold(
        "UTC",
        NOW,
        conversations=[replied(timedelta(), created_at=night, first_admin_reply_at=night - timedelta(hours=1))],
    )
    assert world.left_out("first_response_time", SINCE, **ASKED) == {"with times that contradict each other": 1}


@pytest.mark.parametrize("years", [-3, 3])
def test_times_beyond_what_is_known_of_the_hours_are_left_out(world: World, years: int) -> None:
    world.hold(
        "UTC",
        NOW,
        conversations=[
            replied(
                timedelta(days=365 * max(years, 0)),
                first_contact_reply_at=INBOUND["created_at"] + timedelta(days=365 * min(years, 0)),
            )
        ],
    )
    assert world.left_out("first_response_time", SINCE, **ASKED) == {"with times far outside the span": 1}


def notes(world: World, name: str, **asked: Any) -> list[str]:
    question = world.query(name, SINCE, ASKED | asked)
    frame = world.database.execute(question.exclusions_sql()).df()
    told: list[str] = question.metadata({str(key): int(value) for key, value in frame.iloc[0].items()})["notes"]
    return told


def test_a_note_says_how_often_intercom_counts_the_same(world: World) -> None:
    rows = [
        replied(timedelta(hours=1), time_to_admin_reply=3600),
        replied(timedelta(hours=1), time_to_admin_reply=3601),
        replied(timedelta(days=1), time_to_admin_reply=8 * 3600),
        replied(timedelta(hours=1)),  # of which Intercom tells nothing
        INBOUND,
    ]
    world.hold("UTC", NOW, conversations=[{**row, "id": str(number)} for number, row in enumerate(rows)])
    (note,) = notes(world, "first_response_time")
    assert note.startswith(
        "By Europe/Dublin Mon-Fri 09:00-17:00: equal to Intercom's time_to_admin_reply, to the second, for 2 of 3 "
        "conversations (66.7 %); a low share shows that the workspace's own hours are others."
    )
    assert "holidays" not in note
    (note,) = notes(world, "first_response_time", hours=f"{ASKED['hours']}; 12-25")
    assert note.endswith("Whether Intercom leaves out holidays is not confirmed.")
    assert notes(world, "first_response_time", id="4")[0].startswith("For no conversation Intercom's time_to_admin")


def test_only_a_single_assignment_is_compared(world: World) -> None:
    """Intercom counts until the last one before the reply, of which it gives no time."""
    once, twice = INBOUND["created_at"] + timedelta(minutes=1), INBOUND["created_at"] + timedelta(minutes=9)
    given = {**INBOUND, "first_assignment_at": once, "time_to_assignment": 60}
    rows = [{**given, "last_assignment_at": once}, {**given, "last_assignment_at": twice, "time_to_assignment": 540}]
    world.hold("UTC", NOW, conversations=[{**row, "id": str(number)} for number, row in enumerate(rows)])
    assert "for 1 of 1 conversations (100 %)" in notes(world, "time_to_assignment")[0]


def test_responses_are_compared_by_the_median_of_a_conversation(world: World) -> None:
    began = INBOUND["created_at"]
    said = [("admin", 10), ("user", 20), ("admin", 50)]  # after 10 minutes and 30
    parts = [
        {"id": str(minute), "conversation_id": "1", "author_type": author, "part_type": "comment", "body": "words"}
        | {"created_at": began + timedelta(minutes=minute)}
        for author, minute in said
    ]
    rows = [{**INBOUND, "median_time_to_reply": 20 * 60}]
    world.hold("UTC", NOW, conversations=rows, conversation_parts=parts)
    assert "median_time_to_reply, to the second, for 1 of 1 conversations" in notes(world, "response_time")[0]


def test_hours_are_needed_and_named_in_the_answer(world: World) -> None:
    with pytest.raises(BadMetricError, match=r"needs office hours: give hours=ik\.OfficeHours"):
        world.rows("first_response_time", SINCE, definition="office")
    with pytest.raises(BadMetricError, match="uses hours= with definition='office' only"):
        world.rows("first_response_time", SINCE, hours=ASKED["hours"])
    question = world.query("first_response_time", SINCE, {**ASKED, "hours": f"{ASKED['hours']}; 2026-12-25, 12-26"})
    told = question.metadata({"rows": 0})
    assert told["hours"] == "office hours of Europe/Dublin, Mon-Fri 09:00-17:00 and 2 other days"
    assert told["options"] == {"hours": "Europe/Dublin Mon-Fri 09:00-17:00; 2026-12-25, 12-26"}


# --- restated ---

MEASURES: dict[str, Callable[[Row], datetime | None]] = {
    "first_response_time": lambda c: c["first_admin_reply_at"],
    "time_to_first_close": lambda c: c["first_close_at"],
    "time_to_close": lambda c: c["last_close_at"],
    "time_to_assignment": lambda c: c["first_assignment_at"],
}
ZONES = [*CHANGES, "America/Havana", "Asia/Kathmandu"]

intervals = st.builds(
    lambda opens, length: (opens, min(opens + length, 1440) if length > 1380 else opens + length),
    st.one_of(st.integers(0, 1439), st.sampled_from([0, 60, 90, 120, 150, 540])),
    st.integers(1, 1439),
)
spans = st.lists(intervals, min_size=1, max_size=3)


@st.composite
def schedules(draw: st.DrawFn, zone: str) -> Schedule:
    """Invent a schedule, with exceptions about the day on which the clocks change."""
    where = draw(st.sampled_from([zone, zone, *ZONES]))
    weekly = draw(st.dictionaries(st.sampled_from(DAYS), spans, min_size=1))
    if draw(st.integers(0, 5)) == 0:
        weekly = {day: [(0, 1440)] for day in DAYS}
    near = [(CHANGES[zone] + timedelta(days=number)).date().isoformat() for number in range(-5, 4)]
    exceptions = st.dictionaries(st.sampled_from(near), st.one_of(st.just([]), spans), max_size=3)
    yearly = {day[5:]: hours for day, hours in draw(exceptions).items()}
    return Schedule(where, weekly, yearly, draw(exceptions))


def office(schedule: Schedule, earlier: datetime | None, later: datetime | None) -> float | None:
    if earlier is None or later is None:
        return None
    return schedule.seconds(earlier, later) if later >= earlier else -1


def waits(schedule: Schedule, c: Row, parts: Parts) -> list[float | None]:
    return [schedule.seconds(*span) for span in waited(c, parts)] or [None]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(workspaces(), st.data())
def test_durations_in_office_hours_equal_their_restatement(invented: Invented, data: st.DataObject) -> None:
    schedule = data.draw(schedules(invented.world.zone.key))
    hours = OfficeHours(schedule.zone, *schedule.written())
    asked = {"definition": "office", "hours": str(hours)}
    cells = invented.question.divided(invented.conversations)
    for name, until in MEASURES.items():
        expected = {
            key: distribution([office(schedule, wrote(c), until(c)) for c in rows], negative=False)
            for key, rows in cells.items()
        }
        same(invented.answer(name, **asked), expected, name)
    expected = {
        key: distribution([each for c in rows for each in waits(schedule, c, invented.parts[c["id"]])], negative=False)
        for key, rows in cells.items()
    }
    same(invented.answer("response_time", **asked), expected, "response_time")


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(workspaces())
def test_around_the_clock_every_metric_is_that_of_the_calendar(invented: Invented) -> None:
    hours = f"{invented.world.zone.key} 24/7"
    for name in [*MEASURES, "response_time", "new_lead_response"]:
        calendar = invented.answer(name, definition="calendar")
        same(invented.answer(name, definition="office", hours=hours), calendar, name)
