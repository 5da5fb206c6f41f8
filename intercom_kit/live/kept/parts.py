"""The parts of conversations that a session keeps: those of a conversation that did not change are not read again.

UNCONFIRMED [part-updated]: whether each new or changed part moves the `updated_at` of its conversation. Intercom's
search, by which that becomes known, may lag behind.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

import duckdb

from intercom_kit.live.memory import TableMemory
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import CONVERSATION_PARTS, CONVERSATIONS, TABLES

# Seconds before the reading of parts in which a conversation must not have changed: its time of change has no smaller
# unit, so that another change in the same second would not be seen.
_SETTLED = 2

_STATES = f"""
    select id, epoch({CONVERSATIONS.changed})::bigint from conversations
    where id in (select unnest($keys::varchar[])) and {CONVERSATIONS.changed} is not null
"""


@dataclass
class KeptParts(TableMemory):
    """The cached parts of conversations, with the time of each one's last change when they were read.

    `changed` has that time by conversation, `read` the conversations whose parts the query that runs has read, and
    `partial` those of which some may be here.
    `is_current` tells whether the query has brought the cached conversations up to date, or does not want that, and
    `form` is that of the bodies.
    """

    told_by: ClassVar[str] = CONVERSATIONS.name
    keeps: ClassVar[bool] = True
    database: Callable[[], duckdb.DuckDBPyConnection] = field(kw_only=True)
    changed: dict[str, int] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    partial: set[str] = field(default_factory=set)
    is_current: bool = False
    form: Mapping[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """Clear the memory."""
        super().forget()
        self.changed, self.read, self.partial, self.is_current = {}, set(), set(), False

    def begin(self, form: Mapping[str, str], *, as_it_is: bool) -> None:
        """Begin a query: what was read before counts once it is known which conversations changed, or `as_it_is`."""
        if self.form != form:
            self.changed, self.form = {}, form
        self.read, self.is_current = set(), False
        if as_it_is:
            self.read = set().union(*self.keys.values()) - self.partial

    def keep_current(self, as_of: int | None) -> None:
        """Delete the parts of conversations that changed since, or are not there any more."""
        current = {key for key, moment in self._changes(self.changed).items() if self.changed[key] == moment}
        self.changed = {key: self.changed[key] for key in current}
        self.is_current = True
        if not self.partial and not any(keys - current - self.read for keys in self.keys.values()):
            return
        self.partial = set()
        with self.database().cursor() as cursor:
            cursor.execute(
                f"delete from {identifier(CONVERSATION_PARTS.name)} "
                f"where {self._key} not in (select unnest($keys::varchar[]))",
                {"keys": list(current | self.read)},
            )
        self.keys = {name: keys & (current | self.read) for name, keys in self.keys.items()}
        self.as_of = None if not any(self.keys.values()) else as_of

    def lacking(self, column: str, since: datetime | None, keys: list[str]) -> list[str]:  # noqa: ARG002
        """Return those of some conversations whose parts are not here as they are now."""
        kept = self.unchanged(keys) if self.is_current else set()
        return [key for key in keys if key not in kept and key not in self.read]

    def unchanged(self, keys: Iterable[str]) -> set[str]:
        """Return those of some conversations that are as they were when their parts were read, as far as is known."""
        there = [key for key in keys if key in self.changed]
        return {key for key, moment in self._changes(there).items() if self.changed[key] == moment}

    def before(self, keys: list[str], second: int) -> dict[str, int]:
        """Return when conversations last changed, of those that have settled; called before their parts are read."""
        return {key: moment for key, moment in self._changes(keys).items() if moment < second - _SETTLED}

    def take_out(self, keys: list[str]) -> None:
        """Delete the parts of conversations that are read anew."""
        for key in keys:
            self.changed.pop(key, None)
        if all(held.isdisjoint(keys) for held in (self.partial, *self.keys.values())):
            return
        with self.database().cursor() as cursor:
            cursor.execute(
                f"delete from {identifier(CONVERSATION_PARTS.name)} "
                f"where {self._key} in (select unnest($keys::varchar[]))",
                {"keys": keys},
            )
        self.partial -= set(keys)

    def hold_keys(self, column: str, since: datetime | None, keys: set[str]) -> None:
        """Remember conversations whose parts the query has read."""
        super().hold_keys(column, since, keys)
        self.read |= keys

    def keep(self, changes: Mapping[str, int], partial: set[str]) -> None:
        """Remember when conversations had last changed before their parts were read; none is `partial` that is kept."""
        self.changed |= {key: moment for key, moment in changes.items() if key not in partial}
        self.partial |= partial

    @property
    def _key(self) -> str:
        return identifier(CONVERSATION_PARTS.every_key.column)

    def _changes(self, keys: Iterable[str]) -> dict[str, int]:
        """Return when conversations last changed, by what is cached of them."""
        if not (wanted := list(keys)):
            return {}
        with self.database().cursor() as cursor:
            return dict(cursor.execute(_STATES, {"keys": wanted}).fetchall())


def memories(database: Callable[[], duckdb.DuckDBPyConnection]) -> dict[str, TableMemory]:
    """Return the memory of a session that has cached nothing yet, by table."""
    return {name: TableMemory() for name in TABLES} | {CONVERSATION_PARTS.name: KeptParts(database=database)}
