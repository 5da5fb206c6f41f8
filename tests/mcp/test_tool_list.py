"""What an assistant is told before it asks: fixed, short, true, and without a word of a customer's."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from .asking import connected

pytestmark = pytest.mark.anyio

SNAPSHOT = Path(__file__).with_name("tool_list.json")

# This list takes 4.1 bytes a token with OpenAI's o200k, and 3.97 with the tokenizer of Claude 2, the last one that was
# published; rows of ids and times take 2. This is on the safe side of both.
BYTES_PER_TOKEN = 3.9

TOOLS = [
    "intercom_list_all_contacts",
    "intercom_get_contact_by_id",
    "intercom_list_companies",
    "intercom_get_company_by_id",
    "intercom_list_attach_contacts_to_company",
    "intercom_list_segments",
    "intercom_list_all_teams",
    "intercom_list_events",
    "intercom_list_conversations",
    "intercom_get_conversation_by_id",
    "intercom_search_conversations",
    "intercom_query",
    "intercom_describe",
    "intercom_metric",
    "intercom_status",
]


async def listed(server: Any) -> list[dict[str, Any]]:
    async with connected(server) as client:
        tools = (await client.list_tools()).tools
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]


async def test_the_tools_are_as_in_the_snapshot(server: Any) -> None:
    """After a change that is meant: `UPDATE=1 pytest tests/mcp/test_tool_list.py`, and look at the difference."""
    tools = await listed(server)
    if os.environ.get("UPDATE"):
        SNAPSHOT.write_text(json.dumps(tools, indent=1, ensure_ascii=False) + "\n")
    assert tools == json.loads(SNAPSHOT.read_text())
    assert [tool["name"] for tool in tools] == TOOLS


async def test_the_whole_list_is_worth_less_than_6000_tokens(server: Any) -> None:
    text = json.dumps(await listed(server), separators=(",", ":"), ensure_ascii=False)
    assert len(text.encode()) / BYTES_PER_TOKEN < 6_000


async def test_texts_are_short_enough_for_every_client(server: Any) -> None:
    for privacy in ("full", "masked", "none"):
        instructions = make_server(lambda: None, privacy=privacy).instructions
        assert 500 < len(instructions) <= 2_048
    for tool in await listed(server):
        assert 20 < len(tool["description"]) <= 2_048


async def test_every_tool_says_that_it_only_reads_and_takes_no_other_arguments(server: Any) -> None:
    for tool in await listed(server):
        assert tool["title"]
        assert tool["annotations"] == {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": True,
        }
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["outputSchema"]["required"] == ["as_of", "complete", "row_count", "requests", "columns", "rows"]


async def test_instructions_and_tools_do_not_depend_on_the_workspace(sandbox: Sandbox, server: Any) -> None:
    before = sandbox.requests.total()
    nothing = make_server(lambda: pytest.fail("nobody asked for the workspace"))
    assert await listed(nothing) == await listed(server)
    assert nothing.instructions == server.instructions
    assert sandbox.requests.total() == before


def test_the_server_starts_without_what_only_tools_need() -> None:
    heavy = "pandas numpy duckdb httpx plotly ipywidgets keyring"
    code = f"import sys, intercom_kit.cli, intercom_kit.mcp.server; print(*set('{heavy}'.split()) & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_a_started_server_answers_and_ends_with_its_client() -> None:
    """The first answer is measured, not judged: other work on the machine would decide."""
    began = time.monotonic()
    command = [sys.executable, "-m", "intercom_kit.cli", "mcp"]
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
    }
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(hello) + "\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        print(f"first answer after {time.monotonic() - began:.2f} s")
        server.stdin.close()
        assert server.wait(20) == 0
    assert answer["result"]["serverInfo"]["name"] == "intercom_kit"
    assert "intercom_query" in answer["result"]["instructions"]
