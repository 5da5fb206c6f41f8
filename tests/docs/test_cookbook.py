"""The questions of the cookbook are answered on the demo workspace: each by rows, none of them cut short."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest

from .pages import ROOT, text

PAGE = ROOT / "docs" / "cookbook.md"
BEFORE, *SECTIONS = re.split(r"^\*\*(?=[A-Z][^*]*\?\*\*)", text(PAGE), flags=re.MULTILINE)
AFTER = SECTIONS[-1].partition("## Send it")[2]
QUESTIONS = {section.partition("?**")[0]: section.partition("## ")[0] for section in SECTIONS}


def ran(page: str, namespace: dict[str, Any]) -> Any:
    """Run the code blocks of a page, and return the value of the last line."""
    answer = None
    for code in re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        body = ast.parse(code).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(PAGE), "exec"), namespace)  # noqa: S102 - the documentation's own code
        answer = eval(ast.unparse(last), namespace) if last else None  # noqa: S307 - as above
    return answer


@pytest.fixture(scope="module")
def namespace() -> Iterator[dict[str, Any]]:
    """The names that the page has defined so far."""
    names: dict[str, Any] = {}
    ran(BEFORE, names)
    yield names
    names["ws"].close()


@pytest.fixture(scope="module")
def answers(namespace: dict[str, Any]) -> dict[str, Any]:
    """The answers to all questions, in the page's order, since some build on others."""
    return {question: ran(section, namespace) for question, section in QUESTIONS.items()}


def test_there_are_fifteen() -> None:
    assert len(QUESTIONS) == 15


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered(answers: dict[str, Any], question: str) -> None:
    answer = answers[question]
    if isinstance(answer, str):  # a receipt
        assert "complete" in answer
    elif question == "Is this the number that Intercom's own report shows":
        assert len(answer)
    else:
        assert len(answer.columns)
        assert len(answer) or question == "What was unusual last week, and why"  # a quiet week has nothing unusual
        assert "incomplete" not in answer.receipt


def test_answers_become_files(
    answers: dict[str, Any], namespace: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answers
    monkeypatch.chdir(tmp_path)
    ran(AFTER, namespace)
    assert len(pd.read_csv("week.csv")) == len(namespace["week"])
    with ZipFile("week.xlsx") as book:
        assert b"topics" in book.read("xl/workbook.xml")
