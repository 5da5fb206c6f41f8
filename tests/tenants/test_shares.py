"""The share of one tenant, whatever it sends: the others are served as before."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from intercom_kit.mcp.over_http.bearer import SignedTokens
from intercom_kit.mcp.tenants import admission
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.sandbox import Sandbox

from .asking import URL, Asking, Issuer
from .conftest import Shop, opened
from .test_identity import LISTING, ended, legacy, session_of


@pytest.fixture(scope="module")
def small(issuer: Issuer, sandboxes: list[Sandbox], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server on which each tenant may have two sessions, four open requests, and 40 requests a minute."""
    limits = Limits(clients=2, calls_per_minute=8)
    with opened(tmp_path_factory.mktemp("small"), issuer, sandboxes, limits=limits) as shop:
        shop.stored(0)
        shop.stored(1)
        yield shop


def started(asking: Asking) -> httpx.Response:
    told = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    return legacy(asking, "initialize", **told)


def test_sessions_are_limited_for_each_tenant_and_the_others_begin_theirs(small: Shop) -> None:
    ann, bob = small.ask("ann"), small.ask("bob")
    first, _ = session_of(ann), session_of(ann)
    refused = started(ann)
    assert refused.status_code == 429
    assert "2 sessions of yours are open" in refused.text
    assert started(bob).status_code == 200
    assert ended(ann, first) == 200
    assert started(ann).status_code == 200


def test_a_session_that_the_server_has_ended_as_idle_does_not_count(
    small: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleo = small.ask("cleo")
    session_of(cleo)
    session_of(cleo)
    monkeypatch.setattr(admission, "DEFAULT_SESSION_IDLE_TIMEOUT", 0.0)
    assert started(cleo).status_code == 200


def test_open_streams_are_limited_for_each_tenant(small: Shop) -> None:
    dora = small.ask("dora")
    slow = [anyio.run(_begun, dora) for _ in range(4)]
    try:
        assert legacy(dora, "tools/list").status_code == 429
        assert started(small.ask("emil")).status_code == 200
    finally:
        for each in slow:
            each.close()
    until = time.monotonic() + 10
    while started(dora).status_code == 429:
        assert time.monotonic() < until, "requests that clients have given up count for ever"
        time.sleep(0.05)


async def _begun(asking: Asking) -> Any:
    """Send a request of which the body never comes."""
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(asking.address)
    connection = socket.create_connection((parts.hostname, parts.port))
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: mcp.example.com\r\nAuthorization: Bearer {asking.token}\r\n"
        "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: 100\r\n\r\n"
    )
    connection.sendall(head.encode())
    await anyio.sleep(0.1)
    return connection


def test_requests_of_any_kind_are_limited_for_each_tenant(small: Shop) -> None:
    fred = small.ask("fred")
    headers = {"Host": "mcp.example.com", "Authorization": f"Bearer {fred.token}"}
    with httpx.Client(headers=headers) as client:
        codes = [client.post(small.address, content=b"{").status_code for _ in range(41)]
    assert codes.count(429) == 1
    assert codes[-1] == 429
    assert "row_count" in small.person(1).call("intercom_list_all_contacts", limit=1).answer


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"fields": ["x"] * 3_000}, "fields has 3,000 members"),
        ({"fields": [1] * 3_000}, "fields has 3,000 members"),
        ({"filters": {"email": {"a": ["x" * 60_000]}}}, "filters has a text of 60,000 characters"),
        ({"y" * 60_000: 1}, "has a text of 60,000 characters"),
    ],
    ids=["texts", "numbers", "within", "name"],
)
def test_arguments_that_take_long_to_read_are_refused_unread(shop: Shop, arguments: Any, told: str) -> None:
    refused = shop.person(0).call("intercom_list_all_contacts", **arguments).refused
    assert told in refused
    assert len(refused) < 7_000


def test_a_long_name_in_an_error_is_cut_and_its_remedy_stays(shop: Shop) -> None:
    refused = shop.person(0).call("intercom_list_all_contacts", filters={"y" * 40_000: 1}).refused
    assert len(refused) < 7_000
    assert "android_app_name" in refused


def test_an_impossible_id_is_refused_and_no_crash(shop: Shop) -> None:
    refused = shop.person(0).call("intercom_get_contact_by_id", id="\u00e9" * 40_000).refused
    assert "give a shorter id" in refused
    assert "unexpected" not in refused


def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    from intercom_kit.mcp.over_http.serving import options

    assert options(None, stateless=False)["max_request_body_size"] < 1_000_000


def test_tokens_are_checked_in_threads_of_their_own() -> None:
    async def borrowed() -> tuple[float, bool]:
        tokens = SignedTokens("https://login.example.com", URL, "http://127.0.0.1:9/keys")
        default = anyio.to_thread.current_default_thread_limiter()
        default.total_tokens = 1
        async with default:  # every thread of calls is taken
            with anyio.move_on_after(20) as waiting:
                assert await tokens.verify_token("x.y.z") is None
        return default.total_tokens, waiting.cancelled_caught

    assert anyio.run(borrowed) == (1, False)


def test_a_session_of_the_older_protocol_still_answers(small: Shop) -> None:
    gina = small.person(0)
    assert legacy(gina, "tools/call", session_of(gina), **LISTING).status_code == 200
