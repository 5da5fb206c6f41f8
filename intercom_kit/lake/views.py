"""The tables of a lake as views over its files, in a database that reads nothing else."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from intercom_kit.concurrency import stopping
from intercom_kit.lake import files, manifest
from intercom_kit.lake.manifest import Manifest
from intercom_kit.lake.settled import settled
from intercom_kit.sql.database import open_database
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.prepared import prepare, table_names
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.tables import TABLES, Table


class Views:
    """The views of one lake; what queries over them do not fit into memory is spilled into a folder of its own."""

    def __init__(self, folder: Path, memory_limit: str) -> None:
        self.folder = folder.resolve()
        self.manifest = replace(manifest.read(folder), folder=self.folder)
        self._stamp = self._tried = self._seen()
        self.is_closed = False
        self.spill = Path(mkdtemp(prefix="intercom_kit-spill-"))
        self.database = open_database(memory_limit)
        self.database.execute(f"set global temp_directory = {location(self.spill)}")
        prepare(self.database, self.folder)
        stopping.to_the_end(lambda: self._show("table"))

    def close(self) -> None:
        """Close the database, and delete what was spilled."""
        self.is_closed = True
        self.database.close()
        shutil.rmtree(self.spill, ignore_errors=True)

    def look(self) -> bool:
        """Show the files that the manifest names now; return whether it has changed since the last look."""
        if self._seen() == self._stamp:
            return False
        settled(self._look, lambda: self._seen() != self._tried)
        self._stamp = self._tried
        return True

    def _look(self) -> None:
        self._tried = self._seen()
        self.manifest = replace(manifest.read(self.folder), folder=self.folder)
        try:
            stopping.to_the_end(lambda: self._show("view"))
        except duckdb.IOException as error:
            raise translated(error, table_names()) from error

    def _seen(self) -> tuple[int, int, int]:
        """Return what tells one version of the manifest from the next, which is another file."""
        try:
            found = (self.folder / manifest.NAME).stat()
        except FileNotFoundError:
            return (0, 0, 0)  # deleted: reading it raises the right error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _show(self, before: str) -> None:
        """Replace every table, or view, by a view over the files, all or none."""
        with self.database.cursor() as cursor:
            cursor.begin()
            for name, table in TABLES.items():
                cursor.execute(f'drop {before} "{name}"')
                cursor.execute(f'create view "{name}" as {self._source(table)}')
            cursor.commit()

    def _source(self, table: Table) -> str:
        """Return the SELECT of a table's rows."""
        return select_of(self.manifest, table, self.folder)


def select_of(held: Manifest, table: Table, folder: Path) -> str:
    """Return the SELECT of a table's rows, in files under a folder; columns that these lack are NULL."""
    known = held.tables.get(table.name)
    present = set(known.columns) if known and known.files else set()
    names = [(each, identifier(each.name)) for each in table.columns]
    columns = ", ".join(
        f"{name if each.name in present else 'null'}::{each.kind.sql} as {name}" for each, name in names
    )
    if not known or not known.files:
        return f"select {columns} where false"
    return f"select {columns} from {files.reading(Manifest(folder, held.identity), known.files)}"
