"""What can be made to go wrong."""

import json
import time

import httpx
import pytest

from intercom_kit.sandbox.faults import Faults, UnknownFaultError

from .conftest import Start


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
