"""What the tests of privacy share: workspaces of random people, and connections that hide them."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.tables.privacy import Privacy
from tests.conftest import NOW

from .people import People, random_people

Member = TypeVar("Member")


@dataclass
class Hidden:
    """Hold who is hidden, where they are served, and the workspace that hides them."""

    people: People
    sandbox: Sandbox
    ws: Workspace
    privacy: Privacy
    chance: random.Random
    is_long: bool

    def some(self, members: Iterable[Member], count: int) -> list[Member]:
        """Choose a few of many, others for each workspace; four times as many in a long run."""
        every = list(members)
        return self.chance.sample(every, min(count * (4 if self.is_long else 1), len(every)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try every workspace under both ways of hiding; a short run tries each test under one of them."""
    if "hidden" in metafunc.fixturenames:
        count = metafunc.config.getoption("--workspaces")
        ways = [(seed, privacy) for seed in range(count) for privacy in ("masked", "none")]
        ways = ways if count > 1 else [ways[len(metafunc.function.__name__) % 2]]
        ids = [f"{privacy} {seed}" for seed, privacy in ways]
        metafunc.parametrize("hidden", ways, ids=ids, indirect=True, scope="session")


@pytest.fixture(scope="session")
def hidden(request: pytest.FixtureRequest) -> Iterator[Hidden]:
    """A workspace of random people, who are hidden in one way."""
    seed, privacy = request.param
    people = random_people(seed)
    with (
        serve(records=people.records, now=NOW, rate_limit=1_000_000) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url, privacy=privacy) as ws,
    ):
        chance = random.Random(f"{seed} {privacy}")  # noqa: S311 - no secret
        yield Hidden(people, sandbox, ws, privacy, chance, request.config.getoption("--workspaces") > 1)
