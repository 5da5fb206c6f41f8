"""The log of teammates' activity: who was available agrees with who did something when."""

from collections import defaultdict
from typing import Any

import pytest

from .conftest import NOW, Client, Start

AWAY = "admin_away_mode_change"
DAY = 86_400


def logs(client: Client, since: int, **query: Any) -> list[Any]:
    """Read the log by following its addresses."""
    page = client.get("/admins/activity_logs", created_at_after=since, per_page=100, **query)
    rows = page["activity_logs"]
    while page["pages"]["next"]:
        page = client.http.get(page["pages"]["next"]).json()
        rows += page["activity_logs"]
    return list(rows)


@pytest.fixture(scope="module")
def log(client: Client) -> list[Any]:
    return logs(client, NOW - 200 * DAY)


# --- what is generated -------------------------------------------------------------------------


def test_nobody_does_anything_while_away(client: Client) -> None:
    changes = defaultdict(list)
    for entry in reversed(logs(client, 0)):
        if entry["activity_type"] == AWAY:
            changes[entry["performed_by"]["id"]].append((entry["created_at"], entry["metadata"]["away_mode"]))
    checked = 0
    for row in client.all("/conversations", "conversations")[:200]:
        for part in client.get(f"/conversations/{row['id']}")["conversation_parts"]["conversation_parts"]:
            if part["author"]["type"] == "admin":
                before = [away for at, away in changes[part["author"]["id"]] if at <= part["created_at"]]
                assert before[-1] is False
                checked += 1
    assert checked > 300


def test_the_last_change_is_what_the_teammate_shows_now(client: Client, log: list[Any]) -> None:
    admins = [admin for admin in client.get("/admins")["admins"] if "job_title" in admin]
    reasons = {reason["id"]: reason for reason in client.get("/away_status_reasons")["data"]}
    assert {admin["away_mode_enabled"] for admin in admins} == {True, False}
    for admin in admins:
        of_admin = (e for e in log if e["activity_type"] == AWAY and e["performed_by"]["id"] == admin["id"])
        last = next(of_admin)["metadata"]
        assert last["away_mode"] == admin["away_mode_enabled"]
        reason = reasons.get(str(admin["away_status_reason_id"]))
        assert last["away_status_reason"] == (f"{reason['emoji']} {reason['label']}" if reason else None)


def test_away_is_sometimes_set_by_somebody_else_or_twice_or_by_inactivity(log: list[Any]) -> None:
    changes = [entry for entry in log if entry["activity_type"] == AWAY]
    assert any(str(entry["metadata"]["update_by"]) != entry["performed_by"]["id"] for entry in changes)
    assert {entry["metadata"]["auto_changed"] for entry in changes} == {"true", "false"}
    twice = 0
    latest: dict[str, Any] = {}
    for entry in reversed(changes):
        before = latest.get(entry["performed_by"]["id"])
        twice += before is not None and before["metadata"]["away_mode"] == entry["metadata"]["away_mode"]
        latest[entry["performed_by"]["id"]] = entry
    assert 0 < twice < 0.02 * len(changes)


def test_logins_have_no_metadata_and_one_type_is_unknown(client: Client, log: list[Any]) -> None:
    logins = [entry for entry in log if entry["activity_type"] == "admin_login_success"]
    assert logins
    assert all(entry["metadata"] is None for entry in logins)
    known = set(client.get("/admins/activity_log_event_types")["event_types"])
    assert len({entry["activity_type"] for entry in log} - known) == 1
    assert len({entry["id"] for entry in log}) == len(log)


@pytest.mark.parametrize(("choice", "where"), [("performed_by", "performed_by"), ("update_by", "update_by")])
def test_either_field_names_the_teammate_who_is_away(start: Start, choice: str, where: str) -> None:
    _, client = start(behaves=f"away-by={choice}")
    lead = client.get("/admins")["admins"][0]
    changes = [e for e in logs(client, 0) if e["activity_type"] == AWAY]
    others = [e for e in changes if str(e["metadata"]["update_by"]) != e["performed_by"]["id"]]
    assert others
    for entry in others:
        ids = {"performed_by": entry["performed_by"]["id"], "update_by": str(entry["metadata"]["update_by"])}
        assert ids.pop(where) != lead["id"]
        assert set(ids.values()) == {lead["id"]}
        assert (entry["performed_by"]["email"] == lead["email"]) == (where == "update_by")
        away = next(
            admin for admin in client.get("/admins")["admins"] if admin["name"] in entry["activity_description"]
        )
        assert away["id"] != lead["id"]


# --- pages -------------------------------------------------------------------------------------


