"""Every metric of support over the dozen conversations, worked out by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.metrics.twelve import C1, MONDAY, NOW, PARTS, ZONE, conversation, part, twelve
from tests.metrics.world import Row, World, at


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The dozen conversations."""
    made = twelve()
    yield made
    made.database.close()


def one(world: World, name: str, **given: Any) -> Row:
    (row,) = world.rows(name, MONDAY, **given)
    return row


@pytest.mark.parametrize(
    ("name", "definition", "value", "n"),
    [
        # c1 600, c2 1800, c3 1800, c4 0, c7 1200, c9 7200, c11 300: the fourth of seven
        ("first_response_time", "intercom", 1200, 7),
        # the same around the clock: c3 55800, c4 9000
        ("first_response_time", "calendar", 1800, 7),
        # minutes from the start: c10 -60, c11 5, c1 10, c2 30 | c9 120, c4 150, c3 930, c7 5780 (4 days 1:20 less 1:00)
        ("first_response_time", "dbt", 75, 8),
        # as the first responses, since the other replies of c2 do not move its median
        ("response_time", "intercom", 1200, 7),
        # each reply: c11 300, c1 600, c2 600, c7 1200 | c2 1800 | c2 1800, c9 7200 (since 12:00), c4 9000, c3 55800
        ("response_time", "calendar", 1800, 9),
        # c4 0, c8 600, c1 3600 | c7 3600 | c3 4200, c2 7200, c9 10800
        ("time_to_first_close", "intercom", 3600, 7),
        # c8 600, c1 3600, c7 3600 | c2 7200 | c9 10800, c3 58200, c4 117000
        ("time_to_first_close", "calendar", 7200, 7),
        # minutes from the customer's first comment: c1 -5 (thanks), c2 60 | c7 60, c9 150
        ("time_to_first_close", "dbt", 60, 4),
        # c2 32400 instead of 7200 leaves the middle where it is
        ("time_to_close", "intercom", 3600, 7),
        # c8 600, c1 3600, c7 3600 | c9 10800 | c3 58200, c2 86400, c4 117000
        ("time_to_close", "calendar", 10800, 7),
        # c1 -5, c7 60 | c9 150, c2 1380 (11:00 to 10:00)
        ("time_to_close", "dbt", 105, 4),
        # c1 60, c2 120
        ("time_to_assignment", "intercom", 90, 2),
        # c1 60, c2 60
        ("time_to_assignment", "calendar", 60, 2),
        # a minute, twice
        ("time_to_assignment", "dbt", 1, 2),
        # c3 900, c1 3000, c2 5000
        ("handling_time", "intercom", 3000, 3),
        ("handling_time", "adjusted", None, 0),
        # c9; c12 has no reply
        ("new_lead_response", "intercom", 7200, 1),
        ("new_lead_response", "calendar", 7200, 1),
        ("new_lead_response", "dbt", 120, 1),
        # c6 and c8 none, c2 three, and one each of c1, c3, c4, c7, c9, c10
        ("replies_to_resolve", "calendar", 1, 9),
        # c2 once, ten never; c6 has no statistics, but parts
        ("reopens", "intercom", 0, 11),
        ("reopens", "dbt", 0, 12),
        ("assignments", "intercom", 0, 11),
        ("assignments", "dbt", 0, 12),
    ],
)
def test_a_median_is_the_middle_of_what_was_measured(
    world: World, name: str, definition: str, value: float | None, n: int
) -> None:
    row = one(world, name, definition=definition)
    assert (row["value"], row["n"]) == (value, n)


def test_percentiles_interval_and_mean_stand_beside_the_median(world: World) -> None:
    # 0, 300, 600, 1200, 1800, 1800, 7200: a quarter of the way from the first to the seventh is between 300 and 600;
    # of seven, the least and the greatest hold the median 98.4 times of 100
    assert one(world, "first_response_time") == {
        "value": 1200,
        "n": 7,
        "total": 12,
        "low": 0,
        "high": 7200,
        "p25": 450,
        "p75": 1800,
        "p90": 3960,  # 1800 and 0.4 of the way to 7200
        "mean": pytest.approx(12900 / 7),
    }


def test_a_mean_tells_rare_things_apart(world: World) -> None:
    assert one(world, "reopens")["mean"] == pytest.approx(1 / 11)
    assert one(world, "reopens", definition="dbt")["mean"] == pytest.approx(1 / 12)
    assert one(world, "assignments", definition="dbt")["mean"] == pytest.approx(3 / 12)
    assert one(world, "replies_to_resolve")["mean"] == pytest.approx(9 / 9)


