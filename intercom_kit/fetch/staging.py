"""The staging tables of one database: names for them, and the parsed statements that load rows into them."""

import itertools
from typing import Any, ClassVar

import duckdb

from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import Table, projection
from intercom_kit.tables.privacy import Privacy


class Staging:
    """The staging tables of a database: names, reused after a table is dropped, and the statements parsed for them.

    Parsing a statement takes as long as running it over a few pages, so it is kept for the next table of the same name,
    in this database or another: a parsed statement belongs to none, and DuckDB runs a copy of it.
    """

    _insertions: ClassVar[dict[tuple[Table, str, str, Privacy, bool], duckdb.Statement]] = {}

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database = database
        self._free: list[str] = []
        self._numbers = itertools.count(1)

    def cached(self, name: str) -> str:
        """Return the quoted name of the table to which fetched rows of a table are added."""
        return identifier(name)

    def take_out(self, cursor: duckdb.DuckDBPyConnection, name: str, gone: str, parameters: dict[str, Any]) -> None:
        """Delete from a table the objects whose ids a SELECT finds, since they were deleted in Intercom."""
        cursor.execute(f"delete from {self.cached(name)} where id in ({gone})", parameters)

    def name(self) -> str:
        """Return a name that no other staging table has until it is released."""
        try:
            return self._free.pop()
        except IndexError:
            return f"landing {next(self._numbers)}"

    def release(self, name: str) -> None:
        """Make the name of a dropped table available again."""
        self._free.append(name)

    def insertion(self, table: Table, name: str, items: str, privacy: Privacy, *, sifted: bool) -> duckdb.Statement:
        """Return the parsed statement that loads a batch of pages into the staging table with a name."""
        key = (table, name, items, privacy, sifted)
        if (parsed := self._insertions.get(key)) is None:
            with self.database.cursor() as parser:
                query = projection.insert(table, name, items, privacy, sifted=sifted)
                parsed = self._insertions[key] = parser.extract_statements(query)[0]
        return parsed
