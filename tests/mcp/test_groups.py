"""Groups of tools: what is chosen is offered, and nothing speaks of the rest."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from intercom_kit.errors import BadRequestError
from intercom_kit.lake import manifest
from intercom_kit.mcp.offered.groups import ALWAYS, DEFAULT, GROUPS, groups_in, is_offered
from intercom_kit.mcp.over_lake.server import make_lake_server
from intercom_kit.mcp.server import make_server

from .asking import connected
from .test_tool_list import BYTES_PER_TOKEN, TOOLS, listed

pytestmark = pytest.mark.anyio


def never() -> Any:
    pytest.fail("nobody asked for the workspace")


def server_with(groups: Collection[str]) -> Any:
    return make_server(never, groups=groups)


def test_every_tool_of_the_default_list_is_in_a_group() -> None:
    assert {ALWAYS}.union(*(GROUPS[group] for group in DEFAULT)) == set(TOOLS)


@pytest.mark.parametrize("group", GROUPS)
async def test_a_group_is_offered_alone_with_the_status(group: str) -> None:
    names = [tool["name"] for tool in await listed(server_with([group]))]
    assert sorted(names) == sorted({*GROUPS[group], ALWAYS})


@pytest.mark.parametrize("group", ["sql", "metrics", "research"])
async def test_a_list_can_be_1500_tokens(group: str) -> None:
    text = json.dumps(await listed(server_with([group])), separators=(",", ":"), ensure_ascii=False)
    assert len(text.encode()) / BYTES_PER_TOKEN < 1_500


@pytest.mark.parametrize("group", GROUPS)
async def test_instructions_and_prompts_name_only_what_is_offered(group: str) -> None:
    server = server_with([group])
    names = [*GROUPS[group], ALWAYS]
    assert is_offered(server.instructions, names)
    assert ("search, then fetch" in server.instructions) == (group == "research")
    assert 400 < len(server.instructions) <= 2_048
    async with connected(server) as client:
        for prompt in (await client.list_prompts()).prompts:
            filled = {argument.name: "X" for argument in prompt.arguments or []}
            (message,) = (await client.get_prompt(prompt.name, filled)).messages
            assert is_offered(message.content.text, names)


def test_all_groups_together_have_the_instructions_of_all() -> None:
    assert all(
        part in server_with(list(GROUPS)).instructions
        for part in (server_with(DEFAULT).instructions.partition("\n\nAnswers")[0], "search, then fetch")
    )
    assert len(make_server(never, privacy="masked", groups=list(GROUPS)).instructions) <= 2_048


def test_an_unknown_group_is_refused_with_the_nearest() -> None:
    assert groups_in("sql, metrics,sql") == ("sql", "metrics")
    with pytest.raises(BadRequestError, match=r"no group of tools 'metric': did you mean 'metrics'\?"):
        groups_in("sql,metric")


def test_a_lake_has_no_tools_that_ask_intercom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "read", lambda _: type("Manifest", (), {"privacy": "full"}))
    with pytest.raises(BadRequestError, match=r"no tools of the group 'research' here: .*sql.*metrics"):
        make_lake_server(tmp_path, groups=["research"])