@pytest.mark.parametrize(
    ("name", "hits", "n"),
    [
        ("csat", 2, 4),  # 5 and 4 of 5, 3, 4, 2; a 7 is none
        ("rating_response_rate", 4, 5),  # c3 was asked, and did not answer
        ("reopen_rate", 1, 8),  # c2 of c1, c2, c3, c4, c7, c8, c9, c10
        ("closed_on_first_contact", 6, 8),  # not c2, reopened by two, nor c8, by nobody
        ("sla_hit_rate", 2, 3),  # c1 and c9, not c2; c11 is active
        ("fin_involvement", 2, 11),  # c8 and c9 of all but c6
        ("fin_resolution", 1, 2),  # c8
        ("fin_automation", 1, 11),
    ],
)
def test_a_share_is_of_what_can_be_told(world: World, name: str, hits: int, n: int) -> None:
    row = one(world, name)
    assert (row["hits"], row["n"], row["value"]) == (hits, n, pytest.approx(hits / n))
    assert 0 <= row["low"] < row["value"] < row["high"] <= 1


def test_the_interval_of_a_share_is_wilsons(world: World) -> None:
    # 2 of 4: (2 + 1.9207 -+ 1.96 sqrt(1 + 0.9604)) / (4 + 3.8415)
    row = one(world, "csat")
    assert (row["low"], row["high"]) == (pytest.approx(0.15004, abs=1e-5), pytest.approx(0.84996, abs=1e-5))


def test_new_conversations_count_when_the_customer_wrote(world: World) -> None:
    # c6 never; c7 not in the week of the 23rd, when it was sent, but in the next
    assert world.rows("conversations", MONDAY, period="week") == [
        {"period": "2026-03-23T00:00:00+00:00", "complete": True, "value": 6, "n": 6},
        {"period": "2026-03-30T00:00:00+01:00", "complete": False, "value": 5, "n": 5},
    ]


def test_created_conversations_count_when_they_began(world: World) -> None:
    assert [row["n"] for row in world.rows("conversations", MONDAY, period="week", definition="calendar")] == [8, 4]


def test_busiest_hours_are_an_average_week(world: World) -> None:
    rows = {(row["weekday"], row["hour"]): row for row in world.rows("busiest_hours", MONDAY)}
    assert len(rows) == 168
    assert rows[1, 9] == {"weekday": 1, "hour": 9, "value": 1, "n": 2}  # c1 and c5, on two Mondays
    assert rows[6, 23]["value"] == 1  # c4, on the only Saturday
    assert rows[1, 12]["value"] == 0.5  # c10
    assert rows[7, 1] == {"weekday": 7, "hour": 1, "value": None, "n": 0}  # clocks leapt over it on the only Sunday


def test_topics_are_shares_of_all_conversations(world: World) -> None:
    assert [(row["tag"], row["hits"], row["n"]) for row in world.rows("topics", MONDAY)] == [
        (None, 9, 12),
        ("bug", 2, 12),
        ("refund", 2, 12),
    ]


def test_topics_change_from_the_span_before(world: World) -> None:
    # from Wednesday 25th noon on, 9 conversations, none a bug; in the same span before, c1, c2 and c3, two of them bugs
    rows = {row["tag"]: row for row in world.rows("topics", MONDAY.replace(day=25, hour=12))}
    assert rows["bug"]["value"] == 0
    assert rows["bug"]["previous"] == pytest.approx(2 / 3)
    assert rows["bug"]["change"] == pytest.approx(-2 / 3)


@pytest.mark.parametrize("by", ["teammate", "participant", "closer"])
def test_teammates_are_one_column_in_whatever_part_so_that_answers_merge(world: World, by: str) -> None:
    work, rated = world.frame("workload", MONDAY), world.frame("csat", MONDAY, by=by)
    board = work.merge(rated, on="teammate", how="left", suffixes=("", "_csat"))
    assert set(board["teammate"].dropna()) == {"Ann", "Bo", "98"}
    assert {"handling_time", "value_csat"} <= set(board.columns)


def test_teammates_in_two_parts_keep_both_names(world: World) -> None:
    assert {"teammate", "closer"} <= set(world.rows("csat", MONDAY, by=["teammate", "closer"])[0])


