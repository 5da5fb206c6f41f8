"""The program of a worker process: it reads a query, answers it, and deletes its rows before the next one.

It is started by `python -m intercom_kit.apart.worker MEMORY FOLDER [SPILL]`, receives requests on its standard input,
and responds on its standard output. It has no token, no network, and no files but those in FOLDER. What does not fit
into memory it writes into the folder SPILL, if there is one.
"""

import os
import pickle
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any, BinaryIO

import duckdb
import psutil

from intercom_kit.apart import memory
from intercom_kit.apart.requests import Answer, Failed, Read, Ready, Rows, Understood
from intercom_kit.database import open_database
from intercom_kit.errors import IntercomError, MemoryLimitError
from intercom_kit.frames.frame import Frame
from intercom_kit.sql.attributes.fitting import misfits, with_misfits
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.plans import Plans
from intercom_kit.sql.prepared import prepare, table_names
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.sql.running import Running
from intercom_kit.sql.syntax import shallow_enough
from intercom_kit.tables import TABLES

# DuckDB's share of the memory limit; the rest is for memory that it does not count, and for the result.
_OF_DUCKDB = 0.7

# What a process may spill: at most so many bytes, and its share of the free space, since several work at a time.
_MOST_SPILLED = 20_000_000_000
_OF_DISK = 0.2


class Databases:
    """The databases for one query at a time: empty tables to plan it on, and tables for the rows that it needs."""

    def __init__(self, limit: str, folder: Path, spill: Path | None) -> None:
        self._plans = Plans(limit)
        self._database = open_database(limit)
        if spill is not None:
            most = min(_MOST_SPILLED, int(_OF_DISK * shutil.disk_usage(spill).free))
            self._database.execute(f"set global temp_directory = {location(spill)}")
            self._database.execute(f"set global max_temp_directory_size = '{most // 1_000_000}MB'")
        prepare(self._database, folder)
        self._filled: dict[str, tuple[str, ...]] = {}
        self._shown: dict[str, str] = {}

    def read(self, request: Read) -> Understood:
        """Return a query, checked and planned."""
        with self._plans.database.cursor() as cursor, shallow_enough():
            own = OwnFrames({}, table_names())
            reading = self._plans.read(cursor, request.query, request.parameters, own, request.defined)
            return Understood(reading, self._plans.work)

    def answer(self, request: Answer) -> Frame:
        """Return the result of a query that was read, on the rows fetched for it."""
        database = self._database if request.question.reads else self._plans.database
        with ThreadPoolExecutor() as threads:
            list(threads.map(self._fill, request.rows))
        self._show(request.views)
        attributes = request.attributes
        with database.cursor() as cursor:
            running = Running(cursor, request.seconds, request.max_rows, table_names(), attributes=attributes)
            answer = running.answer(request.question, request.parameters, request.receipt)
            if attributes and request.read_by:
                return with_misfits(answer, misfits(cursor, attributes, request.read_by))
            return answer

    def _fill(self, rows: Rows) -> None:
        """Insert rows into their table; columns that the query does not read are generated, since NULLs take memory."""
        with self._database.cursor() as cursor:
            if self._filled.get(rows.table) != rows.columns:
                cursor.execute(f"create or replace table {rows.table} ({_columns(rows)})")
                self._filled[rows.table] = rows.columns
            columns, file = ", ".join(map(identifier, rows.columns)), location(rows.file)
            cursor.execute(f"insert into {rows.table} ({columns}) select {columns} from read_parquet({file})")

    def _show(self, views: Mapping[str, str]) -> None:
        """Let tables be views over the files of a lake; raise BadQueryError where these are not there any more."""
        with self._database.cursor() as cursor:
            for name, select in views.items():
                if self._shown.get(name) == select:
                    continue
                cursor.execute(f"drop {'view' if name in self._shown else 'table'} if exists {identifier(name)}")
                try:
                    cursor.execute(f"create view {identifier(name)} as {select}")
                except duckdb.Error as error:
                    raise translated(error, table_names()) from error
                self._shown[name] = select

    def clear(self) -> None:
        """Delete the rows; if that fails, the process fails, too."""
        with self._database.cursor() as cursor:
            for name in self._filled:
                cursor.execute(f"truncate {name}")


def _columns(rows: Rows) -> str:
    """Return the column definitions of a table; columns that are not among the rows are generated as NULL."""
    present = set(rows.columns)
    declared = [
        f"{identifier(column.name)} {column.kind.sql}{'' if column.name in present else ' generated always as (NULL)'}"
        for column in TABLES[rows.table].columns
    ]
    return ", ".join(declared)


def work(requests: "Queue[Any]", responses: BinaryIO, limit: int, folder: Path, spill: Path | None = None) -> None:
    """Handle requests within a memory limit in bytes, until the process is ended."""
    databases = Databases(f"{int(_OF_DUCKDB * limit / 1e6)}MB", folder, spill)
    free = limit - memory.taken(psutil.Process())
    memory.bound(free)
    _send(responses, Ready(limit - free))
    while True:
        request = requests.get()
        if isinstance(request, Read):
            _send(responses, _response(databases.read, request))
            continue
        _send(responses, _response(databases.answer, request))
        databases.clear()


def _response(handle: Any, request: Any) -> Any:
    """Return the response to a request, which is `Failed` where the handler raises."""
    try:
        return handle(request)
    except (MemoryError, duckdb.OutOfMemoryException) as error:
        return Failed(MemoryLimitError(str(error)))
    except IntercomError as error:
        return Failed(error)
    except Exception as error:  # noqa: BLE001 - it is raised in the parent process
        return Failed(RuntimeError(f"{type(error).__name__}: {error}"))


def _send(responses: BinaryIO, response: Any) -> None:
    pickle.dump(response, responses, protocol=pickle.HIGHEST_PROTOCOL)
    responses.flush()


def _receive(requests: "Queue[Any]", stdin: BinaryIO) -> None:
    """Queue requests as they arrive; end the process when the parent is gone."""
    while True:
        try:
            requests.put(pickle.load(stdin))  # noqa: S301 - the parent process wrote it
        except Exception:  # noqa: BLE001 - whatever the error, the parent is gone
            os._exit(0)


def main() -> None:
    """Work until the parent process ends this one, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    responses = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # so that nothing else is printed among the responses
    requests: Queue[Any] = Queue()
    threading.Thread(target=_receive, args=(requests, sys.stdin.buffer), daemon=True).start()
    limit, folder, *spill = sys.argv[1:]
    if spill:
        os.chdir(folder)  # so that the plans of queries show no paths above it
    work(requests, responses, int(limit), *map(Path, [folder, *spill]))


if __name__ == "__main__":
    main()
