"""Mixes of Intercom's disputed behaviours, as the registry declares them."""

import random
import tomllib
from pathlib import Path

import intercom_kit

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
