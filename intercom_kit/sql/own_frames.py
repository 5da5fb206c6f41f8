"""The caller's own frames as tables of a query: their columns may have any names, and hold ids as numbers."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import duckdb
import pandas as pd

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.planner import EXPLAIN, Parameters
from intercom_kit.sql.predicates import Both, Either, Predicate, Test
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import TABLES, Kind
from intercom_kit.values.plain import LARGEST_EXACT

# Plans print the names of columns without quotes, so only names like these can be recognised in them.
_PLAIN = re.compile(r"[^\W\d]\w*")
_RESERVED = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
_QUOTED, _BARE = re.compile(rb'"(?:[^"]|"")*"'), re.compile(rb"[^\s\"'(),.;:=<>+*/%|&^!~\[\]{}?@#`-]+")

_NUMBERS = re.compile(r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL.*")
_AS_NUMBER = re.compile(rf"CAST\((\w+) AS (?:{_NUMBERS.pattern})\)")
_TEXTS = {column.name for table in TABLES.values() for column in table.columns if column.kind in (Kind.ID, Kind.TEXT)}
_EXACT = {"DOUBLE": LARGEST_EXACT, "FLOAT": 2**24}

# DuckDB's error for `id in (select number from mine)`; a query with it counts as worse than any that can be planned.
_INCOMPARABLE, _WORST = "Cannot compare values of type", 1_000_000


class OwnFrames:
    """The caller's frames, by the names that a query uses.

    They are copied into tables, since the plan of a query on a frame itself shows neither its name nor its columns,
    and so not which keys it has. Raises BadQueryError for a name that is not plain, or `taken` by a table.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], taken: Sequence[str]) -> None:
        if not isinstance(frames, Mapping):
            raise BadRequestError(
                'frames= takes your DataFrames by the names that the query uses: frames={"mine": frame}.'
            )
        names = set(taken)
        for name in frames:
            if not isinstance(name, str) or name.lower() in names or not name.isidentifier():
                raise BadQueryError(f"A frame cannot be called {name!r}: choose a plain name that no other table has.")
            names.add(name.lower())
        self._frames = frames
        self._texts: set[tuple[str, str]] = set()

    @property
    def names(self) -> list[str]:
        """Return the names."""
        return list(self._frames)

    @contextmanager
    def beside(self, database: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor on a database to which the frames are added as tables, and drop them afterwards."""
        with database.cursor() as cursor:
            try:
                if self._frames:
                    stopping.interruptible(lambda: self._put_all(cursor), cursor.interrupt)
                yield cursor
            finally:
                if self._frames:
                    stopping.to_the_end(lambda: self._drop_all(cursor))

    def _drop_all(self, cursor: duckdb.DuckDBPyConnection) -> None:
        for name in self._frames:
            cursor.execute(f"drop table if exists {identifier(name)}")

    def _put_all(self, cursor: duckdb.DuckDBPyConnection, plain: Mapping[str, str] | None = None) -> None:
        for name in self._frames:
            self._put(cursor, name, plain or {})

    def _put(self, cursor: duckdb.DuckDBPyConnection, name: str, plain: Mapping[str, str]) -> None:
        """Create the table of a frame, with some columns renamed to `plain` names.

        Raises BadQueryError if DuckDB cannot make a table of it.
        """
        try:
            cursor.register("given", pd.DataFrame(self._frames[name]))
            columns = []
            for column, _ in _columns(cursor, "given"):
                value = identifier(column)
                value = f"try_cast({value} as hugeint)::varchar" if (name, column) in self._texts else value
                columns.append(f"{value} as {identifier(plain.get(column, column))}")
            chosen = ", ".join(columns) or "*"
            cursor.execute(f"create or replace table {identifier(name)} as select {chosen} from given")
            cursor.unregister("given")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise BadQueryError(
                f"The frame {name!r} cannot be a table: {error}. Give it columns of plain values, as by astype('str')."
            ) from error

    # --- ids held as numbers ---------------------------------------------------------------------

    def read_ids(self, cursor: duckdb.DuckDBPyConnection, selects: Sequence[str], parameters: Parameters) -> None:
        """Turn columns of whole numbers into text where queries compare them with ids, which are text.

        DuckDB would cast the ids to numbers instead, which fails for ids that are not. Raises BadQueryError for floats
        too large to be exact.
        """
        numbers = [
            (name, column)
            for name in self._frames
            for column, kind in _columns(cursor, name)
            if _NUMBERS.fullmatch(kind)
        ]
        fewest = self._ids_as_numbers(cursor, selects, parameters) if numbers else 0
        for name, column in numbers:
            if not 0 < fewest < math.inf:
                return
            kind, whole, largest = _number_facts(cursor, name, column)
            if not whole:
                continue
            self._texts.add((name, column))
            self._put(cursor, name, {})
            now = self._ids_as_numbers(cursor, selects, parameters)
            if now < fewest and largest > _EXACT.get(kind, math.inf):
                raise BadQueryError(
                    f"The column {column!r} of the frame {name!r} holds floats too large to be exact ids: read ids as "
                    "text, as by pd.read_csv(…, dtype=str)."
                )
            if now >= fewest:
                self._texts.discard((name, column))
                self._put(cursor, name, {})
            fewest = min(now, fewest)

    @staticmethod
    def _ids_as_numbers(cursor: duckdb.DuckDBPyConnection, selects: Sequence[str], parameters: Parameters) -> float:
        """Return how often plans cast an id to a number; infinity if a query cannot be planned at all."""
        try:
            shown = [cursor.execute(EXPLAIN + each, parameters or []).fetchall() for each in selects]
        except duckdb.Error as error:
            return _WORST if _INCOMPARABLE in str(error) else math.inf
        return sum(column in _TEXTS for plans in shown for _, plan in plans for column in _AS_NUMBER.findall(plan))

    # --- column names with special characters ----------------------------------------------------

    def plain_names(self, cursor: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
        """Return plain names for the columns whose names are ambiguous in plans; empty if all are plain."""
        known = [column for name in self._frames for column, _ in _columns(cursor, name)]
        reserved = {word for (word,) in cursor.execute(_RESERVED).fetchall()} if known else ()
        special = dict.fromkeys(each for each in known if not _PLAIN.fullmatch(each) or each.lower() in reserved)
        stem = "own"
        while stem in query.lower() or any(stem in name.lower() for name in known):
            stem += "_"
        return {name: f"{stem}{number}" for number, name in enumerate(special)}

    @contextmanager
    def plainly(self, cursor: duckdb.DuckDBPyConnection, plain: Mapping[str, str]) -> Iterator[None]:
        """Give the frames' columns plain names inside a `with` block."""
        self._put_all(cursor, plain)
        try:
            yield
        finally:
            self._put_all(cursor)

    def named_back(self, needs: Needs, plain: Mapping[str, str]) -> Needs:
        """Return the needs with the frames' plain column names turned back into their own."""
        own = {name: column for column, name in plain.items()}
        for scan in needs.scans:
            if scan.table in self._frames:
                scan.columns = frozenset(own.get(column, column) for column in scan.columns)
                scan.predicate = _renamed(scan.predicate, own)
        needs.edges = [
            replace(edge, values=own.get(edge.values, edge.values)) if edge.source.table in self._frames else edge
            for edge in needs.edges
        ]
        return needs


def in_plain_names(query: str, plain: Mapping[str, str]) -> str:
    """Return a query in which identifiers are replaced by their plain names."""
    text, names = query.encode(), {name.lower(): each for name, each in plain.items()}
    pieces, end = [], 0
    for place, kind in duckdb.tokenize(query):  # by bytes
        quoted = _QUOTED.match(text, place)
        found = quoted or _BARE.match(text, place)
        if kind is not duckdb.token_type.identifier or not found:
            continue
        written = found[0].decode()
        name = written[1:-1].replace('""', '"') if quoted else written
        if (instead := names.get(name.lower())) is not None:
            pieces += [text[end:place], instead.encode()]
            end = found.end()
    return b"".join([*pieces, text[end:]]).decode()


def _columns(cursor: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Return the columns of a table, with their types."""
    described = cursor.execute(f"select column_name, column_type from (describe from {identifier(table)})").fetchall()
    return [(str(name), str(kind)) for name, kind in described]


def _number_facts(cursor: duckdb.DuckDBPyConnection, table: str, column: str) -> tuple[str, bool, float]:
    """Return the type of a column of numbers, whether all are whole, and the largest absolute value."""
    name = identifier(column)
    whole = f"coalesce(bool_and(isfinite({name}::double) and {name} = trunc({name})), true)"
    query = f"select any_value(typeof({name})), {whole}, coalesce(max(abs({name})), 0)::double from {identifier(table)}"
    ((kind, is_whole, largest),) = cursor.execute(query).fetchall()
    return str(kind), bool(is_whole), float(largest)


def _renamed(predicate: Predicate, names: Mapping[str, str]) -> Predicate:
    if isinstance(predicate, Test):
        return replace(predicate, column=names.get(predicate.column, predicate.column))
    members = tuple(_renamed(member, names) for member in predicate.members)
    return Both(members) if isinstance(predicate, Both) else Either(members)
