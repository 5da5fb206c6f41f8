"""Where nothing is connected, a client that can open addresses is asked to; others are told what to run."""

from collections.abc import Iterator
from typing import Any

import anyio.to_thread
import httpx
import keyring
import pytest
from mcp.types import ElicitRequestURLParams, ElicitResult

from intercom_kit.connecting import connect
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from ..auth.conftest import PATIENCE, MemoryKeyring, decide_at
from .asking import call, connected, refusal

pytestmark = pytest.mark.anyio


@pytest.fixture
def stranger(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Any]:
    """A server that nobody has connected, with an app to log in with."""
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path))
    monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("INTERCOM_CLIENT_ID", sandbox.client_id)
    monkeypatch.setenv("INTERCOM_CLIENT_SECRET", sandbox.client_secret)
    monkeypatch.delenv("INTERCOM_ACCESS_TOKEN", raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    yield make_server(connect, may_login=True)
    keyring.set_keyring(before)


async def test_the_client_opens_intercoms_page_and_the_call_goes_on(stranger: Any, era: str) -> None:
    opened: list[str] = []

    async def open_page(_: Any, params: Any) -> ElicitResult:
        assert isinstance(params, ElicitRequestURLParams)
        opened.append(params.url)

        def consent() -> None:
            httpx.get(decide_at(params.url), timeout=PATIENCE)

        await anyio.to_thread.run_sync(consent)
        return ElicitResult(action="accept")

    async with connected(stranger, era, elicitation_callback=open_page) as client:
        answer = await call(client, "intercom_list_all_teams")
        assert answer["row_count"] > 0
        await call(client, "intercom_list_segments")
    assert len(opened) == 1


async def test_who_declines_is_told_so_and_not_asked_again(stranger: Any, era: str) -> None:
    asked: list[Any] = []

    async def decline(_: Any, params: Any) -> ElicitResult:
        asked.append(params)
        return ElicitResult(action="decline")

    async with connected(stranger, era, elicitation_callback=decline) as client:
        assert "declined" in await refusal(client, "intercom_list_all_teams")
        assert "intercom-kit login" in await refusal(client, "intercom_list_all_teams")
    assert len(asked) == 1


async def test_a_client_that_opens_nothing_is_told_what_to_run(stranger: Any, era: str) -> None:
    async with connected(stranger, era) as client:
        said = await refusal(client, "intercom_list_all_teams")
    assert "Not connected" in said
    assert "intercom-kit login" in said


async def test_meanings_are_told_without_a_connection(stranger: Any) -> None:
    async with connected(stranger) as client:
        assert (await call(client, "intercom_describe", table="contacts"))["row_count"] > 40
