"""Eight threads that use two workspaces at once, under faults: nobody gets another's rows, and nothing is lost."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pandas as pd
import pytest

from intercom_kit import IntercomError, Workspace, connect
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW

THREADS = 8
SIZES = ({"conversations": 300, "contacts": 120, "seed": 7}, {"conversations": 200, "contacts": 80, "seed": 8})
FAULTS = {"429": 0.02, "503": 0.02, "drop": 0.02, "truncate": 0.01, "latency": 0.02}

Call = Callable[[Workspace], pd.DataFrame]
CALLS: dict[str, Call] = {
    "conversations": lambda ws: ws.conversations(None),
    "contacts": lambda ws: ws.contacts(),
    "companies": lambda ws: ws.companies(),
    "teams": lambda ws: ws.teams(),
    "SQL": lambda ws: ws.sql("select id, state from conversations where created_at > timestamptz '2026-06-01'"),
    "SQL anew": lambda ws: ws.sql("select id, contact_id from conversations", fresh="refetch"),
    "a join": lambda ws: ws.sql("select c.id, k.role from conversations c join contacts k on k.id = c.contact_id"),
    "SQL apart": lambda ws: ws.sql("select id, role from contacts where role = 'user'", apart="500MB", timeout=30),
    "a metric": lambda ws: ws.metric("conversations", since="2026-06-01", until="2026-11-01", by="team"),
}


class Side(NamedTuple):
    """One workspace of the two, and what each call gives where nothing else happens."""

    sandbox: Sandbox
    workspace: Workspace
    right: dict[str, list[str]]


def rows_of(frame: pd.DataFrame) -> list[str]:
    return sorted(map(repr, frame.astype(object).itertuples(index=False)))


@pytest.fixture
def sides() -> Iterator[list[Side]]:
    with ExitStack() as stack:
        made = []
        for size in SIZES:
            sandbox = stack.enter_context(serve(**size, companies=30, now=NOW, rate_limit=10**8))
            workspace = stack.enter_context(connect(sandbox.token, base_url=sandbox.base_url, patience=20))
            made.append(Side(sandbox, workspace, {name: rows_of(call(workspace)) for name, call in CALLS.items()}))
        yield made


@pytest.mark.timeout(3_000)
def test_calls_of_many_threads_do_not_mix(sides: list[Side], request: pytest.FixtureRequest, quick: None) -> None:
    seed, until = request.config.getoption("--mix-seed"), time.monotonic() + request.config.getoption("--crowd")
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    slowest: dict[str, float] = {}

    def work(number: int) -> None:
        dice = random.Random(seed + number)  # noqa: S311 - tests are to be repeatable
        while time.monotonic() < until and not wrong:
            side, name = dice.choice(sides), dice.choice(list(CALLS))
            began = time.monotonic()
            try:
                frame = CALLS[name](side.workspace)
            except IntercomError as error:
                outcomes[type(error).__name__] += 1
            except Exception as error:  # noqa: BLE001 - it is told below
                wrong.append(f"{name}: {type(error).__name__}: {error}")
            else:
                outcomes["answers"] += 1
                if frame.attrs["intercom"]["complete"] and rows_of(frame) != side.right[name]:
                    wrong.append(f"{name}: {len(frame)} rows, where {len(side.right[name])} are right")
            slowest[name] = max(slowest.get(name, 0), time.monotonic() - began)

    for side in sides:
        for fault, rate in FAULTS.items():
            side.sandbox.faults.set(fault, rate)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(request.config.getoption("--crowd") + 60)
    print(dict(outcomes), {name: round(seconds, 1) for name, seconds in slowest.items()})
    assert wrong == []
    assert not any(thread.is_alive() for thread in threads)
    assert outcomes["answers"] > outcomes.total() / 2