def test_workload_counts_for_everybody_who_took_part(world: World) -> None:
    rows = {row["teammate"]: row for row in world.rows("workload", MONDAY)}
    assert {name: row["n"] for name, row in rows.items()} == {"Ann": 4, "Bo": 4, "98": 1, None: 4}
    # Ann: c1 and c2 on the 23rd, c9 on the 27th, c4 on the 28th
    ann = {"value": 4, "n": 4, "replied": 4, "closed": 4, "still_open": 0, "reopened": 1, "active_days": 3}
    ann |= {"per_active_day": pytest.approx(4 / 3), "handling_time": 8000}
    assert rows["Ann"] == {"teammate": "Ann", **ann}
    assert rows["Bo"]["still_open"] == 1  # c11


def test_workload_by_teammate_counts_for_who_is_in_charge(world: World) -> None:
    rows = world.rows("workload", MONDAY, by="teammate")
    assert {row["teammate"]: row["n"] for row in rows} == {"Ann": 3, "Bo": 4, "98": 1, None: 4}


def test_the_backlog_is_what_is_not_done_at_the_end_of_each_day(world: World) -> None:
    # c2 till the 24th, c3 till the 25th, c7 from the 26th, c4 from the 28th, both till the 30th, c5 and c11, c12
    rows = world.rows("backlog", MONDAY)
    assert [row["n"] for row in rows] == [1, 1, 0, 1, 1, 2, 2, 2, 3]
    assert [row["opened"] for row in rows] == [2, 1, 0, 1, 2, 1, 0, 3, 1]
    assert [row["closed"] for row in rows] == [1, 1, 1, 0, 2, 0, 0, 3, 0]
    assert [row["complete"] for row in rows] == [True] * 8 + [False]


def test_the_backlog_of_a_later_span_begins_with_what_was_there(world: World) -> None:
    assert [row["n"] for row in world.rows("backlog", MONDAY.replace(day=28))] == [2, 2, 2, 3]


def test_the_backlog_by_parts_has_no_gaps_filled(world: World) -> None:
    # c2 is closed over the night to the 24th, c6 there from the 25th to the 26th; the rest as by statistics
    rows = world.rows("backlog", MONDAY, definition="parts")
    assert [row["n"] for row in rows] == [0, 1, 1, 1, 1, 2, 2, 2, 3]
    assert [row["opened"] for row in rows] == [2, 2, 1, 1, 2, 1, 0, 3, 1]
    assert [row["closed"] for row in rows] == [2, 1, 1, 1, 2, 0, 0, 3, 0]


def test_a_spell_that_was_over_before_the_span_is_not_in_its_backlog(world: World) -> None:
    # c2 was there on the 23rd and again on the 24th
    rows = world.rows("backlog", MONDAY.replace(day=24), definition="parts")
    assert [row["n"] for row in rows] == [1, 1, 1, 1, 2, 2, 2, 3]


