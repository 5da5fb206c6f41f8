"""Over HTTP: open on loopback to loopback's names only; elsewhere only to tokens issued for this very server."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import jwt
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import rsa
from mcp import Client
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from intercom_kit import connect
from intercom_kit.cli import main
from intercom_kit.errors import BadRequestError
from intercom_kit.mcp.over_http.bearer import SignedTokens
from intercom_kit.mcp.over_http.serving import Public, check_address
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from .asking import call
from .serving import serving_http

pytestmark = pytest.mark.anyio

ISSUER, URL = "https://login.example.com", "https://mcp.example.com/mcp"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}
ACCEPTS = {"Accept": "application/json, text/event-stream"}


def test_an_address_that_others_reach_is_refused_without_tokens() -> None:
    check_address("127.0.0.1", None)
    check_address("::1", None)
    for host in ("0.0.0.0", "192.168.1.5", "mcp.example.com", ""):  # noqa: S104 - that it is refused is tested
        with pytest.raises(BadRequestError, match="--public-url, --issuer and --keys"):
            check_address(host, None)


def test_the_command_refuses_it_too() -> None:
    refused = CliRunner().invoke(main, ["mcp", "--http", "--host", "192.168.1.5"])
    assert refused.exit_code == 1
    assert "callers have to show a token" in refused.output
    lacking = CliRunner().invoke(main, ["mcp", "--http", "--issuer", ISSUER])
    assert "go together" in lacking.output


def test_a_port_that_another_server_has_is_refused_before_anything_is_said_to_be_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = CliRunner().invoke(main, ["mcp", "--demo", "--http", "--port", str(port)])
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Error: Port {port} of 127.0.0.1 cannot be served on (Address already in use)")
    assert "another --port" in refused.output


@pytest.mark.parametrize(
    ("header", "status"), [({"Origin": "https://evil.example"}, 403), ({"Host": "evil.example"}, 421)]
)
def test_other_pages_and_names_are_turned_away(address: str, header: dict[str, str], status: int) -> None:
    assert httpx.post(address, json=HELLO, headers=ACCEPTS | header).status_code == status
    assert httpx.post(address, json=HELLO, headers=ACCEPTS).status_code == 200


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def public(sandbox: Sandbox, key: rsa.RSAPrivateKey) -> Iterator[tuple[str, dict[str, str]]]:
    """A server as the world sees it behind a proxy, and the headers that the proxy passes on."""
    own = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "1", "use": "sig"}
    keys = Starlette(routes=[Route("/mcp", lambda _: JSONResponse({"keys": [own]}))])
    with serving_http(keys) as keys_address:
        known = Public(URL, ISSUER, keys_address)
        server = make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url), **known.settings())
        with serving_http(server.streamable_http_app(transport_security=known.security())) as address:
            yield address, {"Host": "mcp.example.com"}


@pytest.fixture
def token(key: rsa.RSAPrivateKey) -> Callable[..., str]:
    def signed(by: rsa.RSAPrivateKey = key, **claims: Any) -> str:
        told = {"iss": ISSUER, "aud": URL, "sub": "ann", "exp": int(time.time()) + 60} | claims
        return jwt.encode({name: value for name, value in told.items() if value}, by, "RS256", headers={"kid": "1"})

    return signed


def status(public: tuple[str, dict[str, str]], bearer: str | None) -> int:
    address, headers = public
    told = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return httpx.post(address, json=HELLO, headers=ACCEPTS | headers | told).status_code


def test_a_token_for_this_server_opens_it(public: tuple[str, dict[str, str]], token: Callable[..., str]) -> None:
    assert status(public, token()) == 200


async def test_keys_that_cannot_be_read_refuse_everybody_and_say_why(
    token: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    page = Starlette(routes=[Route("/mcp", lambda _: PlainTextResponse("no keys"))])
    with serving_http(page) as keys:
        assert await SignedTokens(ISSUER, URL, keys).verify_token(token()) is None
    assert "JSONDecodeError" in caplog.text
    assert await SignedTokens(ISSUER, URL, "http://127.0.0.1:9/keys").verify_token(token()) is None
    assert "Connection refused" in caplog.text


def test_every_other_token_is_refused(public: tuple[str, dict[str, str]], token: Callable[..., str]) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrong = {
        "none": None,
        "no token": "secret",
        "for another server": token(aud="https://other.example.com/mcp"),
        "for nobody": token(aud=None),
        "by another issuer": token(iss="https://evil.example.com"),
        "expired": token(exp=int(time.time()) - 60),
        "for ever": token(exp=None),
        "of nobody": token(sub=None),
        "forged": token(by=stranger),
        "unsigned": jwt.encode({"iss": ISSUER, "aud": URL, "sub": "ann", "exp": 1 << 40}, None, "none"),
    }
    assert {name: status(public, bearer) for name, bearer in wrong.items()} == dict.fromkeys(wrong, 401)


def test_who_issues_tokens_is_told_to_who_has_none(public: tuple[str, dict[str, str]]) -> None:
    address, headers = public
    refused = httpx.post(address, json=HELLO, headers=ACCEPTS | headers)
    assert "resource_metadata" in refused.headers["www-authenticate"]
    known = httpx.get(address.replace("/mcp", "/.well-known/oauth-protected-resource/mcp"), headers=headers).json()
    assert (known["resource"], known["authorization_servers"]) == (URL, [ISSUER])


def test_results_of_one_caller_are_not_shown_to_another(
    public: tuple[str, dict[str, str]], token: Callable[..., str]
) -> None:
    address, headers = public

    def asked(subject: str, **arguments: Any) -> dict[str, Any]:
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "x", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        told = {
            "Authorization": f"Bearer {token(sub=subject)}",
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": "tools/call",
            "Mcp-Name": "intercom_list_all_contacts",
        }
        body = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "intercom_list_all_contacts", "arguments": arguments, "_meta": meta},
        }
        answer = httpx.post(address, json=body, headers=ACCEPTS | headers | told)
        assert answer.status_code == 200, answer.text
        text = answer.text
        return dict(httpx.Response(200, text=text.partition("data: ")[2] or text).json()["result"])

    first = asked("ann", limit=2)["structuredContent"]
    again = asked("ann", limit=2, cursor=first["next_cursor"])
    other = asked("bob", limit=2, cursor=first["next_cursor"])
    assert again["structuredContent"]["row_count"] == 2
    assert other["isError"]
    assert "cursor is unknown or has expired" in other["content"][0]["text"]


async def test_many_clients_ask_at_once(address: str) -> None:
    counts: list[int] = []

    async def ask() -> None:
        async with Client(address) as client:
            counts.append(
                (await call(client, "intercom_query", sql="select count(*) as n from contacts"))["rows"][0][0]
            )

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(ask)
    assert counts == [200] * 8
