"""Hold how Intercom behaves where sources differ: one switch for each entry of behaviours.toml that has choices."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from math import isfinite
from pathlib import Path

REGISTRY = Path(__file__).parents[1] / "behaviours.toml"
PRESETS = ("documented", "measured")
DEFAULT = "documented"
NUMBER = "number"
Asked = str | Iterable[str] | Mapping[str, object]  # words, with commas or in a list, or what they set


class UnknownBehaviourError(ValueError):
    """There is no behaviour, object or choice of that name."""


@dataclass(frozen=True)
class Entry:
    """One behaviour that can be switched: what it may be, for which objects, and what the presets say."""

    name: str
    choices: tuple[str, ...]  # empty where a number of seconds is asked for
    objects: tuple[str, ...]  # ("",) where it is one for all
    presets: Mapping[str, Mapping[str, str]]  # by preset and object

    def check(self, choice: str) -> str:
        """Read a choice as the registry writes it, or refuse it."""
        if not self.choices:
            return _seconds(self.name, choice)
        if choice not in self.choices:
            known = ", ".join(self.choices)
            raise UnknownBehaviourError(
                f"{self.name} cannot be {choice!r}{_nearest(choice, self.choices)}: use {known}."
            )
        return choice


class Behaviours:
    """Which choice is in force for each entry and object; a change makes another one of these."""

    def __init__(self, *asked: Asked) -> None:
        self._chosen = _preset(DEFAULT)
        for words in asked:
            for word in _words(words):
                self._chosen = {**self._chosen, **_read(word)}
        self.in_force = tuple(self._chosen.values())  # equal where all choices are, as a key for what depends on them

    def changed(self, *asked: Asked) -> "Behaviours":
        """Give the behaviours with some words more, which win over those before."""
        return Behaviours([f"{object_}.{name}={choice}" for (name, object_), choice in self._chosen.items()], *asked)

    def of(self, name: str, object_: str = "") -> str:
        """Say which choice is in force for an object (contacts, conversations, tickets), where there are several."""
        return self._chosen[name, object_]

    def seconds(self, name: str, object_: str = "") -> float:
        """Say how many seconds are in force."""
        return float(self._chosen[name, object_])


@cache
def entries() -> Mapping[str, Entry]:
    """Read the registry: the entries with choices, by name."""
    registry = tomllib.loads(REGISTRY.read_text(encoding="utf-8"))
    return {name: _entry(name, given) for name, given in registry.items() if "choices" in given}


def _entry(name: str, given: Mapping[str, object]) -> Entry:
    choices, objects = given["choices"], given.get("objects", [""])
    if not isinstance(objects, list) or not (isinstance(choices, list) or choices == NUMBER):
        raise UnknownBehaviourError(
            f"{name} in {REGISTRY.name} must have a list of choices, or {NUMBER!r}, and objects."
        )
    presets = {}
    for preset in PRESETS:
        said = given.get(preset, given[DEFAULT])  # what nobody has measured stays as documented
        presets[preset] = {
            object_: str(said.get(object_) if isinstance(said, Mapping) else said) for object_ in objects
        }
    return Entry(name, tuple(choices) if isinstance(choices, list) else (), tuple(objects), presets)


def _preset(preset: str) -> dict[tuple[str, str], str]:
    return {
        (entry.name, object_): entry.check(choice)
        for entry in entries().values()
        for object_, choice in entry.presets[preset].items()
    }


def _words(asked: Asked) -> Iterator[str]:
    """Take apart what was asked for; in a mapping, a preset comes first wherever it stands."""
    if isinstance(asked, Mapping):
        if "preset" in asked:
            yield str(asked["preset"])
        yield from (f"{name}={choice}" for name, choice in asked.items() if name != "preset")
        return
    for part in [asked] if isinstance(asked, str) else asked:
        yield from filter(None, (word.strip() for word in part.split(",")))


def _read(word: str) -> dict[tuple[str, str], str]:
    """Read a preset, `name=choice` for all its objects, or `object.name=choice` for one."""
    if word in PRESETS:
        return _preset(word)
    address, equals, choice = word.partition("=")
    if not equals:
        near, presets = _nearest(word, (*PRESETS, *entries())), " or ".join(PRESETS)
        raise UnknownBehaviourError(f"{word!r} is no preset{near}: use {presets}, or NAME=CHOICE.")
    object_, _, name = address.strip().rpartition(".")
    entry = entries().get(name)
    if entry is None:
        known = ", ".join(entries())
        raise UnknownBehaviourError(
            f"There is no behaviour {name!r}{_nearest(name, entries())}: the names are {known}."
        )
    if object_ and object_ not in entry.objects:
        known = ", ".join(entry.objects) if any(entry.objects) else "none: write it without"
        raise UnknownBehaviourError(
            f"{name} has no object {object_!r}{_nearest(object_, entry.objects)}: its objects are {known}."
        )
    return {(name, each): entry.check(choice.strip()) for each in ([object_] if object_ else entry.objects)}


def _seconds(name: str, text: str) -> str:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds >= 0):
        raise UnknownBehaviourError(f"{name} cannot be {text!r}: give a number of seconds, as {name}=180.")
    return text


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, [*known], 1)
    return f" (did you mean {near[0]!r}?)" if near else ""
