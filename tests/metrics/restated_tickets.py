"""The metrics of tickets restated in plain Python, from their definitions and not from their SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.metrics.restated import Parts, Question, between
from tests.metrics.world import Row

STATES = ("submitted", "in_progress", "waiting_on_customer", "resolved")
Stay = tuple[str, datetime, datetime | None]  # a state, from when, and until when


def changes(t: Row, parts: Parts) -> Parts:
    """The parts that change the state, in order; nothing happens before a ticket is created."""
    found = [p for p in parts if p["state"] is not None and p["state"] != p["previous_state"]]
    return sorted(found, key=lambda p: (max(p["created_at"], t["created_at"]), len(p["id"]), p["id"]))


def cut(t: Row) -> bool:
    return (t["part_count"] or 0) > 500


def resolves(t: Row, parts: Parts) -> list[datetime]:
    return sorted(p["created_at"] for p in changes(t, parts) if p["state"] == "resolved")


def contradicted(t: Row, parts: Parts) -> bool:
    """Whether of the ticket and its last change only one is resolved."""
    last = [p["state"] for p in changes(t, parts)][-1:]
    return (last == ["resolved"]) != (t["state"] == "resolved")


def to_last_resolve(t: Row, parts: Parts) -> float | None:
    moments = resolves(t, parts)
    return None if contradicted(t, parts) or not moments else between(t["created_at"], moments[-1])


def to_first_resolve(t: Row, parts: Parts) -> float | None:
    moments = resolves(t, parts)
    return None if contradicted(t, parts) or cut(t) or not moments else between(t["created_at"], moments[0])


def reopened(t: Row, parts: Parts) -> bool | None:
    if any(p["previous_state"] == "resolved" for p in changes(t, parts)):
        return True
    return None if cut(t) or contradicted(t, parts) or not resolves(t, parts) else False


def stays(t: Row, parts: Parts) -> list[Stay]:
    """Walk from state to state; of a ticket whose first parts are missing from the first that is there."""
    since, state = t["created_at"], "submitted"
    moves = changes(t, parts)
    if cut(t):
        since = max(min((p["created_at"] for p in parts), default=since), since)
    if moves:
        state = moves[0]["previous_state"] or "submitted"
    elif cut(t):
        state = t["state"]
    marks = [(since, state), *((max(p["created_at"], t["created_at"]), p["state"]) for p in moves)]
    return [
        *((state, since, until) for (since, state), (until, _) in pairwise(marks)),
        (marks[-1][1], marks[-1][0], None),
    ]


def known(t: Row, parts: Parts) -> bool:
    """Whether all parts are there, and lead to the state of the ticket."""
    return not cut(t) and stays(t, parts)[-1][0] == t["state"]


def in_states(t: Row, parts: Parts, now: datetime) -> dict[str, float]:
    """Add up the seconds in each state; for the last resolve there is no end."""
    found: dict[str, float] = {}
    for state, since, until in stays(t, parts) if known(t, parts) else []:
        if until or state != "resolved":
            seconds = ((until or max(now, since)) - since).total_seconds()
            found[state] = found.get(state, 0) + seconds
    return found


def waiting_share(t: Row, parts: Parts) -> float | None:
    walked = stays(t, parts)
    moments = [since for state, since, _ in walked[1:] if state == "resolved"]
    if not known(t, parts) or not moments or moments[-1] == t["created_at"]:
        return None
    waits = [
        (until - since).total_seconds()
        for state, since, until in walked
        if state == "waiting_on_customer" and until and until <= moments[-1]
    ]
    return float(sum(waits) / (moments[-1] - t["created_at"]).total_seconds())


def unresolved(t: Row, parts: Parts) -> list[tuple[datetime, datetime | None]]:
    """Walk through a ticket, and note when it was not resolved, and until when; nothing if its end is unknown."""
    found: list[tuple[datetime, datetime | None]] = []
    walked = stays(t, parts)
    if (walked[-1][0] == "resolved") != (t["state"] == "resolved"):
        return []
    came = None
    for state, since, _ in walked:
        if state != "resolved":
            came = came or since
        elif came:
            found.append((came, since))
            came = None
    return [*found, (came, None)] if came else found


def assignments(t: Row, parts: Parts) -> int | None:
    return None if cut(t) else sum("assign" in p["part_type"] for p in parts)


def resolver(parts: Parts, place: int = -1) -> str | None:
    """Who resolved it the last time, or another."""
    found = [p for p in parts if p["state"] == "resolved" and p["previous_state"] != "resolved"]
    if not found:
        return None
    author = sorted(found, key=lambda p: (p["created_at"], len(p["id"]), p["id"]))[place]["author_type"]
    return "user" if author in ("lead", "contact") else str(author)


Measure = Callable[[Row, Parts], Any]
DURATIONS: dict[tuple[str, str], Measure] = {
    ("ticket_time_to_resolve", "last"): to_last_resolve,
    ("ticket_time_to_resolve", "first"): to_first_resolve,
    ("ticket_waiting_share", "calendar"): waiting_share,
}


@dataclass(frozen=True)
class TicketQuestion(Question):
    """What is asked about tickets, whose parts are needed to tell who resolved them."""

    parts: dict[str, Parts]

    def groups(self, c: Row) -> list[tuple[Any, ...]]:
        """Return the group that a ticket is in."""
        own = self.parts[c["id"]]
        names = {"type": c["ticket_type_name"], "state": c["state"]}
        names |= {"resolver": resolver(own), "first_resolver": resolver(own, 0)}
        return [tuple(names[name] for name in self.by)]
