"""Six client libraries ask the same ten questions over stdio and HTTP, and all are told what the raw records say."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from mcp import StdioServerParameters

from ..installing import NODE, REQUIREMENTS, ROOT, instruments, python_with
from .questions import QUESTIONS
from .test_evaluation import asked, found, known

pytestmark = pytest.mark.anyio

TEN = (
    "How many conversations has each team?",
    "Which plans do contacts have?",
    "Which conversations mention refunds?",
    "Which conversations came in October?",
    "How many leads are there, by the list?",
    "Who works at Acme?",
    "In which state is the newest conversation?",
    "How large are the segments?",
    "How many does it count in each team?",
    "Which metrics are there about Fin?",
)


class Asking:
    """A program that asks for us, called as the official client is."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def call_tool(self, tool: str, arguments: dict[str, Any]) -> SimpleNamespace:
        """Hand one call to the program, and return its answer, whose text and structured content are the same."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([tool, arguments]).encode() + b"\n")
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line, "the client has ended"
        answer = json.loads(line)
        content = None if answer["error"] else json.loads(answer["text"])
        assert answer["structured"] in (None, content)
        texts = [SimpleNamespace(text=answer["text"])]
        return SimpleNamespace(is_error=answer["error"], content=texts, structured_content=content)


Commanded = Callable[[], list[str]]


def in_python(library: str) -> Commanded:
    return lambda: [python_with(library), str(Path(__file__).with_name("program.py")), library]


def in_typescript() -> list[str]:
    tools = instruments()
    shutil.copy(NODE / "ask.mjs", tools)
    return [str(tools / "node_modules" / "node" / "bin" / "node"), str(tools / "ask.mjs")]


CLIENTS: dict[str, Commanded] = {**{name: in_python(name) for name in REQUIREMENTS}, "typescript": in_typescript}


@asynccontextmanager
async def running(command: list[str], environment: dict[str, str] | None) -> AsyncIterator[Asking]:
    """Run the program of a client; it ends when it is asked no more."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, env=environment, cwd=ROOT, limit=1_000_000
    )
    try:
        yield Asking(process)
        assert process.stdin
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.sampled(6)
@pytest.mark.parametrize("transport", ["stdio", "http"])
@pytest.mark.parametrize("client", CLIENTS)
async def test_ten_questions_are_answered_alike(
    client: str, transport: str, program: StdioServerParameters, address: str, raw: duckdb.DuckDBPyConnection
) -> None:
    target = [address] if transport == "http" else [program.command, *program.args]
    told = {}
    async with running([*CLIENTS[client](), *target], program.env) as asking:
        for question in (each for each in QUESTIONS if each.text in TEN):
            told[question.text] = found(question, *await asked(asking, question)), known(question, raw)
        slip = await asking.call_tool("intercom_query", {"sq": "select 1"})
    assert len(told) == len(TEN)
    assert {text: both for text, both in told.items() if both[0] != both[1] or not both[1]} == {}
    assert (slip.is_error, slip.content[0].text) == (True, "intercom_query has no argument 'sq': did you mean 'sql'?")
