"""The manifest of a lake that is read, and read again once another program has changed it."""

from collections.abc import Hashable

from intercom_kit.lake import manifest
from intercom_kit.lake.settled import settled
from intercom_kit.lake.stores.store import Store


class Held:
    """What a lake holds, as its manifest said when somebody looked last."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._tried = store.stamp(manifest.NAME)
        self.manifest = manifest.read(store)
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
        self.manifest = manifest.read(self.store)
        self._show_anew()

    def _show_anew(self) -> None:
        """Show the files of a new manifest."""

    def _seen(self) -> Hashable:
        """Return what tells one version of the manifest from the next; None once it is deleted."""
        return self.store.stamp(manifest.NAME)
