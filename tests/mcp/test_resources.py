"""What is read by address, the prompts, and the completion of names."""

import csv
import io
import json
from typing import Any

import pytest
from mcp import MCPError
from mcp.types import ResourceTemplateReference

from intercom_kit import Workspace
from intercom_kit.tables import TABLES

from .asking import call, connected

pytestmark = pytest.mark.anyio


async def read(client: Any, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    return str(content.text)


async def test_a_table_and_a_metric_are_read_by_address(server: Any, era: str) -> None:
    async with connected(server, era) as client:
        table = json.loads(await read(client, "intercom://schema/contacts"))
        metric = json.loads(await read(client, "intercom://metrics/csat"))
    assert [column["column"] for column in table["columns"]] == [column.name for column in TABLES["contacts"].columns]
    assert metric["name"] == "csat"
    assert metric["definitions"]


@pytest.mark.parametrize(
    "uri", ["intercom://schema/nothing", "intercom://metrics/nothing", "intercom://results/nothing.csv"]
)
async def test_what_is_not_there_is_refused_as_the_protocol_wants(server: Any, era: str, uri: str) -> None:
    async with connected(server, era) as client:
        with pytest.raises(MCPError, match="nothing") as refused:
            await client.read_resource(uri)
    assert refused.value.error.code == -32602


async def test_a_result_is_read_whole_also_where_the_answer_was_one_page_of_it(target: Any, ws: Workspace) -> None:
    async with connected(target) as client:
        answer = await call(client, "intercom_list_all_contacts", limit=2)
        rows = list(csv.DictReader(io.StringIO(await read(client, answer["result_uri"]))))
    everybody = ws.contacts()
    assert answer["row_count"] == 2
    assert [row["id"] for row in rows] == list(everybody["id"])
    assert [row["email"] for row in rows] == list(everybody["email"].fillna(""))


async def test_names_of_tables_and_metrics_are_completed(server: Any) -> None:
    async with connected(server) as client:
        tables = await client.complete(
            ResourceTemplateReference(uri="intercom://schema/{table}"), {"name": "table", "value": "con"}
        )
        metrics = await client.complete(
            ResourceTemplateReference(uri="intercom://metrics/{name}"), {"name": "name", "value": "cs"}
        )
    assert tables.completion.values == [name for name in TABLES if name.startswith("con")]
    assert metrics.completion.values == ["csat"]


async def test_prompts_name_tools_that_there_are(server: Any) -> None:
    async with connected(server) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        prompts = (await client.list_prompts()).prompts
        for prompt in prompts:
            arguments = {argument.name: "X" for argument in prompt.arguments or []}
            (message,) = (await client.get_prompt(prompt.name, arguments)).messages
            named = {
                word.strip("(),.:") for word in message.content.text.replace("(", " ").split() if "intercom_" in word
            }
            assert named
            assert named <= tools
    names = ["weekly_support_review", "account_brief", "churn_risks", "conversations_about"]
    assert [prompt.name for prompt in prompts] == names
