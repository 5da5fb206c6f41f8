"""What nobody foresaw reaches the assistant with its reason, on one line, without secrets."""

import os
import sys
from typing import Any, NoReturn

import pytest
from mcp import MCPError, StdioServerParameters

from intercom_kit import Workspace, connect
from intercom_kit.api.secret import Secret
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from .asking import call, connected, refusal

pytestmark = pytest.mark.anyio


def crashing(error: Exception) -> Any:
    def connect() -> NoReturn:
        raise error

    return connect


@pytest.mark.parametrize(
    "error",
    [
        ImportError("Using SOCKS proxy, but the 'socksio' package is not installed."),
        OSError(28, "No space left on device"),
        ValueError("Unknown scheme for proxy URL"),
        KeyError("plan"),
        RecursionError(),
    ],
)
async def test_type_and_message_are_told_with_what_to_do(error: Exception) -> None:
    async with connected(make_server(crashing(error))) as client:
        said = await refusal(client, "intercom_list_all_teams")
    assert type(error).__name__ in said
    assert str(error) in said
    assert "Call again once" in said
    assert "tell the user" in said


async def test_a_crash_of_a_tool_that_asks_nobody_is_told_too(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.mcp.analysis.described", lambda *_: 1 / 0)
    async with connected(server) as client:
        assert "ZeroDivisionError: division by zero" in await refusal(client, "intercom_describe")


async def test_a_crash_in_the_middle_of_a_call_is_told(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(Workspace, "teams", broken)
    async with connected(server) as client:
        assert "RuntimeError: in the middle" in await refusal(client, "intercom_list_all_teams")


async def test_it_is_one_bounded_line_without_secrets() -> None:
    held = Secret("dG9rOnRoaXMtaXMtc2VjcmV0")
    message = f"\x1b[2Jfirst\nsecond {held.reveal()} http://ann:p4ss@proxy.example Bearer abc1234 {'long ' * 10_000}"
    async with connected(make_server(crashing(OSError(message)))) as client:
        said = await refusal(client, "intercom_list_all_teams")
    assert "first second" in said
    assert said.isprintable()
    assert len(said) < 700
    for secret in (held.reveal(), "p4ss", "abc1234"):
        assert secret not in said


@pytest.mark.parametrize("privacy", ["masked", "none"])
async def test_where_rows_are_private_no_value_is_quoted(privacy: Any) -> None:
    error = ValueError("could not convert string to float: 'ann@example.com'")
    async with connected(make_server(crashing(error), privacy=privacy)) as client:
        said = await refusal(client, "intercom_list_all_teams")
    assert "ValueError: could not convert string to float: …" in said
    assert "ann" not in said


async def test_a_whole_result_that_crashes_is_told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url))) as client:
        answer = await call(client, "intercom_list_conversations", limit=1)
        monkeypatch.setattr("intercom_kit.mcp.offered.resources._csv", lambda _: 1 / 0)
        with pytest.raises(MCPError, match="ZeroDivisionError"):
            await client.read_resource(answer["result_uri"])


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("NO_PROXY=localhost,127.0.0.1,::1,[::1]", None),
        ("ALL_PROXY=socks5://127.0.0.1:1080", None),
        ("INTERCOM_BASE_URL=https://intercom.example|HTTPS_PROXY=http://ann:p4ssw0rd@:port", "HTTPS_PROXY"),
        ("INTERCOM_BASE_URL=https://intercom.example|SSL_CERT_FILE=/not/there", "SSL_CERT_FILE"),
    ],
)
async def test_as_a_program_in_any_environment(variable: str, told: str | None, sandbox: Sandbox) -> None:
    own = {"INTERCOM_ACCESS_TOKEN": sandbox.token, "INTERCOM_BASE_URL": sandbox.base_url}
    named = dict(each.split("=", 1) for each in variable.split("|"))
    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    program = StdioServerParameters(
        command=sys.executable, args=["-m", "intercom_kit.cli", "mcp"], env={**plain, **own, **named}
    )
    async with connected(program) as client:
        if told is None:
            assert (await call(client, "intercom_list_all_teams"))["row_count"] > 0
        else:
            said = await refusal(client, "intercom_list_all_teams")
            assert told in said
            assert "p4ssw0rd" not in said


async def test_as_a_program_with_a_console_of_few_letters(program: StdioServerParameters) -> None:
    own = {**(program.env or {}), "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    windows = StdioServerParameters(command=program.command, args=program.args, env=own)
    async with connected(windows) as client:
        answer = await call(client, "intercom_query", sql="select 'Grüße … ✓ 😀 日本' as said")
        assert answer["rows"] == [["Grüße … ✓ 😀 日本"]]
        assert "✗ 😀" in await refusal(client, "intercom_query", sql='select * from "✗ 😀"')
