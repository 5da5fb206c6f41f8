"""Tokens, OAuth, scopes, plans and rate limits."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from intercom_kit.sandbox import Sandbox

from .conftest import Client, Start

CALLBACK = "http://127.0.0.1:9/callback"


def decide(sandbox: Sandbox, decision: str, redirect_uri: str = CALLBACK) -> dict[str, list[str]]:
    """Open the consent page, press one of its buttons and read what the app is told."""
    query = {"client_id": sandbox.client_id, "state": "s&1", "redirect_uri": redirect_uri}
    page = httpx.get(f"{sandbox.base_url}/oauth", params=query)
    assert page.status_code == 200
    assert "Northwind Cloud (sandbox)" in page.text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text.split("<button")[0]))
    fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
    answer = httpx.post(f"{sandbox.base_url}/oauth", data={**fields, "decision": decision})
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(redirect_uri)
    return parse_qs(urlsplit(answer.headers["location"]).query)


def exchange(sandbox: Sandbox, code: str, **more: str) -> httpx.Response:
    fields = {"code": code, "client_id": sandbox.client_id, "client_secret": sandbox.client_secret, **more}
    return httpx.post(f"{sandbox.base_url}/auth/eagle/token", data=fields)


def test_allowing_gives_a_code_that_becomes_a_token_once(sandbox: Sandbox) -> None:
    told = decide(sandbox, "allow")
    assert told["state"] == ["s&1"]
    code = told["code"][0]
    assert code.endswith("=")
    answer = exchange(sandbox, code).json()
    assert set(answer) == {"token_type", "token", "access_token"}
    assert answer["token"] == answer["access_token"]
    authorized = httpx.get(f"{sandbox.base_url}/me", headers={"Authorization": f"Bearer {answer['token']}"})
    assert authorized.status_code == 200
    again = exchange(sandbox, code)
    assert (again.status_code, again.json()["errors"][0]["message"]) == (401, "Unauthorized Code")


def test_the_exchange_takes_json_too_and_wants_the_right_secret(sandbox: Sandbox) -> None:
    code = decide(sandbox, "allow")["code"][0]
    fields = {"code": code, "client_id": sandbox.client_id, "client_secret": "wrong"}
    assert httpx.post(f"{sandbox.base_url}/auth/eagle/token", json=fields).status_code == 401
    fields["client_secret"] = sandbox.client_secret
    assert httpx.post(f"{sandbox.base_url}/auth/eagle/token", json=fields).status_code == 200


def test_a_code_expires(start: Start) -> None:
    sandbox, _ = start(code_seconds=0.05)
    code = decide(sandbox, "allow")["code"][0]
    time.sleep(0.1)
    assert exchange(sandbox, code).status_code == 401


def test_denying_sends_an_error_and_no_code(sandbox: Sandbox) -> None:
    told = decide(sandbox, "deny")
    assert told == {"error": ["access_denied"], "state": ["s&1"]}


def test_a_query_in_the_callback_survives(sandbox: Sandbox) -> None:
    assert decide(sandbox, "allow", f"{CALLBACK}?user=1")["user"] == ["1"]


def test_without_a_redirect_uri_the_first_registered_one_is_taken(sandbox: Sandbox) -> None:
    query = {"client_id": sandbox.client_id, "state": "s"}
    page = httpx.get(f"{sandbox.base_url}/oauth", params=query)
    assert 'name="redirect_uri" value="https://127.0.0.1:8917/callback"' in page.text


@pytest.mark.parametrize("wrong", [{"client_id": "other"}, {"redirect_uri": "http://example.com/"}])
def test_an_unknown_app_or_an_open_redirect_gets_no_consent_page(sandbox: Sandbox, wrong: dict[str, str]) -> None:
    query = {"client_id": sandbox.client_id, "redirect_uri": CALLBACK} | wrong
    assert httpx.get(f"{sandbox.base_url}/oauth", params=query).status_code == 400
    assert httpx.post(f"{sandbox.base_url}/oauth", data=query | {"decision": "allow"}).status_code == 400


def test_uninstalling_kills_the_token(start: Start) -> None:
    sandbox, client = start()
    token = exchange(sandbox, decide(sandbox, "allow")["code"][0]).json()["token"]
    other = {"Authorization": f"Bearer {token}"}
    assert httpx.post(f"{sandbox.base_url}/auth/uninstall", headers=other).is_success
    assert httpx.get(f"{sandbox.base_url}/me", headers=other).status_code == 401
    assert client.get("/me")  # the first token still works
    sandbox.revoke(sandbox.token)
    assert client.refused("/me") == (401, "token_revoked")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nonsense", "Basic !!!", "Digest x"])
def test_without_a_known_token_nothing_is_told(sandbox: Sandbox, authorization: str) -> None:
    answer = httpx.get(f"{sandbox.base_url}/contacts", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.json()["errors"] == [{"code": "unauthorized", "message": "Access Token Invalid"}]
    assert "x-ratelimit-limit" not in answer.headers


def test_the_token_may_be_the_user_name_of_basic_authentication(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.base_url}/me", auth=(sandbox.token, "")).status_code == 200


def test_a_missing_scope_is_401_or_403(start: Start) -> None:
    _, client = start(missing_scopes=["read_conversations", "read_admins"])
    assert client.refused("/conversations") == (403, "forbidden")
    assert client.refused("/admins") == (401, "token_unauthorized")
    assert client.get("/contacts")


def test_without_a_plan_conversations_are_closed(start: Start) -> None:
    _, client = start(plan_restricted=True)
    assert client.refused("/conversations") == (403, "api_plan_restricted")
    assert client.get("/contacts")


def test_a_wrong_accept_header_is_refused(client: Client) -> None:
    assert client.refused("/me", headers={"Accept": "text/html"})[0] == 406


def test_requests_are_counted_in_windows_of_ten_seconds(start: Start) -> None:
    _, client = start(rate_limit=5)
    answers = [client.http.get("/me") for _ in range(14)]  # at most one window ends among them
    first, refused = answers[0], [answer for answer in answers if answer.status_code == 429]
    assert first.headers["x-ratelimit-limit"] == "5"
    assert first.headers["x-ratelimit-remaining"] == "4"
    assert 0 <= int(first.headers["x-ratelimit-reset"]) - time.time() <= 10
    assert int(first.headers["x-ratelimit-reset"]) % 10 == 0
    assert refused[0].headers["x-ratelimit-remaining"] == "0"
    assert "retry-after" not in refused[0].headers
    error = refused[0].json()["errors"][0]
    assert error == {"code": "rate_limit_exceeded", "message": "Exceeded rate limit of 5 in 10_seconds"}


def test_the_log_holds_what_was_asked_without_secrets(start: Start) -> None:
    sandbox, client = start()
    code = decide(sandbox, "allow")["code"][0]
    exchange(sandbox, code)
    query = {"field": "open", "operator": "=", "value": True}
    client.search("conversations", query)
    client.get("/contacts", per_page=3)
    text = repr(sandbox.log)
    assert not any(secret in text for secret in (code, sandbox.token, sandbox.client_secret))
    assert sandbox.log[-2].body == {"query": query}
    assert sandbox.log[-1][:4] == ("GET", "/contacts", {"per_page": "3"}, 200)
    assert sandbox.requests["POST /conversations/search"] == 1
    assert sandbox.requests["GET /contacts"] == 1
