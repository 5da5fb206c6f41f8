"""What older API versions answer."""

from typing import Any

import pytest

from intercom_kit.sandbox import Sandbox

from .conftest import Client


def asked_in(sandbox: Sandbox, version: str, path: str) -> Any:
    client = Client(sandbox, **{"Intercom-Version": version})
    with client.http:
        return client.get(path)


@pytest.fixture(scope="module")
def escalated(client: Client) -> str:
    query = {"field": "ai_agent.resolution_state", "operator": "=", "value": "escalated"}
    rows = client.search("conversations", query, pagination={"per_page": 150})["conversations"]
    return str(next(row["id"] for row in rows if row["conversation_rating"] and row["team_assignee_id"]))


def test_without_a_header_2_16_holds_and_every_answer_names_its_version(client: Client, sandbox: Sandbox) -> None:
    assert client.http.get("/me").headers["intercom-version"] == "2.16"
    older = client.http.get("/me", headers={"Intercom-Version": "2.11"})
    assert older.headers["intercom-version"] == "2.11"


def test_an_unknown_version_is_refused(client: Client) -> None:
    refusal = client.refused("/me", headers={"Intercom-Version": "3.0"})
    assert refusal == (400, "intercom_version_invalid")


@pytest.mark.parametrize(
    ("path", "version"),
    [("/conversations/deleted", "2.15"), ("/contacts/find_by_external_id/usr_1", "2.12")],
)
def test_an_endpoint_newer_than_the_version_is_refused(client: Client, path: str, version: str) -> None:
    refusal = client.refused(path, headers={"Intercom-Version": version})
    assert refusal == (400, "intercom_version_invalid")


def test_owners_were_integers_before_2_16(client: Client, sandbox: Sandbox) -> None:
    owned = next(contact for contact in client.all("/contacts") if contact["owner_id"])
    assert isinstance(owned["owner_id"], str)
    assert asked_in(sandbox, "2.15", f"/contacts/{owned['id']}")["owner_id"] == int(owned["owner_id"])


def test_nobody_is_zero_now_and_was_null(client: Client, sandbox: Sandbox) -> None:
    query = {"field": "admin_assignee_id", "operator": "=", "value": 0}
    row = client.search("conversations", query)["conversations"][0]
    assert row["admin_assignee_id"] == 0
    assert asked_in(sandbox, "2.15", f"/conversations/{row['id']}")["admin_assignee_id"] is None


def test_priorities_were_two(client: Client, sandbox: Sandbox) -> None:
    for value, older in (("urgent", "priority"), ("none", "not_priority")):
        query = {"field": "priority", "operator": "=", "value": value}
        row = client.search("conversations", query)["conversations"][0]
        assert asked_in(sandbox, "2.14", f"/conversations/{row['id']}")["priority"] == older


def test_a_conversation_loses_fields_version_by_version(sandbox: Sandbox, escalated: str) -> None:
    path = f"/conversations/{escalated}"
    newest, v15, v14, v13, v12, v11 = (
        asked_in(sandbox, version, path) for version in ("2.16", "2.15", "2.14", "2.13", "2.12", "2.11")
    )
    assert newest["ai_agent"]["resolution_state"] == v15["ai_agent"]["resolution_state"] == "escalated"
    assert v14["ai_agent"]["resolution_state"] == "routed_to_team"
    assert "channel" in newest
    assert "channel" not in v15
    assert "company" in v15
    assert "company" not in v14
    assert "updated_at" in v14["conversation_rating"]
    assert "updated_at" not in v13["conversation_rating"]
    assert "handling_time" in v13["statistics"]
    assert "handling_time" not in v12["statistics"]
    assert "assigned_team_first_response_time" in v12["statistics"]
    assert "assigned_team_first_response_time" not in v11["statistics"]
    bot, older_bot = (
        v14["conversation_parts"]["conversation_parts"][0],
        v13["conversation_parts"]["conversation_parts"][0],
    )
    assert bot["author"]["is_ai_answer"] is True
    assert "is_ai_answer" not in older_bot["author"]
    assert "state" in older_bot
    assert "state" not in v12["conversation_parts"]["conversation_parts"][0]


def test_admins_teams_and_companies_gained_fields(client: Client, sandbox: Sandbox) -> None:
    assert "role" in client.get("/admins")["admins"][0]
    assert "role" not in asked_in(sandbox, "2.15", "/admins")["admins"][0]
    assert "away_status_reason_id" not in asked_in(sandbox, "2.13", "/admins")["admins"][0]
    assert "distribution_method" not in asked_in(sandbox, "2.13", "/teams")["teams"][0]
    assert "notes" not in asked_in(sandbox, "2.14", "/companies")["data"][0]


def test_conversation_attributes_moved_away_in_2_16(client: Client, sandbox: Sandbox) -> None:
    assert client.refused("/data_attributes?model=conversation") == (422, "parameter_invalid")
    older = asked_in(sandbox, "2.15", "/data_attributes?model=conversation")["data"]
    assert {attribute["model"] for attribute in older} == {"conversation"}
