"""Seeded random generators ("dice"): the only source of randomness in generated data."""

import hashlib
import random
from collections.abc import Sequence
from math import exp
from typing import TypeVar

Choice = TypeVar("Choice")


class Dice(random.Random):
    """A seeded random generator, with draws that are fast enough for millions of calls."""

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """Return one of the choices, with equal probability, five times as fast as `choice`."""
        return choices[int(self.random() * len(choices))]

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def delay(self, typical: float, spread: float = 0.9) -> int:
        """Return a waiting time in seconds, log-normal with the median `typical`."""
        return 1 + int(typical * exp(spread * self.gauss(0.0, 1.0)))


def dice_for(*parts: object) -> Dice:
    """Return dice seeded by these parts, the same in every process (Python salts `hash`)."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return Dice(int.from_bytes(digest[:8], "big"))


def hexadecimal(dice: Dice, digits: int) -> str:
    return f"{dice.getrandbits(4 * digits):0{digits}x}"


def uuid(dice: Dice) -> str:
    text = hexadecimal(dice, 32)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
