"""A program that lists again and again, often without success, and prints what it holds afterwards; see `main`."""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from intercom_kit import IntercomError, Workspace, connect
from intercom_kit.concurrency.stopping import Stop, Stopped, stoppable
from intercom_kit.sandbox import Sandbox, serve

WARM = 50  # listings after which all that is kept open is open
LATEST = 0.1  # seconds until a listing is ended
PATIENCE = 0.3

LISTINGS: list[Callable[[Workspace], object]] = [
    lambda ws: ws.sql("select count(*) from conversations", fresh="refetch"),
    lambda ws: ws.contacts(include=["companies"]),
    lambda ws: ws.conversations(300),
    lambda ws: ws.companies(),
    lambda ws: ws.tags(),
]


def held() -> dict[str, int]:
    """Count what this process has open, once what was about to end has ended."""
    time.sleep(1)
    process = psutil.Process()
    return {
        "connections": len([each for each in process.net_connections() if each.status == "ESTABLISHED"]),
        "files": process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
        "threads": threading.active_count(),
        "megabytes": process.memory_info().rss // 1_000_000,
    }


def refused(sandbox: Sandbox, listing: Callable[[], object], fault: str) -> None:
    """List where some requests are refused, or fail for longer than anybody waits."""
    sandbox.faults.set(fault, 0.3)
    with suppress(IntercomError):
        listing()
    sandbox.faults.clear()


def interrupted(listing: Callable[[], object], after: float) -> None:
    """List, and press Ctrl-C meanwhile."""
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    with suppress(KeyboardInterrupt):
        timer.start()
        listing()
        timer.join()
        time.sleep(0.01)  # so that a late signal is met here


def stopped(listing: Callable[[], object], after: float) -> None:
    """List, and end that from another thread, as for an assistant that cancels."""
    stop = Stop()
    timer = threading.Timer(after, stop.ask)
    timer.start()
    with suppress(Stopped), stoppable(stop):
        listing()
    timer.join()


def listed(ws: Workspace, sandbox: Sandbox, dice: random.Random) -> None:
    """List once, in one of the ways."""
    chosen = dice.choice(LISTINGS)
    way, after = dice.randrange(9), dice.uniform(0, LATEST)
    if way == 0:
        refused(sandbox, lambda: chosen(ws), dice.choice(("400", "401", "403", "404", "503")))
    elif way == 1:
        interrupted(lambda: chosen(ws), after)
    elif way == 2:
        stopped(lambda: chosen(ws), after)
    else:
        chosen(ws)


def main(seed: int, count: int) -> None:
    """Print what is held after the first listings and after `count`, and the seconds of an ordinary one then."""
    dice = random.Random(seed)  # noqa: S311
    size = {"conversations": 300, "contacts": 150, "companies": 60}
    with (
        serve(**size, seed=7, latency=0.005, rate_limit=100_000_000) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        ws._session.transport.patience = PATIENCE  # of the listings alone
        told = []
        for number in range(1, count + 1):
            listed(ws, sandbox, dice)
            if number in (WARM, count):
                begun = time.monotonic()
                assert len(ws.tags()) > 0
                told.append({**held(), "seconds": time.monotonic() - begun - 1})
        print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
