"""Ask the server as a client does, through all pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that must answer."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content[0].text  # type: ignore[union-attr]
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    """Call a tool that must refuse, and give what it says."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.content
    return str(result.content[0].text)  # type: ignore[union-attr]


async def every_page(client: Client, tool: str, **arguments: Any) -> list[list[Any]]:
    """Call a tool until there is no next page."""
    rows: list[list[Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await call(client, tool, **arguments, **cursor)
        rows += answer["rows"]
        assert answer["row_count"] == len(answer["rows"])
        if "next_cursor" not in answer:
            return rows
        cursor = {"cursor": answer["next_cursor"]}


def records(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Give an answer's rows by their columns."""
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


@asynccontextmanager
async def connected(target: Any, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
    """Connect, and list the tools first, so that the client checks what is answered against what was declared."""
    async with Client(target, mode=mode, **options) as client:
        await client.list_tools()
        yield client
