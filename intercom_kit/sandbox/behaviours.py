"""Behaviours where sources differ on Intercom: one switch for each entry of behaviours.toml that has choices."""

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
BehaviourSettings = str | Iterable[str] | Mapping[str, object]  # presets and NAME=CHOICE, or a mapping of them


class UnknownBehaviourError(ValueError):
    """Error for an unknown behaviour, object or choice."""


@dataclass(frozen=True)
class Entry:
    """One behaviour that can be switched, with its choices, objects and presets."""

    name: str
    choices: tuple[str, ...]  # empty where the value is a number of seconds
    objects: tuple[str, ...]  # ("",) where one choice holds for all
    presets: Mapping[str, Mapping[str, str]]  # by preset and object

    def check(self, choice: str) -> str:
        """Return a choice, or raise an error if the entry does not allow it."""
        if not self.choices:
            return _seconds(self.name, choice)
        if choice not in self.choices:
            known = ", ".join(self.choices)
            raise UnknownBehaviourError(
                f"{self.name} cannot be {choice!r}{_nearest(choice, self.choices)}: use {known}."
            )
        return choice


class Behaviours:
    """The choice in force for each entry and object; immutable."""

    def __init__(self, *settings: BehaviourSettings) -> None:
        self._chosen = _preset(DEFAULT)
        for setting in settings:
            for word in _words(setting):
                self._chosen = {**self._chosen, **_read(word)}
        self.in_force = tuple(self._chosen.values())  # a cache key

    def changed(self, *settings: BehaviourSettings) -> "Behaviours":
        """Return these behaviours with further settings, which override the earlier ones."""
        return Behaviours([f"{object_}.{name}={choice}" for (name, object_), choice in self._chosen.items()], *settings)

    def of(self, name: str, object_: str = "") -> str:
        """Return the choice in force; some behaviours have one per object (contacts, conversations, tickets)."""
        return self._chosen[name, object_]

    def seconds(self, name: str, object_: str = "") -> float:
        """Return the number of seconds in force."""
        return float(self._chosen[name, object_])


@cache
def entries() -> Mapping[str, Entry]:
    """Return the registry's entries with choices, by name."""
    registry = tomllib.loads(REGISTRY.read_text(encoding="utf-8"))
    return {name: _entry(name, table) for name, table in registry.items() if "choices" in table}


def _entry(name: str, table: Mapping[str, object]) -> Entry:
    choices, objects = table["choices"], table.get("objects", [""])
    if not isinstance(objects, list) or not (isinstance(choices, list) or choices == NUMBER):
        raise UnknownBehaviourError(
            f"{name} in {REGISTRY.name} must have a list of choices, or {NUMBER!r}, and objects."
        )
    presets = {}
    for preset in PRESETS:
        value = table.get(preset, table[DEFAULT])  # unmeasured behaviours stay as documented
        presets[preset] = {
            object_: str(value.get(object_) if isinstance(value, Mapping) else value) for object_ in objects
        }
    return Entry(name, tuple(choices) if isinstance(choices, list) else (), tuple(objects), presets)


def _preset(preset: str) -> dict[tuple[str, str], str]:
    return {
        (entry.name, object_): entry.check(choice)
        for entry in entries().values()
        for object_, choice in entry.presets[preset].items()
    }


def _words(settings: BehaviourSettings) -> Iterator[str]:
    """Yield the single settings; in a mapping, the preset comes first, since later settings override it."""
    if isinstance(settings, Mapping):
        if "preset" in settings:
            yield str(settings["preset"])
        yield from (f"{name}={choice}" for name, choice in settings.items() if name != "preset")
        return
    for part in [settings] if isinstance(settings, str) else settings:
        yield from filter(None, (word.strip() for word in part.split(",")))


def _read(word: str) -> dict[tuple[str, str], str]:
    """Return the choices that a preset, `name=choice` (for all objects) or `object.name=choice` sets."""
    if word in PRESETS:
        return _preset(word)
    address, equals, choice = word.partition("=")
    if not equals:
        near, presets = _nearest(word, (*PRESETS, *entries())), " or ".join(PRESETS)
        raise UnknownBehaviourError(f"{word!r} is not a preset{near}: use {presets}, or NAME=CHOICE.")
    object_, _, name = address.strip().rpartition(".")
    entry = entries().get(name)
    if entry is None:
        known = ", ".join(entries())
        raise UnknownBehaviourError(
            f"There is no behaviour {name!r}{_nearest(name, entries())}: the names are {known}."
        )
    if object_ and object_ not in entry.objects:
        known = ", ".join(entry.objects) if any(entry.objects) else "none: leave the object out"
        raise UnknownBehaviourError(
            f"{name} has no object {object_!r}{_nearest(object_, entry.objects)}: its objects are {known}."
        )
    return {(name, target): entry.check(choice.strip()) for target in ([object_] if object_ else entry.objects)}


def _seconds(name: str, text: str) -> str:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds >= 0):
        raise UnknownBehaviourError(f"{name} cannot be {text!r}: use a number of seconds, for example {name}=180.")
    return text


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, [*known], 1)
    return f" (did you mean {near[0]!r}?)" if near else ""
