"""The tables of a lake as views over its files, in a database that reads nothing else."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from intercom_kit.concurrency import stopping
from intercom_kit.lake import files, manifest
from intercom_kit.lake.stores.store import Store
from intercom_kit.sql.database import open_database
from intercom_kit.sql.prepared import prepare
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.tables import TABLES, Table


class Views:
    """The views of one lake; what queries over them do not fit into memory is spilled into a folder of its own."""

    def __init__(self, store: Store, memory_limit: str) -> None:
        self.store = store
        self.manifest = manifest.read(store)
        self._stamp = store.stamp(manifest.NAME)
        self._spill = Path(mkdtemp(prefix="intercom_kit-spill-"))
        self.database = open_database(memory_limit)
        self.database.execute(f"set global temp_directory = {location(self._spill)}")
        store.open_to(self.database)
        prepare(self.database)
        stopping.to_the_end(lambda: self._show("table"))

    def close(self) -> None:
        """Close the database, and delete what was spilled."""
        self.database.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def look(self) -> bool:
        """Show the files that the manifest names now; return whether it has changed since the last look."""
        stamp = self.store.stamp(manifest.NAME)
        if stamp == self._stamp:
            return False
        self.manifest, self._stamp = manifest.read(self.store), stamp
        stopping.to_the_end(lambda: self._show("view"))
        return True

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
        return f"select {columns} from {files.reading(self.manifest, known.files)}"
