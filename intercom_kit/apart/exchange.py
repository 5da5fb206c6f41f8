"""The private folder through which rows are passed to worker processes, in shared memory where the system has it."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import psutil

from intercom_kit.apart.requests import Rows
from intercom_kit.errors import MemoryLimitError
from intercom_kit.sql.needs import Needs, Scan
from intercom_kit.sql.predicates import as_sql, either
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.tables import TABLES

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made there is private
_NAME = "intercom_kit-apart-"
_ROOM = 1_000_000_000  # bytes
_LEFT_ALONE = 3_600  # seconds


class Exchange:
    """A folder that is created when it is first needed, under an unguessable name."""

    def __init__(self) -> None:
        above = _IN_MEMORY if _has_room(_IN_MEMORY) else Path(tempfile.gettempdir())
        self.path = above / f"{_NAME}{os.getpid()}-{secrets.token_hex(16)}"
        self._made = False

    def folder(self) -> Path:
        """Return the folder; the first time, create it, and delete those left by programs that were killed."""
        if not self._made:
            self.path.mkdir(mode=0o700, exist_ok=True)  # two threads may do so at once
            self._made = True
            _sweep(self.path.parent)
        return self.path

    @contextmanager
    def written(self, cursor: duckdb.DuckDBPyConnection, needs: Needs) -> Iterator[tuple[Rows, ...]]:
        """Write the rows that a query needs to files, yield these, and delete them afterwards."""
        rows = tuple(self._rows(name, [scan for scan in needs.scans if scan.table == name]) for name in _tables(needs))
        try:
            for each in rows:
                _write(cursor, each, [scan for scan in needs.scans if scan.table == each.table])
            yield rows
        except duckdb.IOException as error:
            raise MemoryLimitError(
                f"There is no room for the rows of the query in {self.path.parent}: free some space, narrow the query, "
                "or set another folder by TMPDIR."
            ) from error
        finally:
            for each in rows:
                each.file.unlink(missing_ok=True)

    def _rows(self, table: str, scans: list[Scan]) -> Rows:
        columns = [column.name for column in TABLES[table].columns]
        if all(scan.read is not None for scan in scans):
            needed = frozenset[str]().union(*(scan.read or () for scan in scans))
            columns = [name for name in columns if name in needed] or columns[:1]
        return Rows(table, tuple(columns), self.folder() / f"{secrets.token_hex(8)}.parquet")

    def close(self) -> None:
        """Delete the folder."""
        if self._made:
            shutil.rmtree(self.path, ignore_errors=True)
            self._made = False


def _has_room(folder: Path) -> bool:
    """Return whether a folder is writable, and has more space than the little that containers have by default."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM


def _tables(needs: Needs) -> list[str]:
    return list(dict.fromkeys(scan.table for scan in needs.scans if scan.table in TABLES))


def _write(cursor: duckdb.DuckDBPyConnection, rows: Rows, scans: list[Scan]) -> None:
    """Write the rows that any of the scans may read, in the order of the cached table."""
    parameters: dict[str, object] = {}
    where = as_sql(either(scan.predicate for scan in scans), parameters)
    columns = ", ".join(map(identifier, rows.columns))
    chosen = f"select {columns} from {identifier(rows.table)} where {where}"
    cursor.execute(f"copy ({chosen}) to {location(rows.file)} (format parquet, compression uncompressed)", parameters)


def _sweep(above: Path) -> None:
    """Delete our folders whose program has ended; recent ones stay, since it may run unseen in another container."""
    for folder in above.glob(f"{_NAME}*"):
        number = folder.name.removeprefix(_NAME).partition("-")[0]
        with suppress(OSError, ValueError):  # the folder was deleted meanwhile, or is not ours
            if not psutil.pid_exists(int(number)) and time.time() - folder.stat().st_mtime > _LEFT_ALONE:
                shutil.rmtree(folder, ignore_errors=True)
