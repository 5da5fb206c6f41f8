"""A session that asks for a day what changed holds no more at its end than after an hour."""

import gc
import random
import threading
import time
from collections import Counter

import psutil
import pytest

from tests.conftest import Begin
from tests.sql.test_fuzz_changing import Time

WARM = 50
A_DAY = 86_400  # seconds, in which 50,000 top-ups are one every other second
CHANCE = 8  # files and threads that happen to be open a moment longer
MEGABYTES = 40
KILOBYTES_EACH = 20  # what a fetch leaves in the account of the session, and in the sandbox, which is here too


def held() -> dict[str, int]:
    """Count what this process has open."""
    gc.collect()
    time.sleep(0.5)
    process = psutil.Process()
    return {
        "files": process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
        "threads": threading.active_count(),
        "megabytes": process.memory_info().rss // 1_000_000,
    }


@pytest.mark.timeout(20_000)
def test_a_session_stays_right_and_as_large_as_it_was(begin: Begin, request: pytest.FixtureRequest) -> None:
    clock, dice = Time(), random.Random(request.config.getoption("--mix-seed"))  # noqa: S311
    sandbox, ws = begin(conversations=200, contacts=50, rate_limit=10**8, now=None, clock=clock)
    states = dict(ws.sql("select id, state from conversations").itertuples(index=False))
    told = []
    for number in range(1, request.config.getoption("--top-ups") + 1):
        clock.ahead += dice.uniform(0, 2 * A_DAY / 50_000)
        if dice.random() < 0.2:
            id, state = dice.choice(list(states)), dice.choice(("open", "closed", "snoozed"))
            sandbox.upsert("conversations", {"id": id, "state": state, "updated_at": int(sandbox.clock())})
            states[id] = state
        found = ws.sql("select state, count(*) as n from conversations group by state")
        assert dict(zip(found["state"], found["n"], strict=True)) == Counter(states.values())
        if number == WARM:
            told.append(held())
    told.append(held())
    print(told)
    before, after = told
    assert after["files"] <= before["files"] + CHANCE
    assert after["threads"] <= before["threads"] + CHANCE
    assert after["megabytes"] <= before["megabytes"] + MEGABYTES + KILOBYTES_EACH * number // 1_000
