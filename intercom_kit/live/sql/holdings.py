"""What a session holds: say it, and write it to a folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from intercom_kit.errors import BadRequestError
from intercom_kit.live.database import bare_database
from intercom_kit.live.frames import result_frame
from intercom_kit.live.receipt import Receipt
from intercom_kit.live.sql.memory import TableMemory
from intercom_kit.tables import TABLES, Table

# Rows go from one database to the other by so many at a time.
_AT_A_TIME = 100_000


@dataclass(frozen=True)
class Held:
    """Tell what is held of one table: how many rows, which of Intercom's are among them whole, and as of when.

    `oldest` and `newest` are when rows were created, where they say.
    """

    table: str
    rows: int
    span: str
    oldest: datetime | None
    newest: datetime | None
    as_of: datetime | None


def held(database: duckdb.DuckDBPyConnection, memory: Mapping[str, TableMemory]) -> list[Held]:
    """List the tables of which something is held."""
    found = []
    with database.cursor() as cursor:
        for name, known in memory.items():
            if span := known.span():
                created = "epoch(min(created_at)), epoch(max(created_at))"
                edges = created if "created_at" in TABLES[name] else "null, null"
                ((rows, *seconds),) = cursor.execute(f'select count(*), {edges} from "{name}"').fetchall()
                oldest, newest = (None if each is None else datetime.fromtimestamp(each, UTC) for each in seconds)
                found.append(Held(name, int(rows), span, oldest, newest, known.told_at))
    return found


def framed(holdings: list[Held]) -> pd.DataFrame:
    """Give what is held as a frame."""
    columns = [field.name for field in fields(Held)]
    frame = pd.DataFrame([asdict(each) for each in holdings], columns=columns)
    return frame.astype({"rows": "int64"} | dict.fromkeys(["oldest", "newest", "as_of"], "datetime64[us, UTC]"))


def export(database: duckdb.DuckDBPyConnection, holdings: list[Held], folder: str | Path) -> list[Path]:
    """Write a Parquet file for each table that is held, and `contents.json`, which says what each covers.

    The session's own database reaches no files, so rows go through one that does.
    """
    if not holdings:
        raise BadRequestError("The session holds nothing to export yet: sql() keeps what its queries bring.")
    folder, written = Path(folder).expanduser(), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in holdings:
            written.append(folder / f"{each.table}.parquet")
            with database.cursor() as cursor, bare_database() as writer:
                _copy(cursor, writer, TABLES[each.table], written[-1])
        written.append(folder / "contents.json")
        written[-1].write_text(json.dumps([asdict(each) for each in holdings], indent=2, default=str) + "\n")
    except (OSError, duckdb.IOException) as error:
        raise BadRequestError(f"The folder {str(folder)!r} cannot be written to ({error}): name another.") from error
    return written


def _copy(cursor: duckdb.DuckDBPyConnection, writer: duckdb.DuckDBPyConnection, table: Table, path: Path) -> None:
    """Write a table to a file; one that is there is replaced once the new one is whole."""
    writer.execute("set TimeZone = 'UTC'")
    columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
    values = ", ".join(f'"{column.name}"::{column.kind.sql}' for column in table.columns)
    writer.execute(f'create table "{table.name}" ({columns})')
    ((last,),) = cursor.execute(f'select coalesce(max(rowid), -1) from "{table.name}"').fetchall()
    for first in range(0, last + 1, _AT_A_TIME):
        window = {"first": first, "beyond": first + _AT_A_TIME}
        some = cursor.execute(f'select * from "{table.name}" where rowid >= $first and rowid < $beyond', window)
        writer.register("batch", result_frame(some, Receipt(table.name)))
        writer.execute(f'insert into "{table.name}" select {values} from batch')
        writer.unregister("batch")
    part = path.with_suffix(".part")
    quoted = str(part).replace("'", "''")
    writer.execute(f"copy (select * from \"{table.name}\" order by {table.order}) to '{quoted}' (format parquet)")
    part.replace(path)
