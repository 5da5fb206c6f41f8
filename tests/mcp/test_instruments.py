"""The official instruments agree: Inspector's lint, the conformance suite, and the TypeScript client.

They need Node and a package index. Without, these tests are skipped with a statement; where CI says that everything has
to run, they fail instead.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters

from intercom_kit import Workspace
from intercom_kit.tables.contacts import CONTACTS

from .installing import NODE, ROOT

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tools: Path, program: StdioServerParameters) -> Run:
    """Run an instrument, with Node as it needs it and the server's environment."""
    own = tools / "node_modules"

    def started(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        path = f"{own / 'node' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**(program.env or {}), "PATH": path, "MCP_INSPECTOR_SECRET_STORE": "memory"}
        first = [str(own / "node" / "bin" / "node")] if name.endswith(".mjs") else []
        place = tools / name if first else own / ".bin" / name
        if first:
            shutil.copy(NODE / name, place)
        command = [*first, str(place), *arguments]
        return subprocess.run(command, cwd=tools, env=environment, capture_output=True, text=True, timeout=120)

    return started


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_finds_nothing_in_the_tools(run: Run, program: StdioServerParameters, era: str) -> None:
    asked = ("--protocol-era", era, "--method", "tools/list", "--strict", "--format", "json")
    # It hands on only what it is told to.
    result = run("mcp-inspector", "--cli", "-e", f"PYTHONPATH={ROOT}", program.command, *program.args, *asked)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    assert "warning" not in result.stderr.replace("0 warnings", ""), result.stderr[-2000:]
    assert len(json.loads(result.stdout)["result"]["tools"]) == 15


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_calls_a_tool(run: Run, address: str, era: str) -> None:
    arguments = ("--tool-name", "intercom_query", "--tool-args-json", '{"sql":"select count(*) as n from contacts"}')
    asked = ("--transport", "http", "--protocol-era", era, "--method", "tools/call", *arguments, "--format", "json")
    result = run("mcp-inspector", "--cli", address, *asked)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    assert '"rows":[[200]]' in result.stdout.replace(" ", "").replace("\n", "")


@pytest.fixture(scope="module")
def conforming() -> Iterator[str]:
    """The address of the product's server with what the suite calls by fixed names."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.mcp.conformance", str(port)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            assert server.poll() is None, "the server did not start"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("requirements", ["2025-11-25", "2026-07-28"])
def test_the_conformance_suite_scores_no_failure(run: Run, conforming: str, requirements: str) -> None:
    result = run("conformance", "server", "--url", conforming, "--requirements", requirements)
    assert result.returncode == 0, result.stdout[-4000:]
    scored = result.stdout.partition("Not scored")[0]
    assert "✓ tools-list" in scored


@pytest.mark.parametrize(("mode", "transport"), [("auto", "stdio"), ("legacy", "http")])
def test_the_typescript_client_is_answered(
    run: Run, program: StdioServerParameters, address: str, mode: str, transport: str, ws: Workspace
) -> None:
    target = (address,) if transport == "http" else (program.command, *program.args)
    result = run("client.mjs", mode, *target)
    assert result.returncode == 0, result.stderr[-2000:]
    told: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    # Attributes stand among the columns once a session has asked for them, as others of this run may have.
    assert [name for name in told.pop("columns") if not name.startswith("attr.")] == [
        column.name for column in CONTACTS.columns
    ]
    assert told == {
        "tools": 15,
        "rows": [[len(ws.contacts())]],
        "company": len(ws.companies(name="acme corp")),
        "wrong": [True, "intercom_query has no argument 'sq': did you mean 'sql'?"],
    }
