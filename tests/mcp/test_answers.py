"""Answers fit an assistant: both channels alike, within the budget, pages that go on, and what is missing is said."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.mcp import results
from intercom_kit.mcp.answers import BUDGET
from intercom_kit.mcp.cells import cell, duration

from .asking import call, connected, every_page, records, refusal

pytestmark = pytest.mark.anyio

HUGE = "select i as id, repeat('wörter ', 40) as text from range(2000) t(i)"


async def test_text_and_structured_content_carry_the_same(server: Any, era: str) -> None:
    async with connected(server, era) as client:
        for tool, arguments in [("intercom_list_conversations", {}), ("intercom_describe", {"table": "events"})]:
            result = await client.call_tool(tool, arguments)
            text, *_ = result.content
            assert json.loads(text.text) == result.structured_content


@pytest.mark.parametrize("sql", [HUGE, "select repeat('é', 300000) as text", "select range(100000) as many"])
async def test_an_answer_is_cut_at_a_row_to_fit_the_budget_and_says_how_to_go_on(server: Any, sql: str) -> None:
    async with connected(server) as client:
        result = await client.call_tool("intercom_query", {"sql": sql, "limit": 200, "response_format": "detailed"})
    answer = result.structured_content
    assert len(result.content[0].text.encode()) <= BUDGET
    assert answer["row_count"] == len(answer["rows"]) >= 1
    if answer["total_rows"] > answer["row_count"]:
        assert "cursor" in answer["note"]
        assert answer["next_cursor"]
        assert answer["result_uri"]


async def test_pages_cut_by_the_budget_together_give_every_row_once(server: Any) -> None:
    async with connected(server) as client:
        rows = await every_page(client, "intercom_query", sql=HUGE, limit=200)
    assert [row[0] for row in rows] == list(range(2000))


async def test_a_whole_conversation_list_in_detail_fits(server: Any) -> None:
    async with connected(server) as client:
        given = {"limit": 200, "response_format": "detailed"}
        result = await client.call_tool("intercom_list_conversations", given)
    assert len(result.content[0].text.encode()) <= BUDGET


async def test_fields_choose_columns_and_a_wrong_one_is_named(server: Any) -> None:
    async with connected(server) as client:
        answer = await call(client, "intercom_list_conversations", fields=["id", "state"])
        said = await refusal(client, "intercom_list_conversations", fields=["stat"])
    assert answer["columns"] == ["id", "state"]
    assert "did you mean 'state'?" in said


async def test_detailed_gives_more_than_concise(server: Any) -> None:
    async with connected(server) as client:
        concise = await call(client, "intercom_list_all_contacts", limit=5)
        detailed = await call(client, "intercom_list_all_contacts", limit=5, response_format="detailed")
    assert set(concise["columns"]) - {"owner"} < set(detailed["columns"]) | set(concise["columns"])
    assert len(detailed["columns"]) > len(concise["columns"])


async def test_names_stand_beside_ids_and_durations_are_worked_out(server: Any, ws: Workspace) -> None:
    teams = dict(zip(ws.teams()["id"], ws.teams()["name"], strict=True))
    async with connected(server) as client:
        rows = records(await call(client, "intercom_list_conversations", limit=50))
    for row in rows:
        assert row["team_assignee"] == teams.get(row["team_assignee_id"])
    times = [row["time_to_admin_reply"] for row in rows if row["time_to_admin_reply"]]
    assert times
    assert all(part[-1] in "hms" for time in times for part in time.split())


async def test_a_cursor_expires_belongs_to_its_question_and_cannot_be_guessed(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(server) as client:
        first = await call(client, "intercom_list_all_contacts", limit=2)
        cursor = first["next_cursor"]
        other = await refusal(client, "intercom_list_companies", cursor=cursor)
        changed = await refusal(client, "intercom_list_all_contacts", cursor=cursor, filters={"role": "user"})
        guessed = await refusal(client, "intercom_list_all_contacts", cursor="abc.2")
        monkeypatch.setattr(results, "LIFE", -1)
        late = await refusal(client, "intercom_list_all_contacts", cursor=cursor)
    assert "belongs to intercom_list_all_contacts" in other
    assert "give the same arguments" in changed
    assert "unknown or has expired" in guessed
    assert "unknown or has expired" in late


async def test_conversations_end_at_500_and_what_is_left_out_is_said(server: Any) -> None:
    async with connected(server) as client:
        answer = await call(client, "intercom_list_conversations", limit=200, fields=["id"])
        while "next_cursor" in answer:
            cursor = answer["next_cursor"]
            answer = await call(client, "intercom_list_conversations", limit=200, fields=["id"], cursor=cursor)
    assert not answer["complete"]
    assert "a list ends at 500 of 600" in answer["note"]
    assert answer["total_rows"] == 600


async def test_what_numpy_and_pandas_hold_becomes_json(server: Any) -> None:
    values = {
        "big": (2**60, str(2**60)),
        "nat": (pd.NaT, None),
        "na": (pd.NA, None),
        "nan": (float("nan"), None),
        "infinity": (float("-inf"), "-Infinity"),
        "count": (np.int64(3), 3),
        "yes": (np.bool_(True), True),
        "at": (pd.Timestamp("2026-01-02T03:04:05", tz="UTC"), "2026-01-02T03:04:05Z"),
        "local": (pd.Timestamp("2026-01-02"), "2026-01-02T00:00:00"),
        "span": (np.timedelta64(90, "s"), "1m 30s"),
        "bytes": (b"\xff\x00", "ff00"),
        "list": (np.array([1, 2]), [1, 2]),
        "object": ({"a": pd.NaT}, {"a": None}),
    }
    assert {name: cell(given) for name, (given, _) in values.items()} == {
        name: expected for name, (_, expected) in values.items()
    }
    assert [duration(seconds) for seconds in (0, 59, 3600, 93905, -60)] == ["0s", "59s", "1h", "26h 5m 5s", "-1m"]
    sql = """
        select 1.5::decimal(10, 2) as d, uuid '00000000-0000-0000-0000-000000000001' as u, 'nan'::double as n,
               170141183460469231731687303715884105727::hugeint as h, date '2026-01-02' as day, {'a': 1} as s,
               interval 90 minute as i, '\\xFF'::blob as b, time '12:00' as t
    """
    async with connected(server) as client:
        (row,) = records(await call(client, "intercom_query", sql=sql))
    assert (row["d"], row["u"], row["n"]) == (1.5, "00000000-0000-0000-0000-000000000001", None)
    assert row["s"] == {"a": 1}
