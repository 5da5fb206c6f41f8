"""The registry of disputed behaviours of Intercom's API, and what a session has learnt about them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

_REGISTRY = Path(__file__).parents[1] / "behaviours.toml"

# Older findings expire: Intercom may have changed since.
LASTS = 7  # days


@dataclass(frozen=True)
class Behaviour:
    """A disputed or unconfirmed behaviour of Intercom's, as `behaviours.toml` declares it.

    `documented` and `measured` are one choice for all objects, or a choice per object. `known` lists what this package
    has found on real workspaces, and who reported it.
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
        """Return the choice that is "documented" or "measured" for an object; empty where there is none."""
        value = getattr(self, what)
        value = value.get(kind) if isinstance(value, Mapping) else value
        return "" if value is None else str(value)


@cache
def registry() -> dict[str, Behaviour]:
    """Return all declared behaviours, by name."""
    declared = tomllib.loads(_REGISTRY.read_text(encoding="utf-8"))
    return {name: _declared(name, entry) for name, entry in declared.items()}


def _declared(name: str, entry: Mapping[str, Any]) -> Behaviour:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Behaviour(name, **fields)


@dataclass(frozen=True)
class Finding:
    """The choice that was found for one behaviour and one kind of object, and the day."""

    choice: str
    at: date

    @property
    def lasts(self) -> bool:
        """Return whether the finding is recent enough to rely on."""
        return (datetime.now(UTC).date() - self.at).days < LASTS


class Findings:
    """The findings about one workspace, by behaviour and kind of object."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self._found: dict[tuple[str, str], Finding] = {}
        self._learnt: set[tuple[str, str]] = set()
        for key, value in (known or {}).items():
            name, _, kind = key.partition(" ")
            finding = _read(value)
            if finding and name in registry() and finding.lasts:
                self._found[name, kind] = finding

    def of(self, name: str, kind: str = "") -> str | None:
        """Return the choice that was found for a behaviour; None where there is no finding."""
        finding = self._found.get((name, kind))
        return finding.choice if finding else None

    def learn(self, name: str, choice: str, kind: str = "") -> bool:
        """Record a finding; return whether it is new."""
        news = self.of(name, kind) != choice
        self._found[name, kind] = Finding(choice, datetime.now(UTC).date())
        self._learnt.add((name, kind))
        return news

    def items(self) -> list[tuple[str, str, Finding]]:
        """Return the findings, each with its behaviour and kind of object."""
        return [(name, kind, finding) for (name, kind), finding in sorted(self._found.items())]

    def as_plain(self) -> dict[str, list[str]]:
        """Return this session's own findings as plain values, to store with a profile."""
        own = ((key, each) for *key, each in self.items() if tuple(key) in self._learnt)
        return {" ".join(filter(None, key)): [each.choice, each.at.isoformat()] for key, each in own}


def together(kept: Mapping[str, Any], learnt: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored findings merged with those of a session; of two index lags, the longer one wins.

    Other sessions may have stored findings in the meantime. Expired ones are dropped.
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
    """Read one stored finding; None where it is malformed."""
    try:
        choice, at = value
        return Finding(str(choice), date.fromisoformat(at))
    except (TypeError, ValueError):
        return None
