"""SQL that would take all there is, asked apart: it ends in time, within its memory, and nobody else waits."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from intercom_kit import Workspace, apart, connect
from intercom_kit.apart.process import Allowance
from intercom_kit.apart.requests import Read
from intercom_kit.errors import IntercomError
from intercom_kit.sandbox import serve_in_child
from tests.conftest import NOW

from .bombs import bombs

MEMORY, BYTES = "600MB", 600e6
TIMEOUT = 1.5
ALONE = 100  # so many bombs are tried where nothing else runs; where other tests do, all takes longer


@pytest.fixture(scope="module")
def held() -> Iterator[Workspace]:
    """A workspace whose conversations are here, so that only SQL takes time."""
    with (
        serve_in_child(conversations=300, contacts=100, companies=20, seed=7, now=NOW, rate_limit=1_000_000) as address,
        connect(address.token, base_url=address.base_url) as workspace,
    ):
        workspace.sql("select count(*) from conversations, teams")
        yield workspace


class Peak:
    """The most memory that a process apart took."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()

    def look(self) -> None:
        """Look at the processes of this program, again and again."""
        while not self._over.wait(0.01):
            for child in psutil.Process().children():
                try:
                    if any("apart.worker" in word for word in child.cmdline()):
                        self.bytes = max(self.bytes, child.memory_info().rss)
                except psutil.Error:
                    continue

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look while the block runs."""
        thread = threading.Thread(target=self.look)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()


def exploded(ws: Workspace, query: str, fresh: str = "session") -> float:
    """Return the seconds until a bomb was answered or refused; any error that is none of ours is raised."""
    began = time.monotonic()
    try:
        ws.sql(query, apart=MEMORY, timeout=TIMEOUT, max_rows=1_000, fresh=fresh)
    except IntercomError as error:
        assert "Traceback" not in str(error)  # noqa: PT017 - an answer is as right as a refusal
        assert len(str(error)) < 5_000, query[:200]  # noqa: PT017
    return time.monotonic() - began


def waited(ws: Workspace, over: threading.Event) -> float:
    """Return the longest wait of ordinary queries while a bomb ticks."""
    longest = 0.0
    while not over.wait(0.05):
        began = time.monotonic()
        assert ws.sql("select 1 as one, count(*) from teams", fresh="session", apart=MEMORY)["one"][0] == 1
        longest = max(longest, time.monotonic() - began)
    return longest


@pytest.mark.timeout(3_000)
def test_no_bomb_takes_more_than_it_may(held: Workspace, request: pytest.FixtureRequest) -> None:
    names, count = list(bombs()), request.config.getoption("--bombs")
    slack = 1.0 if count >= ALONE else 4.0
    random.Random(request.config.getoption("--mix-seed")).shuffle(names)  # noqa: S311 - tests are to be repeatable
    late, large, others = {}, {}, {}
    processes, ready = apart.within(MEMORY), ExitStack()
    for name in names[:count]:
        for process in (ready.enter_context(processes.one(60)) for _ in range(2)):
            process.read(Read("select 1", None), Allowance(60))  # what a process takes to begin is no query's time
        ready.close()
        peak, over, waits = Peak(), threading.Event(), []
        neighbour = threading.Thread(target=lambda over=over, waits=waits: waits.append(waited(held, over)))
        neighbour.start()
        with peak.watched():
            seconds = exploded(held, bombs()[name])
        over.set()
        neighbour.join()
        late |= {name: round(seconds, 2)} if seconds > TIMEOUT + slack else {}
        large |= {name: int(peak.bytes / 1e6)} if peak.bytes > 1.2 * BYTES else {}
        others |= {name: [round(each, 2) for each in waits]} if not waits or waits[0] > 1 + slack else {}
    assert (late, large, others) == ({}, {}, {})