def test_the_log_comes_newest_first_in_pages_of_20_with_an_address_of_the_next(client: Client) -> None:
    page = client.get("/admins/activity_logs", created_at_after=NOW - 30 * DAY)
    assert page["type"] == "activity_log.list"
    assert "total_count" not in page
    assert len(page["activity_logs"]) == page["pages"]["per_page"] == 20
    assert page["pages"]["next"].startswith("http")
    rows = logs(client, NOW - 30 * DAY)
    assert [row["created_at"] for row in rows] == sorted((row["created_at"] for row in rows), reverse=True)
    assert rows[:20] == page["activity_logs"]
    assert all(NOW - 30 * DAY < row["created_at"] <= NOW for row in rows)


def test_a_span_is_read_in_slices(client: Client, log: list[Any]) -> None:
    middle = log[len(log) // 2]["created_at"]
    older = logs(client, NOW - 200 * DAY, created_at_before=middle)
    newer = logs(client, middle - 1)
    assert newer + older == log


def test_a_beginning_must_be_given(client: Client) -> None:
    assert client.refused("/admins/activity_logs") == (400, "parameter_not_found")
    assert client.refused("/admins/activity_logs?created_at_after=today") == (400, "parameter_invalid")


# --- search ------------------------------------------------------------------------------------


def test_a_search_gives_entries_of_the_types_asked_for_by_pages_in_its_body(client: Client, log: list[Any]) -> None:
    body = {"created_at_after": NOW - 200 * DAY, "event_types": ["role_change", "seat_change"], "per_page": 1}
    first = client.http.post("/admins/activity_logs/search", json=body).json()
    second = client.http.post("/admins/activity_logs/search", json={**body, "page": 2}).json()
    expected = [entry for entry in log if entry["activity_type"] in ("role_change", "seat_change")]
    assert first["activity_logs"] + second["activity_logs"] == expected[:2]
    assert first["pages"]["total_pages"] == len(expected)


@pytest.mark.parametrize(("choice", "status"), [("required", 400), ("optional", 200)])
def test_a_search_without_a_beginning_is_refused_or_reaches_back_30_days(
    start: Start, choice: str, status: int
) -> None:
    _, client = start(behaves=f"activity-since={choice}")
    answer = client.http.post("/admins/activity_logs/search", json={"per_page": 250})
    assert answer.status_code == status
    if status == 200:
        oldest = answer.json()["pages"]["total_pages"]
        last = client.http.post("/admins/activity_logs/search", json={"per_page": 250, "page": oldest}).json()
        assert NOW - 30 * DAY < last["activity_logs"][-1]["created_at"] < NOW - 25 * DAY


@pytest.mark.parametrize(
    ("method", "path", "version"),
    [
        ("POST", "/admins/activity_logs/search", "2.15"),
        ("GET", "/admins/activity_log_event_types", "2.15"),
        ("GET", "/away_status_reasons", "2.13"),
    ],
)
def test_newer_endpoints_are_refused_by_older_versions(start: Start, method: str, path: str, version: str) -> None:
    _, client = start(headers={"Intercom-Version": version})
    body = {"created_at_after": 0}
    assert client.refused(path, method, json=body) == (400, "intercom_version_invalid")


# --- plans and given entries -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feature", "path"),
    [("activity_logs", "/admins/activity_logs?created_at_after=0"), ("tickets", "/ticket_types")],
)
def test_a_plan_may_lack_a_feature(start: Start, feature: str, path: str) -> None:
    _, client = start(missing_features=[feature])
    assert client.refused(path) == (403, "api_plan_restricted")
    assert client.get("/admins")["admins"]


def test_an_unknown_feature_is_refused_at_once(start: Start) -> None:
    with pytest.raises(ValueError, match="tickets, activity_logs"):
        start(missing_features=["calls"])


def test_the_log_can_be_given_and_grow(start: Start) -> None:
    given = [{"id": "a", "created_at": 5, "activity_type": "odd", "metadata": {"x": 1}}]
    sandbox, client = start(records={"activity_logs": given})
    sandbox.upsert("activity_logs", {"id": "b", "created_at": 9, "activity_type": "seat_change"})
    assert [entry["id"] for entry in logs(client, 0)] == ["b", "a"]
    assert logs(client, 0)[1] == given[0]


def test_away_reasons_are_listed_with_deleted_ones(client: Client) -> None:
    reasons = client.get("/away_status_reasons")["data"]
    assert {reason["deleted"] for reason in reasons} == {True, False}
    assert all(isinstance(reason["id"], str) for reason in reasons)
