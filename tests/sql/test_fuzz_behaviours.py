"""Live SQL answers as over all data, whichever of the behaviours hold that sources differ on."""

import math
import random
from collections.abc import Iterator

import pytest

from intercom_kit import Workspace
from tests.mixes import WORLDS, odd_workspace

from .conftest import SIZE
from .queries import SHAPES, Inventor
from .test_fuzz import WAYS, hash_of, mismatch
from .whole import Whole

# Of the queries that `--fuzz` tries under the documented behaviours, this share is tried in each of these worlds. Where
# there are more shapes than queries, each run tries others of them.
SHARE = 0.375


@pytest.fixture(scope="module", params=WORLDS)
def odd(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """A workspace like that of the other fuzz tests, but for how Intercom behaves; some sessions find out how."""
    with odd_workspace(request.param, request.config.getoption("--mix-seed"), **SIZE) as workspace:
        yield workspace


@pytest.mark.timeout(3_000)
def test_random_queries_are_answered_as_over_all_data(
    odd: Workspace, whole: Whole, request: pytest.FixtureRequest
) -> None:
    queries = math.ceil(SHARE * request.config.getoption("--fuzz"))
    count = math.ceil(queries / len(SHAPES))
    seed = request.config.getoption("--mix-seed") + request.config.getoption("--fuzz-seed")
    shapes = random.Random(seed).sample(list(SHAPES), min(queries, len(SHAPES)))  # noqa: S311 - to be repeatable
    for place, shape in enumerate(shapes):
        inventor = Inventor(whole, hash_of(shape) + seed)
        for number in range(count):
            query = inventor.query(shape)
            differs = mismatch(odd, whole, query, WAYS[(place + number) % len(WAYS)])
            assert not differs, f"{query}\n{differs}"
