"""A database of its own with copies of the cached rows: what tools do there does not touch the session.

It reaches no file, network or extension, and its settings are locked, as those of the session are. Tables and views may
be created there, as tools such as ibis do, since they are gone with the workspace.
"""

from collections.abc import Iterable

import duckdb

from intercom_kit.concurrency import stopping
from intercom_kit.database import open_database
from intercom_kit.live.holdings import Held, copy_rows
from intercom_kit.sql import guard
from intercom_kit.sql.prepared import VIEWS
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import TABLES

# ibis sets these two: the clock by which it reads times, and whether Python's frames can be named. Others are locked.
_ALLOWED = "set global allowed_configs = ['TimeZone', 'python_enable_replacements']"
_LOCK = "set global lock_configuration = true"


class Copied:
    """The copies of one session's cached rows."""

    def __init__(self, memory_limit: str | None) -> None:
        self.database = open_database(memory_limit)
        for table in TABLES.values():
            self._create(table.name)
        for name, query in VIEWS.items():
            self.database.execute(f"create view {identifier(name)} as {query}")
        for setting in (*guard.SETTINGS, _ALLOWED, _LOCK):
            self.database.execute(setting)
        self.related = self.database.cursor()  # one for all relations: others could not be joined
        self._copies: dict[str, Held] = {}

    def bring(self, source: duckdb.DuckDBPyConnection, held: Iterable[Held]) -> None:
        """Copy the tables whose cached rows are others than those here, and empty those of which none are cached.

        A table is copied again, too, that somebody dropped or has other rows now.
        """
        wanted = {each.table: each for each in held}
        changed = [name for name in {**self._copies, **wanted} if not self._is_copied(name, wanted.get(name))]
        for name in changed:
            stopping.to_the_end(lambda name=name: self._copy(source, name, empty=name not in wanted))  # type: ignore[misc]
        self._copies = wanted

    def _is_copied(self, name: str, held: Held | None) -> bool:
        if held is None or self._copies.get(name) != held:
            return False
        with self.database.cursor() as cursor:
            there = cursor.execute("select 1 from duckdb_tables() where table_name = ?", [name]).fetchall()
            return bool(there) and cursor.execute(f"select count(*) from {identifier(name)}").fetchall() == [
                (held.rows,)
            ]

    def _copy(self, source: duckdb.DuckDBPyConnection, name: str, *, empty: bool) -> None:
        with source.cursor() as cursor, self.database.cursor() as writer:
            self._create(name)
            if not empty:
                copy_rows(cursor, writer, TABLES[name])

    def _create(self, name: str) -> None:
        columns = ", ".join(f"{identifier(column.name)} {column.kind.sql}" for column in TABLES[name].columns)
        with self.database.cursor() as writer:
            writer.execute(f"create or replace table {identifier(name)} ({columns})")

    def close(self) -> None:
        """Forget the copies."""
        self.database.close()
