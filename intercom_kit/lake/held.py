"""The manifest of a lake that is read, and read again once another program has changed it."""

from dataclasses import replace
from pathlib import Path

from intercom_kit.lake import manifest
from intercom_kit.lake.settled import settled


class Held:
    """What a lake holds, as its manifest said when somebody looked last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._tried = self._seen()
        self.manifest = replace(manifest.read(folder), folder=self.folder)
        self._stamp = self._tried
        self.is_closed = False

    def close(self) -> None:
        """End the reading; the lake stays."""
        self.is_closed = True

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
        self._show_anew()

    def _show_anew(self) -> None:
        """Show the files of a new manifest."""

    def _seen(self) -> tuple[int, int, int]:
        """Return what tells one version of the manifest from the next, which is another file."""
        try:
            found = (self.folder / manifest.NAME).stat()
        except FileNotFoundError:
            return (0, 0, 0)  # deleted: reading it raises the right error
        return found.st_ino, found.st_mtime_ns, found.st_size
