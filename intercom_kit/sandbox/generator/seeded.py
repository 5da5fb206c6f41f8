"""Throw seeded dice: the one source of chance in generated data."""

import hashlib
import random
from collections.abc import Sequence
from math import exp
from typing import TypeVar

Choice = TypeVar("Choice")


class Dice(random.Random):
    """A seeded random generator with the few draws the sandbox needs, cheap enough for millions of calls."""

    def chance(self, probability: float) -> bool:
        """Say whether something that happens this often happens now."""
        return self.random() < probability

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """Pick one, all equally likely (a fifth of the time `choice` takes)."""
        return choices[int(self.random() * len(choices))]

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def delay(self, typical: float, spread: float = 0.9) -> int:
        """Draw a waiting time in seconds whose median is `typical`: people's delays are log-normal."""
        return 1 + int(typical * exp(spread * self.gauss(0.0, 1.0)))


def dice_for(*parts: object) -> Dice:
    """Make dice from a name, alike in every process (unlike `hash`, which Python salts)."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return Dice(int.from_bytes(digest[:8], "big"))


def hexadecimal(dice: Dice, digits: int) -> str:
    return f"{dice.getrandbits(4 * digits):0{digits}x}"


def uuid(dice: Dice) -> str:
    text = hexadecimal(dice, 32)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
