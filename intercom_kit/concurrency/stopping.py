"""End a call from another thread: for callers that do not wait at a keyboard, and for Ctrl-C while DuckDB works."""

import threading
import time
from _thread import start_new_thread
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import TypeVar

from intercom_kit.concurrency.outcome import Outcome

Result = TypeVar("Result")

# A wait without end cannot be interrupted on Windows.
_LOOK_EVERY = 0.1
_ASK_EVERY = 0.02
_LONGEST_END = 10


class Stopped(BaseException):
    """The sign that a call was ended from another thread; no failure, hence no Exception."""


class Stop:
    """A switch that ends a call, with what has to be called for that."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._endings: list[Callable[[], object]] = []

    def ask(self) -> None:
        """Ask the call to end; asking again does no harm, and reaches what began meanwhile."""
        self._asked.set()
        for ending in list(self._endings):
            with suppress(Exception):  # what it would end is over
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


def interruptible(work: Callable[[], Result], *endings: Callable[[], object]) -> Result:
    """Do work that Ctrl-C, the kernel's stop button or a `Stop` ends at once, by calling `endings`.

    Only the main thread meets Ctrl-C, and only between steps of Python's. So there the work goes on in a thread of its
    own, while the main thread waits.
    """
    if threading.current_thread() is not threading.main_thread():
        return _ended_by(endings, work)
    stop, outcome = current(), Outcome[Result]()

    def run() -> None:
        try:
            with stoppable(stop):
                outcome.succeed(_ended_by(endings, work))
        except BaseException as error:  # noqa: BLE001 - it is raised where the work is waited for
            outcome.fail(error)

    context = copy_context()  # here, so that whatever interrupts the block below finds the work begun
    try:
        start_new_thread(context.run, (run,))  # `Thread.start` waits in a way that Ctrl-C breaks: see Outcome
        while not outcome.wait(_LOOK_EVERY):
            pass
    except BaseException:
        until = time.monotonic() + _LONGEST_END
        while not outcome.over and time.monotonic() < until:
            stop.ask()  # again and again: between two queries there is nothing to end
            outcome.wait(_ASK_EVERY)
        raise
    return outcome.result()


def to_the_end(work: Callable[[], Result]) -> Result:
    """Do work that must not be left half done: Ctrl-C is raised when it is over."""
    return interruptible(work)


def _ended_by(endings: tuple[Callable[[], object], ...], work: Callable[[], Result]) -> Result:
    with ExitStack() as stack:
        for ending in endings:
            stack.enter_context(current().ended_by(ending))
        return work()


_current: ContextVar[Stop | None] = ContextVar("stop", default=None)


def current() -> Stop:
    """Return what can end the call that runs here."""
    return _current.get() or Stop()


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Let `stop` end the block's requests and queries."""
    token = _current.set(stop)
    try:
        yield
    finally:
        _current.reset(token)
