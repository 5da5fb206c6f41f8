"""Sixty questions of analysts, each answered within two calls, as SQL over the raw records knows."""

from typing import Any

import duckdb
import pytest
from mcp import Client

from ..asking import call, connected, records
from .questions import QUESTIONS, Question
from .raw import plain

pytestmark = pytest.mark.anyio


async def asked(client: Client, question: Question) -> tuple[dict[str, Any], list[list[Any]]]:
    """Make the calls of a question; return the last answer, and the rows of all its pages."""
    before: dict[str, Any] = {}
    for tool, arguments in question.calls:
        given = {name: _filled(value, before) for name, value in arguments.items()}
        answer = await call(client, f"intercom_{tool}", **given)
        before = (records(answer) or [{}])[0] | {"behind": answer.get("about", {}).get("behind", {}).get("sql")}
    rows, page = list(answer["rows"]), answer
    while "next_cursor" in page:
        page = await call(client, f"intercom_{tool}", **given, cursor=page["next_cursor"])
        rows += page["rows"]
    return answer, rows


def _filled(value: Any, before: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, before) for name, each in value.items()}
    if isinstance(value, str) and value.startswith("{"):
        return before[value.strip("{}")]
    return value


def found(question: Question, answer: dict[str, Any], rows: list[list[Any]]) -> Any:
    """Return what a question's answer says, where it stands."""
    match question.read.split():
        case ["cell"]:
            return plain(rows[0][0])
        case ["rows"]:
            return float(len(rows))
        case ["pairs"]:
            return {row[0]: plain(row[1]) for row in rows}
        case ["about", name]:
            return answer["about"][name]
        case ["metrics", beginning]:
            return {name for name in answer["about"]["metrics"] if name.startswith(f"{beginning}_")}
        case ["column"]:
            return {row[0] for row in rows}
        case ["value"]:
            return plain(records(answer)[0]["value"])
        case [name]:
            return {row[name] for row in records(answer)}
        case [name, value]:
            return {row[name]: plain(row[value]) for row in records(answer) if row[value]}


def known(question: Question, raw: duckdb.DuckDBPyConnection) -> Any:
    """Return what SQL over the raw records answers, in the same form."""
    rows = raw.execute(question.sql).fetchall()
    if len(rows[0]) == 2:
        return {row[0]: plain(row[1]) for row in rows}
    several = question.read in ("column", "name") or question.read.startswith("metrics")
    return {row[0] for row in rows} if several else plain(rows[0][0])


async def test_every_question_is_answered_within_two_calls(server: Any, raw: duckdb.DuckDBPyConnection) -> None:
    wrong = {}
    async with connected(server) as client:
        for question in QUESTIONS:
            assert len(question.calls) <= 2
            answer, rows = await asked(client, question)
            told, expected = found(question, answer, rows), known(question, raw)
            if told != expected or not expected:
                wrong[question.text] = told, expected
    assert wrong == {}


def test_there_are_sixty_questions() -> None:
    assert len({question.text for question in QUESTIONS}) >= 60
