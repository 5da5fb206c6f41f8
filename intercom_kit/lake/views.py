"""The tables of a lake as views over its files, in a database that reads nothing else."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from intercom_kit.concurrency import stopping
from intercom_kit.lake import files, manifest
from intercom_kit.sql.database import open_database
from intercom_kit.sql.prepared import prepare
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.tables import TABLES, Table


class Views:
    """The views of one lake; what queries over them do not fit into memory is spilled into a folder of its own."""

    def __init__(self, folder: Path, memory_limit: str) -> None:
        self.folder = folder.resolve()
        self.manifest = replace(manifest.read(folder), folder=self.folder)
        self._stamp = self._seen()
        self.is_closed = False
        self._spill = Path(mkdtemp(prefix="intercom_kit-spill-"))
        self.database = open_database(memory_limit)
        self.database.execute(f"set global temp_directory = {location(self._spill)}")
        prepare(self.database, self.folder)
        stopping.to_the_end(lambda: self._show("table"))

    def close(self) -> None:
        """Close the database, and delete what was spilled."""
        self.is_closed = True
        self.database.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def look(self) -> bool:
        """Show the files that the manifest names now; return whether it has changed since the last look."""
        stamp = self._seen()
        if stamp == self._stamp:
            return False
        self.manifest = manifest.read(self.folder)
        stopping.to_the_end(lambda: self._show("view"))
        self._stamp = stamp
        return True

    def _seen(self) -> tuple[int, int, int]:
        """Return what tells one version of the manifest from the next, which is another file."""
        try:
            found = (self.folder / manifest.NAME).stat()
        except FileNotFoundError:
            return (0, 0, 0)  # deleted: reading it raises the right error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _show(self, before: str) -> None:
        """Replace every table, or view, by a view over the files."""
        with self.database.cursor() as cursor:
            for name, table in TABLES.items():
                cursor.execute(f'drop {before} if exists "{name}"')
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
        return f"select {columns} from {files.reading(self.manifest, known.files)}"
