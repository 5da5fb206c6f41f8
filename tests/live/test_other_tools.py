"""Answers and cached rows for other tools: Arrow, polars, relations, and a cursor that reaches nothing else."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.sandbox import serve
from tests.conftest import NOW

NAMED = "select c.id, t.name from conversations c join teams t on t.id = c.team_assignee_id"


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with (
        serve(conversations=40, contacts=20, companies=5, seed=3, now=NOW, rate_limit=100_000) as served,
        connect(served.token, base_url=served.base_url) as ws,
    ):
        yield ws


def rows(cursor: Any, query: str) -> list[Any]:
    return list(cursor.execute(query).fetchall())


def test_an_answer_is_an_arrow_stream_without_pyarrow(workspace: Workspace) -> None:
    answer = workspace.sql("select id, created_at, tag_names, read, count_reopens from conversations order by id")
    nanoarrow = pytest.importorskip("nanoarrow")
    read = nanoarrow.Array(answer)
    assert [each["id"] for each in read.to_pylist()] == answer["id"].tolist()
    assert read.to_pylist()[0]["created_at"] == answer["created_at"][0].to_pydatetime()


def test_polars_gets_the_rows_without_pyarrow(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def frame(stream: Any) -> list[Any]:
        assert hasattr(stream, "__arrow_c_stream__")
        return list(stream.fetchall())

    monkeypatch.setitem(sys.modules, "polars", SimpleNamespace(DataFrame=frame))
    answer = workspace.sql("select state, count(*) as n from conversations group by 1 order by 1")
    assert answer.pl() == [tuple(row) for row in answer.to_numpy().tolist()]
    assert answer.groupby("state")[["n"]].sum().pl() == answer.pl()


@pytest.mark.parametrize(("method", "extra"), [("pl", "polars"), ("arrow", "arrow")])
def test_a_missing_library_is_named_with_its_extra(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, method: str, extra: str
) -> None:
    for name in ("polars", "pyarrow", "nanoarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BadRequestError, match=rf"pip install 'intercom_kit\[{extra}\]'"):
        getattr(workspace.sql("select 1 as x"), method)()


def test_relations_are_joined_lazily_and_ask_for_what_they_need(workspace: Workspace) -> None:
    query = "select id, team_assignee_id from conversations where state = $state"
    conversations = workspace.relation(query, {"state": "closed"})
    teams = workspace.relation("select id as team, name from teams")
    asked = workspace.budget["requests"]
    joined = conversations.join(teams, "team_assignee_id = team").aggregate("name, count(*) as n")
    query = f"select t.name, count(*) as n from ({NAMED} where c.state = 'closed') t group by all"
    found = sorted(joined.fetchall())
    assert workspace.budget["requests"] == asked
    assert found == sorted(map(tuple, workspace.sql(query).to_numpy().tolist()))
    with pytest.raises(BadQueryError):
        workspace.relation("drop table conversations")


def test_the_cursor_has_what_is_cached_as_it_is_now(workspace: Workspace) -> None:
    workspace.forget()
    assert rows(workspace.duckdb, "select count(*) from conversations") == [(0,)]
    workspace.sql(NAMED)
    cursor = workspace.duckdb
    held = workspace.held.set_index("table")["rows"]
    assert rows(cursor, "select count(*) from conversations") == [(held["conversations"],)]
    assert rows(cursor, "select count(*) from teams") == [(held["teams"],)]
    tags = workspace.sql("from conversation_tags order by all")
    assert rows(workspace.duckdb, "from conversation_tags order by all") == [tuple(row) for row in tags.to_numpy()]
    workspace.forget()
    assert rows(workspace.duckdb, "select count(*) from conversations") == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "from read_csv('/etc/hostname')",
        "copy conversations to 'rows.csv'",
        "attach 'rows.db'",
        "install httpfs",
        "from 'https://example.com/rows.csv'",
        "set enable_external_access = true",
        "set global lock_configuration = false",
        "set temp_directory = '.'",
    ],
)
def test_the_cursor_reaches_no_file_no_network_and_no_setting(workspace: Workspace, statement: str) -> None:
    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
        workspace.duckdb.execute(statement)


def test_what_a_tool_changes_there_does_not_touch_the_session(workspace: Workspace) -> None:
    before = workspace.sql("from teams")
    cursor = workspace.duckdb
    cursor.execute("delete from teams")
    cursor.execute("drop table conversations")
    cursor.execute("create view mine as select 1 as x")
    assert workspace.sql("from teams").equals(before)
    assert rows(workspace.duckdb, "select count(*) from teams") == [(len(before),)]
    assert rows(workspace.duckdb, "from mine") == [(1,)]
    with pytest.raises(BadQueryError, match="no table mine"):
        workspace.sql("from mine")


def test_tools_may_set_the_clock(workspace: Workspace) -> None:
    cursor = workspace.duckdb
    cursor.execute("set timezone = 'Europe/Dublin'")
    assert rows(cursor, "select current_setting('TimeZone')") == [("Europe/Dublin",)]
    assert rows(workspace.duckdb, "select current_setting('TimeZone')") == [("UTC",)]
