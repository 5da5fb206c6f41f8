"""No argument takes long to be read, whatever its text: while it is read, no other caller of a server is served."""

import time
from contextlib import suppress
from typing import Any

import pandas as pd
import pytest
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.errors import BadQueryError
from intercom_kit.mcp.forgiving.arguments import forgiven
from intercom_kit.mcp.forgiving.sql.statements import answered
from intercom_kit.mcp.research.words import worth_searching

from .asking import connected

pytestmark = pytest.mark.anyio

LONG = 49_000  # characters, of which a text of an argument may have a few more
LONGEST = 1.0  # seconds of the processor

# Repeated, and then ended by what the repetition does not lead to.
ENDLESS = {
    "spaces": (" ", "x"),
    "marks": ("_", "x"),
    "dashes": ("-", "'"),
    "host names": ("a.", "x"),
    "lists": ("[", "x"),
    "objects": ('{"a":', "x"),
    "pairs": ("a=" + " " * 400, "="),
    "addresses": ("<a@", "x"),
    "digits": ("1", "x"),
    "fences": ("``` ", "x"),
    "comments": (";--", "'"),
    "opened comments": (";/*", "'"),
    "quotes": ("''", ""),
    "lists of texts": ("in ('' ", ""),
    "calls": ("nvl(", "x"),
    "attributes": ("custom_attributes ", "x"),
    "brackets": ("(", "x"),
    "named twice": ("string_agg ", "x"),
    "compared": ('= "', "x"),
    "labels": ("sql ", "\n"),
}


def text(name: str, length: int = LONG) -> str:
    repeated, end = ENDLESS[name]
    return (repeated * (length // len(repeated) + 1))[:length] + end


@pytest.fixture
async def taken(server: Any) -> dict[str, dict[str, Any]]:
    """What each tool takes."""
    async with connected(server) as client:
        return {tool.name: tool.input_schema["properties"] for tool in (await client.list_tools()).tools}


@pytest.mark.parametrize("name", ENDLESS)
async def test_every_argument_is_read_at_once(taken: dict[str, dict[str, Any]], name: str) -> None:
    hostile, began = text(name), time.process_time()
    for tool, takes in taken.items():
        for argument in takes:
            for value in (hostile, [hostile], {"state": hostile}, {"since": hostile}):
                with suppress(ToolError):
                    forgiven({argument: value}, takes, tool)
    assert time.process_time() - began < LONGEST * sum(map(len, taken.values())) / 10


# What DuckDB says, after which a query is read otherwise.
ERRORS = (
    "There is no table conversation (line 1, column 3). There are conversations.",
    "There is no column open (line 1, column 40): did you mean name?",
    'The query cannot be read: syntax error at or near "[".',
    "Could not convert string 'open' to BOOL.",
)


@pytest.mark.parametrize("name", ENDLESS)
def test_every_query_is_read_at_once(name: str) -> None:
    began = time.process_time()
    for error in ERRORS:
        for length in (9_900, LONG):

            def refuse(_: str, error: str = error) -> pd.DataFrame:
                raise BadQueryError(error)

            with pytest.raises(BadQueryError):
                answered(refuse, f"select * from x where {text(name, length)}")
    assert time.process_time() - began < LONGEST * len(ERRORS)


@pytest.mark.parametrize("name", ENDLESS)
def test_every_question_is_read_at_once(name: str) -> None:
    began = time.process_time()
    worth_searching(text(name))
    assert time.process_time() - began < LONGEST
