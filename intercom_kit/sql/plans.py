"""The database on which queries are checked and planned.

Its tables stay empty: DuckDB plans differently for tables of other sizes, and what a query asks for must not depend on
what was asked before.
"""

import contextlib

import duckdb

from intercom_kit.sql import guard, planner
from intercom_kit.sql.database import open_database
from intercom_kit.sql.guard import Question
from intercom_kit.sql.mistakes import explained
from intercom_kit.sql.own_frames import OwnFrames, in_plain_names
from intercom_kit.sql.planner import Needs, Parameters, Scan
from intercom_kit.sql.predicates import ALWAYS
from intercom_kit.sql.prepared import prepare, table_names

UNREAD = "DuckDB's plans read differently than this version knows, so whole tables were fetched: update intercom_kit."


class Plans:
    """Empty tables, and what is read from the plans of queries over them.

    They `work` where plans read as this version knows; else a query needs all that it names, whole.
    """

    def __init__(self, memory_limit: str | None = None) -> None:
        self.database = open_database(memory_limit)
        self.database.execute(planner.SETTINGS)
        prepare(self.database)
        self.work = planner.works(self.database)

    def read(
        self, cursor: duckdb.DuckDBPyConnection, query: str, parameters: Parameters, own: OwnFrames
    ) -> tuple[Question, Needs]:
        """Check a query, beside whose tables the frames are, and find out what it needs; raise BadQueryError."""
        question = guard.checked(cursor, query, (*table_names(), *own.names))
        own.read_ids(cursor, question.needs, parameters)
        needs = Needs()
        for select in question.needs:
            try:
                needs.add(self._of_select(cursor, select, parameters, own))
            except duckdb.Error as error:
                raise explained(error, [*table_names(), *own.names], planner.LINES_BEFORE) from None
        return question, needs

    def _needs(self, cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters) -> Needs:
        if self.work:
            return planner.needs(cursor, select, parameters)
        named = {name.rsplit(".", 1)[-1].strip('"').lower() for name in cursor.get_table_names(select)}
        return Needs([Scan(name, ALWAYS) for name in sorted(named)])

    def _of_select(
        self, cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters, own: OwnFrames
    ) -> Needs:
        """Give the needs of a SELECT; while it is planned, the columns of frames have names that plans print well."""
        if plain := own.plain_names(cursor, select):
            # A query that cannot be planned is explained by its own names.
            with contextlib.suppress(duckdb.Error), own.plainly(cursor, plain):
                return own.named_back(self._needs(cursor, in_plain_names(select, plain), parameters), plain)
        return self._needs(cursor, select, parameters)
