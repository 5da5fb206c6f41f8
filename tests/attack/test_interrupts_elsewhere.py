"""Ctrl-C in a terminal, the stop button of a kernel and MCP's cancelling are obeyed as Ctrl-C in a script is."""

import math
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pexpect
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from mcp import Client

from intercom_kit import apart, connect
from intercom_kit.mcp import MEMORY
from intercom_kit.mcp.server import make_server
from intercom_kit.sandbox import Sandbox, serve

from ..mcp.asking import call
from ..notebook.kernels import kernel_running, run_cell
from .shots import ENDLESS, QUERIES

ALONE = 25  # so many shots are fired where nothing else runs; where other tests do, all takes longer
LATEST = 2.0  # seconds after which a shot is fired at the latest
ENDED = {0, 130}  # 0 where it was over, or is meant to be ended
KEY_BY_KEY = "select count(*) from contacts c join event_summaries s on s.intercom_user_id = c.id"


@pytest.fixture(scope="module")
def slow() -> Iterator[Sandbox]:
    """A sandbox that takes a moment for each answer."""
    size = {"conversations": 1500, "contacts": 400, "companies": 60}
    with serve(**size, seed=7, rate_limit=100_000_000, latency=0.05) as running:
        yield running


@pytest.fixture(autouse=True)
def _at_the_sandbox(slow: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the sandbox, and its app, to the programs that are started."""
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", slow.token)
    monkeypatch.setenv("INTERCOM_BASE_URL", slow.base_url)
    monkeypatch.setenv("INTERCOM_CLIENT_ID", slow.client_id)
    monkeypatch.setenv("INTERCOM_CLIENT_SECRET", slow.client_secret)


@pytest.fixture
def shots(pytestconfig: pytest.Config) -> int:
    """How many shots are fired at each place."""
    return math.ceil(pytestconfig.getoption("--shots") / 4)


@pytest.fixture
def dice(pytestconfig: pytest.Config) -> random.Random:
    """What moments and calls are drawn with."""
    seed = pytestconfig.getoption("--mix-seed")
    print(f"--mix-seed={seed}")
    return random.Random(seed)  # noqa: S311


def answered_in_time(waits: list[tuple[float, str]]) -> None:
    """Hold that of all shots at most one of a hundred was answered later than a second after it was fired."""
    waits.sort(reverse=True)
    print(waits[:5])
    assert waits[len(waits) // 100][0] < (1 if len(waits) >= ALONE else 3)


# --- a terminal ----------------------------------------------------------------------------------

COMMANDS = {
    "a sort": (["sql", QUERIES["a sort"]], ""),
    "a join": (["sql", ENDLESS], ""),
    "keys": (["sql", KEY_BY_KEY, "--max-requests", "5000"], ""),
    "a metric": (["metric", "csat", "--by", "teammate", "--since", "365d", "--period", "day"], ""),
    "a login": (["login", "--no-browser"], "Waiting for the browser"),
    "the sandbox": (["sandbox", "--port", "0"], "client_id"),
    "a server": (["mcp", "--http", "--port", "0"], ""),
}
STARTED = 0.5  # seconds after which it is this package that meets Ctrl-C, not Python itself


@pytest.mark.skipif(sys.platform == "win32", reason="no terminal of this kind")
def test_ctrl_c_in_a_terminal(shots: int, dice: random.Random) -> None:
    waits = []
    for _ in range(shots):
        name, (arguments, ready) = dice.choice(list(COMMANDS.items()))
        running = pexpect.spawn(sys.executable, ["-m", "intercom_kit.cli", *arguments], encoding="utf-8", timeout=20)
        if ready:
            running.expect_exact(ready)
        time.sleep(STARTED + dice.uniform(0, LATEST))
        running.sendintr()
        pressed = time.monotonic()
        running.expect(pexpect.EOF)
        waits.append((time.monotonic() - pressed, name))
        running.close()
        said = str(running.before)
        assert "Traceback" not in said, f"{name}: {said}"
        assert "nanobind" not in said, f"{name}: {said}"
        over = running.exitstatus in ENDED or running.signalstatus == signal.SIGINT
        assert over, f"{name} ended with {running.exitstatus}: {said}"
    answered_in_time(waits)


# --- a kernel ------------------------------------------------------------------------------------

CELLS = {
    **{name: f"get_ipython().run_cell_magic('intercom', '--fresh refetch', {QUERIES[name]!r})" for name in QUERIES},
    "apart": f"ws.sql({ENDLESS!r}, apart='600MB')",
    "keys": f"ws.sql({KEY_BY_KEY!r}, max_requests=10**6, fresh='refetch')",
    "a verb": "ws.conversations(limit=None)",
    "a metric": "ws.metric('csat', by='teammate', since='365d', period='month')",
    "an export": "ws.sql('from contacts'); ws.export(folder)",  # the session may hold nothing yet
    "a plan": "ws.plan('select * from conversations order by created_at')",
}


def test_the_stop_button_of_a_kernel(tmp_path: Path, shots: int, dice: random.Random) -> None:
    with kernel_running() as (manager, client):
        run_cell(client, f"folder = {str(tmp_path)!r}")
        answered_in_time([stopped(manager, client, *dice.choice(list(CELLS.items())), dice) for _ in range(shots)])


def stopped(
    manager: KernelManager, client: BlockingKernelClient, name: str, cell: str, dice: random.Random
) -> tuple[float, str]:
    """Run a cell again and again, and press the stop button; return the seconds until it was obeyed."""
    number = client.execute(f"print('begun')\nwhile True:\n    {cell}", stop_on_error=False)
    while client.get_iopub_msg(timeout=20)["msg_type"] != "stream":
        pass
    time.sleep(dice.uniform(0, LATEST))
    manager.interrupt_kernel()
    pressed = time.monotonic()
    reply = client._recv_reply(number, timeout=30)["content"]
    seconds = time.monotonic() - pressed
    assert reply.get("ename") == "KeyboardInterrupt", f"{name}: {reply}"
    usable = "assert len(ws.teams()) and ws.sql('select count(*) as n from conversations')['n'][0] == 1500"
    assert run_cell(client, usable)["status"] == "ok", name
    return seconds, name


# --- an assistant --------------------------------------------------------------------------------

CALLS = {
    **{name: ("intercom_query", {"sql": query}) for name, query in QUERIES.items()},
    "a join of numbers": ("intercom_query", {"sql": ENDLESS}),
    "keys": ("intercom_query", {"sql": KEY_BY_KEY, "max_requests": 5000}),
    "a list": ("intercom_list_conversations", {"limit": 1500}),
    "a metric": ("intercom_metric", {"metric": "csat", "by": "teammate", "since": "365d", "period": "month"}),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_cancelled_call_of_an_assistant(slow: Sandbox, shots: int, dice: random.Random) -> None:
    server = make_server(lambda: connect(slow.token, base_url=slow.base_url))
    waits = []
    async with Client(server) as client:
        await call(client, "intercom_query", sql="select 1")
        for _ in range(shots):
            name, (tool, arguments) = dice.choice(list(CALLS.items()))
            with anyio.move_on_after(dice.uniform(0, LATEST)):
                await client.call_tool(tool, arguments)
            cancelled = time.monotonic()
            while apart.within(MEMORY).busy:
                assert time.monotonic() < cancelled + 10, f"{name}: its process works on"
                await anyio.sleep(0.01)
            waits.append((time.monotonic() - cancelled, name))
            with anyio.fail_after(10):  # another process may have to begin first
                assert (await call(client, "intercom_query", sql="select 1 as one"))["rows"] == [[1]]
    answered_in_time(waits)
