"""A server that masks personal data shows none, by whichever tool, and says why somebody cannot be looked up."""

import json
from typing import Any

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from .asking import call, connected, refusal

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("privacy", ["masked", "none"])
async def test_no_tool_and_no_resource_shows_who_people_are(sandbox: Sandbox, ws: Workspace, privacy: Any) -> None:
    server = make_server(
        lambda: connect(sandbox.token, base_url=sandbox.base_url, privacy=privacy),
        privacy=privacy,
    )
    contacts, conversations, admins = ws.contacts(), ws.conversations(), ws.admins()
    person = contacts[contacts["external_id"].notna() & contacts["email"].notna()].iloc[0]
    company = str(ws.companies(1)["id"][0])
    conversation = str(conversations["id"][0])
    asked: list[tuple[str, dict[str, Any]]] = [
        ("intercom_list_all_contacts", {"limit": 200, "response_format": "detailed"}),
        ("intercom_get_contact_by_id", {"id": person["id"]}),
        ("intercom_list_attach_contacts_to_company", {"company_id": company, "response_format": "detailed"}),
        ("intercom_list_all_teams", {}),
        ("intercom_list_events", {"user_id": person["external_id"], "response_format": "detailed"}),
        ("intercom_list_conversations", {"limit": 200, "response_format": "detailed"}),
        ("intercom_get_conversation_by_id", {"id": conversation, "response_format": "detailed"}),
        ("intercom_search_conversations", {"filters": {"state": "closed"}, "response_format": "detailed"}),
        ("intercom_query", {"sql": "select * from contacts", "limit": 200}),
        ("intercom_query", {"sql": "select * from admins"}),
        ("intercom_describe", {"table": "contacts", "examples": True}),
        ("intercom_metric", {"name": "conversations", "by": ["teammate"]}),
        ("intercom_status", {}),
    ]
    async with connected(server) as client:
        said = [json.dumps(await call(client, tool, **arguments), ensure_ascii=False) for tool, arguments in asked]
        answer = await call(client, "intercom_list_all_contacts", limit=1)
        (whole,) = (await client.read_resource(answer["result_uri"])).contents
        refused = await refusal(client, "intercom_get_contact_by_id", email=person["email"])
        searched = await refusal(client, "intercom_search_conversations", text="invoice")
    told = "\n".join([*said, whole.text]).lower()
    secrets = {*contacts["email"].dropna(), *contacts["phone"].dropna(), *admins["email"].dropna()}
    secrets |= {name for name in contacts["name"].dropna() if len(name) > 8}
    assert len(secrets) > 200
    assert [secret for secret in secrets if secret.lower() in told] == []
    assert "which is" in refused
    assert "--pii full" in refused
    assert "cannot be searched" in searched
    assert "Use ids" in server.instructions
