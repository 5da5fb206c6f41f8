"""The same answers over every transport, in both eras of the protocol."""

import json
from typing import Any

import pytest
from mcp import Client, MCPError

from intercom_kit import Workspace

pytestmark = pytest.mark.anyio


async def test_the_first_answers_come_over_every_transport(target: Any, era: str, ws: Workspace) -> None:
    async with Client(target, mode=era) as client:
        listed = await client.call_tool("intercom_list_all_contacts", {"limit": 3, "fields": ["id", "name"]})
        counted = await client.call_tool("intercom_query", {"sql": "select count(*) as n from contacts"})
    assert listed.structured_content["rows"] == ws.contacts(3)[["id", "name"]].values.tolist()
    assert counted.structured_content["rows"] == [[200]]
    assert json.loads(listed.content[0].text) == listed.structured_content


async def test_an_unknown_tool_is_refused_as_the_protocol_wants(target: Any, era: str) -> None:
    async with Client(target, mode=era) as client:
        with pytest.raises(MCPError, match="Unknown tool: 'intercom_delete'") as refused:
            await client.call_tool("intercom_delete", {})
    assert refused.value.error.code == -32602
