"""The generated numbers agree with each other."""

from collections import Counter
from datetime import datetime, timedelta
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from intercom_kit.sandbox import serve

from .conftest import NOW, Client

DUBLIN = ZoneInfo("Europe/Dublin")


@pytest.fixture(scope="module")
def conversations(client: Client) -> list[Any]:
    ids = [row["id"] for row in client.all("/conversations", "conversations")]
    return [client.get(f"/conversations/{id_}") for id_ in ids]


def office_seconds(start: int, end: int) -> int:
    """Count Monday to Friday, 9 to 18 in Dublin, the slow and plain way."""
    total = 0.0
    day = datetime.fromtimestamp(start, DUBLIN).replace(hour=0, minute=0, second=0)
    while day.timestamp() <= end:
        if day.weekday() < 5:
            opens, closes = day.replace(hour=9).timestamp(), day.replace(hour=18).timestamp()
            total += max(0, min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return int(total)


def parts(conversation: Any) -> list[Any]:
    rows: list[Any] = conversation["conversation_parts"]["conversation_parts"]
    return rows


def anchor(conversation: Any) -> int | None:
    if (conversation["source"] or {}).get("delivered_as") == "customer_initiated":
        return int(conversation["created_at"])
    spoken = [part for part in parts(conversation) if part["author"]["type"] in ("user", "lead") and part["body"]]
    return int(spoken[0]["created_at"]) if spoken else None


def whole(conversation: Any) -> bool:
    return bool(len(parts(conversation)) < 500 and conversation["statistics"])


def test_statistics_follow_from_the_parts(conversations: list[Any]) -> None:
    checked = 0
    for conversation in filter(whole, conversations):
        statistics, begins = conversation["statistics"], anchor(conversation)
        assert statistics["first_contact_reply_at"] == begins
        if begins is None:
            continue
        after = [part for part in parts(conversation) if part["created_at"] >= begins]
        times = {
            kind: [p["created_at"] for p in after if p["part_type"] == kind] for kind in ("close", "assignment", "open")
        }
        replies = [p["created_at"] for p in after if p["part_type"] == "comment" and p["author"]["type"] == "admin"]
        assert statistics["first_close_at"] == (times["close"][0] if times["close"] else None)
        assert statistics["last_close_at"] == (times["close"][-1] if times["close"] else None)
        assert statistics["first_admin_reply_at"] == (replies[0] if replies else None)
        assert statistics["last_admin_reply_at"] == (replies[-1] if replies else None)
        assert statistics["count_reopens"] == len(times["open"])
        assert statistics["count_assignments"] == len(times["assignment"])
        assert statistics["count_conversation_parts"] == len(parts(conversation)) + 1
        for name, moments in (("time_to_admin_reply", replies[:1]), ("time_to_last_close", times["close"][-1:])):
            expected = office_seconds(begins, moments[0]) if moments else None
            assert statistics[name] == expected
            checked += expected is not None
    assert checked > 500


def test_a_state_follows_from_the_last_thing_that_changed_it(conversations: list[Any]) -> None:
    for conversation in conversations:
        kinds = [part["part_type"] for part in parts(conversation)]
        deciding = [kind for kind in kinds if kind in ("close", "open", "snoozed", "timer_unsnooze")]
        expected = {"close": "closed", "snoozed": "snoozed"}.get(deciding[-1] if deciding else "", "open")
        assert conversation["state"] == expected
        assert conversation["open"] == (expected != "closed")
        assert (conversation["snoozed_until"] is not None) == (expected == "snoozed")


def test_nothing_happens_before_its_cause_or_in_the_future(conversations: list[Any]) -> None:
    for conversation in conversations:
        times = [conversation["created_at"], *(part["created_at"] for part in parts(conversation))]
        assert times == sorted(times)
        assert conversation["updated_at"] == times[-1] <= NOW


def test_assignees_teammates_and_closers_appear_in_the_parts(conversations: list[Any]) -> None:
    for conversation in filter(whole, conversations):
        assigned = [part["assigned_to"] for part in parts(conversation) if part["assigned_to"]]
        for kind, key in (("admin", "admin_assignee_id"), ("team", "team_assignee_id")):
            last = [int(target["id"]) for target in assigned if target["type"] == kind]
            assert conversation[key] == (last[-1] if last else 0)
        authors = {part["author"]["id"] for part in parts(conversation) if part["author"]["type"] == "admin"}
        assert {admin["id"] for admin in conversation["teammates"]["admins"]} == authors
        assert bool(conversation["ai_agent"]) == conversation["ai_agent_participated"]
        answered = any(part["author"].get("is_ai_answer") for part in parts(conversation))
        assert answered == conversation["ai_agent_participated"]


def test_the_ai_agent_is_rated_only_where_it_answered_and_never_before(conversations: list[Any]) -> None:
    rated = [row for row in conversations if row["ai_agent"] and row["ai_agent"]["rating"]]
    assert rated
    for row in rated:
        answered = next(part["created_at"] for part in parts(row) if part["author"].get("is_ai_answer"))
        assert answered <= row["ai_agent"]["created_at"] <= row["updated_at"]
    unrated = [row["ai_agent"] for row in conversations if row["ai_agent"] and not row["ai_agent"]["rating"]]
    assert all(agent["created_at"] is None and agent["rating_remark"] is None for agent in unrated)
    assert {len(row["ai_agent"]["content_sources"]["content_sources"]) for row in rated} <= {1, 2}


def test_tags_that_parts_add_are_those_of_the_conversation(conversations: list[Any]) -> None:
    changes = [(row, part) for row in conversations for part in parts(row) if part["event_details"]]
    assert changes
    for row, part in changes:
        (tag,) = part["event_details"]["tags_added"]
        assert part["part_type"] == "conversation_tags_updated"
        assert tag["name"] in {each["name"] for each in row["tags"]["tags"]}


def test_the_sales_agent_ends_only_conversations_that_a_customer_answered(conversations: list[Any]) -> None:
    sold = [row for row in conversations if row["sales_agent"]]
    assert sold
    for row in sold:
        assert row["sales_agent_participated"]
        assert row["statistics"]["first_contact_reply_at"]
        assert (row["sales_agent"]["outcome"] == "escalated_to_support") == bool(row["team_assignee_id"])


@pytest.fixture(scope="module")
def many() -> list[Any]:
    """List enough conversations for averages to mean something."""
    with serve(conversations=6000, contacts=300, now=NOW) as sandbox:
        client = Client(sandbox)
        with client.http:
            return client.all("/conversations", "conversations")


def test_ratings_come_after_a_close_and_slow_answers_are_rated_lower(many: list[Any]) -> None:
    rows = [row for row in many if row["conversation_rating"]]
    for row in rows:
        assert row["statistics"]["first_close_at"] <= row["conversation_rating"]["created_at"]
        assert row["conversation_rating"]["created_at"] < row["conversation_rating"]["updated_at"]
    middle = median(row["statistics"]["time_to_admin_reply"] for row in rows)
    quick = mean(r["conversation_rating"]["rating"] for r in rows if r["statistics"]["time_to_admin_reply"] <= middle)
    slow = mean(r["conversation_rating"]["rating"] for r in rows if r["statistics"]["time_to_admin_reply"] > middle)
    assert quick > slow + 0.3


def test_conversations_follow_the_working_week_and_incidents_stand_out(many: list[Any]) -> None:
    started = [datetime.fromtimestamp(row["created_at"], DUBLIN) for row in many]
    assert sum(moment.weekday() < 5 for moment in started) > 0.8 * len(started)
    assert sum(9 <= moment.hour < 18 for moment in started) > 0.6 * len(started)
    tagged = Counter(tag["name"] for row in many for tag in row["tags"]["tags"] if "incident 2" in tag["name"])
    assert tagged
    name, count = tagged.most_common(1)[0]
    that_day = [moment for moment in started if moment.date().isoformat() in name]
    assert len(that_day) >= count > 3 * len(started) / 365


def test_people_and_companies_agree(client: Client) -> None:
    contacts = client.all("/contacts")
    for contact in contacts:
        stamps = [value for name, value in contact.items() if name.endswith("_at") and value]
        assert contact["updated_at"] >= contact["created_at"]
        assert max(stamps) <= NOW
        assert min(stamps) == contact["created_at"]
    for company in client.get("/companies", per_page=60)["data"]:
        people = client.all(f"/companies/{company['id']}/contacts")
        assert company["user_count"] == len(people)
        assert company["last_request_at"] == max(person["last_seen_at"] for person in people)
        assert company["updated_at"] >= company["created_at"]
        sessions = 0
        for person in people:
            summary = client.get("/events", type="user", intercom_user_id=person["id"], summary="true")
            sessions += sum(item["count"] for item in summary["events"] if item["name"] == "logged-in")
        assert company["session_count"] == sessions


def test_replies_are_remembered_on_the_contact(client: Client, conversations: list[Any]) -> None:
    latest: dict[str, int] = {}
    for conversation in filter(whole, conversations):
        replied = conversation["statistics"]["last_contact_reply_at"]
        if replied:
            id_ = conversation["contacts"]["contacts"][0]["id"]
            latest[id_] = max(latest.get(id_, 0), replied)
    for contact in client.all("/contacts"):
        if contact["id"] in latest:
            assert contact["last_replied_at"] >= latest[contact["id"]]
