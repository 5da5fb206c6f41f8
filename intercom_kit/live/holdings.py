"""What a session has cached: listing it, clearing it, and exporting it to a folder."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from intercom_kit.api.quoting import quoted
from intercom_kit.concurrency import stopping
from intercom_kit.database import bare_database
from intercom_kit.errors import BadRequestError
from intercom_kit.fetch.staging import Staging
from intercom_kit.frames.frame import result_frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.memory import TableMemory
from intercom_kit.replacing import replacing, unwritable
from intercom_kit.sql.quoting import location
from intercom_kit.tables import TABLES, Table

# Rows per batch when copying from one database to the other.
_AT_A_TIME = 100_000

_CONTENTS = "contents.json"


@dataclass(frozen=True)
class Held:
    """The cached rows of one table: how many, which of Intercom's rows they cover completely, and as of when.

    `oldest` and `newest` are when rows were created; None for tables without a time of creation.
    """

    table: str
    rows: int
    span: str
    oldest: datetime | None
    newest: datetime | None
    as_of: datetime | None


def held(database: duckdb.DuckDBPyConnection, memory: Mapping[str, TableMemory]) -> list[Held]:
    """Return the tables that have cached rows."""
    found = []
    with database.cursor() as cursor:
        for name, known in memory.items():
            if span := known.span():
                found.append(_held(cursor, TABLES[name], span, known.as_of_time))
                if carried := TABLES[name].carries:
                    found.append(_held(cursor, carried, f"of the cached {name}", known.as_of_time))
    return found


def _held(cursor: duckdb.DuckDBPyConnection, table: Table, span: str, as_of: datetime | None) -> Held:
    created = "epoch(min(created_at)), epoch(max(created_at))" if "created_at" in table else "null, null"
    ((rows, *seconds),) = cursor.execute(f'select count(*), {created} from "{table.name}"').fetchall()
    oldest, newest = (None if each is None else datetime.fromtimestamp(each, UTC) for each in seconds)
    return Held(table.name, int(rows), span, oldest, newest, as_of)


def forget(staging: Staging, memory: Mapping[str, TableMemory]) -> None:
    """Clear the cached rows of these tables."""
    with staging.database.cursor() as cursor:
        for name, known in memory.items():
            cursor.execute(f"delete from {staging.cached(name)}")
            if carried := TABLES[name].carries:
                cursor.execute(f"delete from {staging.cached(carried.name)}")
            known.forget()


def holdings_frame(holdings: list[Held]) -> pd.DataFrame:
    """Return the cached tables as a frame."""
    columns = [field.name for field in fields(Held)]

    def made() -> pd.DataFrame:
        frame = pd.DataFrame([asdict(each) for each in holdings], columns=columns)
        return frame.astype({"rows": "int64"} | dict.fromkeys(["oldest", "newest", "as_of"], "datetime64[us, UTC]"))

    return stopping.to_the_end(made)  # Ctrl-C in the middle of pandas' own C code may be lost


def export(database: duckdb.DuckDBPyConnection, holdings: list[Held], folder: str | Path) -> list[Path]:
    """Write a Parquet file for each cached table, and `contents.json`, which says what each covers; return the paths.

    The files are replaced together, once all are complete. The session's own database has no access to files, so rows
    are copied to one that does.
    """
    if not holdings:
        raise BadRequestError("The session holds nothing to export yet: sql() keeps what its queries bring.")
    folder, stop = Path(folder).expanduser(), stopping.current()
    try:
        with replacing(folder) as new:
            for each in holdings:
                with (
                    database.cursor() as cursor,
                    bare_database() as writer,
                    stop.ended_by(cursor.interrupt),
                    stop.ended_by(writer.interrupt),
                ):
                    _copy(cursor, writer, TABLES[each.table], new)
            contents = json.dumps([asdict(each) for each in holdings], indent=2, default=str)
            (new / _CONTENTS).write_text(f"{contents}\n", encoding="utf-8")
    except duckdb.IOException as error:
        raise unwritable(folder, quoted(error)) from error
    _sweep_of_old(folder)
    return [*(folder / f"{each.table}.parquet" for each in holdings), folder / _CONTENTS]


def _sweep_of_old(folder: Path) -> None:
    """Delete the partial files that earlier versions left when they were killed during an export."""
    for name in TABLES:
        with suppress(OSError):
            (folder / f"{name}.part").unlink()


def _copy(cursor: duckdb.DuckDBPyConnection, writer: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> None:
    """Write a table to a file of its name; rows that do not fit into memory are spilled to the same folder."""
    writer.execute("set TimeZone = 'UTC'")
    writer.execute(f"set temp_directory = {location(folder / 'spilled')}")
    columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
    writer.execute(f'create table "{table.name}" ({columns})')
    copy_rows(cursor, writer, table)
    path = location(folder / f"{table.name}.parquet")
    writer.execute(f'copy (select * from "{table.name}" order by {table.order}) to {path} (format parquet)')


def copy_rows(cursor: duckdb.DuckDBPyConnection, writer: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Copy the rows of a table into the empty one of the same name in another database."""
    values = ", ".join(f'"{column.name}"::{column.kind.sql}' for column in table.columns)
    ((last,),) = cursor.execute(f'select coalesce(max(rowid), -1) from "{table.name}"').fetchall()
    for first in range(0, last + 1, _AT_A_TIME):
        window = {"first": first, "beyond": first + _AT_A_TIME}
        rows = cursor.execute(f'select * from "{table.name}" where rowid >= $first and rowid < $beyond', window)
        writer.register("batch", result_frame(rows, Receipt(table.name)))
        writer.execute(f'insert into "{table.name}" select {values} from batch')
        writer.unregister("batch")
