"""Who a call is for: the verified token of that very request, and neither its session nor any other letter."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.errors import BadRequestError
from intercom_kit.mcp.tenants.tenant import Tenant, check_claim, current_caller
from intercom_kit.sandbox import Sandbox

from .asking import ISSUER, PATIENCE, Asking, Issuer
from .conftest import Shop, opened
from .people import owners

ORGANISATION = "org_id"


def verified(subject: str, **claims: Any) -> AccessToken:
    return AccessToken(
        token="t", client_id="c", scopes=[], subject=subject, claims={"iss": ISSUER, "sub": subject} | claims
    )


def caller_with(token: AccessToken, claim: str) -> Any:
    before = auth_context_var.set(AuthenticatedUser(token))
    try:
        return current_caller(claim)
    finally:
        auth_context_var.reset(before)


def test_a_tenant_is_the_claim_by_its_issuer() -> None:
    found = caller_with(verified("ann", org_id="acme"), ORGANISATION)
    assert (found.tenant, found.subject) == (Tenant(ISSUER, ORGANISATION, "acme"), "ann")


@pytest.mark.parametrize("value", [None, "", 0, 7, True, ["acme"], {"acme": 1}, "x" * 2_000])
def test_a_claim_that_is_no_name_is_refused(value: Any) -> None:
    with pytest.raises(ToolError, match="does not say for whom"):
        caller_with(verified("ann", org_id=value), ORGANISATION)


def test_a_call_without_a_token_is_refused() -> None:
    with pytest.raises(ToolError, match="who show a token"):
        current_caller("sub")


@pytest.mark.parametrize("claim", ["email", "preferred_username", "locale", "aud", "azp", "sid", "token_use", ""])
def test_a_claim_that_people_choose_or_share_names_no_tenant(claim: str) -> None:
    with pytest.raises(BadRequestError, match="claim"):
        check_claim(claim)


def test_subjects_that_differ_by_a_letter_are_different_tenants(shop: Shop) -> None:
    for other in ("Person0", "person0 ", "person0\u200b", "PERSON0"):
        refused = shop.ask(other).call("intercom_list_all_teams")
        assert "Not connected" in refused.refused
        assert owners(refused.text) == set()


def test_the_same_subject_of_another_issuer_is_refused(shop: Shop) -> None:
    assert legacy(shop.ask("person0", iss="https://evil.example.com"), "tools/list").status_code == 401
    assert legacy(shop.person(0), "tools/list").status_code != 401


def test_a_new_token_of_the_same_subject_goes_on_where_the_old_one_ended(shop: Shop) -> None:
    first = shop.ask("person0", jti="1").call("intercom_list_all_contacts", limit=2).answer
    again = shop.ask("person0", jti="2").call("intercom_list_all_contacts", limit=2, cursor=first["next_cursor"])
    assert again.answer["row_count"] == 2


def legacy(asking: Asking, method: str, session: str = "", **params: Any) -> httpx.Response:
    """Send a message of the era in which clients have sessions."""
    headers = {
        "Host": "mcp.example.com",
        "Authorization": f"Bearer {asking.token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    } | ({"Mcp-Session-Id": session} if session else {})
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return httpx.post(asking.address, json=body, headers=headers, timeout=PATIENCE)


def session_of(asking: Asking) -> str:
    told = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    return legacy(asking, "initialize", **told).headers["mcp-session-id"]


def ended(asking: Asking, session: str) -> int:
    headers = {"Host": "mcp.example.com", "Authorization": f"Bearer {asking.token}", "Mcp-Session-Id": session}
    return httpx.delete(asking.address, headers=headers).status_code


LISTING = {"name": "intercom_list_all_contacts", "arguments": {"limit": 3}}


def test_a_session_of_another_is_not_found(shop: Shop) -> None:
    session = session_of(shop.person(0))
    own = legacy(shop.person(0), "tools/call", session, **LISTING)
    assert owners(own.text) == {0}
    assert legacy(shop.person(1), "tools/call", session, **LISTING).status_code == 404


@pytest.fixture(scope="module")
def organisations(issuer: Issuer, sandboxes: list[Sandbox], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server whose tenants are organisations: org0 and org1 are connected."""
    with opened(tmp_path_factory.mktemp("organisations"), issuer, sandboxes, claim=ORGANISATION) as shop:
        for number in (0, 1):
            shop.stored(number, Tenant(ISSUER, ORGANISATION, f"org{number}"))
        yield shop


def test_members_share_the_connection_and_no_results(organisations: Shop) -> None:
    ann, bob = (organisations.ask(name, org_id="org0") for name in ("ann", "bob"))
    first = ann.call("intercom_list_all_contacts", limit=2)
    assert owners(first.text) == owners(bob.call("intercom_list_all_contacts", limit=2).text) == {0}
    cursor = first.answer["next_cursor"]
    assert "unknown or has expired" in bob.call("intercom_list_all_contacts", limit=2, cursor=cursor).refused
    assert "no result" in bob.read(first.answer["result_uri"]).refused


def test_who_changes_the_organisation_changes_the_workspace_also_within_a_session(organisations: Shop) -> None:
    first, second = (organisations.ask("ann", org_id=f"org{number}") for number in (0, 1))
    session = session_of(first)
    assert owners(legacy(first, "tools/call", session, **LISTING).text) == {0}
    assert owners(legacy(second, "tools/call", session, **LISTING).text) == {1}


def test_a_person_of_two_organisations_carries_nothing_over(organisations: Shop) -> None:
    first, second = (organisations.ask("ann", org_id=f"org{number}") for number in (0, 1))
    answer = first.call("intercom_list_all_contacts", limit=2).answer
    stolen = second.call("intercom_list_all_contacts", limit=2, cursor=answer["next_cursor"])
    assert "unknown or has expired" in stolen.refused
    assert "no result" in second.read(answer["result_uri"]).refused


def test_a_subject_named_like_an_organisation_is_none(organisations: Shop) -> None:
    refused = organisations.ask("org0").call("intercom_list_all_teams")
    assert "does not say for whom" in refused.refused
