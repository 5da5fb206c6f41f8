"""A client that can ask its user is asked to open the page, and then for the code, in both eras of the protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio.to_thread
import pytest
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.types import ElicitRequestFormParams, ElicitRequestURLParams, ElicitResult

from tests.mcp.asking import call, connected, refusal
from tests.mcp.serving import serving_http

from .asking import Browser
from .conftest import app_at, prepared
from .people import owners
from .test_identity import verified

pytestmark = pytest.mark.anyio

SEGMENTS = "intercom_list_segments"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def served(sandboxes: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MCPServer[Any], Browser]]:
    """A server in this process, and a browser that reaches its pages over HTTP."""
    with (
        prepared(tmp_path_factory.mktemp("asked"), lambda _: app_at(sandboxes[0]), {}) as server,
        serving_http(server.streamable_http_app()) as address,
    ):
        yield server, Browser(address)


@contextmanager
def calling_as(subject: str) -> Iterator[None]:
    before = auth_context_var.set(AuthenticatedUser(verified(subject)))
    try:
        yield
    finally:
        auth_context_var.reset(before)


class User:
    """A user in front of a client: opens pages in a browser, and reads the code there."""

    def __init__(self, browser: Browser, *, decides: str = "accept") -> None:
        self._browser = browser
        self._decides = decides
        self._code = ""
        self.asked: list[str] = []

    async def answer(self, _: Any, params: Any) -> ElicitResult:
        if isinstance(params, ElicitRequestURLParams):
            self.asked.append("page")
            if self._decides == "accept":
                self._code = await anyio.to_thread.run_sync(self._browser.code, params.url)
            return ElicitResult(action=self._decides)  # type: ignore[arg-type]
        assert isinstance(params, ElicitRequestFormParams)
        self.asked.append("code")
        return ElicitResult(action="accept", content={"code": self._code.lower()})


async def test_the_user_opens_the_page_and_enters_the_code_and_the_call_goes_on(
    served: tuple[MCPServer[Any], Browser], era: str
) -> None:
    server, browser = served
    user = User(browser)
    with calling_as(f"ann in {era}"):
        async with connected(server, era, elicitation_callback=user.answer) as client:
            answer = await call(client, SEGMENTS)
            assert owners(str(answer)) == {0}
            await call(client, SEGMENTS)
    assert user.asked == ["page", "code"]


async def test_who_declines_is_asked_again_only_by_intercom_connect(
    served: tuple[MCPServer[Any], Browser], era: str
) -> None:
    server, browser = served
    user = User(browser, decides="decline")
    with calling_as(f"bob in {era}"):
        async with connected(server, era, elicitation_callback=user.answer) as client:
            assert "declined" in await refusal(client, SEGMENTS)
            assert "Ask the user to open" in await refusal(client, SEGMENTS)
            assert user.asked == ["page"]
            assert "declined" in await refusal(client, "intercom_connect")
    assert user.asked == ["page", "page"]


async def test_connecting_on_request_asks_the_same(served: tuple[MCPServer[Any], Browser], era: str) -> None:
    server, browser = served
    user = User(browser)
    with calling_as(f"cleo in {era}"):
        async with connected(server, era, elicitation_callback=user.answer) as client:
            result = await client.call_tool("intercom_connect", {})
            assert "Connected." in result.content[0].text  # type: ignore[union-attr]
    assert user.asked == ["page", "code"]
