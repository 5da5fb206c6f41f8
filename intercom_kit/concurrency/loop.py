"""One event loop in a background thread, for a synchronous surface over asynchronous requests.

A notebook already runs inside a loop, so `asyncio.run` cannot be used there; plain functions submit coroutines to this
thread and wait.
"""

import asyncio
import atexit
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from intercom_kit.concurrency import stopping
from intercom_kit.concurrency.forking import in_child, keep_for_ever
from intercom_kit.concurrency.names import look_up_beside
from intercom_kit.concurrency.outcome import Outcome

Result = TypeVar("Result")

_LOOK_EVERY = 0.1  # seconds between calls of `look` while waiting
_LONGEST_STOP = 5.0  # seconds that cancelled work may take to stop
_LONGEST_END = 1.0  # seconds that work in progress may take to stop when the program exits

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None


def _running() -> asyncio.AbstractEventLoop:
    """Return the process's loop; the first call starts it."""
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            look_up_beside(_loop)
            _thread = threading.Thread(target=_serve, args=(_loop,), name="intercom_kit", daemon=True)
            _thread.start()
        return _loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop until it is stopped; a SystemExit from a task is raised in its caller, and the loop goes on."""
    while True:
        with contextlib.suppress(SystemExit, KeyboardInterrupt):
            return loop.run_forever()


@atexit.register
def _end() -> None:
    """Cancel work in progress when the program exits: DuckDB complains about objects that tasks still hold.

    Later calls, such as from another exit handler, start a new loop.
    """
    global _loop
    if _loop is not None and _thread is not None:
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_cancel_all(), _loop).result(_LONGEST_END)
        _loop.call_soon_threadsafe(_loop.stop)
        _thread.join(_LONGEST_END)
        _loop = None


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@in_child
def _begin_anew() -> None:
    """Forget the parent's loop in a forked process: its thread does not exist, and its lock may never be released."""
    global _loop, _thread, _lock
    keep_for_ever(_loop)
    _loop, _thread, _lock = None, None, threading.Lock()


class Background(Generic[Result]):
    """A coroutine that runs on the background loop, from `begin` or the wait for its result on, until it is cancelled.

    One thread calls all methods, and waits for each that it has begun or cancels it.
    """

    def __init__(self, work: Coroutine[Any, Any, Result]) -> None:
        self._loop, self._running = _running(), _Running(work)
        self._is_begun = False

    def begin(self) -> None:
        """Let the coroutine run while the caller goes on."""
        self._is_begun = True
        self._loop.call_soon_threadsafe(self._running.begin)

    def result(self, look: Callable[[], None] = lambda: None) -> Result:
        """Wait for the result, as `run` does."""
        stop, outcome = stopping.current(), self._running.outcome
        try:
            if not self._is_begun:
                self.begin()
            stop.check()
            while not outcome.wait(_LOOK_EVERY):
                stop.check()
                look()
        except BaseException:
            self.cancel()
            raise
        return outcome.result()

    def cancel(self) -> None:
        """Cancel the coroutine, and wait until it has released its resources; its outcome no longer matters."""
        self._loop.call_soon_threadsafe(self._running.cancel)
        self._running.outcome.wait(_LONGEST_STOP)


def run(work: Coroutine[Any, Any, Result], look: Callable[[], None] = lambda: None) -> Result:
    """Run a coroutine on the background loop, and return its result; calls `look` regularly from the caller's thread.

    An interrupt (Ctrl-C, the kernel's stop button, a `Stop`) cancels the work, waits until it has stopped, and is
    raised again.
    """
    return Background(work).result(look)


class _Running(Generic[Result]):
    """A coroutine running on the loop, whose thread calls all methods."""

    def __init__(self, work: Coroutine[Any, Any, Result]) -> None:
        self._work = work
        self._task: asyncio.Task[Result] | None = None
        self.outcome = Outcome[Result]()

    def begin(self) -> None:
        self._task = asyncio.ensure_future(self._work)
        self._task.add_done_callback(self._end)

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:  # the caller was interrupted before the work began
            self._work.close()
            self.outcome.fail(asyncio.CancelledError())

    def _end(self, task: "asyncio.Task[Result]") -> None:
        if task.cancelled():
            self.outcome.fail(asyncio.CancelledError())
        elif error := task.exception():
            self.outcome.fail(error)
        else:
            self.outcome.succeed(task.result())
