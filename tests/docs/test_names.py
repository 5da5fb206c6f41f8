"""All that exists is named in the documentation, and nothing that does not exist is."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import intercom_kit as ik
from intercom_kit.cli import main as command_line
from intercom_kit.mcp.server import make_server
from intercom_kit.mcp.tenants.tools import connecting_tools
from intercom_kit.metrics import METRICS
from intercom_kit.sandbox.__main__ import main as sandbox_command

from .pages import PAGES, ROOT, quoted, section, text, written

CODE = {page: quoted(page) for page in PAGES}
EVERYTHING = "\n".join(code for page in written() for code in CODE[page])

VERBS = {name for name in dir(ik.Workspace) if not name.startswith("_")}
CHARTS = set(ik.charts.__all__)
COMMANDS = {**command_line.commands, "sandbox": sandbox_command}
VARIABLES = set(
    re.findall(r"\bINTERCOM_[A-Z_]*[A-Z]\b", "\n".join(map(text, (ROOT / "intercom_kit").rglob("*.py"))))
) - {"INTERCOM_KIT"}
PROXIES = {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}  # which are read in either case
TARGETS = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))


def words(pattern: str, page: Path | None = None) -> set[str]:
    """Give what the code of a page, or of all, names."""
    code = EVERYTHING if page is None else "\n".join(CODE[page])
    return set(re.findall(pattern, code))


def tools() -> set[str]:
    server = make_server(lambda: pytest.fail("nobody asked for the workspace"))
    of_tenants = connecting_tools(None, None, None)  # type: ignore[arg-type]
    return {tool.name for tool in (*server._tool_manager.list_tools(), *of_tenants)}


# Each kind of name: what exists, and how code names it.
KINDS = {
    "verb": (VERBS, r"\bws\.([a-z_]+)"),
    "public name": (set(ik.__all__), r"\bik\.([A-Za-z_]+)"),
    "chart": (CHARTS, r"\bik\.charts\.([A-Za-z_]+)"),
    "command": (set(COMMANDS), r"\bintercom-kit ([a-z]+)"),
    "variable": (VARIABLES, r"\b(INTERCOM_[A-Z_]*[A-Z])\b"),
    "target": (TARGETS, r"\bmake ([a-z]+)"),
}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"chart"}))  # whose page lists them
def test_what_exists_is_named(kind: str) -> None:
    exists, pattern = KINDS[kind]
    assert exists - words(pattern) == set()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_named_exists(page: Path, kind: str) -> None:
    exists, pattern = KINDS[kind]
    assert words(pattern, page) - exists == set()


@pytest.mark.parametrize(
    ("page", "exists"),
    [("metrics", set(METRICS)), ("charts", CHARTS), ("assistants", tools())],
    ids=["metrics", "charts", "tools"],
)
def test_a_page_lists_all_of_its_kind(page: str, exists: set[str]) -> None:
    named = set(CODE[ROOT / "docs" / f"{page}.md"])
    assert {name for name in exists if name not in named and f"ik.charts.{name}" not in "\n".join(named)} == set()


def test_every_metric_that_is_asked_for_exists() -> None:
    assert words(r'ws\.(?:explain_)?metric\("([a-z_]+)"') | words(r"intercom-kit metric ([a-z_]+)") <= set(METRICS)


def test_every_tool_that_is_named_exists() -> None:
    assert words(r"\b(intercom_[a-z_]+)\b") - {"intercom_kit"} <= tools()


def test_every_table_is_named_on_the_page_on_sql() -> None:
    with ik.demo(conversations=1, contacts=1, companies=1) as ws:
        assert set(ws.schema()["table"]) <= set(CODE[ROOT / "docs" / "sql.md"])


def options(command: click.Command) -> set[str]:
    given = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return given | {"--help", "-h"}


def commands_written() -> Iterator[tuple[str, list[str]]]:
    """Give every command with its options, as far as the line goes."""
    for found in re.finditer(r"\bintercom-kit ([a-z]+)([^\n|;>]*)", EVERYTHING):
        yield found[1], re.findall(r"(?<=\s)(--[a-z-]+)", re.sub(r'"[^"]*"', "", found[2]))


@pytest.mark.parametrize(("name", "given"), list(commands_written()), ids=str)
def test_every_option_of_a_command_exists(name: str, given: list[str]) -> None:
    assert set(given) <= options(COMMANDS[name])


def test_every_notebook_and_page_that_is_named_exists() -> None:
    named = words(r"^(0\d_[a-z_]+)$") | {
        code for page in written() for code in CODE[page] if re.match(r"0\d_\w+$", code)
    }
    assert named <= {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {
        path for path in words(r"\b((?:docs|tests|tools|notebooks)/[\w./]+\w)") if not (ROOT / path).exists()
    } == set()


def test_the_glossary_is_short_and_its_words_are_used() -> None:
    rows = re.findall(r"^\| ([a-z -]+) \| [^-]", text(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    words = [row for row in rows if row != "word"]
    elsewhere = " ".join(text(page).lower() for page in PAGES if page.stem != "glossary")
    assert 15 <= len(words) <= 25
    assert words == sorted(words)
    assert [word for word in words if word.replace("open question", "open questions") not in elsewhere] == []


def test_the_first_page_is_short() -> None:
    assert 500 <= len(text(ROOT / "README.md").split()) <= 750


def test_the_table_of_environment_variables_is_complete() -> None:
    read = r"environ(?:\.get|\.pop)?[\[(]\"([A-Z_]+)\""
    sources = map(text, (ROOT / "intercom_kit").rglob("*.py"))
    used = VARIABLES | {name for source in sources for name in re.findall(read, source)}
    rows = re.findall(r"^\| (`.*?) \|", section(ROOT / "docs" / "connecting.md", "Environment variables"), re.MULTILINE)
    assert used == {name for row in rows for name in re.findall(r"`(\w+)`", row)} - PROXIES
