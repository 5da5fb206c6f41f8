"""The database on which queries are checked and planned.

Its tables stay empty, since DuckDB's plans depend on the size of tables, and what a query fetches must not depend on
what was fetched before.
"""

import atexit
import contextlib

import duckdb

from intercom_kit.concurrency.forking import in_child, keep_for_ever
from intercom_kit.sql import guard, planner
from intercom_kit.sql.database import open_database
from intercom_kit.sql.guard import Question
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.own_frames import OwnFrames, in_plain_names
from intercom_kit.sql.planner import Needs, Parameters, Scan
from intercom_kit.sql.predicates import ALWAYS
from intercom_kit.sql.prepared import definitions, prepare, table_names

UNREAD = "This version cannot read DuckDB's plans, so whole tables were fetched: update intercom_kit."


class Plans:
    """A planner of queries over empty tables.

    `work` is false if plans of this DuckDB version cannot be read; then a query needs every table that it names, whole.
    """

    def __init__(self, memory_limit: str | None = None) -> None:
        self.database = open_database(memory_limit)
        self.database.execute(planner.SETTINGS)
        prepare(self.database)
        self.work = planner.works(self.database)
        self._definitions = list(definitions())

    @property
    def is_as_new(self) -> bool:
        """Return whether the database holds what a new one would, and nothing else, such as a caller's frame."""
        with self.database.cursor() as cursor:
            names = {name for (name,) in cursor.execute("show tables").fetchall()}
        is_same = names == set(table_names()) and self._definitions == list(definitions())
        return is_same and planner.works(self.database)

    def read(
        self, cursor: duckdb.DuckDBPyConnection, query: str, parameters: Parameters, own: OwnFrames
    ) -> tuple[Question, Needs]:
        """Return a checked query over the tables and the caller's frames, and what it needs; raise BadQueryError."""
        question = guard.checked(cursor, query, (*table_names(), *own.names))
        own.read_ids(cursor, question.needs, parameters)
        needs = Needs()
        for select in question.needs:
            try:
                needs.add(self._of_select(cursor, select, parameters, own))
            except duckdb.Error as error:
                raise translated(error, [*table_names(), *own.names], planner.LINES_BEFORE) from None
        return question, needs

    def _needs(self, cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters) -> Needs:
        if self.work:
            return planner.needs(cursor, select, parameters)
        named = {name.rsplit(".", 1)[-1].strip('"').lower() for name in cursor.get_table_names(select)}
        return Needs([Scan(name, ALWAYS) for name in sorted(named)])

    def _of_select(
        self, cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters, own: OwnFrames
    ) -> Needs:
        """Return the needs of a SELECT, planned with plain names for the columns of frames."""
        if plain := own.plain_names(cursor, select):
            # Where planning fails, it is repeated below, so that the error shows the query's own names.
            with contextlib.suppress(duckdb.Error), own.plainly(cursor, plain):
                return own.named_back(self._needs(cursor, in_plain_names(select, plain), parameters), plain)
        return self._needs(cursor, select, parameters)


# Planners that closed sessions left: making one takes as long as planning dozens of queries.
_unused: list[Plans] = []
_MOST_UNUSED = 2


def take() -> Plans:
    """Return a planner that no other session uses."""
    while _unused:
        if (plans := _unused.pop()).is_as_new:
            return plans
    return Plans()


def put_back(plans: Plans) -> None:
    """Keep the planner of a closed session for the next one."""
    if len(_unused) < _MOST_UNUSED and plans.is_as_new:
        _unused.append(plans)


@atexit.register
def _close_unused() -> None:
    """Close the planners before the interpreter ends."""
    _unused.clear()


@in_child
def _begin_anew() -> None:
    """Start without planners in a forked process: their threads are the parent's."""
    keep_for_ever(*_unused)
    _unused.clear()
