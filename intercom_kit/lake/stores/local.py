"""A lake in a local folder: files are written beside their place, and renamed."""

import shutil
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from intercom_kit.lake.stores.store import LOCK, SPILL, Store, only_writer
from intercom_kit.sql.quoting import location

PART = ".part"


class LocalStore(Store):
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def path(self, file: str) -> Path:
        """Return the path of a file."""
        return self.folder / file

    def readable(self, file: str) -> str:
        """Return the whole path of a file."""
        return str(self.folder.resolve() / file)

    def open_to(self, database: duckdb.DuckDBPyConnection) -> None:
        """Allow a database the folder."""
        database.execute(f"set global allowed_directories = [{location(str(self.folder.resolve()))}]")

    def text(self, file: str) -> str:
        """Return a file's text."""
        return self.path(file).read_text(encoding="utf-8")

    def put_text(self, file: str, text: str) -> None:
        """Replace a file."""
        draft = self.draft(file)
        draft.write_text(text, encoding="utf-8")
        self.put(draft, file)

    def draft(self, file: str) -> Path:
        """Return a path beside that of the file, since files are renamed within one disk only."""
        target = self.path(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.with_name(target.name + PART)

    def put(self, draft: Path, file: str) -> None:
        """Rename a file."""
        draft.replace(self.path(file))

    def delete(self, files: Iterable[str]) -> None:
        """Delete files."""
        for file in files:
            self.path(file).unlink(missing_ok=True)

    def sizes(self, folders: Iterable[str]) -> dict[str, int]:
        """Return the files in folders, with their bytes."""
        found = (file for folder in folders for file in self.path(folder).rglob("*") if file.is_file())
        return {file.relative_to(self.folder).as_posix(): file.stat().st_size for file in found}

    def stamp(self, file: str) -> Hashable:
        """Return which file it is, of when and how large."""
        try:
            found = self.path(file).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def others(self) -> list[str]:
        """Return what is in the folder."""
        return [each.name for each in self.folder.iterdir() if not each.name.startswith(".")]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder; the system frees the lock of a program that was killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        another = f"Another program is writing to the lake in {self.name!r}"
        with only_writer(self.folder, f"{another}: wait until it is done, or name another folder."):
            for spilled in self.folder.glob(f"{SPILL}*"):
                shutil.rmtree(spilled, ignore_errors=True)
            yield

    def spill(self) -> Path:
        """Return a new folder in the lake's, which is on a disk with room for it."""
        return Path(mkdtemp(prefix=SPILL, dir=self.folder))

    def remove(self, folders: Iterable[str]) -> None:
        """Delete folders, the lock, and the folder if nothing else is in it."""
        for folder in folders:
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        (self.folder / LOCK).unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()
