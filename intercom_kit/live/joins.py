"""The values by which the rows of a scan are requested: constants of the query, or values from a join."""

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from intercom_kit.errors import BadQueryError
from intercom_kit.paging.paths import is_id
from intercom_kit.search.bounds import SECONDS
from intercom_kit.search.lowering import searches
from intercom_kit.search.spans import Span
from intercom_kit.sql.needs import Edge, Needs, Scan
from intercom_kit.sql.predicates import ALWAYS, NEVER, Both, Either, Predicate, Test, as_sql
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import CARRIED_BY, COMPANIES, TABLES, Column, Kind

# With more values than this, a searchable table is not searched by the values of a join.
MOST_VALUES = 1_000


@dataclass
class Joins:
    """The joins of one query; `done` are the scans whose rows are fetched."""

    database: duckdb.DuckDBPyConnection
    needs: Needs
    done: list[Scan] = field(default_factory=list)

    def requested(self) -> list[Scan]:
        """Return the scans whose rows are requested, wide ones first; raise BadQueryError if one has no keys.

        A narrow scan then finds its rows cached, and does not cut the span of a wide one into two.
        """
        scans = [scan for scan in self.needs.scans if scan.table in TABLES and scan.predicate != NEVER]
        for scan in scans:
            if is_listed_by_key(scan) and not constants(scan) and not self.sources(scan):
                raise without_keys(scan)
            if TABLES[scan.table].is_bounded and any(span.first is None for span in spans(scan)):
                raise _without_beginning(scan)
        return sorted(scans, key=_narrowness)

    def sources(self, scan: Scan) -> list[Scan]:
        """Return the scans whose values decide which rows to request; none if the scan's own predicate does."""
        columns: Container[str]
        if scan.table in CARRIED_BY:
            columns = key_columns(scan)
        elif is_listed_by_key(scan):
            columns = {} if constants(scan) else key_columns(scan)
        elif scan.table in TABLES and TABLES[scan.table].search:
            own = searches(TABLES[scan.table], scan.predicate, SECONDS)
            columns = searchable(scan) if any(search.is_for_everything for search in own) else {}
        else:
            columns = {}
        return [edge.source for edge in self.needs.edges if edge.scan is scan and edge.column in columns]

    def awaited(self, scan: Scan) -> list[Scan]:
        """Return the scans to wait for: the sources, and for a table fetched key by key also what narrows its keys.

        A scan whose only source is the same one is left out: the two would wait for each other.
        """
        sources = self.sources(scan)
        narrowing = [
            edge.source
            for source in (sources if is_listed_by_key(scan) else ())
            for edge in self.needs.edges
            if edge.scan is source and edge.source is not scan and self.sources(edge.source) != [source]
        ]
        return list(dict.fromkeys([*sources, *narrowing]))

    def are_here(self, scan: Scan) -> bool:
        """Return whether another scan of the same table has fetched all rows that a scan needs."""
        key = TABLES[scan.table].key
        return any(edge.source.table == scan.table and edge.column == edge.values == key for edge in self._edges(scan))

    def keys(self, scan: Scan) -> tuple[str, list[str]] | None:
        """Return the key column and its values for a scan of a table that is fetched key by key."""
        return constants(scan) or self._joined(scan, key_columns(scan))

    def values(self, scan: Scan) -> tuple[str, list[str]] | None:
        """Return the search's name of a column and the values that a join needs, if they are few."""
        columns = searchable(scan)
        joined = self._joined(scan, columns)
        return (columns[joined[0]], joined[1]) if joined and len(joined[1]) <= MOST_VALUES else None

    def _joined(self, scan: Scan, columns: Container[str]) -> tuple[str, list[str]] | None:
        """Return the column with the fewest requests and the values that fetched rows join it to, if any."""
        best: tuple[str, list[str]] | None = None
        with self.database.cursor() as cursor:
            for edge in self._edges(scan):
                if edge.column in columns:
                    column, values_of = _key_of(edge)
                    parameters: dict[str, Any] = {}
                    rows = self._rows(edge.source, edge.values, (scan,), parameters)
                    found = cursor.execute(f"select distinct {identifier(values_of)} from {rows}", parameters)
                    values = sorted(str(value) for (value,) in found.fetchall())
                    if best is None or self.requests(column, values) < self.requests(*best):
                        best = column, values
        return best

    def requests(self, column: str, keys: list[str], at_a_time: int = 1) -> int:
        """Return how many requests keys need at least: a segment's members come 150 per request."""
        if column != "segment_id":
            return math.ceil(len(keys) / at_a_time)
        pages = (
            "select sum(greatest(ceil(coalesce(count, 0) / 150), 1))::bigint "
            "from (select unnest($keys::varchar[]) as id) left join segments using (id)"
        )
        with self.database.cursor() as cursor:
            ((counted,),) = cursor.execute(pages, {"keys": keys}).fetchall()
        return int(counted or 0)

    def _edges(self, scan: Scan) -> list[Edge]:
        """Return the joins along which fetched rows restrict a scan."""
        return [edge for edge in self.needs.edges if edge.scan is scan and edge.source in self.done]

    def rows(self, scan: Scan, present: str, parameters: dict[str, Any]) -> str:
        """Return SQL, to follow FROM, for the fetched rows that a scan needs, and that have a column."""
        return self._rows(scan, present, (), parameters)

    def _rows(self, scan: Scan, present: str, above: tuple[Scan, ...], parameters: dict[str, Any]) -> str:
        """Return SQL for the rows of a scan that have a column: the table also has rows of other queries."""
        conditions = [f"{identifier(present)} is not null", as_sql(scan.predicate, parameters)]
        above = (*above, scan)
        for edge in self._edges(scan):
            if edge.source not in above:
                rows = self._rows(edge.source, edge.values, above, parameters)
                wanted = f"select {identifier(edge.values)} from {rows}"
                conditions.append(f"{identifier(edge.column)} in ({wanted})")
        return f"{identifier(scan.table)} where {' and '.join(conditions)}"


