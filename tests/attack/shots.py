"""A program that presses Ctrl-C at random moments of calls, and prints what became of each; see `main`."""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import serve

ROWS = "select range as x from range(20_000_000)"
QUERIES = {
    "a sort": f"select * from ({ROWS}) order by hash(x)",
    "a window": f"select x, row_number() over (partition by x % 7 order by hash(x)) as place from ({ROWS})",
    "a group by": f"select hash(x) as h, count(*) from ({ROWS}) group by h",
    "a join": "select count(*) from range(100_000) a, range(100_000) b where a.range * b.range % 7 = 1",
    "recursion": "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1e8) select count(*) from r",
    "a large answer": f"select x, 'number ' || x as name from ({ROWS})",
    "a refetch": "select count(*) from conversations",
}
ENDLESS = "select count(*) from range(1000000) a(i), range(1000000) b(j) where hash(i) < hash(j)"
USUAL = 0.05  # seconds within which much of a call's preparation lies
LATEST = 1.5


def calls(folder: str) -> dict[str, Callable[[Workspace], Any]]:
    """Give what is interrupted, by name."""
    return {
        **{name: _query(query) for name, query in QUERIES.items()},
        "a query apart": lambda ws: ws.sql(ENDLESS, apart="600MB"),
        "brief queries apart": lambda ws: ws.sql("select count(*) from conversations", apart="600MB"),
        "a plan": lambda ws: ws.plan("select * from conversations order by created_at"),
        "a verb": lambda ws: ws.conversations(limit=None),
        "links": lambda ws: ws.contacts(include=["companies", "tags"]),
        "parts": lambda ws: ws.conversation_parts(ws.conversations(200)),
        "a metric": lambda ws: ws.metric("csat", by="teammate", since="365d", period="month"),
        "an export": lambda ws: ws.export(folder),
        "a refresh": lambda ws: ws.refresh(),
    }


def _query(query: str) -> Callable[[Workspace], Any]:
    return lambda ws: ws.sql(query, fresh="refetch")


def shot(ws: Workspace, call: Callable[[Workspace], Any], delay: float) -> tuple[float, str]:
    """Interrupt a call that is made again and again; return the seconds until it ended, and any other error."""
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(delay, press)
    other = ""
    try:
        timer.start()
        while True:
            call(ws)
    except KeyboardInterrupt:
        ended = time.monotonic()
    except Exception as error:  # noqa: BLE001 - it is told, whatever it is
        ended, other = time.monotonic(), f"{type(error).__name__}: {error}"
        with suppress(KeyboardInterrupt):
            timer.join()
    return ended - pressed[0], other


def usable(ws: Workspace) -> str:
    """Return what is wrong with the session; nothing where it answers as before."""
    try:
        teams, held = ws.teams(), ws.sql("select count(*) as n from conversations", fresh="session")["n"][0]
        every = ws.conversations(limit=None).attrs["intercom"]
    except Exception as error:  # noqa: BLE001 - it is told, whatever it is
        return f"{type(error).__name__}: {error}"
    return "" if len(teams) and every["complete"] and held == every["rows"] else f"{held} of {every}"


def main(seed: int, count: int, folder: str) -> None:
    """Print one line of JSON for each of `count` shots, whose exports go to a folder."""
    dice = random.Random(seed)  # noqa: S311
    size = {"conversations": 1500, "contacts": 400, "companies": 60}
    with (
        serve(**size, seed=7, rate_limit=100_000_000) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as ws,
    ):
        ws.conversations(limit=None)
        for _ in range(count):
            name, call = dice.choice(list(calls(folder).items()))
            delay = dice.uniform(0, dice.choice((USUAL, LATEST)))
            seconds, other = shot(ws, call, delay)
            ws.conversations(limit=None)
            print(json.dumps({"call": name, "after": delay, "seconds": seconds, "other": other, "then": usable(ws)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
