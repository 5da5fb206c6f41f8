"""What a lake needs of the place where its files are, by names relative to it."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import duckdb

from intercom_kit.errors import BadLakeError
from intercom_kit.locking import locked

LOCK = ".lock"
SPILL = ".spill"  # how folders begin whose rows did not fit into memory


@contextmanager
def only_writer(folder: Path, otherwise: str) -> Iterator[None]:
    """Exclude other writers on this computer during the block, by a file that its system frees.

    Raises BadLakeError with what is to be said `otherwise`.
    """
    with ExitStack() as held:
        try:
            held.enter_context(locked(folder / LOCK, patience=0))
        except TimeoutError:
            raise BadLakeError(otherwise) from None
        yield


class Store(ABC):
    """A place of files, each of which is there as a whole or not at all."""

    name: str  # as its user wrote it

    @abstractmethod
    def path(self, file: str) -> Path | str:
        """Return where a file is, for other programs: a path, or a URL."""

    @abstractmethod
    def readable(self, file: str) -> str:
        """Return the name by which a database reads a file that was opened to the store."""

    @abstractmethod
    def open_to(self, database: duckdb.DuckDBPyConnection) -> None:
        """Let a database read the store's files, and none elsewhere once its access to files is switched off."""

    @abstractmethod
    def text(self, file: str) -> str:
        """Return a file's text; raise FileNotFoundError if there is none."""

    @abstractmethod
    def put_text(self, file: str, text: str) -> None:
        """Replace a file, at once."""

    @abstractmethod
    def draft(self, file: str) -> Path:
        """Return where to write a new file, for `put`."""

    @abstractmethod
    def put(self, draft: Path, file: str) -> None:
        """Move a file that was written into its place, at once."""

    @abstractmethod
    def delete(self, files: Iterable[str]) -> None:
        """Delete files; those that are gone do no harm."""

    @abstractmethod
    def sizes(self, folders: Iterable[str]) -> dict[str, int]:
        """Return the files in folders, at any depth, with their bytes."""

    @abstractmethod
    def stamp(self, file: str) -> Hashable:
        """Return what tells one version of a file from the next; None if there is none."""

    @abstractmethod
    def others(self) -> list[str]:
        """Return the names of what is directly in the store, apart from hidden files."""

    @abstractmethod
    def locked(self) -> AbstractContextManager[None]:
        """Lock the store against other writers during the block, and delete what a killed one had spilled.

        Raises BadLakeError if another one is writing.
        """

    @abstractmethod
    def spill(self) -> Path:
        """Return a new local folder for rows that do not fit into memory, while the store is locked."""

    @abstractmethod
    def remove(self, folders: Iterable[str]) -> None:
        """Delete folders, the lock, and the store's own folder if nothing else is in it."""
