"""Live SQL answers as over all data, whichever of the behaviours hold that sources differ on."""

import math
from collections.abc import Iterator

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.live import gathering
from intercom_kit.sandbox import serve_in_child
from tests.conftest import NOW
from tests.mixes import mix

from .conftest import SIZE
from .queries import SHAPES, Inventor
from .test_fuzz import hash_of, mismatch
from .whole import Whole

# Of the queries that `--fuzz` tries under the documented behaviours, this share is tried in each of these worlds.
SHARE = 0.75
WORLDS = ["measured", "a mix", "another mix, found out", "a third mix, found out"]


@pytest.fixture(scope="module", params=WORLDS)
def odd(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """A workspace like that of the other fuzz tests, but for how Intercom behaves; some sessions find out how."""
    world = WORLDS.index(request.param)
    words = ["measured"] if world == 0 else mix(request.config.getoption("--mix-seed") + world)
    with (
        pytest.MonkeyPatch().context() as patch,
        serve_in_child(**SIZE, seed=7, now=NOW, rate_limit=100_000_000, behaves=",".join(words)) as address,
        connect(address.token, base_url=address.base_url) as workspace,
    ):
        if "found out" in request.param:
            patch.setattr(gathering, "SHORT_SEARCH", 0.1)
            workspace.conversations(None)
            workspace.contacts()
        yield workspace


@pytest.mark.timeout(3_000)
def test_random_queries_are_answered_as_over_all_data(
    odd: Workspace, whole: Whole, request: pytest.FixtureRequest
) -> None:
    count = math.ceil(SHARE * request.config.getoption("--fuzz") / len(SHAPES))
    seed = request.config.getoption("--mix-seed") + request.config.getoption("--fuzz-seed")
    for shape in SHAPES:
        inventor = Inventor(whole, hash_of(shape) + seed)
        for number in range(count):
            query = inventor.query(shape)
            differs = mismatch(odd, whole, query, ("refetch", "live", "session")[number % 3])
            assert not differs, f"{query}\n{differs}"
