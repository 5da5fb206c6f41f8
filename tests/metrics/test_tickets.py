"""Every metric of tickets over the eight tickets, worked out by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit.zones import zone as timezone
from tests.metrics.eight import eight, part, ticket
from tests.metrics.twelve import MONDAY, NOW
from tests.metrics.world import Row, World, at

CUT = "with more than 500 parts, of which Intercom does not return the first"
UNSEEN = "with a change of state that no part shows"
NOT_YET = "not resolved yet"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The eight tickets."""
    made = eight()
    yield made
    made.database.close()


def one(world: World, name: str, **given: Any) -> Row:
    (row,) = world.rows(name, MONDAY, **given)
    return row


def test_tickets_count_when_they_were_created(world: World) -> None:
    assert one(world, "tickets") == {"value": 8, "n": 8}
    assert [row["n"] for row in world.rows("tickets", MONDAY, period="week")] == [6, 2]
    assert [(row["type"], row["n"]) for row in world.rows("tickets", MONDAY, by="type")] == [("Bug", 6), ("Refund", 2)]


@pytest.mark.parametrize(
    ("definition", "value", "n"),
    [
        # t8 3600, t3 9000 | t1 104400 | t6 172800 (24 12:00 to 26 12:00), t2 183600
        ("last", 104_400, 5),
        # t8 3600, t2 7200 | t3 9000, t1 104400; of t6 the first is unknown
        ("first", 8_100, 4),
    ],
)
def test_time_to_resolve_ends_with_the_last_resolve_or_with_the_first(
    world: World, definition: str, value: float, n: int
) -> None:
    row = one(world, "ticket_time_to_resolve", definition=definition)
    assert (row["value"], row["n"], row["total"]) == (value, n, 8)


def test_what_was_not_resolved_or_cannot_be_known_is_left_out_by_reason(world: World) -> None:
    assert world.left_out("ticket_time_to_resolve", MONDAY) == {NOT_YET: 2, UNSEEN: 1}
    assert world.left_out("ticket_time_to_resolve", MONDAY, definition="first") == {NOT_YET: 2, UNSEEN: 1, CUT: 1}
    assert world.left_out("ticket_waiting_share", MONDAY) == {NOT_YET: 2, UNSEEN: 1, CUT: 1}
    assert world.left_out("tickets_reopened", MONDAY) == {NOT_YET: 2, UNSEEN: 1, CUT: 1}
    assert world.left_out("ticket_time_in_state", MONDAY) == {UNSEEN: 1, CUT: 1}
    assert world.left_out("ticket_reassignments", MONDAY) == {CUT: 1}
    assert world.left_out("tickets", MONDAY) == {}


def test_the_resolves_of_bots_are_told_apart(world: World) -> None:
    last = {row["resolver"]: row["n"] for row in world.rows("ticket_time_to_resolve", MONDAY, by="resolver")}
    assert last == {"admin": 3, "user": 2, None: 0}  # t1, t2, t6 | t3, t8 (a lead)
    first = world.rows("ticket_time_to_resolve", MONDAY, by="first_resolver", definition="first")
    assert {row["first_resolver"]: row["value"] for row in first}["bot"] == 7_200  # t2
    assert one(world, "ticket_time_to_resolve", resolver="user")["value"] == 6_300  # t3 and t8
    assert one(world, "ticket_time_to_resolve", resolver=["admin", "bot"])["n"] == 3


def test_the_share_of_waiting_ends_with_the_last_resolve(world: World) -> None:
    # t2 and t3 nothing | t8 1800 of 3600, t1 86400 of 104400; t8's second wait came after it was resolved
    row = one(world, "ticket_waiting_share")
    assert (row["value"], row["n"]) == (0.25, 4)
    assert row["mean"] == pytest.approx((0.5 + 86_400 / 104_400) / 4)


