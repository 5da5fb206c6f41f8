"""Whatever is asked, in whichever way, is answered, or refused as BadQueryError with a sentence."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import duckdb
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from mcp import Client
from mcp.server import MCPServer
from traitlets.config import Config

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.live import query
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox
from intercom_kit.sql import guard, running

from .statements import Statements

MANY = 400

# Each is one statement of a kind, and what its refusal says.
REFUSED = {
    "nothing": ("", "no statements came"),
    "blanks": (" \n\t", "no statements came"),
    "a semicolon": (";", "no statements came"),
    "comments only": ("-- nothing\n/* here */", "no statements came"),
    "several statements": ("select 1; select 2; select 3", "3 statements came"),
    "very many statements": ("select 1;" * 2_000, "2000 statements came"),
    "no text": (None, "Give a SELECT as text, not None."),
    "bytes": (b"select 1", "Give a SELECT as text, not b'select 1'."),
    "half a character": ("select '\ud800'", "half a character"),
    "a text that ends too soon": ("select 'abc", "unterminated"),
    "an end in the middle": ("select id from contacts where", "syntax error"),
    "half a keyword": ("selec", "Did you mean select?"),
    "an unknown kind of statement": ("update extensions", "not UPDATE"),
    "another": ("disconnect", "not DISCONNECT"),
    "a third": ("show all external resources", "not SHOW"),
    "many terms of an addition": ("select " + "+".join(["1"] * MANY), "nests too deeply"),
    "very many terms": ("select " + "+".join(["1"] * 20_000), "nests too deeply"),
    "many texts put together": ("select " + " || ".join(["'a'"] * MANY), "nests too deeply"),
    "many NOTs": ("select " + "not " * 900 + "true", "nests too deeply"),
    "many functions in each other": ("select " + "abs(" * MANY + "1" + ")" * MANY, "nests too deeply"),
    "many lists in each other": ("select " + "[" * MANY + "]" * MANY, "nests too deeply"),
    "many SELECTs in each other": ("select " + "(select " * MANY + "1" + ")" * MANY, "nests too deeply"),
    "many brackets after FROM": ("from " + "(" * 20_000 + "contacts" + ")" * 20_000, "nests too deeply"),
    "brackets that never close": ("select " + "(" * 20_000, "nests too deeply"),
    "many CASEs in each other": ("select " + "case when true then " * MANY + "1" + " end" * MANY, "nests too deeply"),
    "many DESCRIBEs": ("describe " * 900 + "select 1", "nests too deeply"),
    "many EXCEPTs": (" except ".join(["select 1"] * 2_000), "nests too deeply"),
    "a type in a type": ("select null::" + "struct(a " * MANY + "int" + ")" * MANY, "nests too deeply"),
    "a name of many parts": ("select " + ".".join(["a"] * 20_000), "nests too deeply"),
    "EXPLAIN of nothing": ("explain", "syntax error"),
    "EXPLAIN of EXPLAIN": ("explain explain select 1", "syntax error"),
    "a missing parameter": ("select $missing", "missing"),
    "a type that pandas has not": ("select timetz '10:00:00+05'", "Unsupported type"),
    "a negative limit": ("select 1 limit -1", "negative"),
    "an offset beyond numbers": ("select 1 offset 1e30", "out of range"),
}

ANSWERED = {
    "offset without limit": ("select id from contacts order by id offset 3", 117),
    "offset alone": ("from contacts offset 119", 1),
    "offset of the newest": ("select id from contacts order by created_at desc offset 100", 20),
    "offset of a SELECT": ("select 1 limit (select 1) offset (select 0)", 1),
    "equal names of columns": (f"select {', '.join(['1 as a'] * 5_000)}", 1),
    "equal columns of a table": (f"select {', '.join(['id'] * 1_000)} from contacts", 120),
    "many values": (f"select 1 where 7 in ({', '.join(map(str, range(3_000)))})", 1),
    "many alternatives": ("select id from contacts where " + " or ".join(f"id = '{n}'" for n in range(500)), 0),
    "many rows": (f"values {', '.join(['(1)'] * 2_000)}", 2_000),
    "many terms of a list": (f"select list_sum([{', '.join(['1'] * 2_000)}])", 1),
    "brackets within a text": (f"select '{'(' * 1_000}', 1 -- {'[' * 1_000}", 1),
    "a long text": (f"select '{'x' * 100_000}'", 1),
    "a NUL in a text": ("select 'a\0b'", 1),
    "lists of decimals": ("select [1.5, null, 2.5] as it", 1),
    "lists with gaps": ("select [null] as a, [1, null] as b, [[null]] as c", 1),
    "an instant beyond Python's": (
        "select timestamptz '-infinity', timestamptz '100000-01-01', timestamp 'infinity'",
        1,
    ),
    "names that DuckDB doubles": ('select 1 as "a""b", 2 as "A""B"', 1),
}


@pytest.fixture(scope="module")
def shell(live: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """IPython with the magic, and the workspace as ws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        made = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
        made.user_ns["ws"] = live
        made.extension_manager.load_extension("intercom_kit")
        yield made
        made.user_ns.clear()


