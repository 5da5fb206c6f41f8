"""No tool, refusal, resource or progress of the server shows an assistant a value of a personal column."""

import json
from typing import Any

import pytest
from mcp import Client

from intercom_kit import connect
from intercom_kit.mcp.server import make_server
from intercom_kit.tables import TABLES
from tests.mcp.asking import connected

from .conftest import Hidden
from .people import marks_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def asked(hidden: Hidden) -> dict[str, list[dict[str, Any]]]:
    """Every tool, as it is called by who knows ids, and by who knows somebody."""
    records, values = hidden.people.records, hidden.people.values
    contact = next(each for each in records["contacts"] if each["external_id"] and each["role"] == "user")
    email, name = values["contacts", "email"][0], values["contacts", "name"][0]
    every = {"limit": 200, "response_format": "detailed"}
    told = [f"select * from {table}" for table in ("contacts", "companies", "admins", "conversations")]
    told += [
        f"select * from conversation_parts where conversation_id = '{records['conversations'][0]['id']}'",
        f"select * from contacts where email = '{email}'",
        "select error(email) from contacts",
        "select name::integer from contacts",
        "explain analyze select name from contacts where name > 'a'",
    ]
    return {
        "intercom_list_all_contacts": [
            every,
            {"include": ["companies", "tags", "segments"]},
            {"filters": {"email_domain": email.partition("@")[2]}},
            {"filters": {"email": email}},
            {"filters": {"custom_attributes": {"plan": "qx"}}},
        ],
        "intercom_get_contact_by_id": [{"id": contact["id"]}, {"email": email}, {"external_id": "nobody"}],
        "intercom_list_companies": [every, {"name": "a"}],
        "intercom_get_company_by_id": [{"id": records["companies"][0]["id"]}],
        "intercom_list_attach_contacts_to_company": [{"company_id": records["companies"][0]["id"], **every}],
        "intercom_list_segments": [{}],
        "intercom_list_all_teams": [{}],
        "intercom_list_events": [{"user_id": contact["external_id"], **every}, {"user_id": email}],
        "intercom_list_conversations": [every, {"filters": {"source_author_email": email}}],
        "intercom_get_conversation_by_id": [
            {"id": each["id"], "response_format": "detailed", "addresses": True}
            for each in records["conversations"][:2]
        ],
        "intercom_search_conversations": [{"filters": {"state": "open"}, **every}, {"text": name.split()[0]}],
        "intercom_query": [{"sql": query, "limit": 200} for query in told],
        "intercom_describe": [{"table": table, "examples": True} for table in ("contacts", "conversations", "admins")],
        "intercom_metric": [
            {"name": "conversations", "by": ["teammate"]},
            {"name": "conversations", "by": ["contact.email", "custom_attributes.plan"]},
            {"name": "conversations", "filters": {"contact.email": email}},
            {"name": "conversations", "filters": {"teammate": values["admins", "name"][0]}},
        ],
        "intercom_status": [{"check_permissions": True}],
    }


async def answered(client: Client, tool: str, arguments: dict[str, Any], said: list[str]) -> str:
    """Call a tool, and give everything that comes back: of a result also the address at which all of it is read."""

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        said.append(f"{progress} {total} {message}")

    result = await client.call_tool(tool, arguments, progress_callback=hear)
    text = result.model_dump_json() + json.dumps(result.structured_content)
    if uri := (result.structured_content or {}).get("result_uri"):
        text += "".join(content.model_dump_json() for content in (await client.read_resource(uri)).contents)
    return text


async def test_nothing_that_an_assistant_is_told_is_personal(hidden: Hidden) -> None:
    address = {"base_url": hidden.sandbox.base_url, "privacy": hidden.privacy}
    server = make_server(lambda: connect(hidden.sandbox.token, **address), privacy=hidden.privacy)
    marks, shown, every, said = hidden.people.marks(), {}, asked(hidden), list[str]()
    async with connected(server) as client:
        assert set(every) == {tool.name for tool in (await client.list_tools()).tools}
        for tool, calls in every.items():
            for arguments in calls:
                text = await answered(client, tool, arguments, said)
                if found := (marks_of(text) & marks) - marks_of(arguments):
                    shown[tool, str(arguments)] = found
        schemas = [(await client.read_resource(f"intercom://schema/{table}")).contents for table in TABLES]
    assert shown == {}
    assert marks_of(" ".join(said) + str(schemas) + str(server.instructions)) & marks == set()