def test_reopened_are_those_that_left_resolved(world: World) -> None:
    row = one(world, "tickets_reopened")  # t2 and t8 of t1, t2, t3 and t8
    assert (row["hits"], row["n"], row["value"]) == (2, 4, 0.5)
    assert row["low"] < 0.5 < row["high"]


def test_time_in_each_state_is_walked_from_part_to_part(world: World) -> None:
    rows = [
        (row["in_state"], row["n"], row["seconds"], row["value"], row["median"])
        for row in world.rows("ticket_time_in_state", MONDAY)
    ]
    assert rows == [
        # an hour each of t1, t2, t3 and t5, 5 minutes of t8, 27 hours of t4
        ("submitted", 6, 111_900, pytest.approx(18_650), 3_600),
        # t1 2 + 2 hours, t2 1 + 1, t3 1.5 (clocks), t8 10 + 15 + 60 minutes
        ("in_progress", 4, 32_100, pytest.approx(8_025), 6_300),
        # t1 24 hours, t5 25, t8 half an hour and 121 (from 26 10:00, less the hour that clocks skip)
        ("waiting_on_customer", 3, 613_800, pytest.approx(204_600), 90_000),
        # until they were opened again: t2 48 hours, t8 47
        ("resolved", 2, 342_000, pytest.approx(171_000), 171_000),
    ]


def test_a_state_that_nothing_was_in_is_there_with_none(world: World) -> None:
    rows = world.rows("ticket_time_in_state", at("Europe/Dublin", "2026-03-30"), by="state", period="day")
    assert len(rows) == 2 * 2 * 4  # two days, two states of today, four states of the past
    assert {row["n"] for row in rows if row["in_state"] == "resolved"} == {0}
    assert {row["value"] for row in rows if row["in_state"] == "resolved"} == {None}


def test_the_backlog_is_replayed_from_parts(world: World) -> None:
    rows = world.rows("ticket_backlog", MONDAY, by=())
    assert [row["n"] for row in rows] == [
        1,  # 23: t1; t2 was resolved
        0,  # 24: t8 came and went; what t6 was then is unknown
        1,  # 25: t6; t2 came back and went
        1,  # 26: t8 is back
        1,  # 27: t8; when t7 was resolved is unknown
        2,  # 28: t8, t3
        1,  # 29: t8
        3,  # 30: t8, t4, t5
        3,  # 31
    ]
    assert (rows[0]["opened"], rows[0]["closed"]) == (2, 1)
    assert (rows[2]["opened"], rows[2]["closed"]) == (2, 1)
    assert world.left_out("ticket_backlog", MONDAY) == {
        "resolved or opened again at a time that no part shows": 1,
        "with more than 500 parts: counted from the first on that Intercom returns": 1,
    }


def test_the_backlog_is_by_type_unless_asked_otherwise(world: World) -> None:
    rows = {(row["period"][:10], row["type"]): row["n"] for row in world.rows("ticket_backlog", MONDAY)}
    assert rows["2026-03-30", "Bug"] == 2
    assert rows["2026-03-30", "Refund"] == 1
    assert rows["2026-03-23", "Refund"] == 0


def test_what_was_resolved_before_the_span_is_not_in_its_backlog(world: World) -> None:
    since = at("Europe/Dublin", "2026-03-29")
    assert [row["n"] for row in world.rows("ticket_backlog", since, by=())] == [1, 3, 3]


@pytest.mark.parametrize(
    ("zone", "came", "gone"),
    [
        ("Europe/Dublin", "2026-03-28", "2026-03-29"),
        ("America/New_York", "2026-03-28", "2026-03-28"),
        ("America/Sao_Paulo", "2026-03-28", "2026-03-28"),
        ("Asia/Kathmandu", "2026-03-29", "2026-03-29"),
        ("Asia/Tokyo", "2026-03-29", "2026-03-29"),
        ("Pacific/Chatham", "2026-03-29", "2026-03-29"),
    ],
)
def test_days_are_those_of_the_workspaces_clock(
    world: World, monkeypatch: pytest.MonkeyPatch, zone: str, came: str, gone: str
) -> None:
    """t3 is there from 23:30 to 2:00 UTC, in which only Dublin's day ends."""
    monkeypatch.setattr(world, "zone", timezone(zone))
    rows = {row["period"][:10]: row for row in world.rows("ticket_backlog", MONDAY, by=(), id="t3")}
    assert [day for day, row in rows.items() if row["opened"]] == [came]
    assert [day for day, row in rows.items() if row["closed"]] == [gone]
    assert [day for day, row in rows.items() if row["n"]] == ([came] if came != gone else [])
    created = world.rows("tickets", MONDAY, period="day", id="t3")
    assert [row["period"][:10] for row in created if row["n"]] == [came]


