"""A filesystem for queries over a lake in an object store: its Parquet files, range by range, and nothing else."""

from datetime import UTC, datetime
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.spec import AbstractBufferedFile

PROTOCOL = "lake"


class Reading(AbstractFileSystem):  # type: ignore[misc]
    """The Parquet files below one place of another filesystem, to be read only.

    DuckDB knows what it needs of a file, and asks for exactly that, so nothing is read ahead. It asks for a file's size
    several times in each query: since a lake's files are never replaced by others of their names, once is enough.
    """

    protocol = PROTOCOL
    cachable = False

    def __init__(self, files: Any, root: str) -> None:
        super().__init__()
        self._files = files
        self._root = root
        self._known: dict[str, dict[str, Any]] = {}

    def forget(self) -> None:
        """Ask for sizes again."""
        self._known.clear()

    def _within(self, path: str) -> str:
        name = self._strip_protocol(path).lstrip("/")
        if not name.endswith(".parquet") or ".." in name.split("/"):
            raise PermissionError(f"{name} is no file of the lake")
        return f"{self._root}/{name}"

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return the size of a file."""
        key = self._within(path)
        if (known := self._known.get(key)) is None:
            size = self._files.info(key)["size"]
            known = self._known[key] = {"name": self._strip_protocol(path), "size": size, "type": "file"}
        return known

    def modified(self, path: str) -> datetime:  # noqa: ARG002
        """Return one time for all files, since none changes."""
        return datetime.fromtimestamp(0, UTC)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """Return a range of a file."""
        found: bytes = self._files.cat_file(self._within(path), start=start, end=end)
        return found

    def _open(self, path: str, mode: str = "rb", **_: Any) -> "_File":
        if mode != "rb":
            raise PermissionError("A lake's files are read only")
        return _File(self, path, mode, cache_type="none", size=self.info(path)["size"])


class _File(AbstractBufferedFile):  # type: ignore[misc]
    """One file that is being read."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        found: bytes = self.fs.cat_file(self.path, start, end)
        return found
