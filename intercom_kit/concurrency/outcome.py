"""The outcome of work in another thread, for which the main thread can wait, whenever Ctrl-C is pressed."""

import threading
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Outcome(Generic[Result]):
    """The outcome of work that another thread does, for one thread that waits for it.

    Ctrl-C may come between any two steps of Python's, so also within those of `Future.result` and `Event.wait`: that
    leaves their locks taken, or freed twice. A plain lock is taken in one step.
    """

    def __init__(self) -> None:
        self._coming = threading.Lock()
        self._coming.acquire()
        self._value: list[Result] = []
        self.error: BaseException | None = None
        self.over = False

    def succeed(self, value: Result) -> None:
        """Set what came of the work."""
        self._value = [value]
        self._end()

    def fail(self, error: BaseException) -> None:
        """Set why nothing came of it."""
        self.error = error
        self._end()

    def _end(self) -> None:
        self.over = True
        self._coming.release()

    def wait(self, seconds: float) -> bool:
        """Wait until the work is over, for so many seconds at most; return whether it is."""
        if not self.over:
            self._coming.acquire(timeout=seconds)
        return self.over

    def result(self) -> Result:
        """Return what came of work that is over, or raise its error."""
        if self.error is not None:
            raise self.error
        return self._value[0]
