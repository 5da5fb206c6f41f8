"""The search index, in which changes may appear with a lag (UNCONFIRMED [index-lag])."""

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from intercom_kit.sandbox.contents.store import Collection

Clock = Callable[[], float]


class _Change(NamedTuple):
    """The change of one object, with its time; `item` is None for a deletion."""

    moment: float
    id_: str
    item: Any


class SearchIndex:
    """A collection as searches see it: as it was `lag` seconds ago.

    Without a lag it is the collection itself. With a lag, the first change makes a copy, to which changes are applied
    when they are due; a copy that has caught up is dropped.
    """

    def __init__(self, live: Collection, clock: Clock) -> None:
        self.lag = 0.0
        self._live = live
        self._clock = clock
        self._lagging: Collection | None = None
        self._pending: deque[_Change] = deque()
        live.watchers.append(self._record_change)

    def current(self) -> Collection:
        """Return the collection as searches see it now."""
        if self._lagging is not None:
            self._catch_up(self._lagging)
        return self._live if self._lagging is None else self._lagging

    def _record_change(self, id_: str, item: Any) -> None:
        """Record a change that is about to happen."""
        if self.lag <= 0 and self.current() is self._live:
            return
        if self._lagging is None:
            self._lagging = self._live.copy()
        self._pending.append(_Change(self._clock(), id_, item))

    def _catch_up(self, copy: Collection) -> None:
        due = self._clock() - self.lag
        while self._pending and self._pending[0].moment <= due:
            change = self._pending.popleft()
            if change.item is None:
                copy.delete(change.id_)
            else:
                copy.put(change.id_, change.item)
        if not self._pending:
            self._lagging = None
