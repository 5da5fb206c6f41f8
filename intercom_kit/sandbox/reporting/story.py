"""What happened in one conversation, as its parts tell; statistics are not read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from intercom_kit.sandbox.contents.record import Record

CUSTOMERS = ("user", "lead", "contact")


class Step(NamedTuple):
    """One part: who did what; `team` and `teammate` are the new assignees of an assignment."""

    id: str
    at: int
    kind: str
    by: str
    author: str
    says: bool
    teammate: str
    team: str


@dataclass(frozen=True)
class Story:
    """One conversation, with its steps in order."""

    record: Record

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def started_at(self) -> int:
        return int(self.record.get("created_at") or 0)

    @cached_property
    def steps(self) -> list[Step]:
        listing = self.record.get("conversation_parts")
        parts = listing.get("conversation_parts") if isinstance(listing, dict) else listing
        return [_step(part) for part in parts or [] if isinstance(part, dict)]

    @cached_property
    def written_at(self) -> int | None:
        """When the customer first wrote; None if they never did."""
        source = self.record.get("source") or {}
        if source.get("delivered_as") == "customer_initiated":
            return self.started_at
        return next((step.at for step in self.steps if step.by == "customer" and step.says), None)

    @property
    def since(self) -> list[Step]:
        """Return the steps since the customer first wrote."""
        return [] if self.written_at is None else [step for step in self.steps if step.at >= self.written_at]

    @property
    def answers(self) -> list[Step]:
        """Return the replies of teammates to the customer."""
        return [step for step in self.since if step.by == "teammate" and step.says and step.kind == "comment"]

    @property
    def closes(self) -> list[Step]:
        return [step for step in self.since if step.kind == "close"]

    @cached_property
    def left_bot_at(self) -> int | None:
        """When the wait for teammates begins: at the first assignment if a bot answered first, None without one."""
        if self.written_at is None:
            return None
        for step in self.since:
            if step.kind == "assignment":
                return self.written_at
            if step.by == "bot" and step.says:
                return next((step.at for step in self.since if step.kind == "assignment"), None)
        return self.written_at

    def stints(self) -> Iterator[tuple[str, int, int]]:
        """Yield who handled it from when to when: open, not snoozed, with a teammate, and ended."""
        teammate, since = "", None
        for step in self.since:
            if step.kind == "assignment" and step.teammate and step.teammate != teammate:
                if since is not None:
                    yield teammate, since, step.at
                    since = step.at
                teammate = step.teammate
            if since is not None and step.kind in ("close", "snoozed"):
                yield teammate, since, step.at
                since = None
            elif since is None and teammate and step.kind in ("assignment", "open", "timer_unsnooze"):
                since = step.at


def _step(part: Record) -> Step:
    author: dict[str, Any] = part.get("author") or {}
    kind = str(author.get("type") or "")
    by = "customer" if kind in CUSTOMERS else "teammate" if kind == "admin" else "bot"
    assigned = part.get("assigned_to") or {}
    target = {str(assigned.get("type")): str(assigned.get("id") or "")} if isinstance(assigned, dict) else {}
    return Step(
        str(part.get("id")),
        int(part.get("created_at") or 0),
        str(part.get("part_type")),
        by,
        str(author.get("id") or ""),
        bool(part.get("body")),
        target.get("admin", ""),
        target.get("team", ""),
    )
