"""The database on which queries are checked and planned.

Its tables stay empty, since DuckDB's plans depend on the size of tables, and what a query fetches must not depend on
what was fetched before.
"""

import atexit
import contextlib
from dataclasses import dataclass

import duckdb

from intercom_kit.concurrency.forking import in_child, keep_for_ever
from intercom_kit.database import open_database
from intercom_kit.sql import guard, planner
from intercom_kit.sql.attributes import mentions
from intercom_kit.sql.attributes.column import Attributes
from intercom_kit.sql.attributes.mentions import Defined
from intercom_kit.sql.guard import Question
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.needs import Needs, Scan
from intercom_kit.sql.own_frames import OwnFrames, in_plain_names
from intercom_kit.sql.planner import Parameters
from intercom_kit.sql.predicates import ALWAYS
from intercom_kit.sql.prepared import definitions, prepare, table_names

UNREAD = "This version cannot read DuckDB's plans, so whole tables were fetched: update intercom_kit."


@dataclass(frozen=True)
class Reading:
    """A checked query, what it needs, and the attributes that it reads.

    `undefined` are the tables whose attributes it names; it has to be read again with their definitions.
    """

    question: Question
    needs: Needs
    attributes: Attributes | None = None
    undefined: frozenset[str] = frozenset()


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
        self,
        cursor: duckdb.DuckDBPyConnection,
        query: str,
        parameters: Parameters,
        own: OwnFrames,
        defined: Defined | None = None,
    ) -> Reading:
        """Return a checked query over the tables and the caller's frames, and what it needs; raise BadQueryError.

        `defined` are attributes by table: those whose `attr` the query names have to be there.
        """
        question, defined = guard.checked(cursor, query, (*table_names(), *own.names)), defined or {}
        try:
            return Reading(question, self._of(cursor, question, parameters, own))
        except duckdb.Error as error:
            asked = mentions.asked(cursor, question.needs or (question.explained,), error)
            if not asked:
                raise translated(error, [*table_names(), *own.names], planner.LINES_BEFORE) from None
        if undefined := asked.tables - defined.keys():
            return Reading(question, Needs(), undefined=undefined)
        found = asked.of(defined)
        found.plan_on(cursor)
        try:
            return Reading(question, self._of(cursor, question, parameters, own, found.names), found)
        except duckdb.Error as error:
            unknown = asked.unknown(defined)
            raise unknown or translated(error, [*table_names(), *own.names], planner.LINES_BEFORE) from None

    def _of(
        self,
        cursor: duckdb.DuckDBPyConnection,
        question: Question,
        parameters: Parameters,
        own: OwnFrames,
        names: frozenset[str] = frozenset(),
    ) -> Needs:
        """Return what a checked query needs; `names` are those of attributes in it."""
        own.read_ids(cursor, question.needs, parameters)
        needs = Needs(attributes=names)
        for select in question.needs:
            needs.add(self._of_select(cursor, select, parameters, own, names))
        if question.explained:
            cursor.execute(planner.EXPLAIN + question.explained, parameters or []).fetchall()
        return needs

    def _needs(
        self, cursor: duckdb.DuckDBPyConnection, select: str, parameters: Parameters, names: frozenset[str]
    ) -> Needs:
        if self.work:
            return planner.needs(cursor, select, parameters, names)
        cursor.execute(planner.EXPLAIN + select, parameters or []).fetchall()
        named = {name.rsplit(".", 1)[-1].strip('"').lower() for name in cursor.get_table_names(select)}
        return Needs([Scan(name, ALWAYS) for name in sorted(named)])

    def _of_select(
        self,
        cursor: duckdb.DuckDBPyConnection,
        select: str,
        parameters: Parameters,
        own: OwnFrames,
        names: frozenset[str],
    ) -> Needs:
        """Return the needs of a SELECT, planned with plain names for the columns of frames."""
        if plain := own.plain_names(cursor, select):
            # Where planning fails, it is repeated below, so that the error shows the query's own names.
            with contextlib.suppress(duckdb.Error), own.plainly(cursor, plain):
                return own.named_back(self._needs(cursor, in_plain_names(select, plain), parameters, names), plain)
        return self._needs(cursor, select, parameters, names)


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
