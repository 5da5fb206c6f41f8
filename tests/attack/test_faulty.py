"""Under every fault, alone and mixed, nothing is lost, doubled or wrong without a word, and every error is typed."""

from collections.abc import Iterator

import pandas as pd
import pytest

from intercom_kit import connect
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW
from tests.live.test_misbehaviours import VERBS

from .faulty import HEAD, mixes, row

PATIENCE, SLACK = 5.0, 25.0  # seconds; a listing makes several requests, one after the other


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with serve(conversations=420, contacts=430, companies=150, seed=7, now=NOW, rate_limit=10**8) as running:
        yield running


@pytest.fixture(scope="module")
def right(served: Sandbox) -> dict[str, pd.DataFrame]:
    """What each listing gives where nothing goes wrong."""
    with connect(served.token, base_url=served.base_url) as ws:
        return {name: pd.DataFrame(verb(ws)) for name, verb in VERBS.items()}


@pytest.mark.timeout(6_000)
def test_nothing_is_lost_doubled_or_wrong(
    served: Sandbox, right: dict[str, pd.DataFrame], request: pytest.FixtureRequest, quick: None
) -> None:
    seed, count = request.config.getoption("--mix-seed"), request.config.getoption("--faulty")
    names = list(VERBS)
    tried = mixes(count, seed)
    if count < 10:  # in CI some, each run others
        tried = tried[seed % 5 :: 5]
        names = names[seed % 3 :: 3]
    rows = [row(served, right, faults, names, PATIENCE) for faults in tried]
    print("\n".join(["", HEAD, "|" + "---|" * HEAD.count(" | ") + "---|", *map(str, rows)]))
    assert [str(each) for each in rows if not each.sound] == []
    assert [str(each) for each in rows if each.slowest > SLACK] == []
    assert sum(each.whole for each in rows) > len(rows)
