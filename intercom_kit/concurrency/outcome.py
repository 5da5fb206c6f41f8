"""The outcome of work in another thread; waiting for it is safe whenever Ctrl-C is pressed."""

import threading
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Outcome(Generic[Result]):
    """The outcome of work in another thread, for one thread that waits for it.

    Ctrl-C may interrupt Python between any two bytecodes, also within `Future.result` and `Event.wait`, and leave their
    locks held or released twice. A plain lock is acquired in one step.
    """

    def __init__(self) -> None:
        self._coming = threading.Lock()
        self._coming.acquire()
        self._value: list[Result] = []
        self.error: BaseException | None = None
        self.over = False

    def succeed(self, value: Result) -> None:
        """Set the result of the work."""
        self._value = [value]
        self._end()

    def fail(self, error: BaseException) -> None:
        """Set the error of the work."""
        self.error = error
        self._end()

    def _end(self) -> None:
        self.over = True
        self._coming.release()

    def wait(self, seconds: float) -> bool:
        """Wait for at most `seconds`, and return whether the work is over."""
        if not self.over:
            self._coming.acquire(timeout=seconds)
        return self.over

    def result(self) -> Result:
        """Return the result of work that is over, or raise its error."""
        if self.error is not None:
            raise self.error
        return self._value[0]
