"""The column `attr` of a query: the attributes that the workspace defined, as a STRUCT with their types.

No table has it. A query that cannot be planned without it is planned on tables that have it as a generated column,
which DuckDB replaces by its expression, so that `attr.plan = 'gold'` is pushed down like `custom_attributes->>'plan'`.
It runs on views with the exact expression, which `expand` uses too: it is NULL where the other has text that does not
fit, so that a comparison that holds with it holds in the plan, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from intercom_kit.frames.attributes import HOLDERS, Attribute, literal, stages, value
from intercom_kit.sql.attributes.naming import COLUMN
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import TABLES, Kind


@dataclass(frozen=True)
class Attributes:
    """The attributes that a query reads, by table and name.

    The column is `hidden` from the result if the query names only its members: it is there for a `*` alone.
    """

    tables: Mapping[str, Mapping[str, Attribute]]
    hidden: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Return the names in lower case. Plans print them like those of columns, and may mean either."""
        return frozenset(name.lower() for names in self.tables.values() for name in names)

    def plan_on(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Give the cursor tables with the column to plan on, which no other cursor sees."""
        for table, names in self.tables.items():
            columns = [f"{identifier(column.name)} {column.kind.sql}" for column in TABLES[table].columns]
            members = [f"{identifier(name)} := {_planned(each, HOLDERS[table])}" for name, each in names.items()]
            columns.append(f"{COLUMN} generated always as (struct_pack({', '.join(members)}))")
            cursor.execute(f"create or replace temp table {identifier(table)} ({', '.join(columns)})")

    def run_on(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Give the cursor views with the column to run on, which no other cursor sees."""
        for table, names in self.tables.items():
            columns = [identifier(column.name) for column in TABLES[table].columns]
            members = [f"{identifier(name)} := {each}" for name, each in zip(names, self._values(table), strict=True)]
            columns.append(f"struct_pack({', '.join(members)}) as {COLUMN}")
            chosen = f"select {', '.join(columns)} from ({self._read(table)})"
            cursor.execute(f"create or replace temp view {identifier(table)} as {chosen}")

    def misfits(self, table: str, where: str) -> tuple[list[str], str]:
        """Return the names of attributes, and the query that counts their values that do not fit in some rows."""
        values = enumerate(self._values(table))
        counts = [f"count_if(a{place} is not null and {each} is null)" for place, each in values]
        return list(self.tables[table]), f"select {', '.join(counts)} from ({self._read(table)}) where {where}"

    def _read(self, table: str) -> str:
        return stages(list(self.tables[table].values()), HOLDERS[table], f"memory.main.{identifier(table)}")

    def _values(self, table: str) -> list[str]:
        return [value(each, place, HOLDERS[table]) for place, each in enumerate(self.tables[table].values())]

    def shown(self, columns: Iterable[tuple[str, str]]) -> list[int]:
        """Return the places of those of a result's columns, given with their types, that are to be shown."""
        return [
            place
            for place, (name, kind) in enumerate(columns)
            if not (self.hidden and name.lower() == COLUMN and kind.startswith("STRUCT"))
        ]


def _planned(attribute: Attribute, document: str) -> str:
    """Return the expression that stands for an attribute in a plan; of its type, and read as a predicate if text."""
    text = f"{document} ->> {literal(attribute.key)}"
    return text if attribute.kind is Kind.TEXT else f"try_cast({text} as {attribute.kind.sql})"
