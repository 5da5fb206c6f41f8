"""What can be made to go wrong."""

import json
import re
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from intercom_kit.sandbox import serve_in_child
from intercom_kit.sandbox.faults import KNOWN, Faults, UnknownFaultError

from .conftest import NOW, Start


@pytest.mark.parametrize(
    ("status", "code"), [("429", "rate_limit_exceeded"), ("500", "server_error"), ("503", "service_unavailable")]
)
def test_any_status_can_be_forced(start: Start, status: str, code: str) -> None:
    _, client = start(faults={status: 1.0})
    assert client.refused("/me") == (int(status), code)


def test_a_bad_gateway_is_a_page_of_the_proxy(start: Start) -> None:
    _, client = start(faults={"502": 1.0})
    answer = client.http.get("/me")
    assert answer.status_code == 502
    assert "html" in answer.headers["content-type"]


def test_a_login_page_looks_like_success(start: Start) -> None:
    _, client = start(faults={"html": 1.0})
    answer = client.http.get("/me")
    assert answer.status_code == 200
    assert "<html>" in answer.text


def test_a_body_can_be_no_json_or_nothing_at_all(start: Start) -> None:
    sandbox, client = start(faults={"nonjson": 1.0})
    with pytest.raises(json.JSONDecodeError):
        client.http.get("/me").json()
    sandbox.faults.clear()
    sandbox.faults.set("empty", 1.0)
    assert client.http.get("/me").content == b""


def test_a_connection_can_drop_without_an_answer(start: Start) -> None:
    sandbox, client = start(faults={"drop": 1.0})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        client.http.get("/me")
    sandbox.faults.set("drop", 0.0)
    assert client.get("/me")


def test_a_body_can_end_in_the_middle(start: Start) -> None:
    sandbox, client = start(faults={"truncate": 1.0})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message"):
        client.http.get("/contacts")
    sandbox.faults.clear()
    assert client.get("/contacts")


def test_a_token_can_be_revoked_under_way(start: Start) -> None:
    _, client = start(faults={"token_revoked": 1.0})
    assert client.refused("/me") == (401, "token_revoked")
    assert client.refused("/me") == (401, "token_revoked")


def test_a_scroll_can_expire_or_fail_and_be_begun_again(start: Start) -> None:
    sandbox, client = start()
    parameter = client.get("/companies/scroll")["scroll_param"]
    sandbox.faults.set("scroll_expired", 1.0)
    assert client.refused(f"/companies/scroll?scroll_param={parameter}") == (404, "not_found")
    parameter = client.get("/companies/scroll")["scroll_param"]
    sandbox.faults.clear()
    sandbox.faults.set("scroll_500", 1.0)
    assert client.refused(f"/companies/scroll?scroll_param={parameter}") == (500, "server_error")
    sandbox.faults.clear()
    assert client.get("/companies/scroll")["data"]


def test_rows_can_change_between_pages(start: Start) -> None:
    sandbox, client = start()
    calm = client.all("/conversations", "conversations")
    sandbox.faults.set("changing", 1.0)
    changed = client.get("/conversations", per_page=150)["conversations"]
    assert [row["id"] for row in calm] != [row["id"] for row in changed]
    assert {row["id"] for row in calm} == {row["id"] for row in changed}
    assert all(row["updated_at"] <= sandbox.now for row in changed)


def test_latency_delays_every_answer_without_blocking_others(start: Start) -> None:
    _, client = start(latency=0.2)
    began = time.perf_counter()
    client.get("/me")
    assert time.perf_counter() - began >= 0.2


def test_a_rate_is_a_share_of_requests_and_the_seed_decides_which(start: Start) -> None:
    def statuses() -> list[int]:
        _, client = start(faults={"500": 0.3})
        return [client.http.get("/me").status_code for _ in range(60)]

    first = statuses()
    assert 5 < first.count(500) < 35
    assert first == statuses()


@pytest.mark.parametrize(("name", "rate"), [("gremlin", 0.5), ("200", 0.5), ("500", 1.5)])
def test_an_unknown_fault_is_refused(name: str, rate: float) -> None:
    with pytest.raises(UnknownFaultError):
        Faults({name: rate}, seed=1)


def test_the_command_line_explains_every_fault() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "intercom_kit.sandbox", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for name, meaning in KNOWN.items():
        assert re.search(rf"{name} +{re.escape(meaning)}\n", told)


def test_a_child_breaks_pages_too() -> None:
    with serve_in_child(conversations=5, now=NOW, faults={"next_forever": 1.0}) as child:
        headers = {"Authorization": f"Bearer {child.token}"}
        assert "next" in httpx.get(f"{child.base_url}/conversations", headers=headers).json()["pages"]


HEADERS = {
    "retry_after_negative": lambda value: int(value) < 0,
    "retry_after_absurd": lambda value: int(value) > 10**8,
    "retry_after_date": lambda value: 0 < parsedate_to_datetime(value).timestamp() - time.time() < 60,
}


