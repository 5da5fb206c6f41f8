"""The staging tables of one database: names for them, and the parsed statements that load rows into them."""

import itertools
from typing import ClassVar

import duckdb

from intercom_kit.tables import Table, projection
from intercom_kit.tables.privacy import Privacy


class Staging:
    """The names of a database's staging tables, reused after a table is dropped, and the statements parsed for them.

    Parsing a statement takes as long as running it over a few pages, so it is kept for the next table of the same name,
    in this database or another: a parsed statement belongs to none, and DuckDB runs a copy of it.
    """

    _insertions: ClassVar[dict[tuple[Table, str, str, Privacy, bool], duckdb.Statement]] = {}

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database = database
        self._free: list[str] = []
        self._numbers = itertools.count(1)

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
