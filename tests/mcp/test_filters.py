"""The filters of tools take what JSON holds: whole numbers written as floats, null, and names of any characters."""

from collections.abc import Iterator
from typing import Any

import pytest
from mcp.server import MCPServer

from intercom_kit import connect
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import serve

from ..conftest import NOW
from .asking import call, connected, records

pytestmark = pytest.mark.anyio

NAME = 'Plan "Pro"\nof it\'s \U0001f389'
RECORDS: dict[str, Any] = {
    "contacts": [
        {"id": f"c{number}", "role": "user", "created_at": NOW - 9, "updated_at": NOW - 9, "custom_attributes": own}
        for number, own in enumerate([{NAME: "gold"}, {NAME: "free", "seats": 3}, {}])
    ],
    "conversations": [
        {"id": "1", "created_at": NOW - 9, "updated_at": NOW - 9, "state": "open", "admin_assignee_id": 5},
        {"id": "2", "created_at": NOW - 8, "updated_at": NOW - 8, "state": "open", "admin_assignee_id": 0},
    ],
}

ASKED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("intercom_list_all_contacts", {"custom_attributes": {NAME: "gold"}}, ["c0"]),
    ("intercom_list_all_contacts", {"custom_attributes": {NAME: ["gold", "free"]}}, ["c0", "c1"]),
    ("intercom_list_all_contacts", {"custom_attributes": {"seats": 3.0}}, ["c1"]),
    ("intercom_list_all_contacts", {"external_id": []}, []),
    ("intercom_list_conversations", {"admin_assignee_id": 5.0}, ["1"]),
    ("intercom_list_conversations", {"admin_assignee_id": None}, ["2"]),
]


@pytest.fixture(scope="module")
def own_server() -> Iterator[MCPServer[Any]]:
    with serve(records=RECORDS, now=NOW) as sandbox:
        yield make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url))


@pytest.mark.parametrize(("tool", "filters", "found"), ASKED)
async def test_a_filter_finds_what_it_means(
    own_server: MCPServer[Any], tool: str, filters: dict[str, Any], found: list[str]
) -> None:
    async with connected(own_server) as client:
        answer = await call(client, tool, filters=filters)
    assert sorted(row["id"] for row in records(answer)) == found