@pytest.mark.parametrize("fault", HEADERS)
def test_a_refusal_for_too_many_requests_can_say_nonsense_about_when_to_come_again(start: Start, fault: str) -> None:
    sandbox, client = start(faults={fault: 1.0, "429": 1.0})
    assert HEADERS[fault](client.http.get("/me").headers["retry-after"])
    sandbox.faults.set("429", 0)
    assert "retry-after" not in client.http.get("/me").headers


def test_the_rate_limit_itself_can_say_it_too(start: Start) -> None:
    _, client = start(faults={"retry_after_negative": 1.0}, rate_limit=2)
    refused = [answer for answer in (client.http.get("/me") for _ in range(9)) if answer.status_code == 429]
    assert refused[0].headers["retry-after"].startswith("-")


@pytest.mark.parametrize("status", [[], ["429"]])
def test_a_reset_can_be_in_milliseconds_or_past(start: Start, status: list[str]) -> None:
    sandbox, client = start(faults=dict.fromkeys(status, 1.0))
    sandbox.faults.set("reset_ms", 1.0)
    assert 0 <= int(client.http.get("/me").headers["x-ratelimit-reset"]) / 1000 - time.time() <= 10
    sandbox.faults.set("reset_ms", 0)
    sandbox.faults.set("reset_past", 1.0)
    assert int(client.http.get("/me").headers["x-ratelimit-reset"]) < time.time() - 30


def test_what_changes_keeps_all_that_hangs_on_it(start: Start) -> None:
    """A change names one field; events, segments, tags, companies and what is searched by them stay."""
    sandbox, client = start(contacts=24)

    def hanging() -> dict[str, list[object]]:
        found = {}
        for contact in client.all("/contacts"):
            address, query = f"/contacts/{contact['id']}", {"type": "user", "intercom_user_id": contact["id"]}
            found[contact["id"]] = [
                client.get("/events", **query, per_page=150)["events"],
                client.get("/events", **query, summary="true")["events"],
                *(client.get(f"{address}/{kind}")["data"] for kind in ("segments", "tags", "companies")),
            ]
        return found

    def counted() -> list[int]:
        segments = [segment["count"] for segment in client.get("/segments", include_count="true")["segments"]]
        conditions = {"tag_id": "=", "email_domain": "~"}
        return segments + [
            client.search("contacts", {"field": name, "operator": operator, "value": value})["total_count"]
            for name, operator in conditions.items()
            for value in ("7800216", ".example")
        ]

    before, counts = hanging(), counted()
    for id_ in before:
        sandbox.upsert("contacts", {"id": id_, "updated_at": NOW})
        sandbox.upsert("contacts", {"id": id_, "name": "Changed"})
    assert hanging() == before
    assert counted() == counts


def test_a_change_of_a_field_is_what_is_found_afterwards(start: Start) -> None:
    sandbox, client = start()
    id_ = client.get("/contacts")["data"][0]["id"]
    sandbox.upsert("contacts", {"id": id_, "email": "new@changed.example", "tags": {"type": "list", "data": []}})
    sandbox.upsert("contacts", {"id": id_, "name": "Changed"})
    domain = {"field": "email_domain", "operator": "=", "value": "changed.example"}
    assert [row["id"] for row in client.search("contacts", domain)["data"]] == [id_]
    assert client.get(f"/contacts/{id_}/tags")["data"] == []


def test_what_changes_keeps_what_hangs_on_it(start: Start) -> None:
    sandbox, client = start()
    people = [row["id"] for row in client.get("/contacts", per_page=150)["data"]]

    def hanging() -> dict[str, object]:
        found: dict[str, object] = {}
        for id_ in people:
            asked = {"type": "user", "intercom_user_id": id_}
            found[f"{id_} events"] = client.get("/events", per_page=150, **asked)["events"]
            found[f"{id_} summary"] = client.get("/events", summary="true", **asked)["events"]
            for kind in ("segments", "companies", "tags"):
                found[f"{id_} {kind}"] = client.get(f"/contacts/{id_}/{kind}")["data"]
        return found

    before = hanging()
    assert all(any(value for key, value in before.items() if kind in key) for kind in ("events", "summary", "segments"))
    for id_ in people[::2]:
        sandbox.upsert("contacts", {"id": id_, "updated_at": 1_700_000_000})
    sandbox.faults.set("changing", 1.0)
    assert hanging() == before
    for id_ in people:
        sandbox.upsert("contacts", {"id": id_, "updated_at": 1_700_000_001})
    assert hanging() == before


def test_changes_happen_now_where_the_present_is_now(start: Start) -> None:
    began = int(time.time())
    _, client = start(now=None, faults={"changing": 1.0})
    newest = client.get("/conversations")["conversations"][0]["updated_at"]
    assert began <= newest <= time.time()