class Ways:
    """All the ways to ask; each gives what was refused, or None."""

    def __init__(self, live: Workspace, shell: InteractiveShell, server: MCPServer[Any]) -> None:
        self.live = live
        self.shell = shell
        self.server = server

    def sql(self, asked: Any) -> str | None:
        """Ask by Workspace.sql, and show the answer as a notebook does."""
        try:
            answer = self.live.sql(asked, fresh="session", timeout=2, max_rows=1_000, max_requests=3)
        except BadQueryError as error:
            return str(error)
        assert answer.receipt in repr(answer)
        assert answer._repr_html_()
        return None

    def plan(self, asked: Any) -> str | None:
        """Ask by Workspace.plan."""
        try:
            self.live.plan(asked)
        except BadQueryError as error:
            return str(error)
        return None

    def explain(self, asked: str) -> str | None:
        """Ask DuckDB's own plan."""
        return self.sql(f"explain {asked}")

    def cell(self, asked: str) -> str | None:
        """Ask in a cell; a word after the magic would be an option."""
        magic = self.shell.find_cell_magic("intercom")
        try:
            magic("--max-requests 3 --timeout 2 --fresh session", asked)
        except BadRequestError as error:  # an unknown variable, too
            return str(error)
        return None

    async def tool(self, client: Client, asked: str) -> str | None:
        """Ask as an assistant."""
        result = await client.call_tool("intercom_query", {"sql": asked, "max_requests": 3})
        said = str(result.content[0].text)  # type: ignore[union-attr]
        assert "Something unexpected" not in said or not result.is_error, said
        assert said.partition("Error executing tool intercom_query: ")[2] or not result.is_error
        return said if result.is_error else None


@pytest.fixture(scope="module")
def ways(live: Workspace, shell: InteractiveShell, sandbox: Sandbox) -> Ways:
    return Ways(live, shell, make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url)))


def spoken(said: str | None) -> bool:
    """Tell whether a refusal is a sentence, and no dump."""
    return said is not None and 10 < len(said) < 3_000 and "Traceback" not in said


@pytest.mark.parametrize(("asked", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_question_is_refused_in_a_sentence(ways: Ways, asked: Any, said: str) -> None:
    told = [ways.sql(asked), ways.plan(asked)]
    told += [ways.cell(asked)] if isinstance(asked, str) and asked.strip() else []
    if "timetz" not in str(asked):  # a plan holds no values
        assert all(said in str(each) for each in told), told
    assert spoken(told[0])
    assert said in str(told[0])


@pytest.mark.parametrize(("asked", "rows"), ANSWERED.values(), ids=ANSWERED)
def test_what_is_one_question_is_answered(live: Workspace, asked: str, rows: int) -> None:
    answer = live.sql(asked, fresh="session")
    assert len(answer) == rows
    assert answer._repr_html_()


def test_comments_before_explain_are_passed_at_once(ways: Ways) -> None:
    """Each of them could end in many places, of which all would be tried."""
    assert ways.sql("/**/" * 3_000 + "explain select 1") is None
    ways.sql("/**/ " * 40 + "/* /* */ */ explain select 1")


def test_a_deep_query_is_refused_wherever_the_stack_ends(ways: Ways) -> None:
    for terms in range(150, 420, 45):
        said = ways.sql("select " + "+".join(["1"] * terms)) or ways.plan("select " + "+".join(["1"] * terms))
        assert said is None or "nests too deeply" in said


def test_values_that_pandas_cannot_hold_are_refused(live: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OverflowError("too large")

    monkeypatch.setattr(running, "result_frame", broken)
    with pytest.raises(BadQueryError, match=re.escape("cannot hold some of their values (too large): cast these")):
        live.sql("select 1")


async def every_way(ways: Ways, statements: list[str]) -> dict[str, int]:
    """Ask each statement in some ways; count what is answered and refused."""
    outcomes = {"answered": 0, "refused": 0}
    async with Client(ways.server) as client:
        await client.list_tools()
        for number, asked in enumerate(statements):
            told = [await anyio.to_thread.run_sync(ways.sql, asked)]
            if number % 3 == 0:
                told.append(ways.plan(asked))
            if number % 10 == 0:
                told += [ways.explain(asked), ways.cell(asked), await ways.tool(client, asked)]
            outcomes["answered" if told[0] is None else "refused"] += 1
            assert all(each is None or len(each) > 10 for each in told), asked
    return outcomes


@pytest.mark.timeout(7_200)
def test_random_statements_meet_no_other_error(
    ways: Ways, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inventor = Statements(request.config.getoption("--fuzz-seed"))
    statements = [inventor.next() for _ in range(request.config.getoption("--statements"))]
    outcomes = anyio.run(every_way, ways, statements)
    assert list(tmp_path.iterdir()) == []
    assert all(outcomes.values())
    assert set(ways.live.sql("show tables")["name"]) == set(query.table_names())


def test_statements_are_of_every_kind() -> None:
    """Statements that cannot be read at all would prove little."""
    inventor, kinds = Statements(1), set()
    with duckdb.connect() as plain:
        for _ in range(1_000):
            try:
                kinds |= {guard._kind(each) for each in plain.extract_statements(inventor.next())}
            except duckdb.Error:
                kinds.add("unreadable")
    assert {"SELECT", "EXPLAIN", "MULTI", "CREATE", "INSERT", "SET", "PRAGMA", "unreadable"} <= kinds
    assert len(kinds) > 20


@pytest.mark.parametrize("error", [ValueError("29 is not valid"), RecursionError(), KeyError("x")])
def test_a_planted_fault_is_noticed(ways: Ways, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(guard, "_select", broken)
    with pytest.raises(type(error)) if not isinstance(error, RecursionError) else pytest.raises(AssertionError):
        assert ways.sql("select 1") is None


def test_frames_of_odd_names_and_columns_are_asked(live: Workspace) -> None:
    for name in ("tables", "databases", "schemas", "variables", "größe", "n_1"):
        mine = pd.DataFrame({"a b": [1], "select": ["x"]})
        assert len(live.sql(f'select "a b" from {name}', frames={name: mine})) == 1
