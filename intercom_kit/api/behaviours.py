"""What sources differ on about Intercom's API, and what one workspace has shown of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

_REGISTRY = Path(__file__).parents[1] / "behaviours.toml"

# What was found so long ago is found out again: Intercom may have changed meanwhile.
LASTS = 7  # days


@dataclass(frozen=True)
class Behaviour:
    """A disputed or unconfirmed behaviour of Intercom's, as `behaviours.toml` declares it.

    `documented` and `measured` give one choice for all objects, or a choice by object. `known` is what was found with
    this package on real workspaces, and by whom.
    """

    name: str
    question: str
    documented: Any
    sources: tuple[str, ...]
    matters: str
    choices: tuple[str, ...] | str = ()
    objects: tuple[str, ...] = ()
    measured: Any = None
    known: tuple[str, ...] = ()

    def said(self, what: str, kind: str = "") -> str:
        """Return what is "documented" or "measured" of an object; empty where nothing is."""
        value = getattr(self, what)
        value = value.get(kind) if isinstance(value, Mapping) else value
        return "" if value is None else str(value)


@cache
def registry() -> dict[str, Behaviour]:
    """Read all declared behaviours, by name."""
    declared = tomllib.loads(_REGISTRY.read_text(encoding="utf-8"))
    return {name: _declared(name, entry) for name, entry in declared.items()}


def _declared(name: str, entry: Mapping[str, Any]) -> Behaviour:
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Behaviour(name, **given)


@dataclass(frozen=True)
class Finding:
    """What was found of one behaviour for one kind of object, and on which day."""

    choice: str
    at: date

    @property
    def lasts(self) -> bool:
        """Tell whether the finding is young enough to rely on."""
        return (datetime.now(UTC).date() - self.at).days < LASTS


class Findings:
    """What one workspace has shown of the disputed behaviours, by behaviour and kind of object."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self._found: dict[tuple[str, str], Finding] = {}
        self._learnt: set[tuple[str, str]] = set()
        for key, value in (known or {}).items():
            name, _, kind = key.partition(" ")
            finding = _read(value)
            if finding and name in registry() and finding.lasts:
                self._found[name, kind] = finding

    def of(self, name: str, kind: str = "") -> str | None:
        """Return what was found of a behaviour; None where nothing was."""
        finding = self._found.get((name, kind))
        return finding.choice if finding else None

    def learn(self, name: str, choice: str, kind: str = "") -> bool:
        """Remember what was found; tell whether that is news."""
        news = self.of(name, kind) != choice
        self._found[name, kind] = Finding(choice, datetime.now(UTC).date())
        self._learnt.add((name, kind))
        return news

    def items(self) -> list[tuple[str, str, Finding]]:
        """List what was found: behaviour, kind of object, finding."""
        return [(name, kind, finding) for (name, kind), finding in sorted(self._found.items())]

    def as_plain(self) -> dict[str, list[str]]:
        """Return what this session has learnt itself as plain values, to keep with a profile."""
        own = ((key, each) for *key, each in self.items() if tuple(key) in self._learnt)
        return {" ".join(filter(None, key)): [each.choice, each.at.isoformat()] for key, each in own}


def together(kept: Mapping[str, Any], learnt: Mapping[str, Any]) -> dict[str, Any]:
    """Put what a session has learnt to what is kept, where others may have put something since; of a lag, the longest.

    What is kept for so long that nobody relies on it goes.
    """
    known = {key: value for key, value in kept.items() if (finding := _read(value)) and finding.lasts}
    for key, value in learnt.items():
        if not (key.startswith("index-lag") and key in known and _lag(known[key]) > _lag(value)):
            known[key] = value
    return known


def _lag(value: Any) -> int:
    finding = _read(value)
    return int(finding.choice) if finding and finding.choice.isdecimal() else 0


def _read(value: Any) -> Finding | None:
    """Read what is kept of one finding; None where somebody else wrote something else."""
    try:
        choice, at = value
        return Finding(str(choice), date.fromisoformat(at))
    except (TypeError, ValueError):
        return None
