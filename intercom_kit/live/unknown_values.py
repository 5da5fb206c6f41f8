"""Notes on texts that a query compares with a column whose values are all here, and that none of them is."""

from collections.abc import Iterator, Mapping

import duckdb

from intercom_kit.hints import hint
from intercom_kit.live.memory import TableMemory
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.predicates import tests
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import TABLES, Column, Kind

_MOST_VALUES, _FEW = 20_000, 12


def notes(cursor: duckdb.DuckDBPyConnection, needs: Needs, memory: Mapping[str, TableMemory]) -> list[str]:
    """Return a note for each text that no row has, with the nearest that one has: `=` alone just finds nothing."""
    return list(dict.fromkeys(_unknown(cursor, needs, memory)))


def _unknown(cursor: duckdb.DuckDBPyConnection, needs: Needs, memory: Mapping[str, TableMemory]) -> Iterator[str]:
    for scan in needs.scans:
        for test in tests(scan.predicate) if scan.table in TABLES else ():
            if test.operator not in ("=", "in") or test.attribute or test.column not in TABLES[scan.table]:
                continue
            column = TABLES[scan.table].column(test.column)
            wanted = [each for each in (test.value if test.operator == "in" else (test.value,)) if each]
            if column.kind is Kind.ID and column.names:
                yield from _named(scan.table, column, wanted)
            if column.kind is not Kind.TEXT or column.values:
                continue  # the latter's are declared
            missing = _missing(cursor, scan.table, column.name, [each for each in wanted if isinstance(each, str)])
            values = _values(cursor, scan.table, column.name) if missing and memory[scan.table].whole else []
            for each in missing:
                yield f"{scan.table}: no row read has {column.name} {each!r}: {_remedy(each, values)}".rstrip(".")


def _named(table: str, column: Column, wanted: list[object]) -> Iterator[str]:
    """Yield a note for each name that is compared with an id: Intercom's ids of teams and admins are numbers."""
    for each in wanted:
        if isinstance(each, str) and not each.isdigit():
            is_id, other = f"{column.name} is an id, never {each!r}", column.names[0]
            yield f"{table}: {is_id}: join {other}, whose id it is, and compare {other}.name"


def _missing(cursor: duckdb.DuckDBPyConnection, table: str, column: str, wanted: list[str]) -> list[str]:
    """Return the texts that no cached row has, and thus none of those that the query reads."""
    name = identifier(column)
    query = f"select distinct {name} from {identifier(table)} where {name} in (select unnest($1::varchar[]))"
    there = {text for (text,) in cursor.execute(query, [wanted]).fetchall()}
    return [each for each in wanted if each not in there]


def _values(cursor: duckdb.DuckDBPyConnection, table: str, column: str) -> list[str]:
    query = f"select distinct {identifier(column)} from {identifier(table)} where {identifier(column)} <> '' limit $1"
    return sorted(text for (text,) in cursor.execute(query, [_MOST_VALUES]).fetchall())


def _remedy(text: str, values: list[str]) -> str:
    exactly = "text is compared exactly, and ilike '%…%' finds a part of it in any case."
    if not values:
        return exactly
    return hint(text, values, f"there are {', '.join(values)}." if len(values) <= _FEW else exactly)