def test_assignments_are_a_mean_over_tickets(world: World) -> None:
    assert one(world, "ticket_reassignments") == {
        "value": pytest.approx(3 / 7),  # t1 twice, t2 once; not t6
        "n": 7,
        "total": 8,
        "assignments": 3,
        "reassigned": 1,
    }


@pytest.mark.parametrize(
    ("by", "group"),
    [
        ("type", "Bug"),
        ("state", "resolved"),
        ("category", "Customer"),
        ("team", "Billing"),
        ("company", "Acme"),
        ("plan", "Pro"),
        ("country", "Peru"),
        ("company.industry", "Media"),
        ("contact.role", "user"),
        ("attributes.Level", "High"),
        ("resolver", "admin"),
    ],
)
def test_tickets_are_grouped_and_filtered_by_what_they_have(world: World, by: str, group: str) -> None:
    counts = {row[by]: row["n"] for row in world.rows("tickets", MONDAY, by=by)}
    assert counts[group] > 0
    assert sum(counts.values()) == 8
    assert one(world, "tickets", **{by: group})["n"] == counts[group]


def test_a_team_that_is_not_listed_any_more_is_shown_by_its_id(world: World) -> None:
    assert {row["team"] for row in world.rows("tickets", MONDAY, by="team")} == {"Billing", "Technical", "99", None}
    assert world.left_out("tickets", MONDAY, by="team") == {"team not listed any more, shown by its id": 1}


@pytest.mark.parametrize("name", ["ticket_time_to_resolve", "tickets_reopened", "ticket_backlog", "tickets"])
def test_nothing_gives_no_rows(world: World, name: str) -> None:
    assert world.rows(name, MONDAY, id="nobody") == []


def test_without_parts_a_ticket_is_submitted_until_now() -> None:
    made = World("UTC", NOW, tickets=[ticket("t", "31 11:00", part_count=0)])
    rows = {row["in_state"]: row["seconds"] for row in made.rows("ticket_time_in_state", MONDAY)}
    # Dublin's 31 11:00 is 10:00 UTC, an hour before NOW
    assert rows == {"submitted": 3_600, "in_progress": 0, "waiting_on_customer": 0, "resolved": 0}


def test_of_a_cut_ticket_without_changes_the_state_has_been_that_of_today() -> None:
    cut = ticket("t", "23 09:00", state="in_progress", part_count=501)
    made = World("UTC", NOW, tickets=[cut], ticket_parts=[part("t", 1, "30 09:00", "comment")])
    counted = {row["period"][:10]: row["n"] for row in made.rows("ticket_backlog", MONDAY, by=())}
    assert (counted["2026-03-29"], counted["2026-03-30"]) == (0, 1)


def test_a_ticket_resolved_at_once_has_no_share_of_waiting() -> None:
    state = {"previous_state": "submitted", "state": "resolved"}
    resolved = part("t", 1, "30 09:00", "ticket_state_updated_by_admin", **state)
    made = World("UTC", NOW, tickets=[ticket("t", "30 09:00", state="resolved")], ticket_parts=[resolved])
    assert one(made, "ticket_waiting_share")["n"] == 0
    assert made.left_out("ticket_waiting_share", MONDAY) == {"resolved in the second in which it was created": 1}
    assert one(made, "ticket_time_to_resolve")["value"] == 0
