"""What a session has cached where a lake stands beside it: the lake's rows as of its time, and what came since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

import duckdb

from intercom_kit.lake import files
from intercom_kit.lake.manifest import LakeTable, Manifest
from intercom_kit.lake.together.tables import ASKED, beside, taken
from intercom_kit.live.memory import TableMemory
from intercom_kit.search.spans import Span
from intercom_kit.tables import CONVERSATION_PARTS, CONVERSATIONS, TABLES


@dataclass
class SearchedMemory(TableMemory):
    """The cached part of a table that Intercom searches; at first what the lake has of it, as of when it had it.

    `is_current` tells whether the query that runs has brought it up to date, or does not want that.
    """

    whose: ClassVar[str] = "the lake's"
    lake: LakeTable = field(kw_only=True)
    is_current: bool = False

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Clear the memory but for what the lake has."""
        super().forget()
        left, self.as_of, self.is_current = self.lake.left(), self.lake.as_of, False
        # What was created since then is among what changed since.
        self.hold((), Span(self.as_of if left else self.lake.since, None))
        for planned in self.lake.plan if left else ():
            if planned not in left:
                self.hold((), planned.span)

    def topped_up(self, second: int) -> None:
        """Remember that the rows are current as of a second."""
        super().topped_up(second)
        self.is_current = True


@dataclass
class PartsMemory(TableMemory):
    """The cached parts of conversations; those of a conversation that did not change since are the lake's.

    `why` says by conversation why parts of it are missing in the lake, as far as a query needs them.
    """

    told_by: ClassVar[str] = CONVERSATIONS.name
    lake: LakeTable = field(kw_only=True)
    manifest: Manifest = field(kw_only=True)
    conversations: SearchedMemory = field(kw_only=True)
    database: duckdb.DuckDBPyConnection = field(kw_only=True)
    why: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """Clear the memory of what was fetched."""
        super().forget()
        with self.database.cursor() as cursor:
            cursor.execute(f"delete from {beside(CONVERSATION_PARTS.name, ASKED)}")

    def lacking(self, column: str, since: datetime | None, keys: list[str]) -> list[str]:
        """Return those of some conversations of which neither the session nor the lake has the parts as they are now.

        The lake's count only after it was asked which conversations changed.
        """
        keys = super().lacking(column, since, keys)
        if not self.conversations.is_current or not self.lake.keys:
            return keys
        there = self.unchanged(keys)
        self.why |= {key: why for key, why in self.lake.missing.items() if key in there}
        return [key for key in keys if key not in there]

    def unchanged(self, keys: list[str]) -> set[str]:
        """Return those of some conversations whose parts the lake read after their last change, as far as is known."""
        if not self.lake.keys:
            return set()
        query = f"from (select unnest($keys::varchar[]) as id) semi join ({self._current()}) using (id)"
        with self.database.cursor() as cursor:
            return {id for (id,) in cursor.execute(query, {"keys": keys}).fetchall()}

    def hold_keys(self, column: str, since: datetime | None, keys: set[str]) -> None:
        """Remember conversations whose parts were fetched, in place of the lake's."""
        super().hold_keys(column, since, keys)
        with self.database.cursor() as cursor:
            asked = beside(CONVERSATION_PARTS.name, ASKED)
            cursor.execute(f"insert into {asked} select unnest($keys::varchar[])", {"keys": list(keys)})

    def _current(self) -> str:
        """Return the SELECT of the ids of conversations whose parts the lake read after their last change."""
        read = f"select id, state from {files.reading(self.manifest, self.lake.keys)}"
        state = f"coalesce({CONVERSATIONS.changed}::varchar, '')"
        return f"select id from (select id, {state} as state from conversations) semi join ({read}) using (id, state)"


def remembered(manifest: Manifest, database: duckdb.DuckDBPyConnection) -> Mapping[str, TableMemory]:
    """Return the memory of the tables that are taken from a lake, before anything is fetched."""
    names = taken(manifest)
    found: dict[str, TableMemory] = {
        name: SearchedMemory(lake=manifest.tables[name]) for name in names if TABLES[name].search
    }
    conversations = found.get(CONVERSATIONS.name)
    if CONVERSATION_PARTS.name in names and isinstance(conversations, SearchedMemory):
        known = manifest.tables[CONVERSATION_PARTS.name]
        found[CONVERSATION_PARTS.name] = PartsMemory(
            lake=known, manifest=manifest, conversations=conversations, database=database
        )
    return found
