"""What assistants get wrong: a slip is answered as it was meant, or met by a sentence that leads to the right call."""

import json
import re
from typing import Any

import pandas as pd
import pytest
from mcp import Client

from intercom_kit import Workspace

from ..asking import connected
from .wrong_arguments import WRONG_ARGUMENTS
from .wrong_statements import WRONG_STATEMENTS

pytestmark = pytest.mark.anyio

PYTHON = re.compile(r"\bws\.|\bframes?\b|\bTrue\b|\bNone\b|plan\(\)|Traceback|pydantic")


@pytest.fixture(scope="module")
def first(ws: Workspace) -> dict[str, str]:
    """Ids of a conversation, of a contact who did something lately, and of its company."""
    seen = ws.contacts(role="user", last_seen_since="2026-11-01").sort_values("last_seen_at")
    contact = seen[seen["email"].notna() & ~seen["email"].duplicated(keep=False)].iloc[-1]
    company = ws.company(name="Acme Corp")["id"][0]
    return {
        "id": str(ws.conversations(1)["id"][0]),
        "contact_id": contact["id"],
        "external_id": contact["external_id"],
        "email": contact["email"],
        "company_id": company,
        "team_id": _named(ws.teams(), "Billing"),
        "admin_id": _named(ws.admins(), "Marcus Bell"),
        "tag_id": _named(ws.tags(), "bug"),
        "vip_id": _named(ws.tags(), "VIP"),
    }


def _named(listed: pd.DataFrame, name: str) -> str:
    return str(listed.set_index("name").loc[name, "id"])


def filled(arguments: dict[str, Any], first: dict[str, str]) -> dict[str, Any]:
    """Return arguments with the ids in place of their names."""
    text = json.dumps(arguments)
    text = text.replace('"{id:number}"', first["id"])
    for name, value in first.items():
        text = text.replace(f"{{{name}}}", value)
    return dict(json.loads(text))


class Asking:
    """A client that gets each plain answer once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._plain: dict[str, list[Any]] = {}

    async def plain(self, tool: str, arguments: dict[str, Any]) -> list[Any]:
        key = f"{tool} {json.dumps(arguments)}"
        if key not in self._plain:
            result = await self._client.call_tool(f"intercom_{tool}", arguments)
            assert not result.is_error, (tool, arguments, result.content[0].text)  # type: ignore[union-attr]
            self._plain[key] = result.structured_content["rows"]  # type: ignore[index]
        return self._plain[key]

    async def failure(self, tool: str, sent: dict[str, Any], meant: dict[str, Any] | tuple[str, ...]) -> str:
        """Return what is wrong with the answer to a slip; empty where nothing is."""
        result = await self._client.call_tool(f"intercom_{tool}", sent)
        said = result.content[0].text  # type: ignore[union-attr]
        if isinstance(meant, tuple):
            told = said if result.is_error else json.dumps(json.loads(said), ensure_ascii=False)
            lacking = [word for word in meant if word not in told]
            python = PYTHON.findall(said) if result.is_error else []
            return f"lacks {lacking}, speaks {python}: {said[:300]}" if lacking or python else ""
        if result.is_error:
            return f"is refused: {said[:300]}"
        plain = await self.plain(tool, meant)
        rows = result.structured_content["rows"]  # type: ignore[index]
        return "" if rows == plain else f"answers {str(rows)[:150]}, not {str(plain)[:150]}"


async def failures(server: Any, slips: list[tuple[str, dict[str, Any], Any]]) -> dict[str, str]:
    """Return the slips whose answers are wrong or of no use, each with what it is."""
    async with connected(server) as client:
        asking = Asking(client)
        found = {f"{tool} {json.dumps(sent)}": await asking.failure(tool, sent, meant) for tool, sent, meant in slips}
    return {slip: why for slip, why in found.items() if why}


PARTS = 18


@pytest.mark.sampled(4)
@pytest.mark.parametrize("part", range(PARTS))
async def test_slips_in_arguments_are_answered_or_met_with_the_right_call(
    server: Any, first: dict[str, str], part: int
) -> None:
    slips = [
        (tool, filled(sent, first), filled(meant, first) if isinstance(meant, dict) else meant)
        for tool, sent, meant in WRONG_ARGUMENTS[part::PARTS]
    ]
    assert await failures(server, slips) == {}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("part", range(PARTS))
async def test_sql_of_other_dialects_is_answered_or_met_with_duckdbs_form(server: Any, part: int) -> None:
    some = WRONG_STATEMENTS[part::PARTS]
    slips = [("query", {"sql": sent}, {"sql": meant} if isinstance(meant, str) else meant) for sent, meant in some]
    assert await failures(server, slips) == {}


def test_there_are_as_many_slips_as_were_met() -> None:
    assert len(WRONG_ARGUMENTS) >= 99
    assert len(WRONG_STATEMENTS) >= 78