def with_every_key(needs: Needs, whole: Iterable[str]) -> None:
    """Join keyless scans of some tables to the table that lists every key."""
    for scan in [scan for scan in needs.scans if scan.table in whole]:
        if not _has_keys(needs, scan, ()):
            key = TABLES[scan.table].every_key
            source = Scan(key.every, ALWAYS)
            needs.scans.append(source)
            needs.edges.append(Edge(scan, key.column, source, "id"))


def _has_keys(needs: Needs, scan: Scan, above: tuple[Scan, ...]) -> bool:
    """Return whether a scan finds its keys or needs none; scans that depend only on each other find none."""
    if not is_listed_by_key(scan) or constants(scan):
        return True
    sources = [edge.source for edge in needs.edges if edge.scan is scan and edge.column in key_columns(scan)]
    return any(source not in above and _has_keys(needs, source, (*above, scan)) for source in sources)


def _narrowness(scan: Scan) -> tuple[int, float]:
    """Return how few rows the search of a scan may find: more conditions first, then a shorter span."""
    table = TABLES[scan.table]
    found = searches(table, scan.predicate, SECONDS) if table.search else []
    lengths = [(math.inf if each.span.last is None else each.span.last) - (each.span.first or 0) for each in found]
    return max((len(each.conditions) for each in found), default=0), -min(lengths, default=math.inf)


def is_listed_by_key(scan: Scan) -> bool:
    """Return whether Intercom lists the rows of a scan for given keys only."""
    return scan.table in TABLES and bool(TABLES[scan.table].keys)


def key_columns(scan: Scan) -> list[str]:
    """Return the columns of which each value is a key."""
    return [key.column for key in TABLES[scan.table].keys]


def constant_keys(predicate: Predicate, column: str) -> set[str] | None:
    """Return the values of a column that a predicate allows; None if it does not restrict them."""
    if isinstance(predicate, Test):
        if predicate.column != column or predicate.attribute or predicate.operator not in ("=", "in"):
            return None
        values = predicate.value if predicate.operator == "in" else (predicate.value,)
        return {value for value in values if isinstance(value, str)}
    allowed = [constant_keys(member, column) for member in predicate.members]
    if isinstance(predicate, Both):
        return next((keys for keys in allowed if keys is not None), None)
    if isinstance(predicate, Either) and None not in allowed:
        return set().union(*(keys for keys in allowed if keys is not None))
    return None


def constants(scan: Scan) -> tuple[str, list[str]] | None:
    """Return the key column and the constants that a scan's predicate gives for it."""
    for column in key_columns(scan):
        if (keys := constant_keys(scan.predicate, column)) is not None:
            return column, sorted(keys)
    return None


def point(scan: Scan) -> tuple[str, str] | None:
    """Return the column and value of the one company that a scan selects by name or id."""
    for column in ("id", "company_id", "name") if TABLES[scan.table] is COMPANIES else ():
        keys = constant_keys(scan.predicate, column)
        if keys and len(keys) == 1 and is_id(next(iter(keys))):
            return column, next(iter(keys))
    return None


def searchable(scan: Scan) -> dict[str, str]:
    """Return the columns by whose values a scan's rows can be searched, with the search's names of them."""
    return {column.name: column.search for column in TABLES[scan.table].columns if _names_rows(column)}


def _names_rows(column: Column) -> bool:
    """Return whether a search by values of a column matches the same rows as SQL's equality."""
    return bool(column.search) and (column.kind is Kind.ID or column.name in ("external_id", "email"))


def _key_of(edge: Edge) -> tuple[str, str]:
    """Return the column to request by and that of its values: Intercom's own id of a contact finds leads, too."""
    if edge.source.table == "contacts" and (edge.column, edge.values) == ("user_id", "external_id"):
        return "intercom_user_id", "id"
    return edge.column, edge.values


def spans(scan: Scan) -> list[Span]:
    """Return the spans of the time of creation in which a scan's rows are."""
    return [search.span for search in searches(TABLES[scan.table], scan.predicate, SECONDS)]


def _without_beginning(scan: Scan) -> BadQueryError:
    """Return the error for a scan of what Intercom lists only since a time, which it lacks."""
    return BadQueryError(
        f"Intercom lists {scan.table} only since a given time: add one, such as "
        f"{scan.table}.created_at > now() - interval 30 day."
    )


def without_keys(scan: Scan) -> BadQueryError:
    """Return the error for a scan without keys, with how to give it some."""
    table = TABLES[scan.table]
    key = table.every_key
    several = f"{key.at_a_time} " if key.at_a_time > 1 else ""
    return BadQueryError(
        f"Intercom lists {table.name} only for a given {' or '.join(key_columns(scan))}: compare that with constants, "
        f"or join a table that has it, as text, such as {table.example}. Where a request for each "
        f"{several}of the {key.every} is not too much, whole='{table.name}' (or --whole {table.name}) allows it."
    )
