"""A cancelled call stops its requests and its query; while it runs, it tells how far it has come."""

import time
from typing import Any

import anyio
import pytest

from intercom_kit import apart, connect
from intercom_kit.mcp import MEMORY
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin
from .asking import call, connected
from .serving import serving_http

pytestmark = pytest.mark.anyio


@pytest.fixture
def slow(begin: Begin) -> Sandbox:
    """A sandbox that thinks for a moment before every answer."""
    return begin(latency=0.3, conversations=1600, contacts=300, companies=100, days=500)[0]


@pytest.fixture(params=["memory", "http"])
def slow_target(request: pytest.FixtureRequest, slow: Sandbox) -> Any:
    server = make_server(lambda: connect(slow.token, base_url=slow.base_url))
    if request.param == "memory":
        yield server
    else:
        with serving_http(server.streamable_http_app()) as address:
            yield address


async def test_cancelling_a_call_stops_its_requests(slow_target: Any, slow: Sandbox, era: str) -> None:
    async with connected(slow_target, era) as client:
        await call(client, "intercom_status")
        before = slow.requests.total()
        joined = "select count(*) from contacts c join event_summaries s on s.intercom_user_id = c.id"
        with anyio.move_on_after(20) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "intercom_query", {"sql": joined, "max_requests": 2000})
                while slow.requests.total() < before + 20:
                    await anyio.sleep(0.01)
                group.cancel_scope.cancel()
        assert not scope.cancelled_caught
        await anyio.sleep(0.8)  # what was on its way arrives
        sent = slow.requests.total()
        await anyio.sleep(0.8)
        assert slow.requests.total() == sent, "requests are still being sent"
        assert (await call(client, "intercom_query", sql="select 1 as one"))["rows"] == [[1]]


async def test_cancelling_a_call_ends_the_process_of_its_query(server: Any, era: str) -> None:
    processes = apart.within(MEMORY)
    endless = "select sum(a.i * b.i) from range(1000000) a(i), range(1000000) b(i)"
    async with connected(server, era) as client:
        await call(client, "intercom_query", sql="select 1")
        with anyio.move_on_after(1):
            await client.call_tool("intercom_query", {"sql": endless})
        began = time.monotonic()
        while processes.busy and time.monotonic() < began + 10:
            await anyio.sleep(0.02)
        assert time.monotonic() - began < 1, "the query went on"
        assert (await call(client, "intercom_query", sql="select 1 as one"))["rows"] == [[1]]


async def test_progress_is_told_and_always_rises(slow_target: Any, era: str) -> None:
    heard: list[tuple[float, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, message))

    async with connected(slow_target, era) as client:
        sql = "select count(*) as n from conversations"
        result = await client.call_tool("intercom_query", {"sql": sql}, progress_callback=hear)
    assert result.structured_content["rows"] == [[1600]]
    steps = [progress for progress, _ in heard]
    assert len(steps) > 1
    assert steps == sorted(set(steps))
    assert all("requests" in (message or "") for _, message in heard)
    assert "conversations" in (heard[-1][1] or "")
