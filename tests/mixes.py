"""Mixes of Intercom's disputed behaviours, as the registry declares them."""

import random
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import intercom_kit
from intercom_kit import Workspace, connect
from intercom_kit.fetch import whole_search
from intercom_kit.sandbox import serve_in_child
from tests.conftest import NOW

REGISTRY = tomllib.loads((Path(intercom_kit.__file__).parent / "behaviours.toml").read_text(encoding="utf-8"))

# What changes which rows a search means, or who may see them, and not only how they come.
MEANING = ("tilde", "tickets", "index-lag")


def mix(seed: int) -> list[str]:
    """Draw a choice for every behaviour and kind of object."""
    dice = random.Random(seed)  # noqa: S311 - tests are to be repeatable
    return [
        f"{kind + '.' if kind else ''}{name}={dice.choice(entry['choices'])}"
        for name, entry in REGISTRY.items()
        if isinstance(entry.get("choices"), list) and name not in MEANING
        for kind in entry.get("objects", [""])
    ]


# What Intercom may be like beside the documented: as it was measured, or as dice have it, and then also as a session
# knows it that has found out.
WORLDS = ["measured", "a mix", "another mix, found out", "a third mix, found out"]


@contextmanager
def odd_workspace(world: str, seed: int, **size: int) -> Iterator[Workspace]:
    """Connect to a sandbox of this size that behaves as one of the WORLDS."""
    number = WORLDS.index(world)
    words = ["measured"] if number == 0 else mix(seed + number)
    with (
        pytest.MonkeyPatch().context() as patch,
        serve_in_child(**size, seed=7, now=NOW, rate_limit=100_000_000, behaves=",".join(words)) as address,
        connect(address.token, base_url=address.base_url) as workspace,
    ):
        if "found out" in world:
            patch.setattr(whole_search, "SHORT_SEARCH", 0.1)
            workspace.conversations(None)
            workspace.contacts()
        yield workspace
