"""What the protocol wants of a server, and the library leaves to it."""

from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import MCPError
from mcp.types import PromptReference

from intercom_kit import Workspace
from intercom_kit.mcp.over_http.serving import Public, add_health, options
from intercom_kit.mcp.over_lake.server import make_lake_server
from intercom_kit.mcp.server import make_server
from intercom_kit.tables import TABLES

from .asking import call, connected
from .serving import serving_http
from .test_http import ACCEPTS, HELLO

pytestmark = pytest.mark.anyio


async def test_both_versions_are_named_to_who_discovers_the_server(server: Any) -> None:
    async with connected(server) as client:
        assert client.session.discover_result.supported_versions == ["2026-07-28", "2025-11-25"]


async def test_nothing_is_said_to_change_that_does_not(server: Any, era: str) -> None:
    async with connected(server, era) as client:
        capabilities = client.server_capabilities
    assert not any(each.list_changed for each in (capabilities.tools, capabilities.prompts, capabilities.resources))
    assert not capabilities.resources.subscribe


async def test_the_server_has_an_icon_that_loads_nothing(server: Any, era: str) -> None:
    async with connected(server, era) as client:
        (icon,) = client.server_info.icons
    assert icon.src.startswith("data:image/svg+xml;base64,")


async def test_the_website_is_the_home_that_the_package_names(monkeypatch: pytest.MonkeyPatch, era: str) -> None:
    named = Message()
    monkeypatch.setattr("intercom_kit.mcp.server.metadata", lambda _: named)

    async def website() -> str | None:
        async with connected(make_server(lambda: pytest.fail("nobody asked for the workspace")), era) as client:
            return client.server_info.website_url

    assert await website() is None
    named["Project-URL"] = "Changelog, https://example.com/changes"
    named["Project-URL"] = "Homepage, https://example.com/kit"
    assert await website() == "https://example.com/kit"


async def test_everything_that_can_be_read_or_given_is_described(tmp_path: Path, server: Any, ws: Workspace) -> None:
    research = make_server(lambda: pytest.fail("nobody asked for the workspace"), groups=["research"])
    ws.export(tmp_path / "lake", ["teams"])
    for each in (server, research, make_lake_server(tmp_path / "lake")):
        async with connected(each) as client:
            offered = [
                *(await client.list_tools()).tools,
                *(await client.list_resources()).resources,
                *(await client.list_resource_templates()).resource_templates,
                *(await client.list_prompts()).prompts,
            ]
        for one in offered:
            inputs = getattr(one, "input_schema", {}).get("properties", {})
            assert one.title
            assert one.description
            assert [name for name, schema in inputs.items() if not schema.get("description")] == []
            assert all(argument.description for argument in getattr(one, "arguments", None) or [])


async def test_a_prompt_without_what_it_needs_is_refused(server: Any, era: str) -> None:
    async with connected(server, era) as client:
        for name, told in (("account_brief", "account_brief needs company"), ("nothing", "Unknown prompt: 'nothing'")):
            with pytest.raises(MCPError, match=told) as refused:
                await client.get_prompt(name, {})
            assert refused.value.error.code == -32602
        assert (await client.get_prompt("weekly_support_review", {})).messages


async def test_tables_and_metrics_are_listed_to_be_read(server: Any) -> None:
    async with connected(server) as client:
        every = (await client.list_resources()).resources
        listed = {resource.uri: resource for resource in every if resource.uri.startswith("intercom://")}
        assert list(listed) == [*(f"intercom://schema/{name}" for name in TABLES), "intercom://metrics"]
        assert [resource.uri for resource in every][: len(listed)] == list(listed)  # the page of figures is large
        assert listed["intercom://schema/teams"].description == f"One row is {TABLES['teams'].row}."
        for uri in ("intercom://schema/teams", "intercom://metrics"):
            assert (await client.read_resource(uri)).contents


async def test_an_answer_of_several_pages_links_to_all_its_rows(server: Any) -> None:
    async with connected(server) as client:
        paged = await client.call_tool("intercom_list_all_contacts", {"limit": 2})
        whole = await client.call_tool("intercom_list_all_teams", {})
        (_, link), (_,) = paged.content, whole.content
        assert link.type == "resource_link"
        assert link.uri == paged.structured_content["result_uri"]
        assert (await client.read_resource(link.uri)).contents[0].mime_type == link.mime_type == "text/csv"


async def completed(client: Any, prompt: str, argument: str, begun: str) -> list[str]:
    given = {"name": argument, "value": begun}
    return list((await client.complete(PromptReference(name=prompt), given)).completion.values)


async def test_names_of_teams_and_companies_are_completed_in_any_case(server: Any, ws: Workspace) -> None:
    async with connected(server) as client:
        assert await completed(client, "account_brief", "company", "ACM") == ["Acme Corp"]
        assert await completed(client, "weekly_support_review", "team", "") == sorted(ws.teams()["name"])
        assert await completed(client, "churn_risks", "days", "3") == []


async def test_names_in_a_lake_are_completed(tmp_path: Path, ws: Workspace) -> None:
    ws.export(tmp_path / "lake", ["teams"])
    async with connected(make_lake_server(tmp_path / "lake")) as client:
        assert await completed(client, "weekly_support_review", "team", "b") == ["Billing"]
        assert await completed(client, "account_brief", "company", "a") == []  # the lake has no companies


async def test_where_nothing_is_connected_nothing_is_completed() -> None:
    from intercom_kit.errors import NotConnectedError

    def connect() -> Workspace:
        raise NotConnectedError("no token")

    async with connected(make_server(connect)) as client:
        assert await completed(client, "weekly_support_review", "team", "") == []


def over_http(public: Public | None, *, stateless: bool) -> Any:
    server = make_server(lambda: pytest.fail("nobody asked for the workspace"))
    add_health(server)
    return server.streamable_http_app(**options(public, stateless=stateless))


@pytest.mark.parametrize("stateless", [True, False])
def test_a_session_is_kept_only_where_one_may_log_in(stateless: bool) -> None:
    with serving_http(over_http(None, stateless=stateless)) as address:
        answer = httpx.post(address, json=HELLO, headers=ACCEPTS)
    assert answer.status_code == 200
    assert ("mcp-session-id" in answer.headers) is not stateless


def test_whoever_runs_it_can_see_that_it_runs() -> None:
    with serving_http(over_http(None, stateless=True)) as address:
        answer = httpx.get(address.replace("/mcp", "/health"))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("url", "path"), [("https://a.example/b/intercom", "/b/intercom"), ("https://a.example", "/"), (None, "/mcp")]
)
def test_it_is_served_at_the_path_of_its_public_url(url: str | None, path: str) -> None:
    public = Public(url, "https://issuer.example", "https://issuer.example/keys") if url else None
    assert options(public, stateless=True)["streamable_http_path"] == path


async def test_a_server_without_sessions_answers_clients_of_both_eras(sandbox: Any, era: str) -> None:
    from intercom_kit import connect

    server = make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url))
    with serving_http(server.streamable_http_app(**options(None, stateless=True))) as address:
        async with connected(address, era) as client:
            first = await call(client, "intercom_list_all_contacts", limit=2)
            again = await call(client, "intercom_list_all_contacts", limit=2, cursor=first["next_cursor"])
    assert again["row_count"] == 2
