"""Ask the server with a client library of another environment: `python program.py LIBRARY (URL | COMMAND ARGUMENTS…)`.

Each line of standard input is a call, as JSON: the tool and its arguments. For each, one line says how it was answered:
the text, the structured content where the library hands it on, and whether it is an error.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

Called = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
LONGEST = 60  # seconds, as most clients have it


def is_url(target: list[str]) -> bool:
    return target[0].startswith("http")


def told(error: bool, content: Any, structured: Any) -> dict[str, Any]:
    """Put an answer together from the library's."""
    (text, *_) = [block.text for block in content if block.type == "text"]
    return {"error": error, "text": text, "structured": structured}


@asynccontextmanager
async def mcp_1(target: list[str]) -> AsyncIterator[Called]:
    """The official library before 2.0."""
    from mcp import ClientSession, StdioServerParameters, stdio_client
    from mcp.client.streamable_http import streamable_http_client

    program = StdioServerParameters(command=target[0], args=target[1:], env=dict(os.environ))
    opened = streamable_http_client(target[0]) if is_url(target) else stdio_client(program)
    async with opened as (read, write, *_), ClientSession(read, write) as session:
        await session.initialize()
        await session.list_tools()

        async def call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
            result = await session.call_tool(tool, arguments)
            return told(result.isError, result.content, result.structuredContent)

        yield call


@asynccontextmanager
async def mcp_2(target: list[str]) -> AsyncIterator[Called]:
    """The official library."""
    from mcp import Client, StdioServerParameters

    program = StdioServerParameters(command=target[0], args=target[1:], env=dict(os.environ))
    async with Client(target[0] if is_url(target) else program) as client:
        await client.list_tools()

        async def call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments)
            return told(result.is_error, result.content, result.structured_content)

        yield call


@asynccontextmanager
async def fastmcp(target: list[str]) -> AsyncIterator[Called]:
    """The client of fastmcp."""
    from fastmcp import Client
    from fastmcp.client.transports import StdioTransport

    program = StdioTransport(target[0], target[1:], env=dict(os.environ))
    async with Client(target[0] if is_url(target) else program) as client:
        await client.list_tools()

        async def call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments, raise_on_error=False)
            return told(result.is_error, result.content, result.structured_content)

        yield call


def conditions(value: Any) -> Any:
    """Write an object as strict mode makes a model write it: as a list of columns with their values, all texts."""
    if not isinstance(value, dict):
        return value
    several = [(name, each if isinstance(each, list) else [each]) for name, each in value.items()]
    texts = [(name, each if isinstance(each, str) else json.dumps(each)) for name, values in several for each in values]
    return [{"column": name, "value": text} for name, text in texts]


@asynccontextmanager
async def openai_agents(target: list[str]) -> AsyncIterator[Called]:
    """OpenAI's library for agents: what the model is shown, in its strict mode, with null for what is left out."""
    from agents import Agent, RunContextWrapper
    from agents.mcp import MCPServerStdio, MCPServerStreamableHttp, MCPUtil
    from agents.tool_context import ToolContext

    patient: dict[str, Any] = {"client_session_timeout_seconds": LONGEST}
    if is_url(target):
        server: Any = MCPServerStreamableHttp({"url": target[0], "timeout": LONGEST}, **patient)
    else:
        server = MCPServerStdio({"command": target[0], "args": target[1:], "env": dict(os.environ)}, **patient)
    async with server:
        listed = await MCPUtil.get_function_tools(server, True, RunContextWrapper(None), Agent(name="asks"))
        tools = {tool.name: tool for tool in listed}
        assert all(tool.strict_json_schema for tool in listed), "a tool does not convert to strict mode"

        async def call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
            every = tools[tool].params_json_schema["required"]
            given = json.dumps(dict.fromkeys(every) | {name: conditions(each) for name, each in arguments.items()})
            context = ToolContext(None, tool_name=tool, tool_call_id="1", tool_arguments=given)
            shown = await tools[tool].on_invoke_tool(context, given)
            text = shown if isinstance(shown, str) else (shown if isinstance(shown, dict) else shown[0])["text"]
            return {"error": not text.startswith("{"), "text": text, "structured": None}

        yield call


@asynccontextmanager
async def langchain(target: list[str]) -> AsyncIterator[Called]:
    """LangChain's adapters: what the model is shown."""
    from langchain_mcp_adapters.client import MultiServerMCPClient
    from langchain_mcp_adapters.tools import load_mcp_tools

    opened: dict[str, Any] = {"transport": "streamable_http", "url": target[0]}
    if not is_url(target):
        opened = {"transport": "stdio", "command": target[0], "args": target[1:], "env": dict(os.environ)}
    async with MultiServerMCPClient({"intercom": opened}).session("intercom") as session:
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}

        async def call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
            shown = await tools[tool].ainvoke({"type": "tool_call", "id": "1", "name": tool, "args": arguments})
            text = next(block["text"] for block in shown.content if block["type"] == "text")
            structured = (shown.artifact or {}).get("structured_content")
            return {"error": shown.status == "error", "text": text, "structured": structured}

        yield call


LIBRARIES = {each.__name__: each for each in (mcp_1, mcp_2, fastmcp, openai_agents, langchain)}


async def main(library: str, target: list[str]) -> None:
    """Answer each line until there is none."""
    async with LIBRARIES[library](target) as call:
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await call(*json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
