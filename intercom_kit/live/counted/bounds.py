"""Bounds of the requests that depend on rows which are not fetched yet, from counts of these rows."""

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from intercom_kit.live.joins import MOST_VALUES, Joins, key_columns
from intercom_kit.sql.needs import Edge, Scan
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import TABLES, Key, Paging


@runtime_checkable
class Unchanged(Protocol):
    """The cached rows of a table fetched key by key, of which some are current."""

    def unchanged(self, keys: list[str]) -> set[str]: ...


@dataclass(frozen=True)
class Rows:
    """How many rows a scan needs: at least, and at most, with those that change now; None if that is not known."""

    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Bounds:
    """How many requests a scan takes: about, at least, and at most; None is not known."""

    about: int | None = None
    least: int = 0
    most: int | None = None


class Dependent:
    """The bounds of scans that take their keys or values from others, whose rows are known within bounds.

    `kept` are the tables of which rows of an earlier query may be current.
    """

    def __init__(self, joins: Joins, rows: Mapping[int, Rows], kept: Mapping[str, Unchanged]) -> None:
        self._joins = joins
        self._rows = rows
        self._kept = kept

    def by_key(self, scan: Scan) -> Bounds:
        """Return the bounds of a scan of a table that is fetched key by key."""
        table, found = TABLES[scan.table], [self._by_edge(edge) for edge in self._edges(scan, key_columns(scan))]
        best = min(found, key=lambda bounds: math.inf if bounds.about is None else bounds.about, default=Bounds())
        unbounded = any(_may_need_more(table.key_for(edge.column)) for edge in self._edges(scan, key_columns(scan)))
        pages = table.listing is None or table.listing.paging is not Paging.WHOLE
        return Bounds(best.about, best.least, None if unbounded or pages else best.most)

    def values(self, scan: Scan, columns: Mapping[str, str]) -> tuple[Rows, bool]:
        """Return how many values a search is for, and whether each finds one row at most."""
        found = [(self._values(edge), edge.column == TABLES[scan.table].key) for edge in self._edges(scan, columns)]
        return min(found, key=lambda each: math.inf if each[0].most is None else each[0].most, default=(Rows(), False))

    def _edges(self, scan: Scan, columns: Container[str]) -> list[Edge]:
        return [edge for edge in self._joins.needs.edges if edge.scan is scan and edge.column in columns]

    def _by_edge(self, edge: Edge) -> Bounds:
        key, values = TABLES[edge.scan.table].key_for(edge.column), self._values(edge)
        kept = 0
        if memory := self._kept.get(edge.scan.table):
            kept = len(memory.unchanged(self._here(edge)))
        most = None if values.most is None else math.ceil(max(0, values.most - kept) / key.at_a_time)
        return Bounds(most, math.ceil(max(0, values.least - kept) / key.at_a_time), most)

    def _values(self, edge: Edge) -> Rows:
        """Return how many different values a join has; each row of its source has another one if that is its key."""
        rows = self._rows.get(id(edge.source), Rows())
        if edge.source.table in TABLES and TABLES[edge.source.table].key == edge.values:
            return rows
        return Rows(min(rows.least, 1), rows.most) if edge.source.table in TABLES else Rows(0, rows.most)

    def _here(self, edge: Edge) -> list[str]:
        """Return the values that cached rows have."""
        parameters: dict[str, object] = {}
        rows = self._joins.rows(edge.source, edge.values, parameters)
        with self._joins.database.cursor() as cursor:
            found = cursor.execute(f"select distinct {identifier(edge.values)} from {rows}", parameters).fetchall()
        return [str(value) for (value,) in found]


def searched(values: Rows, size: int, *, one_each: bool, pages: int) -> Bounds:
    """Return the bounds of searches for so many values at a time; of all rows, there would be some pages."""
    if values.most is None or values.most > MOST_VALUES:
        return Bounds(pages, min(1, values.least), pages + math.ceil(MOST_VALUES / size))
    searches = math.ceil(values.most / size)
    return Bounds(searches, min(1, values.least), searches if one_each else searches + pages)


def _may_need_more(key: Key) -> bool:
    """Return whether a key takes further requests: to find contacts that have it, or for a segment's pages."""
    return bool(key.of_contact) or key.column == "segment_id"


def rows_here(joins: Joins, scan: Scan) -> int:
    """Return how many cached rows a scan needs."""
    parameters: dict[str, object] = {}
    rows = joins.rows(scan, TABLES[scan.table].key or TABLES[scan.table].pair[0], parameters)
    with joins.database.cursor() as cursor:
        ((count,),) = cursor.execute(f"select count(*) from {rows}", parameters).fetchall()
    return int(count)


def rows_of(joins: Joins, scan: Scan) -> int:
    """Return how many rows a caller's frame has."""
    with joins.database.cursor() as cursor:
        ((count,),) = cursor.execute(f"select count(*) from {identifier(scan.table)}").fetchall()
    return int(count)
