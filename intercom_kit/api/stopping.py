"""End a call from another thread, as Ctrl-C ends one in its own: for callers that do not wait at a keyboard."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopped(BaseException):
    """Say that a call was ended from another thread; no failure, hence no Exception."""


class Stop:
    """Hold whether a call should end, and what has to be called for that."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._endings: list[Callable[[], object]] = []

    def ask(self) -> None:
        """Ask the call to end; asking again does no harm, and reaches what began meanwhile."""
        self._asked.set()
        for ending in list(self._endings):
            ending()

    def check(self) -> None:
        """Raise Stopped where the call should end."""
        if self._asked.is_set():
            raise Stopped

    @contextmanager
    def ended_by(self, ending: Callable[[], object]) -> Iterator[None]:
        """Have `ending` called if the call should end while the block runs."""
        self._endings.append(ending)
        try:
            self.check()
            yield
        except Exception:
            self.check()  # what failed because it was ended is no failure
            raise
        finally:
            self._endings.remove(ending)


_current: ContextVar[Stop | None] = ContextVar("stop", default=None)


def current() -> Stop:
    """Give what can end the call that runs here."""
    return _current.get() or Stop()


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Let `stop` end the block's requests and queries."""
    token = _current.set(stop)
    try:
        yield
    finally:
        _current.reset(token)