@pytest.mark.parametrize("kind", ["open", "assign_and_reopen", "snoozed"])
def test_what_is_opened_again_is_in_the_backlog_again(kind: str) -> None:
    said = [part("c", "23 10:00", "close", "admin"), part("c", "25 10:00", kind, "admin")]
    said += [part("c", "23 11:00", "comment", "user", "Thanks!"), part("c", "26 10:00", "close", "bot")]
    closed = conversation("c", "23 09:00", last_close_at=at(ZONE, "2026-03-26T10:00"))
    world = World(ZONE, NOW, conversations=[closed], conversation_parts=said)
    rows = world.rows("backlog", MONDAY, definition="parts")
    assert [row["n"] for row in rows] == [0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert [row["n"] for row in world.rows("backlog", MONDAY)] == [1, 1, 1, 0, 0, 0, 0, 0, 0]


def test_a_close_that_no_part_tells_any_more_ends_the_last_spell() -> None:
    closed = conversation("c", "23 09:00", last_close_at=at(ZONE, "2026-03-24T10:00"))
    rows = World(ZONE, NOW, conversations=[closed]).rows("backlog", MONDAY, definition="parts")
    assert [row["n"] for row in rows][:2] == [1, 0]


def test_waiting_now_is_whoever_has_no_answer(world: World) -> None:
    rows = world.rows("waiting_now", MONDAY)
    assert [(row["waiting"], row["n"], row["longest"]) for row in rows] == [
        ("under 1 hour", 1, 60),  # c12
        ("1 to 4 hours", 0, None),
        ("4 to 24 hours", 0, None),
        ("over 24 hours", 1, 27 * 3600),  # c5
    ]


def test_still_open_counts_those_that_are_not_closed_yet(world: World) -> None:
    # c12 open after 60, c8 closed 600 (of 9), c1 and c7 3600 (of 8), c9 10800 (of 6), c3 58200 (of 5), c11 snoozed
    # after 82800, c2 86400 (of 3), c5 open after 97200, c4 117000 (the last)
    rows = world.rows("time_to_close_survival", MONDAY)
    shares = [1, 8 / 9, 6 / 9, 5 / 9, 4 / 9, 8 / 27, 0]
    assert [row["seconds"] for row in rows] == [60, 600, 3600, 10800, 58200, 86400, 117000]
    assert [row["value"] for row in rows] == pytest.approx(shares)
    assert {(row["n"], row["median"]) for row in rows} == {(10, 58200)}
    # after 600: exp(+-1.96 sqrt(1 / (9 * 8)) / ln(8/9)) = 7.1076 and its inverse, as powers of 8/9
    assert (rows[1]["low"], rows[1]["high"]) == (pytest.approx(0.43297, abs=1e-4), pytest.approx(0.98356, abs=1e-4))


def test_waiting_for_a_first_response_counts_those_who_have_none(world: World) -> None:
    # c12 waits 60; c11 300 (of 9), c1 600 (of 8) while c8 ends without, c7 1200 (of 6), c2 1800, c9 7200, c4 9000,
    # c3 55800 (of 2), c5 waits 97200
    rows = world.rows("first_response_survival", MONDAY)
    shares = [1, 8 / 9, 7 / 9, 35 / 54, 14 / 27, 7 / 18, 7 / 27, 7 / 54]
    assert [row["seconds"] for row in rows] == [60, 300, 600, 1200, 1800, 7200, 9000, 55800]
    assert [row["value"] for row in rows] == pytest.approx(shares)
    assert rows[0]["median"] == 7200


def test_what_contradicts_itself_is_counted_and_left_out(world: World) -> None:
    assert world.left_out("first_response_time", MONDAY) == {
        "without a customer's message": 1,  # c6
        "without a reply yet": 3,  # c5, c8, c12
        "with times that contradict each other": 1,  # c10
    }
    assert world.left_out("csat", MONDAY) == {"not rated": 7, "with a rating outside 1 to 5": 1}
    assert world.left_out("rating_response_rate", MONDAY)["rated without a request"] == 1
    assert world.left_out("time_to_close_survival", MONDAY) == {
        "without a customer's message": 1,
        "with times that contradict each other": 1,
    }


def test_teams_and_teammates_that_are_gone_are_shown_by_their_id(world: World) -> None:
    assert [row["team"] for row in world.rows("csat", MONDAY, by="team")] == ["99", "Billing", "Technical", None]
    assert world.left_out("csat", MONDAY, by="team")["team not listed any more, shown by its id"] == 1
    assert world.left_out("csat", MONDAY, by="participant")["teammate not listed any more, shown by its id"] == 1


def test_dbt_keeps_what_contradicts_itself(world: World) -> None:
    assert "with times that contradict each other" not in world.left_out("time_to_close", MONDAY, definition="dbt")


def test_a_period_before_is_compared_with(world: World) -> None:
    (row,) = world.rows("conversations", MONDAY.replace(day=30, hour=0), period="week", compare="previous")
    assert (row["value"], row["previous"], row["change"]) == (5, 6, -1)


def test_filters_narrow_what_is_asked(world: World) -> None:
    assert one(world, "conversations", channel="email")["n"] == 3
    assert one(world, "conversations", team="Billing")["n"] == 3
    assert one(world, "conversations", team=["Billing", None])["n"] == 9
    assert one(world, "conversations", tag="refund")["n"] == 2
    assert one(world, "conversations", tag=None)["n"] == 8
    assert one(world, "conversations", rating_max=3)["n"] == 2
    assert one(world, "conversations", participant="Ann")["n"] == 4
    assert one(world, "conversations", direction="outbound")["n"] == 1


def test_dbt_takes_an_assignment_with_a_message_for_a_response() -> None:
    said = [part("c1", "23 09:05", "assignment", "admin", "Over to you, Bo."), *PARTS[1:2]]
    world = World(ZONE, NOW, conversations=[C1], conversation_parts=said)
    assert one(world, "first_response_time", definition="dbt")["value"] == 5


def test_what_begins_with_the_span_is_in_the_backlog_once() -> None:
    world = World(ZONE, NOW, conversations=[conversation("c", "23 00:00", state="open")])
    first = world.rows("backlog", MONDAY)[0]
    assert (first["n"], first["opened"]) == (1, 1)
