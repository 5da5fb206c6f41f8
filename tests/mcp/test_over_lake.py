"""The assistant's tools over a lake: no token, no request, and SQL that reaches nothing but its tables."""

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pandas as pd
import psutil
import pytest
from click.testing import CliRunner
from mcp import StdioServerParameters
from mcp.server import MCPServer

import intercom_kit as ik
from intercom_kit import BadQueryError, MemoryLimitError, QueryTimeoutError, Workspace, connect
from intercom_kit.cli import main
from intercom_kit.lake import separate
from intercom_kit.lake.opened import Lake
from intercom_kit.mcp.over_lake.server import make_lake_server
from intercom_kit.sandbox import Sandbox, serve

from ..attack.shots import ENDLESS
from ..conftest import NOW
from .asking import call, connected, every_page, records, refusal

pytestmark = pytest.mark.anyio

SMALL = "500MB"
TABLES = ["conversations", "contacts", "teams", "admins", "tags"]


@pytest.fixture(scope="module")
def source() -> Iterator[tuple[Sandbox, Workspace]]:
    """A small workspace, and its sandbox."""
    with (
        serve(conversations=80, contacts=30, companies=10, now=NOW) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        yield sandbox, ws


@pytest.fixture(scope="module")
def folder(source: tuple[Sandbox, Workspace], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake") / "lake"
    source[1].export(folder, TABLES)
    return folder


@pytest.fixture(scope="module")
def lake(folder: Path) -> Iterator[Lake]:
    with ik.open(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def over_lake(folder: Path) -> MCPServer[Any]:
    """A server over the lake."""
    return make_lake_server(folder)


async def test_a_program_without_a_token_answers(folder: Path, lake: Lake) -> None:
    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "intercom_kit.cli", "mcp", "--lake", str(folder)],
        env={**os.environ, "INTERCOM_BASE_URL": "http://127.0.0.1:9"},
    )
    async with connected(program) as client:
        answer = await call(client, "intercom_query", sql="select count(*) as n from conversations")
        metric = await call(client, "intercom_metric", name="conversations", since="60d")
    assert answer["rows"] == [[80]]
    assert (answer["requests"], answer["complete"]) == (0, True)
    assert pd.Timestamp(answer["as_of"]) == lake.held.set_index("table")["as_of"]["conversations"]
    assert records(metric)[0]["value"] == lake.metric("conversations", since="60d")["value"][0]


async def test_only_tools_that_a_lake_can_answer_are_offered(over_lake: MCPServer[Any]) -> None:
    async with connected(over_lake) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
    assert tools == ["intercom_query", "intercom_describe", "intercom_metric", "intercom_status"]


async def test_what_is_told_names_no_other_tool(over_lake: MCPServer[Any]) -> None:
    async with connected(over_lake) as client:
        tools = (await client.list_tools()).tools
        told = [over_lake.instructions, *(tool.model_dump_json() for tool in tools)]
        for prompt in (await client.list_prompts()).prompts:
            arguments = {each.name: "Acme" for each in prompt.arguments or []}
            told.append((await client.get_prompt(prompt.name, arguments)).model_dump_json())
    named = set(re.findall(r"\bintercom_(?!user_id|kit)\w+", " ".join(filter(None, told))))
    assert named == {tool.name for tool in tools}
    assert len(over_lake.instructions or "") + 200 <= 2_048  # as some clients read no more


async def test_the_tables_of_the_lake_are_described(over_lake: MCPServer[Any], lake: Lake) -> None:
    async with connected(over_lake) as client:
        every = await call(client, "intercom_describe")
        one = await call(client, "intercom_describe", table="teams")
        metric = await call(client, "intercom_describe", metric="csat")
        unknown = await refusal(client, "intercom_describe", table="team")
    assert [row["table"] for row in records(every)] == lake.schema()["table"].tolist()
    assert "csat" in every["about"]["metrics"]
    assert [row["column"] for row in records(one)] == lake.schema("teams")["column"].tolist()
    assert records(metric)[0]["name"] == "csat"
    assert "There is no table 'team'" in unknown


async def test_the_status_says_what_the_lake_holds(over_lake: MCPServer[Any], lake: Lake) -> None:
    async with connected(over_lake) as client:
        answer = await call(client, "intercom_status")
    assert {row["table"]: row["rows"] for row in records(answer)} == dict(
        zip(lake.held["table"], lake.held["rows"], strict=True)
    )
    assert answer["about"]["workspace"] == lake.identity.workspace
    assert pd.Timestamp(answer["about"]["as_of"]) == lake.as_of


async def test_a_table_that_is_not_in_the_lake_is_refused_with_what_to_export(over_lake: MCPServer[Any]) -> None:
    async with connected(over_lake) as client:
        query = await refusal(client, "intercom_query", sql="select * from events")
        metric = await refusal(client, "intercom_metric", name="tickets_reopened")
    assert "This lake has no events: the user can add them by `intercom-kit export`. It has" in query
    assert "This lake has no" in metric


async def test_pages_and_the_whole_result_are_as_for_live_rows(over_lake: MCPServer[Any], lake: Lake) -> None:
    query = "select id, state from conversations order by id"
    async with connected(over_lake) as client:
        rows = await every_page(client, "intercom_query", sql=query, limit=30)
        first = await call(client, "intercom_query", sql=query, limit=30)
        whole = await client.read_resource(first["result_uri"])
    assert rows == lake.sql(query).values.tolist()
    assert len(whole.contents[0].text.splitlines()) == 81  # type: ignore[union-attr]


async def test_what_a_metric_counts_can_be_listed(over_lake: MCPServer[Any]) -> None:
    async with connected(over_lake) as client:
        metric = await call(client, "intercom_metric", name="conversations", since="60d")
        listed = await call(client, "intercom_query", sql=metric["about"]["behind"]["sql"], limit=200)
    assert listed["row_count"] == records(metric)[0]["value"]


async def test_names_in_views_of_links_work(over_lake: MCPServer[Any], lake: Lake) -> None:
    query = "select tag_name, count(*) as n from conversation_tags group by 1 order by 1"
    async with connected(over_lake) as client:
        answer = await call(client, "intercom_query", sql=query)
    assert answer["rows"] == lake.sql(query).values.tolist()
    assert answer["rows"]


ATTACKS = [
    "select * from read_csv('/etc/passwd')",
    "from '/etc/passwd'",
    "from 'FOLDER/teams/1-0.parquet'",
    "select * from read_parquet('FOLDER/contacts/*/*.parquet')",
    "select * from read_text('FOLDER/lake.json')",
    "select * from parquet_metadata('FOLDER/teams/1-0.parquet')",
    "select * from glob('/tmp/*')",
    "select * from query('select 1')",
    "select * from duckdb_settings()",
    "select * from duckdb_views()",
    "select getenv('HOME')",
    "select current_setting('temp_directory')",
    "copy contacts to 'FOLDER/teams/stolen.csv'",
    "copy (select 1) to '/tmp/stolen.csv'",
    "export database '/tmp/stolen'",
    "attach 'FOLDER/other.db'",
    "install httpfs",
    "load httpfs",
    "pragma database_list",
    "set memory_limit = '100GB'",
    "reset memory_limit",
    "create table mine as select 1",
    "drop view contacts",
    "delete from contacts",
    "call pragma_version()",
    "explain analyze delete from contacts",
    "select 1; select 2",
    f"select {'(' * 2_000}1{')' * 2_000}",
]
BOMBS = ["select list(repeat('x', 100000) || i) from range(100000) t(i)", "select repeat('x', 1000000000)"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_sql_reaches_nothing_but_the_tables(lake: Lake, folder: Path, attack: str) -> None:
    before = sorted(folder.rglob("*"))
    with pytest.raises(BadQueryError):
        lake.sql(attack.replace("FOLDER", str(folder)), apart=SMALL)
    assert sorted(folder.rglob("*")) == before
    assert lake.sql("select count(*) as n from teams", apart=SMALL)["n"][0] == 5


def test_where_the_guard_lets_a_file_through_the_process_cannot_read_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("/etc/passwd", "../../../../../etc/passwd", str(Path(__file__))):
        monkeypatch.setattr(separate, "select_of", lambda *_, file=file, **__: f"select * from read_text({file!r})")
        with pytest.raises(BadQueryError, match="disabled by configuration"):
            lake.sql("select * from teams", apart=SMALL)


def test_the_plan_of_a_query_tells_no_paths(lake: Lake, folder: Path) -> None:
    for plan in ("explain", "explain analyze"):
        shown = lake.sql(f"{plan} select * from contacts", apart=SMALL).to_string()
        assert folder.parent.name not in shown


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_query_that_would_take_all_memory_is_ended(lake: Lake, bomb: str) -> None:
    began = time.monotonic()
    with pytest.raises((MemoryLimitError, BadQueryError)):
        lake.sql(bomb, apart=SMALL, timeout=20)
    assert time.monotonic() - began < 25


@pytest.mark.parametrize(
    "endless", [ENDLESS, "with recursive r as (select 1 i union all select i + 1 from r) select count(*) from r"]
)
def test_an_endless_query_ends_with_its_timeout(lake: Lake, endless: str) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        lake.sql(endless, apart=SMALL, timeout=0.5)
    assert time.monotonic() - began < 10


def test_what_a_process_spills_is_deleted_with_it(lake: Lake) -> None:
    lake.sql("select 1", apart=SMALL)
    process = lake._engine._separate.within(SMALL)._idle.pop()
    assert process._spill is not None
    (process._spill / "duckdb_temp_block-1.block").write_text("rows")
    process.close()
    assert not process._spill.exists()


async def test_cancelling_a_call_ends_the_process_of_its_query(folder: Path) -> None:
    async with connected(make_lake_server(folder)) as client:
        await call(client, "intercom_query", sql="select 1")
        before = {child.pid for child in psutil.Process().children()}
        with anyio.move_on_after(1):
            await client.call_tool("intercom_query", {"sql": ENDLESS})
        await anyio.sleep(0.5)
        assert before - {child.pid for child in psutil.Process().children()}, "the query went on"
        assert (await call(client, "intercom_query", sql="select 1 as one"))["rows"] == [[1]]


async def test_a_lake_that_is_brought_up_to_date_meanwhile_answers_anew(tmp_path: Path) -> None:
    with (
        serve(conversations=20, contacts=10, companies=3, now=NOW) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        ws.export(tmp_path / "lake", "teams")
        async with connected(make_lake_server(tmp_path / "lake")) as client:
            assert "This lake has no tags" in await refusal(client, "intercom_query", sql="select * from tags")
            ws.export(tmp_path / "lake", "tags")
            assert (await call(client, "intercom_query", sql="select count(*) from tags"))["rows"][0][0] > 0


async def test_a_masked_lake_says_so_and_stays_masked(source: tuple[Sandbox, Workspace], tmp_path: Path) -> None:
    sandbox, _ = source
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="masked") as ws:
        ws.export(tmp_path / "lake", "contacts")
    server = make_lake_server(tmp_path / "lake")
    assert "are pseudonyms" in (server.instructions or "")
    async with connected(server) as client:
        told = await call(client, "intercom_query", sql="select email from contacts where email is not null limit 3")
        said = await refusal(client, "intercom_query", sql="select * from contacts where email = 'ann@example.com'")
    assert all(email.startswith("email-") for (email,) in told["rows"])
    assert "is masked here" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--lake", "FOLDER", "--demo"], "Give --lake without --demo and --pii"),
        (["--lake", "FOLDER", "--pii", "masked"], "Give --lake without --demo and --pii"),
        (["--lake", "nowhere"], "holds no lake: `intercom-kit export`"),
    ],
)
def test_a_wrong_start_says_why(folder: Path, arguments: list[str], says: str) -> None:
    ended = CliRunner().invoke(main, ["mcp", *(each.replace("FOLDER", str(folder)) for each in arguments)])
    assert ended.exit_code != 0
    assert says in ended.output
