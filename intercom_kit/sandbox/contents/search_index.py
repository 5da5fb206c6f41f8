"""See a collection as searches do: changes may take a while to reach them (UNCONFIRMED [index-lag])."""

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from intercom_kit.sandbox.contents.store import Collection

Clock = Callable[[], float]


class _Change(NamedTuple):
    """What became of one object, and when; None stands for its deletion."""

    moment: float
    id_: str
    item: Any


class SearchIndex:
    """One collection as it was some seconds ago.

    Without a lag it is the collection itself. A change under a lag sets a copy aside, to which changes are applied as
    they fall due; when it has caught up, it is dropped.
    """

    def __init__(self, live: Collection, clock: Clock) -> None:
        self.lag = 0.0
        self._live = live
        self._clock = clock
        self._behind: Collection | None = None
        self._pending: deque[_Change] = deque()
        live.watchers.append(self._watch)

    def current(self) -> Collection:
        """Give what searches see at this moment."""
        if self._behind is not None:
            self._catch_up(self._behind)
        return self._live if self._behind is None else self._behind

    def _watch(self, id_: str, item: Any) -> None:
        """Take note of a change just before it happens."""
        if self.lag <= 0 and self.current() is self._live:
            return
        if self._behind is None:
            self._behind = self._live.copy()
        self._pending.append(_Change(self._clock(), id_, item))

    def _catch_up(self, behind: Collection) -> None:
        due = self._clock() - self.lag
        while self._pending and self._pending[0].moment <= due:
            change = self._pending.popleft()
            if change.item is None:
                behind.delete(change.id_)
            else:
                behind.put(change.id_, change.item)
        if not self._pending:
            self._behind = None
