"""A lake in an object store, through fsspec: each file is put there at once, so that none needs renaming."""

import shutil
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from intercom_kit.auth import storage
from intercom_kit.errors import BadLakeError, IntercomError
from intercom_kit.lake.stores.filesystems import filesystem
from intercom_kit.lake.stores.reading import PROTOCOL, Reading
from intercom_kit.lake.stores.remote_lock import RemoteLock
from intercom_kit.lake.stores.store import LOCK, SPILL, Store, only_writer
from intercom_kit.sql.quoting import location


class RemoteStore(Store):
    """A place in an object store, by its URL.

    `options` are those of the URL's fsspec filesystem, such as keys or an endpoint; without, they come from the
    environment.
    """

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self.name = url.rstrip("/")
        protocol = url.partition("://")[0]
        try:
            self._files, self._root = filesystem(self.name, options)
        except ImportError as error:
            raise BadLakeError(f"Lakes at {protocol}:// need one more package: {error}.") from None
        except (ValueError, TypeError) as error:
            raise BadLakeError(f"{url!r} is no place for a lake ({error}): name one as s3://bucket/lake.") from None

        self._reading = Reading(self._files, self._root)
        self._stamp = ""

    @property
    def _side(self) -> Path:
        """Return the local folder for the lake's drafts, spilled rows, and lock on this computer."""
        folder = storage.location().parent / "lakes" / sha256(self.name.encode()).hexdigest()[:16]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _key(self, file: str) -> str:
        return f"{self._root}/{file}"

    def path(self, file: str) -> str:
        """Return the URL of a file."""
        return f"{self.name}/{file}"

    def readable(self, file: str) -> str:
        """Return the name of a file in the filesystem of `open_to`."""
        return f"{PROTOCOL}://{file}"

    def open_to(self, database: duckdb.DuckDBPyConnection) -> None:
        """Register a filesystem that has this lake's Parquet files only, and can write none."""
        database.register_filesystem(self._reading)
        database.execute(f"set global allowed_directories = [{location(f'{PROTOCOL}://')}]")

    def text(self, file: str) -> str:
        """Return a file's text."""
        with self._errors(FileNotFoundError):
            found: bytes = self._files.cat_file(self._key(file))
            return found.decode()

    def put_text(self, file: str, text: str) -> None:
        """Put a file."""
        with self._errors():
            self._files.pipe_file(self._key(file), text.encode())

    def draft(self, file: str) -> Path:
        """Return a local path."""
        return self._side / f"{SPILL}-{file.replace('/', '-')}"

    def put(self, draft: Path, file: str) -> None:
        """Upload a file."""
        with self._errors():
            self._files.put_file(str(draft), self._key(file))
        draft.unlink()

    def delete(self, files: Iterable[str]) -> None:
        """Delete files."""
        for file in files:
            with self._errors(FileNotFoundError), suppress(FileNotFoundError):
                self._files.rm_file(self._key(file))

    def sizes(self, folders: Iterable[str]) -> dict[str, int]:
        """Return the files in folders, from one listing of all."""
        with self._errors():
            found = self._files.find(self._root, detail=True)
        begin = tuple(f"{self._root}/{folder}/" for folder in folders)
        return {
            name.removeprefix(f"{self._root}/"): each["size"] for name, each in found.items() if name.startswith(begin)
        }

    def stamp(self, file: str) -> Hashable:
        """Return the tag that the store gave a file, or when it was changed, and its size."""
        try:
            with self._errors(FileNotFoundError):
                found = self._files.info(self._key(file))
        except FileNotFoundError:
            return None
        stamp = str([found.get(name) for name in ("ETag", "etag", "e_tag", "LastModified", "mtime", "created", "size")])
        if stamp != self._stamp:
            self._reading.forget()  # the lake may have been deleted, and written anew
            self._stamp = stamp
        return stamp

    def others(self) -> list[str]:
        """Return what is at the URL."""
        with self._errors(FileNotFoundError), suppress(FileNotFoundError):
            names = [str(each).rstrip("/").rpartition("/")[2] for each in self._files.ls(self._root, detail=False)]
            return [name for name in names if name and not name.startswith(".")]
        return []

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the place by an object that only one writer can put there."""
        lock = RemoteLock(self._files, self._key(LOCK), self.path(LOCK), self._side)
        another = f"Another program on this computer is writing to {self.name}"
        with only_writer(self._side, f"{another}: wait until it is done, or name another place."):
            for left in self._side.glob(f"{SPILL}*"):
                _delete(left)
            with self._errors():
                lock.take()
            try:
                yield
            finally:
                with self._errors():
                    lock.release()

    def spill(self) -> Path:
        """Return a new folder beside the drafts."""
        return Path(mkdtemp(prefix=SPILL, dir=self._side))

    def remove(self, folders: Iterable[str]) -> None:
        """Delete the files in folders, and the lock."""
        self.delete([*self.sizes(folders), LOCK])

    @contextmanager
    def _errors(self, *passing: type[Exception]) -> Iterator[None]:
        """Translate the errors of a protocol's package, apart from some."""
        try:
            yield
        except Exception as error:
            if isinstance(error, (IntercomError, *passing)):
                raise
            why = str(error).partition("\n")[0][:300]
            raise BadLakeError(
                f"The lake at {self.name!r} cannot be reached or written ({type(error).__name__}: {why}): check the "
                "URL, storage_options=, and what these credentials may do."
            ) from error


def _delete(left: Path) -> None:
    """Delete a file or a folder."""
    if left.is_dir():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)
