"""What a query needs: its scans of tables, and the joins by which some restrict others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intercom_kit.sql.predicates import Predicate
from intercom_kit.tables import TABLES


@dataclass(eq=False)
class Scan:
    """One scan of a table or of a caller's frame, with the predicate that was pushed down to it.

    `columns` is its projection. `read` adds the columns of its filters; None if it is not known. `unread` are filters
    that were not understood completely. `most` is the number of rows that are enough, the newest or any, where a LIMIT
    was pushed down.
    """

    table: str
    predicate: Predicate
    columns: frozenset[str] = frozenset()
    read: frozenset[str] | None = None
    unread: tuple[str, ...] = ()
    most: int | None = None


@dataclass(frozen=True)
class Visible:
    """A scan whose columns can be recognised further up in the plan, by the `names` that they have there.

    One that is `shared` is read several times, so that no join restricts it. `nullable` is one without whose rows an
    outer join below makes rows with NULLs.
    """

    scan: Scan
    names: Mapping[str, str]
    shared: bool = False
    nullable: bool = False


@dataclass(frozen=True)
class Edge:
    """A join: only those rows of `scan` are needed whose `column` is among the `values` of the `source` scan's rows."""

    scan: Scan
    column: str
    source: Scan
    values: str


@dataclass
class Needs:
    """The scans of a query, and the joins by which some restrict others.

    `renamed` are the aliases that the query gives to columns; None if they may be any. It is `correlated` if a subquery
    may refer to columns of the SELECT around it, `grouped_anew` if a GROUP BY has several grouping sets, and `unnested`
    if it has an UNNEST, which names the members of a struct without an alias in its text.
    `attributes` are the names of attributes that it reads by `attr`. `around` are the scans of rows around correlated
    subqueries, by DuckDB's number of them, and `nothing` the numbers of those that cannot have a row.
    """

    scans: list[Scan] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    renamed: frozenset[str] | None = frozenset()
    correlated: bool = False
    grouped_anew: bool = False
    unnested: bool = False
    attributes: frozenset[str] = frozenset()
    around: dict[str, list[Visible]] = field(default_factory=dict)
    nothing: set[str] = field(default_factory=set)

    def is_alias(self, name: str) -> bool:
        """Return whether a name in the plan may be an alias of the query."""
        return self.renamed is None or name.lower() in self.renamed

    @property
    def frames(self) -> list[Scan]:
        """Return the scans of the caller's frames, for which nothing is fetched."""
        return [scan for scan in self.scans if scan.table not in TABLES]

    def add(self, others: "Needs") -> None:
        """Add the needs of another query; `renamed` is left out, since it only matters for reading joins."""
        self.scans += others.scans
        self.edges += others.edges
