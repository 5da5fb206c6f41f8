"""Conversations of which Intercom gives no statistics, or not all: unknown is not "not yet"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intercom_kit import connect
from intercom_kit.metrics import METRICS
from intercom_kit.metrics.aggregates import Distribution
from intercom_kit.sandbox import serve
from tests.conftest import NOW
from tests.metrics.twelve import MONDAY, ZONE
from tests.metrics.twelve import NOW as TUESDAY
from tests.metrics.world import Row, World, at, with_hours

pytestmark = pytest.mark.sampled(4)

MISSING, SILENT = "with missing statistics", "without a customer's message"
BEGUN = at(ZONE, "2026-03-24T09:00")
LATER = BEGUN + timedelta(hours=2)
INBOUND = {"source_delivered_as": "customer_initiated", "source_author_type": "user"}
OUTBOUND = {"source_delivered_as": "automated", "source_author_type": "bot"}
COUNTED = {"count_conversation_parts": 1, "count_reopens": 0, "count_assignments": 0}


def world(*rows: Row, **tables: list[Row]) -> World:
    """Hold conversations that differ from an open one of which nothing more is told."""
    common = {"created_at": BEGUN, "updated_at": LATER, "state": "open"}
    return World(
        ZONE, TUESDAY, conversations=[{"id": f"c{n}", **common, **row} for n, row in enumerate(rows, 1)], **tables
    )


def left_out(name: str, row: Row, definition: str | None = None) -> dict[str, int]:
    return world(row).left_out(name, MONDAY, definition=definition)


@pytest.mark.parametrize(
    "opening",
    [{"source_delivered_as": "customer_initiated"}, {"source_author_type": "lead"}, INBOUND],
)
@pytest.mark.parametrize("name", ["conversations", "busiest_hours", "fin_involvement", "fin_automation"])
def test_the_opening_message_of_a_customer_is_their_first(name: str, opening: Row) -> None:
    rows = world(opening, {**opening, **COUNTED}).rows(name, MONDAY)
    assert sum(row["n"] for row in rows) == 2


def test_a_conversation_counts_at_its_opening_where_statistics_are_missing() -> None:
    before = {**INBOUND, "created_at": MONDAY - timedelta(hours=1), "first_contact_reply_at": BEGUN}
    after = {**INBOUND, "created_at": BEGUN, "first_contact_reply_at": MONDAY - timedelta(hours=1)}
    rows = world(INBOUND, before, after, OUTBOUND, {**OUTBOUND, **COUNTED}).rows("conversations", MONDAY, period="day")
    assert [row["n"] for row in rows[:3]] == [0, 2, 0]
    assert sum(row["n"] for row in rows) == 2


MEASURED = [
    *[(name, definition) for name in ("first_response_time", "new_lead_response") for definition in ("intercom", None)],
    *[(name, "calendar") for name in ("first_response_time", "time_to_close", "time_to_first_close")],
    *[(name, None) for name in ("response_time", "time_to_close", "time_to_first_close", "time_to_assignment")],
    *[(name, None) for name in ("handling_time", "reopens", "assignments", "reopen_rate", "closed_on_first_contact")],
    ("first_response_survival", None),
]


@pytest.mark.parametrize("state", ["open", "closed", "snoozed"])
@pytest.mark.parametrize("opening", [INBOUND, OUTBOUND])
@pytest.mark.parametrize(("name", "definition"), MEASURED)
def test_without_statistics_nothing_is_said_but_that(
    name: str, definition: str | None, opening: Row, state: str
) -> None:
    row = {**opening, "state": state, "source_author_type": "lead" if name == "new_lead_response" else "user"}
    row |= {} if opening is INBOUND or name == "new_lead_response" else {"source_author_type": "bot"}
    assert left_out(name, row, definition) == {MISSING: 1}


@pytest.mark.parametrize(
    ("name", "definition", "told", "reason"),
    [
        # it has not happened, and what statistics there are say nothing else
        ("first_response_time", "intercom", {}, "without a reply yet"),
        ("first_response_time", "calendar", {}, "without a reply yet"),
        ("response_time", "intercom", {}, "without a reply yet"),
        ("time_to_close", "intercom", {}, "not closed yet"),
        ("time_to_close", "calendar", {}, "not closed yet"),
        ("time_to_first_close", "intercom", {}, "not closed yet"),
        ("time_to_assignment", "intercom", {}, "not assigned yet"),
        ("time_to_assignment", "calendar", {}, "not assigned yet"),
        ("handling_time", "intercom", {}, "not closed yet, or never with a teammate"),
        ("reopen_rate", "intercom", {}, "never closed"),
        ("closed_on_first_contact", "intercom", {}, "never closed"),
        # it has, and its own statistic is missing
        ("first_response_time", "intercom", {"first_admin_reply_at": LATER}, MISSING),
        ("first_response_time", "intercom", {"median_time_to_reply": 60}, MISSING),
        ("first_response_time", "calendar", {"time_to_admin_reply": 60}, MISSING),
        ("response_time", "intercom", {"time_to_admin_reply": 60}, MISSING),
        ("time_to_close", "intercom", {"state": "closed"}, MISSING),
        ("time_to_close", "calendar", {"state": "closed"}, MISSING),
        ("time_to_close", "intercom", {"last_close_at": LATER}, MISSING),
        ("time_to_first_close", "intercom", {"first_close_at": LATER}, MISSING),
        ("time_to_first_close", "calendar", {"count_reopens": 1}, MISSING),
        ("time_to_assignment", "intercom", {"first_assignment_at": LATER}, MISSING),
        ("time_to_assignment", "calendar", {"count_assignments": 1}, MISSING),
        ("reopen_rate", "intercom", {"state": "closed"}, MISSING),
        ("reopen_rate", "intercom", {"first_close_at": LATER, "count_reopens": None}, MISSING),
        ("closed_on_first_contact", "intercom", {"count_reopens": 1}, MISSING),
        ("reopens", "intercom", {"count_reopens": None}, MISSING),
        ("assignments", "intercom", {"count_assignments": None}, MISSING),
        ("first_response_survival", "calendar", {"time_to_admin_reply": 60}, MISSING),
        ("first_response_survival", "calendar", {"state": "closed"}, MISSING),
        ("time_to_close_survival", "calendar", {"state": "closed"}, MISSING),
        (
            "workload",
            "intercom",
            {"count_reopens": None},
            f"{MISSING}: counted, but not as replied, reopened or handled",
        ),
        ("backlog", "calendar", {"state": "closed"}, "closed at an unknown time"),
        ("backlog", "parts", {"state": "closed"}, "closed at an unknown time"),
        # it was too late to be measured
        (
            "time_to_assignment",
            "intercom",
            {"first_admin_reply_at": BEGUN + timedelta(minutes=1), "first_assignment_at": LATER},
            "assigned only after the first reply",
        ),
    ],
)
def test_what_another_statistic_says_is_believed(name: str, definition: str, told: Row, reason: str) -> None:
    assert left_out(name, {**INBOUND, **COUNTED, **told}, definition) == {reason: 1}


@pytest.mark.parametrize("state", ["open", "closed"])
@pytest.mark.parametrize(
    "name", ["first_response_time", "response_time", "time_to_close", "time_to_assignment", "reopen_rate"]
)
def test_where_no_customer_has_written_nobody_waits(name: str, state: str) -> None:
    assert left_out(name, {**OUTBOUND, **COUNTED, "state": state}) == {SILENT: 1}


def test_the_reasons_for_one_measure_add_up() -> None:
    rows: list[Row] = [INBOUND, {**INBOUND, **COUNTED}, {**OUTBOUND, **COUNTED}, {**INBOUND, "time_to_admin_reply": -1}]
    rows += [{**INBOUND, **COUNTED, "state": "closed"}, {**INBOUND, **COUNTED, "time_to_admin_reply": 60}]
    held = world(*rows)
    measured = {name: metric for name, metric in METRICS.items() if isinstance(metric.calculation, Distribution)}
    for name, metric in measured.items():
        for definition in metric.definitions:
            asked = {"definition": definition, **with_hours(name, definition)}
            out = held.left_out(name, MONDAY, **asked)
            for row in held.rows(name, MONDAY, **asked):
                assert sum(out.values()) + row["n"] == row["total"] == len(rows), (name, definition)


def test_an_open_one_without_statistics_is_still_open() -> None:
    (row,) = world(INBOUND).rows("time_to_close_survival", MONDAY)
    assert (row["n"], row["seconds"]) == (1, (TUESDAY - BEGUN).total_seconds())


def test_who_may_wait_unseen_is_named() -> None:
    held = world(INBOUND, {**INBOUND, "waiting_since": LATER}, {**INBOUND, **COUNTED}, {**INBOUND, "state": "closed"})
    assert sum(row["n"] for row in held.rows("waiting_now", MONDAY)) == 1
    assert held.left_out("waiting_now", MONDAY) == {f"{MISSING}: since when the customer waits is unknown": 1}


@pytest.mark.parametrize("definition", ["calendar", "parts"])
def test_what_was_closed_at_an_unknown_time_is_not_in_the_backlog(definition: str) -> None:
    rows = world({**INBOUND, "state": "closed"}, INBOUND).rows("backlog", MONDAY, definition=definition)
    assert [row["n"] for row in rows] == [0, *[1] * 8]
    assert sum(row["closed"] for row in rows) == 0


@pytest.mark.parametrize("name", ["support_load", "account_health"])
def test_companies_of_whose_conversations_not_all_is_told_are_named(name: str) -> None:
    companies = [{"id": id, "name": id} for id in "ABC"]
    rows = [{**INBOUND, "company_id": "A"}, {**INBOUND, **COUNTED, "company_id": "B"}]
    held = world(*rows, companies=companies)
    assert held.left_out(name, MONDAY)["companies with conversations that lack statistics"] == 1


def test_health_judges_by_what_is_told() -> None:
    rows = [{**INBOUND, "company_id": "A"}, {**INBOUND, **COUNTED, "company_id": "A"}]
    rows += [{**INBOUND, **COUNTED, "company_id": "A", "count_reopens": 1}]
    (row,) = world(*rows, companies=[{"id": "A", "name": "A"}]).rows("account_health", MONDAY)
    assert (row["support"], row["conversations"]) == (0.5, 3)


# --- replies ---


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        ({"body": "Here."}, 1),
        ({"attachment_urls": ["https://files.example/1.pdf"]}, 1),
        ({"body": "", "attachment_urls": ["https://files.example/1.png"]}, 1),
        ({"redacted": True}, 1),
        ({"body": ""}, 0),
        ({"body": None, "attachment_urls": []}, 0),
        ({"part_type": "note", "attachment_urls": ["https://files.example/1.pdf"]}, 0),
        ({"author_type": "bot", "attachment_urls": ["https://files.example/1.pdf"]}, 0),
    ],
)
def test_a_file_is_a_reply_and_an_empty_body_is_none(said: Row, replies: int) -> None:
    part = {"id": "1", "conversation_id": "c1", "created_at": LATER, "part_type": "comment", "author_type": "admin"}
    held = world({**INBOUND, **COUNTED, "state": "closed"}, conversation_parts=[part | said])
    assert held.rows("replies_to_resolve", MONDAY)[0]["value"] == replies
    assert held.rows("response_time", MONDAY, definition="calendar")[0]["n"] == replies


def test_a_customers_file_is_a_question() -> None:
    asked = {"id": "1", "conversation_id": "c1", "created_at": BEGUN, "part_type": "comment", "author_type": "user"}
    answer = asked | {"id": "2", "created_at": LATER, "author_type": "admin", "body": "Thanks."}
    held = world(OUTBOUND, conversation_parts=[asked | {"attachment_urls": ["https://files.example/1"]}, answer])
    assert held.rows("response_time", MONDAY, definition="calendar")[0]["value"] == 7200


def test_dbts_empty_body_is_no_response() -> None:
    part = {"id": "1", "conversation_id": "c1", "created_at": LATER, "part_type": "assignment", "author_type": "admin"}
    held = world(INBOUND, conversation_parts=[part | {"body": ""}])
    assert held.rows("first_response_time", MONDAY, definition="dbt")[0]["n"] == 0


@pytest.mark.parametrize("privacy", ["full", "masked", "none"])
def test_an_image_or_a_file_alone_is_a_reply_over_http_too(privacy: Any) -> None:
    hour = NOW - 86_400
    author = {"type": "admin", "id": "1"}
    parts = [
        {"body": '<p><img src="https://files.example/1.png"></p>', "attachments": []},
        {"body": None, "attachments": [{"type": "upload", "url": "https://files.example/2.pdf"}]},
        {"body": "<p></p>", "attachments": []},
    ]
    listed = [
        {"type": "conversation_part", "id": str(n), "part_type": "comment", "created_at": hour + n, "author": author}
        | part
        for n, part in enumerate(parts, 1)
    ]
    talk = {"type": "conversation", "id": "7", "created_at": hour, "updated_at": hour, "state": "closed"}
    talk |= {"conversation_parts": {"conversation_parts": listed, "total_count": 3}}
    with (
        serve(records={"conversations": [talk]}, now=NOW) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url, privacy=privacy) as ws,
    ):
        since = datetime.fromtimestamp(hour - 60, UTC)
        assert ws.metric("replies_to_resolve", since=since)["value"].tolist() == [2]


def test_new_conversations_without_statistics_are_asked_for_in_one_search() -> None:
    talks = [
        {"type": "conversation", "id": str(n), "created_at": NOW - n * 3600, "updated_at": NOW, "state": "open"}
        for n in range(9)
    ]
    for talk in talks:
        talk |= {"source": {"delivered_as": "customer_initiated", "author": {"type": "user"}}, "statistics": None}
    with (
        serve(records={"conversations": talks}, now=NOW) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        frame = ws.metric("conversations", since=datetime.fromtimestamp(NOW - 86_400, UTC))
        assert frame["n"].tolist() == [9]
        assert frame.attrs["intercom"]["requests"] == 1
