"""Phone calls: of the conversations that came by phone, listed page by page and by conversation."""

from datetime import UTC, datetime
from typing import Any

import pytest

from intercom_kit.sandbox import Sandbox

from .conftest import NOW, Client, Start

PHONED = {"field": "source.type", "operator": "=", "value": "phone_call"}


@pytest.fixture(scope="module")
def phoned(client: Client) -> dict[str, Any]:
    found = client.search("conversations", PHONED, pagination={"per_page": 150})["conversations"]
    return {each["id"]: each for each in found}


@pytest.fixture(scope="module")
def calls(client: Client) -> list[Any]:
    first = client.get("/calls")
    return [
        each for page in range(1, first["pages"]["total_pages"] + 1) for each in client.get("/calls", page=page)["data"]
    ]


def asked(client: Client, ids: object) -> Any:
    return client.http.post("/calls/search", json={"conversation_ids": ids}).json()


def seconds(time: int | str) -> int:
    return time if isinstance(time, int) else int(datetime.fromisoformat(time).timestamp())


def test_every_call_belongs_to_a_conversation_by_phone_and_begins_with_it(
    phoned: dict[str, Any], calls: list[Any]
) -> None:
    called = {each["conversation_id"] for each in calls}
    assert called <= set(phoned)
    assert all(phoned[id_]["created_at"] > NOW - 3_600 for id_ in set(phoned) - called)  # it may not be over yet
    for each in calls:
        conversation = phoned[each["conversation_id"]]
        assert each["contact_id"] == conversation["contacts"]["contacts"][0]["id"]
        assert seconds(each["initiated_at"]) >= conversation["created_at"]
        assert seconds(each["initiated_at"]) <= seconds(each["ended_at"]) == each["updated_at"]


def test_a_missed_call_was_answered_by_nobody_and_one_time_is_text(calls: list[Any]) -> None:
    assert {each["state"] for each in calls} == {"completed", "missed"}
    for each in calls:
        assert (each["answered_at"] is None) == (each["admin_id"] is None) == (each["state"] == "missed")
        assert isinstance(each["ended_at"], str)
        assert datetime.fromisoformat(each["ended_at"]).tzinfo == UTC


def test_the_list_has_at_most_25_per_page_and_no_transcripts(client: Client, calls: list[Any]) -> None:
    page = client.get("/calls", per_page=100)
    assert (len(page["data"]), page["total_count"]) == (min(25, len(calls)), len(calls))
    assert all("transcript" not in each for each in calls)
    begun = [each["initiated_at"] for each in calls]
    assert begun == sorted(begun, reverse=True)


def test_calls_are_found_by_up_to_20_conversations_with_their_transcripts(
    client: Client, phoned: dict[str, Any], calls: list[Any]
) -> None:
    ids = list(phoned)[:20]
    found = asked(client, ids)
    assert "pages" not in found
    assert {each["id"] for each in found["data"]} == {each["id"] for each in calls if each["conversation_id"] in ids}
    assert any(each["transcript"] for each in found["data"])
    assert all(bool(each["transcript"]) == bool(each["transcript_status"]) for each in found["data"])
    assert asked(client, ["none"])["data"] == []


@pytest.mark.parametrize("ids", [[], [str(number) for number in range(21)], None, "1"])
def test_none_or_more_than_20_conversations_are_refused(client: Client, ids: object) -> None:
    refused = client.refused("/calls/search", "POST", json={"conversation_ids": ids})
    assert refused == (400, "conversation_id_limit_exceeded")


def test_one_call_is_shown(client: Client, calls: list[Any]) -> None:
    assert client.get(f"/calls/{calls[0]['id']}") == calls[0]
    assert client.refused("/calls/none")[0] == 404


def test_calls_are_newer_than_version_2_13(start: Start) -> None:
    _, client = start({"Intercom-Version": "2.13"})
    assert client.refused("/calls") == (400, "intercom_version_invalid")


def test_calls_can_be_given(start: Start) -> None:
    given = {"type": "call", "id": "1", "conversation_id": "7", "initiated_at": 5}
    _, client = start(records={"conversations": [{"id": "7"}], "calls": [given]})
    assert asked(client, ["7"])["data"] == [{"transcript": [], "transcript_status": None, **given}]


def test_nothing_else_depends_on_calls(sandbox: Sandbox, client: Client, calls: list[Any]) -> None:
    """Calls take dice of their own, seeded by their conversation: the same whenever they are asked for."""
    again = {each["id"]: each for each in sandbox.workspace.phone_calls()}
    assert {each["id"]: each["phone"] for each in calls} == {id_: each["phone"] for id_, each in again.items()}
