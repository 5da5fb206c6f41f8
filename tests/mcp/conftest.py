"""Reach the server in every way that a client can: in memory, over stdio, over HTTP, in both eras of the protocol."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters
from mcp.server import MCPServer

from intercom_kit import connect
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from .installing import instruments
from .serving import serving_http


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server(sandbox: Sandbox) -> MCPServer[Any]:
    """A server over the sandbox that nobody changes."""
    return make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url))


@pytest.fixture(scope="session")
def program(sandbox: Sandbox) -> StdioServerParameters:
    """How a client starts `intercom-kit mcp` over the same sandbox."""
    own = {"INTERCOM_ACCESS_TOKEN": sandbox.token, "INTERCOM_BASE_URL": sandbox.base_url}
    return StdioServerParameters(
        command=sys.executable, args=["-m", "intercom_kit.cli", "mcp"], env={**os.environ, **own}
    )


@pytest.fixture(scope="session")
def address(server: MCPServer[Any]) -> Iterator[str]:
    """The address of the server over HTTP."""
    with serving_http(server.streamable_http_app()) as address:
        yield address


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of the instruments."""
    return instruments()


@pytest.fixture(params=["memory", "stdio", "http"])
def target(request: pytest.FixtureRequest) -> Any:
    """Each way to reach the server."""
    return request.getfixturevalue({"memory": "server", "stdio": "program", "http": "address"}[request.param])


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    """Each era: 2026-07-28 without a handshake, and 2025-11-25 with one."""
    return str(request.param)
