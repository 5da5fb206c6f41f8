"""The Parquet files of a lake: written under another name, and renamed once they are complete."""

from collections import Counter
from collections.abc import Collection, Iterable

import duckdb

from intercom_kit.concurrency import stopping
from intercom_kit.lake.manifest import LakeTable, Manifest
from intercom_kit.lake.stores.store import Store
from intercom_kit.sql.quoting import location
from intercom_kit.tables import TABLES, Table

Cursor = duckdb.DuckDBPyConnection

MONTH = "strftime(created_at, '%Y-%m')"  # in UTC, as the database's timezone is
MOST_FILES = 20  # of a month, and of fetched keys, before they are written into one


def columns_of(table: Table) -> str:
    """Return a table's columns, quoted, for a SELECT."""
    return ", ".join(f'"{column.name}"' for column in table.columns)


def names_of(table: Table) -> list[str]:
    """Return the names of a table's columns."""
    return [column.name for column in table.columns]


def file_name(table: Table, month: str | None, name: str) -> str:
    """Return the name of a file, relative to the lake's folder."""
    return f"{table.name}/month={month}/{name}.parquet" if month else f"{table.name}/{name}.parquet"


def month_of(file: str) -> str | None:
    """Return the month that a file's name tells, if it does."""
    found = [part.removeprefix("month=") for part in file.split("/") if part.startswith("month=")]
    return found[0] if found else None


def write(store: Store, cursor: Cursor, select: str, file: str) -> int:
    """Write the rows of a SELECT to a file, and return how many there are; without rows there is no file."""
    draft = store.draft(file)
    copied = cursor.execute(f"copy ({select}) to {location(draft)} (format parquet, compression zstd)").fetchall()
    rows = int(copied[0][0])
    if rows:
        store.put(draft, file)
    else:
        draft.unlink()
    return rows


def months(cursor: Cursor, source: str) -> list[str]:
    """Return the months in which the rows of a source were created, in order."""
    found = cursor.execute(f"select distinct {MONTH} as month from {source} where created_at is not null order by 1")
    return [month for (month,) in found.fetchall()]


def reading(manifest: Manifest, files: Iterable[str]) -> str:
    """Return the SQL that reads files of a lake."""
    return parquet(map(manifest.store.readable, files))


def parquet(paths: Iterable[str]) -> str:
    """Return the SQL that reads files; columns that some of them lack are NULL there."""
    listed = ", ".join(map(location, paths))
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"


def replaced(manifest: Manifest, known: LakeTable, old: Collection[str], new: dict[str, int]) -> None:
    """Let new files stand in for old ones, which are then deleted."""
    known.files = {file: rows for file, rows in known.files.items() if file not in old} | {
        file: rows for file, rows in new.items() if rows
    }
    manifest.write()
    manifest.store.delete(set(old) - set(known.files))


def swept(manifest: Manifest) -> None:
    """Delete what a killed program left: files that the manifest does not name."""
    named = {file for table in manifest.tables.values() for file in (*table.files, *table.keys)}
    manifest.store.delete(file for file in manifest.store.sizes(TABLES) if file not in named and ".parquet" in file)


def rewrite(
    manifest: Manifest, cursor: Cursor, table: Table, month: str | None, fresh: str, kept: str = "true"
) -> None:
    """Write a month of a table anew, into one file: what is there and is `kept`, and what is `fresh`.

    Of several versions of an object the one that changed last stays, and of equal ones the fresh one.
    """
    old = [file for file in manifest.table(table.name).files if month_of(file) == month]
    columns = columns_of(table)
    if old:
        there = f"select {columns}, 1 as age from {reading(manifest, old)} where {kept}"
        fresh = f"select {columns}, 0 as age from ({fresh}) union all by name {there}"
        newest = f'"{table.changed}" desc nulls last, ' if table.changed else ""
        if table.key:
            fresh = f'from ({fresh}) qualify row_number() over (partition by "{table.key}" order by {newest}age) = 1'
    _replace(manifest, cursor, table, old, fresh, month)


def rewrite_file(manifest: Manifest, cursor: Cursor, table: Table, file: str, select: str) -> None:
    """Write one file of a table anew."""
    _replace(manifest, cursor, table, [file], select, month_of(file))


def _replace(manifest: Manifest, cursor: Cursor, table: Table, old: list[str], select: str, month: str | None) -> None:
    known = manifest.table(table.name)
    known.generation += 1
    new, ordered = file_name(table, month, f"new-{known.generation}"), f"from ({select}) order by {table.order}"
    query = f"select {columns_of(table)} {ordered}"
    rows = stopping.interruptible(lambda: write(manifest.store, cursor, query, new), cursor.interrupt)
    known.columns = names_of(table)
    replaced(manifest, known, old, {new: rows})


def compact(manifest: Manifest, cursor: Cursor, table: Table) -> None:
    """Write each month of a table that has many files into one, and which keys were fetched, too."""
    known = manifest.table(table.name)
    for month, count in Counter(map(month_of, known.files)).items():
        if count > MOST_FILES:
            old = [file for file in known.files if month_of(file) == month]
            _replace(manifest, cursor, table, old, f"select {columns_of(table)} from {reading(manifest, old)}", month)
    if len(known.keys) > MOST_FILES:
        known.generation += 1
        fetched, new = list(known.keys), f"{table.name}/keys/{known.generation}.parquet"
        select = f"select distinct id, state from {reading(manifest, fetched)}"
        known.keys = {new: write(manifest.store, cursor, select, new)}
        manifest.write()
        manifest.store.delete(fetched)
    manifest.write()
