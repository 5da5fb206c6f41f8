"""DuckDB as the engine: the tables of a lake as views over its files, in a database that reads nothing else."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from intercom_kit.concurrency import stopping
from intercom_kit.errors import MemoryLimitError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import files
from intercom_kit.lake.engines.engine import Asked, Engine
from intercom_kit.lake.manifest import Manifest
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql.database import open_database
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.prepared import prepare, table_names
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.sql.running import Running
from intercom_kit.tables import TABLES, Table


class DuckDB(Engine):
    """The views of one lake; what queries over them do not fit into memory is spilled into a folder of its own."""

    def __init__(self, folder: Path, memory_limit: str) -> None:
        super().__init__(folder)
        self._limit = memory_limit
        self.spill = Path(mkdtemp(prefix="intercom_kit-spill-"))
        self.database = open_database(memory_limit)
        self.database.execute(f"set global temp_directory = {location(self.spill)}")
        prepare(self.database, self.folder)
        stopping.to_the_end(lambda: self._show("table"))

    def close(self) -> None:
        """Close the database, and delete what was spilled."""
        self.database.close()
        shutil.rmtree(self.spill, ignore_errors=True)
        super().close()

    def answer(self, asked: Asked, call: QueryCall, own: OwnFrames, receipt: Receipt) -> Frame:
        """Return the result of a query; raise QueryTimeoutError, BadQueryError or MemoryLimitError."""
        question = asked.reading.question  # type: ignore[union-attr]  # there always is one
        with own.beside(self.database if question.reads else self.plans.database) as cursor:
            running = Running(cursor, call.timeout, call.max_rows, [*table_names(), *own.names])
            try:
                return running.answer(question, call.parameters, receipt)
            except duckdb.OutOfMemoryException as error:
                raise MemoryLimitError(
                    f"This needs more memory than the lake's queries may use ({self._limit}), even with what they may "
                    "spill: ask for fewer rows or columns, or allow more, as in ik.open(folder, memory_limit='8GB')."
                ) from error

    def _show_anew(self) -> None:
        stopping.to_the_end(lambda: self._show("view"))

    def _show(self, before: str) -> None:
        """Replace every table, or view, by a view over the files."""
        with self.database.cursor() as cursor:
            for name, table in TABLES.items():
                cursor.execute(f'drop {before} "{name}"')
                cursor.execute(f'create view "{name}" as {self._source(table)}')

    def _source(self, table: Table) -> str:
        """Return the SELECT of a table's rows; columns that its files lack are NULL."""
        known = self.manifest.tables.get(table.name)
        present = set(known.columns) if known and known.files else set()
        names = [(each, identifier(each.name)) for each in table.columns]
        columns = ", ".join(
            f"{name if each.name in present else 'null'}::{each.kind.sql} as {name}" for each, name in names
        )
        if not known or not known.files:
            return f"select {columns} where false"
        return f"select {columns} from {files.reading(Manifest(self.folder, self.manifest.identity), known.files)}"
