"""No sentence that an assistant reads speaks Python: every error and note of the package is read as tools say it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import intercom_kit.mcp.over_lake.server
import intercom_kit.mcp.server  # noqa: F401 - the tools replace verbs once they are declared
from intercom_kit.mcp.telling.wording import in_tools

PACKAGE = Path(__file__).parents[2] / "intercom_kit"

# What no tool reaches, or whose arguments no tool has: frames of one's own, exports, proofs, panels, programs.
UNREACHED = (
    *("notebook/", "charts/", "sandbox/", "doctor/", "html/", "reports/", "live/shown/", "auth/receiver.py"),
    *("cli.py", "console.py", "auth/commands.py", "lake/command.py", "connecting.py", "opened.py", "lake/together/"),
    *("lake/engines/engine.py", "sql/own_frames.py", "verbs/behind.py", "verbs/proving.py", "live/query_call.py"),
    *("lake/separate.py", "frames/files/", "metrics/given/frames.py", "verbs/files.py", "verbs/own_tables.py"),
    "mcp/tenants/pages.py",
)
PYTHON = re.compile(
    r"\bws\.|\bik\.|intercom_kit\.|\bframes?\b|\bTrue\b|\bFalse\b|\bNone\b|ConnectPanel|DataFrame|\bpandas\b"
    r"|(?<![\w'`])(?!now|range|unnest)\w+\(\)|\b(?:whole|fresh|timeout|frames|lake|apart)="
)
SQL = re.compile(r"\bselect\b|\bover \(|\bqualify\b", re.IGNORECASE)
VALUE = "{…}"


def sentences(file: Path) -> Iterator[str]:
    """Yield the texts of a file that read like sentences, with a mark for each value in them; no docstrings."""
    tree = ast.parse(file.read_text())
    left_out = {id(each) for node in ast.walk(tree) for each in [*docstring(node), *parts(node)]}
    for node in ast.walk(tree):
        text = said(node)
        if text and id(node) not in left_out and len(text.split()) > 3 and not SQL.search(text):
            yield text


def docstring(node: ast.AST) -> list[ast.AST]:
    body = getattr(node, "body", None)
    return [body[0].value] if isinstance(body, list) and body and isinstance(body[0], ast.Expr) else []


def parts(node: ast.AST) -> list[ast.AST]:
    return list(node.values) if isinstance(node, ast.JoinedStr) else []


def said(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else VALUE for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@cache
def read() -> list[tuple[str, str]]:
    """Return every sentence that tools can reach, with its file."""
    paths = ((file, file.relative_to(PACKAGE).as_posix()) for file in sorted(PACKAGE.rglob("*.py")))
    reached = [(file, path) for file, path in paths if not path.startswith(UNREACHED) and file.name != "wording.py"]
    return [(path, text) for file, path in reached for text in sentences(file)]


def test_every_error_and_note_is_free_of_python() -> None:
    in_python = [(path, text) for path, text in read() if PYTHON.search(text)]
    spoken = [(path, in_tools(text)) for path, text in in_python if not text.startswith(f"timeout={VALUE}")]
    assert [sentence for sentence in spoken if PYTHON.search(sentence[1])] == []


def test_many_sentences_are_read_and_some_speak_python_to_people() -> None:
    assert len(read()) > 500
    assert sum(bool(PYTHON.search(text)) for _, text in read()) > 30


@pytest.mark.parametrize(
    ("to_people", "to_an_assistant"),
    [
        ("companies(name='x') finds those", "intercom_list_companies(name='x') finds those"),
        ("ws.teams() and ws.admins() list them.", "intercom_list_all_teams and admins in intercom_query list them"),
        (
            "did you mean id? ws.schema() shows which table has it.",
            "did you mean id? intercom_describe shows which table has it",
        ),
        ("ws.schema() shows it. Or f(x) does", "intercom_describe shows it. Or f(x) does"),
        ("open must be True or False.", "open must be true or false"),
        ("fetch without it, and filter the frame.", "leave it out, and compare in intercom_query instead"),
        ("such as created_at > now() - interval 30 day", "such as created_at > now() - interval 30 day"),
    ],
)
def test_a_sentence_names_tools_in_place_of_verbs(to_people: str, to_an_assistant: str) -> None:
    assert in_tools(to_people) == to_an_assistant
