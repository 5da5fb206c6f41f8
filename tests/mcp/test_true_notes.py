"""Notes are true: what a whole result has, where a list ends, whose days a query counts, and what is unknown."""

from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import ElicitResult

from intercom_kit.auth.check import check
from intercom_kit.auth.finding import find
from intercom_kit.auth.profiles import save
from intercom_kit.concurrency.stopping import Stopped, current
from intercom_kit.connecting import connect
from intercom_kit.mcp import MEMORY, desk
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin
from .asking import call, connected, refusal

pytestmark = pytest.mark.anyio


async def rows_of_resource(client: Client, uri: str) -> int:
    (content,) = (await client.read_resource(uri)).contents
    return len(content.text.splitlines()) - 1  # type: ignore[union-attr]


async def test_a_whole_result_has_all_rows_where_it_says_so(server: Any) -> None:
    async with connected(server) as client:
        contacts = await call(client, "intercom_list_all_contacts", limit=5, fields=["id"])
        assert "result_uri has all" in contacts["note"]
        assert await rows_of_resource(client, contacts["result_uri"]) == contacts["total_rows"] == 200


async def test_a_list_that_ends_before_its_total_says_so_on_its_first_page(server: Any) -> None:
    async with connected(server) as client:
        answer = await call(client, "intercom_list_conversations", limit=5, fields=["id"])
        assert not answer["complete"]
        assert "a list ends at 500 of 600" in answer["note"]
        assert "result_uri has the first 500" in answer["note"]
        assert await rows_of_resource(client, answer["result_uri"]) == 500


@pytest.mark.parametrize(
    ("sql", "timezone"),
    [
        ("select created_at from conversations limit 1", "UTC"),
        ("select date_trunc('day', created_at), count(*) from conversations group by 1", "'Europe/Dublin'"),
        ("select date_trunc('day', created_at at time zone 'Europe/Dublin') from conversations limit 1", "UTC"),
    ],
)
async def test_a_query_about_times_says_its_timezone(server: Any, sql: str, timezone: str) -> None:
    async with connected(server) as client:
        answer = await call(client, "intercom_query", sql=sql)
    assert answer["about"]["timezone"].startswith("UTC")
    assert answer["about"]["timezone"].endswith(timezone)


async def test_numbers_are_not_said_to_be_written_by_customers(server: Any) -> None:
    async with connected(server) as client:
        numbers = await call(client, "intercom_query", sql="select count(*) from conversations")
        texts = await call(client, "intercom_query", sql="select title from conversations limit 1")
    assert "note" not in numbers
    assert "Data by customers" in texts["note"]


async def test_what_is_not_found_names_the_next_tool_and_the_id_as_given(server: Any) -> None:
    async with connected(server) as client:
        said = await refusal(client, "intercom_get_conversation_by_id", id="a b/ü")
    assert "'a b/ü'" in said
    assert "%" not in said
    assert "intercom_search_conversations" in said


async def test_the_status_answers_where_nothing_is_connected(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path))
    asked: list[Any] = []

    async def open_page(*arguments: Any) -> ElicitResult:
        asked.append(arguments)
        return ElicitResult(action="decline")

    async with connected(make_server(connect, may_login=True), elicitation_callback=open_page) as client:
        answer = await call(client, "intercom_status")
    assert answer["about"]["connected"] is False
    assert "intercom-kit login" in answer["about"]["why"]
    assert "note" not in answer
    assert asked == []


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ({"INTERCOM_PROFILE": "acme"}, "No profile is stored: `intercom-kit login --profile acme` makes this one"),
        ({"INTERCOM_REGION": "mars", "INTERCOM_ACCESS_TOKEN": "x"}, "There is no region 'mars'"),
        ({"INTERCOM_BASE_URL": "http://127.0.0.1:9", "INTERCOM_ACCESS_TOKEN": "x"}, "INTERCOM_BASE_URL"),
    ],
    ids=["profile", "region", "address"],
)
async def test_the_status_answers_why_the_workspace_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, setting: dict[str, str], why: str
) -> None:
    for name, value in {"INTERCOM_KIT_HOME": str(tmp_path), **setting}.items():
        monkeypatch.setenv(name, value)
    async with connected(make_server(lambda: connect(patience=1))) as client:
        about = (await call(client, "intercom_status"))["about"]
    assert about["connected"] is False
    assert why in about["why"]


async def test_a_profile_that_another_region_keeps_from_use_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, sandbox: Sandbox
) -> None:
    """As where a client sets a region for everybody: logging in again would not help."""
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path))
    save(check(find(sandbox.token, base_url=sandbox.base_url)), name="acme")
    monkeypatch.setenv("INTERCOM_REGION", "eu")
    async with connected(make_server(connect)) as client:
        said = await refusal(client, "intercom_list_all_teams")
    assert "The profile 'acme' is for http://127.0.0.1" in said
    assert "unset INTERCOM_REGION" in said


async def test_a_workspace_that_the_token_may_not_ask_for_is_said_to_be_unknown(begin: Begin) -> None:
    sandbox, _ = begin()
    server = make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url))
    sandbox.faults.set("403", 1)
    async with connected(server) as client:
        about = (await call(client, "intercom_status"))["about"]
    assert about["workspace"] == "unknown"
    assert about["timezone"].startswith("unknown")
    assert "Read one admin" in about["why_unknown"]


JOINED = "select count(*) n from contacts c join event_summaries s on s.intercom_user_id = c.id"


@pytest.fixture
def slow(begin: Begin) -> Sandbox:
    """A sandbox that thinks for a moment before every answer."""
    return begin(latency=0.2, conversations=60, contacts=400, companies=20)[0]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("intercom_query", {"sql": JOINED, "max_requests": 2_000}), ("intercom_metric", {"name": "active_contacts"})],
)
async def test_a_call_ends_in_time_and_calling_again_finishes_it(
    slow: Sandbox, monkeypatch: pytest.MonkeyPatch, tool: str, arguments: dict[str, Any]
) -> None:
    server = make_server(lambda: connect(slow.token, base_url=slow.base_url))
    async with connected(server) as client:
        await call(client, "intercom_status")
        monkeypatch.setattr(desk, "LONGEST_CALL", 1.0)
        with anyio.fail_after(20):
            said = await refusal(client, tool, **arguments)
        monkeypatch.undo()
        answer = await call(client, tool, **arguments)
    assert "Stopped after 1 seconds" in said
    assert "again" in said
    assert answer["row_count"] > 0


async def test_a_stopped_call_says_what_it_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: Any) -> None:
        try:
            while True:
                current().check()
        except Stopped as stopped:
            stopped.add_note("Kept, and not fetched again: 5 contacts.")
            raise

    monkeypatch.setattr(desk, "LONGEST_CALL", 0.1)
    asked = LiveDesk(lambda: None, memory=MEMORY)
    asked.opened = object()  # type: ignore[assignment]
    with pytest.raises(Exception, match=r"5 contacts\. Call again with the same arguments"):
        await asked.ask(None, endless)  # type: ignore[arg-type]
