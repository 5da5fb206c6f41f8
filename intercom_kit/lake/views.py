"""The tables of a lake as views over its files, in a database that reads nothing else."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from intercom_kit.concurrency import stopping
from intercom_kit.database import open_database
from intercom_kit.lake import files
from intercom_kit.lake.held import Held
from intercom_kit.lake.manifest import Manifest
from intercom_kit.lake.settled import settled
from intercom_kit.lake.stores.store import Store
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.prepared import prepare, table_names
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.tables import TABLES, Table


class Views(Held):
    """The views of one lake; what queries over them do not fit into memory is spilled into a folder of its own."""

    def __init__(self, store: Store, memory_limit: str) -> None:
        super().__init__(store)
        self.spill = Path(mkdtemp(prefix="intercom_kit-spill-"))
        self.database = open_database(memory_limit)
        self.database.execute(f"set global temp_directory = {location(self.spill)}")
        store.open_to(self.database)
        prepare(self.database)
        self._shown = "table"
        try:
            settled(self._show_anew, self.look)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the database, and delete what was spilled."""
        super().close()
        self.database.close()
        shutil.rmtree(self.spill, ignore_errors=True)

    def _show_anew(self) -> None:
        try:
            stopping.to_the_end(self._show)
        except duckdb.IOException as error:
            raise translated(error, table_names()) from error

    def _show(self) -> None:
        """Replace every table, or view, by a view over the files, all or none."""
        with self.database.cursor() as cursor:
            cursor.begin()
            for name, table in TABLES.items():
                cursor.execute(f'drop {self._shown} "{name}"')
                cursor.execute(f'create view "{name}" as {self._source(table)}')
            cursor.commit()
        self._shown = "view"

    def _source(self, table: Table) -> str:
        """Return the SELECT of a table's rows."""
        return select_of(self.manifest, table)


def select_of(held: Manifest, table: Table, *, relative: bool = False) -> str:
    """Return the SELECT of a table's rows; columns that its files lack are NULL.

    Paths are `relative` to the lake's folder, for a program that runs there.
    """
    known = held.tables.get(table.name)
    present = set(known.columns) if known and known.files else set()
    names = [(each, identifier(each.name)) for each in table.columns]
    columns = ", ".join(
        f"{name if each.name in present else 'null'}::{each.kind.sql} as {name}" for each, name in names
    )
    if not known or not known.files:
        return f"select {columns} where false"
    paths = known.files if relative else map(held.store.readable, known.files)
    return f"select {columns} from {files.parquet(paths)}"
