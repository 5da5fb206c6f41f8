"""The places where a query names `attr`, and what it needs of the attributes that are defined."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from intercom_kit.errors import BadQueryError
from intercom_kit.frames.attributes import HOLDERS, Attribute
from intercom_kit.sql import syntax
from intercom_kit.sql.attributes.column import Attributes
from intercom_kit.sql.attributes.naming import COLUMN, folded, hint_for, named
from intercom_kit.sql.mistakes import placed

# How all of DuckDB's errors name a column that a query's tables do not have: "attr", "c.attr".
_LACKING = re.compile(r"\battr\"", re.IGNORECASE)

Defined = Mapping[str, tuple[Attribute, ...]]


@dataclass(frozen=True)
class Mention:
    """One place where a query names `attr`: of which table, if that is known, and which attribute, unless all."""

    table: str | None
    name: str | None
    place: str


@dataclass(frozen=True)
class Asked:
    """The mentions of `attr` in a query that cannot be planned without it, and the tables whose attributes it needs."""

    mentions: tuple[Mention, ...]
    tables: frozenset[str]

    def of(self, defined: Defined) -> Attributes:
        """Return the attributes that the query reads: those it names, or all if it reads `attr` whole."""
        whole = any(mention.name is None for mention in self.mentions)
        wanted = {folded(mention.name) for mention in self.mentions if mention.name is not None}
        tables = {}
        for table in sorted(self.tables):
            every = named(defined[table])
            if chosen := {name: each for name, each in every.items() if whole or folded(name) in wanted}:
                tables[table] = chosen
        return Attributes(tables, hidden=not whole)

    def unknown(self, defined: Defined) -> BadQueryError | None:
        """Return the error for the first attribute that is not defined, with the nearest name; None if all are."""
        for mention in self.mentions:
            tables = sorted(self.tables) if mention.table is None else [mention.table]
            names = {name: each for table in tables for name, each in named(defined[table]).items()}
            of = " or ".join(tables)
            if not names:
                return BadQueryError(f"There is no attr{mention.place}: the workspace defines no attributes of {of}.")
            if mention.name is not None and folded(mention.name) not in map(folded, names):
                return BadQueryError(
                    f"{of} have no attribute {mention.name}{mention.place}: {hint_for(mention.name, names)}"
                )
        return None


def asked(cursor: duckdb.DuckDBPyConnection, selects: Collection[str], error: duckdb.Error) -> Asked | None:
    """Return what a query needs of `attr`; None if that is not why it cannot be planned."""
    if not _LACKING.search(str(error)):
        return None
    mentions, tables = list[Mention](), set[str]()
    for select in selects:
        tree = syntax.read(cursor, select)
        sources = list(_sources(tree))
        for qualifier, name, place in _named(tree):
            meant = {table for alias, table in sources if alias == qualifier.lower()}
            mentions.append(Mention(next(iter(meant)) if len(meant) == 1 else None, name, placed(select, place)))
            tables |= meant or {table for _, table in sources}
    return Asked(tuple(mentions), frozenset(tables)) if mentions and tables else None


def _sources(tree: Any) -> Iterator[tuple[str, str]]:
    """Yield the tables with attributes that a query reads, with the names by which it refers to them."""
    for node in syntax.nodes(tree["statements"]):
        if node.get("type") == "BASE_TABLE":
            name = str(node["qualified_name"]["path"][-1]).lower()
            if name in HOLDERS:
                yield str(node.get("alias") or name).lower(), name


def _named(tree: Any) -> Iterator[tuple[str, str | None, int | None]]:
    """Yield the qualifier of each `attr` in a query, the member that is named after it, and the place in its text."""
    for node in syntax.nodes(tree["statements"]):
        if node.get("class") == "STAR" and str(node.get("relation_name", "")).lower() == COLUMN:
            yield "", None, node.get("query_location")
        if node.get("class") != "COLUMN_REF":
            continue
        names = [str(name) for name in node["column_names"]]
        for place, name in enumerate(names):
            if name.lower() == COLUMN:
                member = names[place + 1] if place + 1 < len(names) else None
                yield names[place - 1] if place else "", member, node.get("query_location")
                break
