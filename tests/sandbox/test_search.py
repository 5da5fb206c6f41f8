"""What Intercom's searches understand, refuse and find."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .conftest import NOW, Client, Start

DUBLIN = ZoneInfo("Europe/Dublin")


def where(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def both(*members: Any) -> dict[str, Any]:
    return {"operator": "AND", "value": list(members)}


def either(*members: Any) -> dict[str, Any]:
    return {"operator": "OR", "value": list(members)}


def conversations(client: Client, query: Any, **more: Any) -> list[Any]:
    rows: list[Any] = []
    pagination: dict[str, Any] = {"per_page": 150}
    while True:
        page = client.search("conversations", query, pagination=pagination, **more)
        rows += page["conversations"]
        if "next" not in page["pages"]:
            assert len(rows) == page["total_count"]
            return rows
        pagination["starting_after"] = page["pages"]["next"]["starting_after"]


@pytest.fixture(scope="module")
def everything(client: Client) -> list[Any]:
    return client.all("/conversations", "conversations")


def source(conversation: Any, name: str) -> Any:
    return (conversation["source"] or {}).get(name)


def statistic(conversation: Any, name: str) -> Any:
    return (conversation["statistics"] or {}).get(name)


def tags(conversation: Any) -> list[str]:
    return [tag["id"] for tag in conversation["tags"]["tags"]]


RECENT, BILLING = NOW - 90 * 86400, "7800216"
CASES: list[tuple[Any, Any]] = [
    (where("state", "=", "closed"), lambda c: c["state"] == "closed"),
    (where("state", "!=", "closed"), lambda c: c["state"] != "closed"),
    (where("open", "=", True), lambda c: c["open"]),
    (where("open", "=", "true"), lambda c: c["open"]),
    (where("created_at", ">", RECENT), lambda c: c["created_at"] > RECENT),
    (where("created_at", "<", str(RECENT)), lambda c: c["created_at"] < RECENT),
    (where("team_assignee_id", "=", 5077733), lambda c: c["team_assignee_id"] == 5077733),
    (where("team_assignee_id", "IN", [5077733, 5077837]), lambda c: c["team_assignee_id"] in (5077733, 5077837)),
    (where("admin_assignee_id", "=", None), lambda c: not c["admin_assignee_id"]),
    (where("admin_assignee_id", "=", 0), lambda c: not c["admin_assignee_id"]),
    (where("source.delivered_as", "IN", ["automated"]), lambda c: source(c, "delivered_as") == "automated"),
    (
        where("source.author.email", "$", ".example"),
        lambda c: ((source(c, "author") or {}).get("email") or "").endswith(".example"),
    ),
    (where("source.body", "~", "REFUND"), lambda c: "refund" in (source(c, "body") or "").lower()),
    (where("source.body", "!~", "refund"), lambda c: "refund" not in (source(c, "body") or "").lower()),
    (where("tag_ids", "IN", [BILLING]), lambda c: BILLING in tags(c)),
    (where("tag_ids", "NIN", [BILLING]), lambda c: BILLING not in tags(c)),
    (
        where("statistics.time_to_admin_reply", ">", 3600),
        lambda c: (statistic(c, "time_to_admin_reply") or 0) > 3600,
    ),
    (
        where("statistics.first_admin_reply_at", "=", None),
        lambda c: statistic(c, "first_admin_reply_at") is None,
    ),
    (
        where("statistics.last_closed_by_id", "=", "4400001"),
        lambda c: statistic(c, "last_closed_by_id") == "4400001",
    ),
    (
        where("conversation_rating.score", "<", 3),
        lambda c: c["conversation_rating"] and c["conversation_rating"]["rating"] < 3,
    ),
    (
        where("ai_agent.resolution_state", "=", "escalated"),
        lambda c: c["ai_agent"] and c["ai_agent"]["resolution_state"] == "escalated",
    ),
    (where("ai_agent_participated", "!=", True), lambda c: not c["ai_agent_participated"]),
    (where("priority", "IN", ["high", "urgent"]), lambda c: c["priority"] in ("high", "urgent")),
    (where("channel_initiated", "=", "email"), lambda c: c["channel"]["initial"] == "email"),
    (
        either(where("state", "=", "open"), where("priority", "=", "urgent")),
        lambda c: c["state"] == "open" or c["priority"] == "urgent",
    ),
    (
        both(where("open", "=", False), either(where("read", "=", False), where("priority", "=", "high"))),
        lambda c: not c["open"] and (not c["read"] or c["priority"] == "high"),
    ),
    (both(), lambda c: c["id"]),
]


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[str(case[0])[:90] for case in CASES])
def test_a_search_finds_what_a_reader_of_all_records_would(
    client: Client, everything: list[Any], query: Any, expected: Any
) -> None:
    found = {row["id"] for row in conversations(client, query)}
    assert found == {row["id"] for row in everything if expected(row)}


def test_every_kind_of_field_is_found_alike_in_loaded_records(client: Client, start: Start) -> None:
    """Generated and loaded records go through one search, so the same records give the same answers."""
    _, copy = start(records={"conversations": client.all("/conversations", "conversations")})
    for query, _ in CASES:
        found, again = conversations(client, query), conversations(copy, query)
        assert {row["id"] for row in found} == {row["id"] for row in again}, query


def test_a_body_is_searched_by_word(start: Start) -> None:
    source = {"type": "conversation", "body": "<p>I need support</p>"}
    _, client = start(records={"conversations": [{"id": "1", "updated_at": 1, "source": source}, {"id": "2"}]})
    assert len(conversations(client, where("source.body", "=", "support"))) == 1
    assert len(conversations(client, where("source.body", "=", "Support"))) == 1
    assert conversations(client, where("source.body", "=", "need support")) == []
    assert conversations(client, where("source.body", "=", "supp")) == []


def test_bounds_are_exclusive_unless_asked_otherwise(start: Start) -> None:
    records = {"conversations": [{"id": str(n), "updated_at": n} for n in (10, 20, 30)]}
    _, exclusive = start(records=records)
    _, inclusive = start(records=records, behaves="bounds=closed")
    assert [row["id"] for row in conversations(exclusive, where("updated_at", ">", 20))] == ["30"]
    assert [row["id"] for row in conversations(inclusive, where("updated_at", ">", 20))] == ["30", "20"]


def day(moment: int) -> str:
    return datetime.fromtimestamp(moment, DUBLIN).date().isoformat()


def test_contact_dates_are_compared_by_whole_days_of_the_workspace(client: Client) -> None:
    contacts = client.all("/contacts")
    moment = contacts[120]["created_at"]
    for operator, expected in (
        ("=", lambda other: day(other) == day(moment)),
        (">", lambda other: day(other) > day(moment)),
        ("<", lambda other: day(other) < day(moment)),
    ):
        page = client.search("contacts", where("created_at", operator, moment), pagination={"per_page": 150})
        assert page["total_count"] == sum(expected(contact["created_at"]) for contact in contacts)


def test_preview_compares_contact_dates_to_the_second(start: Start) -> None:
    _, client = start(headers={"Intercom-Version": "Preview"})
    contacts = client.all("/contacts")
    moment = contacts[10]["created_at"]
    newer = [contact for contact in contacts if contact["created_at"] >= moment]
    page = client.search("contacts", where("created_at", ">=", moment), pagination={"per_page": 150})
    assert page["total_count"] == len(newer)


def test_contacts_are_found_by_tag_segment_location_and_custom_attribute(client: Client) -> None:
    contacts = client.all("/contacts")
    growth = [contact for contact in contacts if contact["custom_attributes"].get("plan") == "Growth"]
    found = client.search("contacts", where("custom_attributes.plan", "=", "Growth"))
    assert found["total_count"] == len(growth) > 0
    seats = [contact for contact in contacts if contact["custom_attributes"].get("seats", 0) > 50]
    assert client.search("contacts", where("custom_attributes.seats", ">", 50))["total_count"] == len(seats)
    irish = [contact for contact in contacts if contact["location"]["country"] == "Ireland"]
    assert client.search("contacts", where("location.country", "=", "Ireland"))["total_count"] == len(irish)
    for segment in client.get("/segments", include_count="true")["segments"]:
        found = client.search("contacts", where("segment_id", "=", segment["id"]))
        assert found["total_count"] == segment["count"]
    tag = next(contact for contact in contacts if contact["tags"]["data"])["tags"]["data"][0]["id"]
    assert client.search("contacts", where("tag_id", "=", tag))["total_count"] > 0


NOT_UNDERSTOOD = [
    ("contacts", where("company_id", "=", "1"), "invalid_field"),
    ("contacts", where("created_at", ">=", 1), "data_invalid"),
    ("contacts", where("created_at", "!=", 1), "data_invalid"),
    ("contacts", where("tag_id", "IN", ["1"]), "data_invalid"),
    ("contacts", where("email", ">", "a"), "data_invalid"),
    ("contacts", where("created_at", ">", "yesterday"), "parameter_invalid"),
    ("conversations", where("nonsense", "=", 1), "invalid_field"),
    ("conversations", where("custom_attributes.Topic", "=", "Bug"), "invalid_field"),
    ("conversations", where("created_at", ">=", 1), "data_invalid"),
    ("conversations", where("state", "~~", "open"), "data_invalid"),
    ("conversations", where("state", "IN", "open"), "parameter_invalid"),
    ("conversations", {"field": "state", "value": "open"}, "parameter_missing"),
    ("conversations", both(both(both(where("open", "=", True)))), "parameter_invalid"),
    ("conversations", either(*[where("state", "=", "open")] * 16), "parameter_invalid"),
    ("conversations", {"operator": "AND", "value": "open"}, "parameter_invalid"),
    ("conversations", "open", "parameter_invalid"),
]


@pytest.mark.parametrize(("kind", "query", "code"), NOT_UNDERSTOOD, ids=[str(case[1])[:80] for case in NOT_UNDERSTOOD])
def test_what_intercom_does_not_understand_is_a_400(client: Client, kind: str, query: Any, code: str) -> None:
    assert client.refused(f"/{kind}/search", "POST", json={"query": query}) == (400, code)


def test_fifteen_filters_and_two_levels_are_still_understood(client: Client) -> None:
    wide = either(*[where("state", "=", "open")] * 15)
    assert conversations(client, both(wide)) == conversations(client, where("state", "=", "open"))


def test_a_body_that_is_not_json_is_refused(client: Client) -> None:
    assert client.refused("/contacts/search", "POST", content=b"{") == (400, "parameter_invalid")
    assert client.refused("/contacts/search", "POST", json={}) == (400, "parameter_missing")


def test_results_are_sorted_as_asked_and_by_last_update_otherwise(client: Client) -> None:
    closed = where("state", "=", "closed")
    plain = [row["updated_at"] for row in conversations(client, closed)]
    assert plain == sorted(plain, reverse=True)
    asked = conversations(client, closed, sort={"field": "created_at", "order": "ascending"})
    assert [row["created_at"] for row in asked] == sorted(row["created_at"] for row in asked)
    ids = [int(row["id"]) for row in conversations(client, closed, sort={"field": "id", "order": "ascending"})]
    assert ids == sorted(ids)


def test_a_bad_sort_order_is_refused_since_2_16(client: Client) -> None:
    body = {"query": both(), "sort": {"field": "created_at", "order": "desc"}}
    assert client.refused("/contacts/search", "POST", json=body) == (400, "invalid_sort_order")
    older = client.http.post("/contacts/search", json=body, headers={"Intercom-Version": "2.15"})
    assert older.status_code == 200


def test_a_change_is_found_at_once(start: Start) -> None:
    sandbox, client = start()
    urgent = where("priority", "=", "urgent")
    before = {row["id"] for row in conversations(client, urgent)}
    id_ = next(row["id"] for row in client.all("/conversations", "conversations") if row["id"] not in before)
    sandbox.upsert("conversations", {"id": id_, "priority": "urgent"})
    assert {row["id"] for row in conversations(client, urgent)} == before | {id_}
    sandbox.delete("conversations", id_)
    assert {row["id"] for row in conversations(client, urgent)} == before
