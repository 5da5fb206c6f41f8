"""What a process apart does: read a query, answer it, and be empty again for the next one.

It is started by `python -m intercom_kit.apart.worker MEMORY FOLDER`, hears wishes on its standard input, and
answers on its standard output. It holds no token, reaches no network, and of files only those in FOLDER.
"""

import os
import pickle
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any, BinaryIO

import duckdb
import psutil

from intercom_kit.apart import memory
from intercom_kit.apart.requests import Answer, Failed, Read, Ready, Rows, Understood
from intercom_kit.errors import IntercomError, MemoryLimitError
from intercom_kit.frames.frame import Frame
from intercom_kit.sql.database import open_database
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.plans import Plans
from intercom_kit.sql.prepared import prepare, table_names
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.sql.running import Running
from intercom_kit.sql.syntax import shallow_enough
from intercom_kit.tables import TABLES

# What DuckDB counts itself; the rest is for what it does not count, and for the answer.
_OF_DUCKDB = 0.7


class Room:
    """Databases for one query at a time: empty tables to plan it on, and tables for the rows that it needs."""

    def __init__(self, limit: str, folder: Path) -> None:
        self._plans = Plans(limit)
        self._database = open_database(limit)
        prepare(self._database, folder)
        self._filled: dict[str, tuple[str, ...]] = {}

    def read(self, wish: Read) -> Understood:
        """Check and plan a query."""
        with self._plans.database.cursor() as cursor, shallow_enough():
            question, needs = self._plans.read(cursor, wish.query, wish.parameters, OwnFrames({}, table_names()))
            return Understood(question, needs, self._plans.work)

    def answer(self, wish: Answer) -> Frame:
        """Answer a query that was read, with the rows that came for it."""
        database = self._database if wish.question.reads else self._plans.database
        with ThreadPoolExecutor() as threads:
            list(threads.map(self._fill, wish.rows))
        with database.cursor() as cursor:
            running = Running(cursor, wish.seconds, wish.most_rows, table_names())
            return running.answer(wish.question, wish.parameters, wish.receipt)

    def _fill(self, rows: Rows) -> None:
        """Take rows into their table, whose columns that did not come cost nothing: storing NULLs would."""
        with self._database.cursor() as cursor:
            if self._filled.get(rows.table) != rows.columns:
                cursor.execute(f"create or replace table {rows.table} ({_columns(rows)})")
                self._filled[rows.table] = rows.columns
            columns, file = ", ".join(map(identifier, rows.columns)), location(rows.file)
            cursor.execute(f"insert into {rows.table} ({columns}) select {columns} from read_parquet({file})")

    def clear(self) -> None:
        """Forget the rows that came; where that fails, so does the process."""
        with self._database.cursor() as cursor:
            for name in self._filled:
                cursor.execute(f"truncate {name}")


def _columns(rows: Rows) -> str:
    """Declare the columns of a table, and those that did not come as ones that are computed, and always NULL."""
    came = set(rows.columns)
    declared = [
        f"{identifier(column.name)} {column.kind.sql}{'' if column.name in came else ' generated always as (NULL)'}"
        for column in TABLES[rows.table].columns
    ]
    return ", ".join(declared)


def work(wishes: "Queue[Any]", answers: BinaryIO, most: int, folder: Path) -> None:
    """Fulfil wishes until the process is ended."""
    limit = f"{int(_OF_DUCKDB * most / 1e6)}MB"
    room = Room(limit, folder)
    free = most - memory.taken(psutil.Process())
    memory.bound(free)
    _tell(answers, Ready(most - free))
    while True:
        wish = wishes.get()
        if isinstance(wish, Read):
            _tell(answers, _outcome(room.read, wish))
            continue
        _tell(answers, _outcome(room.answer, wish))
        room.clear()


def _outcome(fulfil: Any, wish: Any) -> Any:
    """Fulfil a wish; give what went wrong, where something did."""
    try:
        return fulfil(wish)
    except (MemoryError, duckdb.OutOfMemoryException) as error:
        return Failed(MemoryLimitError(str(error)))
    except IntercomError as error:
        return Failed(error)
    except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
        return Failed(RuntimeError(f"{type(error).__name__}: {error}"))


def _tell(answers: BinaryIO, answer: Any) -> None:
    pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _hear(wishes: "Queue[Any]", given: BinaryIO) -> None:
    """Take wishes as they come; without whoever asks, there is nothing left to do."""
    while True:
        try:
            wishes.put(pickle.load(given))  # noqa: S301 - what stands there was written by the process that began this one
        except Exception:  # noqa: BLE001 - whatever it is, nobody is there any more
            os._exit(0)


def main() -> None:
    """Work until whoever began this process ends it, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever began this process
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anything prints must not stand among the answers
    wishes: Queue[Any] = Queue()
    threading.Thread(target=_hear, args=(wishes, sys.stdin.buffer), daemon=True).start()
    work(wishes, answers, int(sys.argv[1]), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
