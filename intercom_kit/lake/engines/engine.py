"""What every engine does: read the files that the manifest names now, and answer checked queries over them."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadQueryError
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import manifest
from intercom_kit.live import masking
from intercom_kit.live.query_call import QueryCall
from intercom_kit.sql import plans as planners
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.plans import Reading
from intercom_kit.sql.running import interrupted_after


@dataclass(frozen=True)
class Asked:
    """A checked query: the tables that it reads, and what DuckDB says of it, if it is in DuckDB's SQL."""

    tables: frozenset[str]
    reading: Reading | None = None


class Engine(ABC):
    """An engine that reads the files of one lake; if another program changes these, it looks again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.manifest = manifest.read(folder)
        self._stamp = self._seen()
        self.plans = planners.take()

    def close(self) -> None:
        """Close what the engine has opened; the lake stays."""
        planners.put_back(self.plans)

    def look(self) -> bool:
        """Show the files that the manifest names now; return whether it has changed since the last look."""
        stamp = self._seen()
        if stamp == self._stamp:
            return False
        self.manifest, self._stamp = manifest.read(self.folder), stamp
        self._show_anew()
        return True

    def _seen(self) -> tuple[int, int, int]:
        """Return what tells one version of the manifest from the next, which is another file."""
        try:
            found = (self.folder / manifest.NAME).stat()
        except FileNotFoundError:
            return (0, 0, 0)  # deleted: reading it raises the right error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def read(self, call: QueryCall, own: OwnFrames) -> Asked:
        """Return a query in DuckDB's SQL, checked; raise BadQueryError if it needs the definitions of attributes."""
        with own.beside(self.plans.database) as cursor, interrupted_after(call.timeout, cursor):
            reading = stopping.interruptible(
                lambda: self.plans.read(cursor, call.query, call.parameters, own), cursor.interrupt
            )
        if reading.undefined:
            raise BadQueryError(
                "attr is known to live queries only: write custom_attributes->>'plan', and attributes->>'Severity' "
                "of tickets, with a name of your own."
            )
        masking.without_personal(reading.needs, self.manifest.privacy)
        return Asked(frozenset(scan.table for scan in reading.needs.scans), reading)

    def read_own(self, call: QueryCall, own: OwnFrames) -> Asked:
        """Return a query in the engine's own SQL, checked; raise BadQueryError for more than a SELECT."""
        return self.read(call, own)

    def notes(self) -> Collection[str]:
        """Return what receipts have to say of the engine."""
        return ()

    @abstractmethod
    def _show_anew(self) -> None:
        """Show the files of a new manifest."""

    @abstractmethod
    def answer(self, asked: Asked, call: QueryCall, own: OwnFrames, receipt: Receipt) -> Frame:
        """Return the result of a checked query, within its limits."""
