"""Conversations and events as Intercom hands them out."""

from datetime import datetime
from typing import Any

import pytest

from .conftest import NOW, Client, Start


@pytest.fixture(scope="module")
def longest(client: Client) -> Any:
    query = {"field": "statistics.count_conversation_parts", "operator": ">", "value": 500}
    return client.get(f"/conversations/{client.search('conversations', query)['conversations'][0]['id']}")


def test_lists_and_searches_carry_no_parts(client: Client) -> None:
    assert "conversation_parts" not in client.get("/conversations")["conversations"][0]


def test_the_newest_500_parts_are_all_there_is(longest: Any) -> None:
    parts = longest["conversation_parts"]["conversation_parts"]
    assert len(parts) == 500
    assert longest["conversation_parts"]["total_count"] > 500
    assert [part["created_at"] for part in parts] == sorted(part["created_at"] for part in parts)
    assert parts[-1]["created_at"] == longest["updated_at"]


def test_plain_text_has_no_markup_and_links_in_brackets(start: Start) -> None:
    part = {"id": "1", "body": '<p>See <a href="https://x.example">the guide</a> &amp; relax</p>'}
    record = {"id": "7", "source": {"body": "<p>Hi</p>", "subject": ""}, "conversation_parts": [part]}
    _, client = start(records={"conversations": [record]})
    shown = client.get("/conversations/7", display_as="plaintext")
    assert shown["source"]["body"] == "Hi"
    bodies = [part["body"] for part in shown["conversation_parts"]["conversation_parts"]]
    assert bodies == ["See the guide (https://x.example) & relax"]
    html = client.get("/conversations/7")["conversation_parts"]["conversation_parts"][0]["body"]
    assert html == part["body"]


def test_the_rarities_of_live_data_occur(start: Start) -> None:
    _, client = start(conversations=3000, contacts=300)
    rows = client.all("/conversations", "conversations")
    assert any(row["source"] is None for row in rows)
    assert any(row["statistics"] is None for row in rows)
    assert {row["state"] for row in rows} == {"open", "closed", "snoozed"}
    snoozed = next(row for row in rows if row["state"] == "snoozed")
    assert snoozed["open"] is True
    assert snoozed["snoozed_until"] > NOW
    assert len({row["source"]["type"] for row in rows if row["source"]}) >= 5
    assert all(" " in label or label.istitle() for row in rows for label in row["custom_attributes"])


def test_deleted_conversations_are_listed_since_2_16(start: Start) -> None:
    sandbox, client = start()
    id_ = client.get("/conversations")["conversations"][0]["id"]
    sandbox.delete("conversations", id_)
    assert client.refused(f"/conversations/{id_}") == (404, "not_found")
    deleted = client.get("/conversations/deleted")
    assert deleted["type"] == "conversations.list"
    assert [row["id"] for row in deleted["conversations"]] == [id_]


@pytest.fixture(scope="module")
def regular(client: Client) -> Any:
    """Find a user who did a lot both long ago and lately."""
    for contact in client.all("/contacts"):
        if contact["external_id"] and contact["role"] == "user":
            summary = client.get("/events", type="user", user_id=contact["external_id"], summary="true")
            recent = client.get("/events", type="user", user_id=contact["external_id"], per_page=150)
            if 20 < len(recent["events"]) < sum(item["count"] for item in summary["events"]):
                return contact
    raise AssertionError("nobody did enough")


def test_events_page_by_milliseconds_newest_first(client: Client, regular: Any) -> None:
    query = {"type": "user", "intercom_user_id": regular["id"]}
    page = client.get("/events", **query, per_page=7)
    events = page["events"]
    while page["pages"]["next"]:
        assert "before=" in page["pages"]["next"]
        page = client.http.get(page["pages"]["next"]).json()
        events += page["events"]
    assert events == client.get("/events", **query, per_page=150)["events"]
    assert len({event["id"] for event in events}) == len(events)
    assert [event["created_at"] for event in events] == sorted((e["created_at"] for e in events), reverse=True)
    assert min(event["created_at"] for event in events) >= NOW - 90 * 86400
    assert max(event["created_at"] for event in events) <= regular["last_seen_at"]


def test_since_gives_what_is_newer_than_the_page(client: Client, regular: Any) -> None:
    page = client.get("/events", type="user", user_id=regular["external_id"], per_page=3)
    assert client.http.get(page["pages"]["since"]).json()["events"] == []


def test_summaries_count_old_events_too_and_write_times_as_text(client: Client, regular: Any) -> None:
    summary = client.get("/events", type="user", user_id=regular["external_id"], summary="true")
    assert summary["type"] == "event.summary"
    assert "pages" not in summary
    recent = client.get("/events", type="user", user_id=regular["external_id"], per_page=150)["events"]
    for item in summary["events"]:
        names = [event for event in recent if event["event_name"] == item["name"]]
        assert item["count"] >= len(names)
        if names:
            assert int(datetime.fromisoformat(item["last"]).timestamp()) == names[0]["created_at"]
    assert any(datetime.fromisoformat(item["first"]).timestamp() < NOW - 90 * 86400 for item in summary["events"])


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("user_id=usr_1", (400, "parameter_invalid")),
        ("type=user", (400, "parameter_not_found")),
        ("type=user&user_id=a&email=b", (400, "parameter_invalid")),
        ("type=user&user_id=nobody", (404, "not_found")),
        ("type=user&email=nobody@x.example", (404, "not_found")),
    ],
)
def test_events_want_exactly_one_known_contact(client: Client, query: str, refusal: tuple[int, str]) -> None:
    assert client.refused(f"/events?{query}") == refusal


def test_events_of_a_lead_are_found_only_by_intercoms_id(client: Client) -> None:
    lead = next(row for row in client.all("/contacts") if row["role"] == "lead")
    client.get("/events", type="user", intercom_user_id=lead["id"])
    assert client.refused(f"/events?type=user&user_id={lead['external_id']}") == (404, "not_found")


def test_reviews_come_where_they_are_asked_for_since_2_16(client: Client, start: Start) -> None:
    query, asked = {"field": "created_at", "operator": ">", "value": 0}, {"include_scorecards": "true"}
    plain = client.search("conversations", query)["conversations"]
    assert not any("scorecards" in each or "monitor_evaluations" in each for each in plain)
    found = client.http.post("/conversations/search", json={"query": query}, params=asked).json()["conversations"]
    listed = client.get("/conversations", **asked)["conversations"]
    for each in [*found, *listed]:
        assert each.pop("scorecards") == client.get(f"/conversations/{each['id']}", **asked)["scorecards"]
        assert "monitor_evaluations" not in each
    assert found == plain
    _, older = start({"Intercom-Version": "2.15"})
    assert "scorecards" not in older.get("/conversations", **asked)["conversations"][0]
