"""Cancel a call from another thread, as an MCP client does, or by Ctrl-C while DuckDB is running."""

import threading
import time
from _thread import start_new_thread
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import TypeVar

from intercom_kit.concurrency.outcome import Outcome

Result = TypeVar("Result")

# On Windows, a wait without a timeout cannot be interrupted.
_LOOK_EVERY = 0.1
_ASK_EVERY = 0.02
_LONGEST_END = 10


class Stopped(BaseException):
    """The cancellation of a call from another thread; not a failure, hence not an Exception."""


class Stop:
    """A switch that cancels a call, with the callbacks that do it."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._endings: list[Callable[[], object]] = []

    def ask(self) -> None:
        """Request that the call ends; a repeated request does no harm, and reaches work begun since."""
        self._requested.set()
        for ending in list(self._endings):
            with suppress(Exception):  # the work is over already
                ending()

    def check(self) -> None:
        """Raise Stopped where the call should end."""
        if self._requested.is_set():
            raise Stopped

    @contextmanager
    def ended_by(self, ending: Callable[[], object]) -> Iterator[None]:
        """Call `ending` if the call should end while the block runs."""
        self._endings.append(ending)
        try:
            self.check()
            yield
        except Exception:
            self.check()  # a failure caused by the cancellation is not reported as one
            raise
        finally:
            self._endings.remove(ending)


def interruptible(work: Callable[[], Result], *endings: Callable[[], object]) -> Result:
    """Run work that Ctrl-C, the kernel's stop button or a `Stop` cancels at once, by calling `endings`.

    Only the main thread receives Ctrl-C, and only between bytecodes. So its work runs in another thread, while the main
    thread waits.
    """
    if threading.current_thread() is not threading.main_thread():
        return _ended_by(endings, work)
    stop, outcome = current(), Outcome[Result]()

    def run() -> None:
        try:
            with stoppable(stop):
                outcome.succeed(_ended_by(endings, work))
        except BaseException as error:  # noqa: BLE001 - it is raised in the waiting thread
            outcome.fail(error)

    context = copy_context()  # outside of the block, so that an interrupt there finds the work begun
    try:
        start_new_thread(context.run, (run,))  # Ctrl-C would break the wait in `Thread.start`: see Outcome
        while not outcome.wait(_LOOK_EVERY):
            pass
    except BaseException:
        until = time.monotonic() + _LONGEST_END
        while not outcome.over and time.monotonic() < until:
            stop.ask()  # repeatedly: between two queries there is nothing to cancel
            outcome.wait(_ASK_EVERY)
        raise
    return outcome.result()


def to_the_end(work: Callable[[], Result]) -> Result:
    """Run work that must not be left half done: Ctrl-C is raised after it."""
    return interruptible(work)


def _ended_by(endings: tuple[Callable[[], object], ...], work: Callable[[], Result]) -> Result:
    with ExitStack() as stack:
        for ending in endings:
            stack.enter_context(current().ended_by(ending))
        return work()


_current: ContextVar[Stop | None] = ContextVar("stop", default=None)


def current() -> Stop:
    """Return the `Stop` of the current call."""
    return _current.get() or Stop()


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Make `stop` cancel the block's requests and queries."""
    token = _current.set(stop)
    try:
        yield
    finally:
        _current.reset(token)
