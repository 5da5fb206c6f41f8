"""One event loop in a background thread, for a synchronous surface over asynchronous requests.

A notebook already runs inside a loop, so `asyncio.run` cannot be used there; plain functions hand their work to this
thread and wait.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from intercom_kit.api import stopping
from intercom_kit.api.forking import in_child, keep_for_ever
from intercom_kit.api.names import look_up_beside

Result = TypeVar("Result")

_LOOK_EVERY = 0.1  # seconds between looks at progress while waiting

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _running() -> asyncio.AbstractEventLoop:
    """Give the process's loop, started at the first use."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            look_up_beside(_loop)
            threading.Thread(target=_serve, args=(_loop,), name="intercom_kit", daemon=True).start()
        return _loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop for as long as the process lives; an exit that some work asks for is its caller's to meet."""
    while True:
        with contextlib.suppress(SystemExit, KeyboardInterrupt):
            loop.run_forever()


@in_child
def _begin_anew() -> None:
    """Forget the parent's loop in a forked process: its thread is not there, and its lock may be taken for ever."""
    global _loop, _lock
    keep_for_ever(_loop)
    _loop, _lock = None, threading.Lock()


def run(work: Coroutine[Any, Any, Result], look: Callable[[], None] = lambda: None) -> Result:
    """Run work on the background loop and wait for it, calling `look` now and then from the caller's thread.

    An interrupt (Ctrl-C, the kernel's stop button, a `Stop`) cancels the work, waits until it has stopped, and goes on
    up.
    """
    loop, task, stop = _running(), None, stopping.current()

    async def begin() -> Result:
        nonlocal task
        task = asyncio.current_task()
        return await work

    future: Future[Result] = asyncio.run_coroutine_threadsafe(begin(), loop)
    try:
        while True:
            stop.check()
            try:
                return future.result(timeout=_LOOK_EVERY)
            except TimeoutError:
                if future.done():
                    return future.result()  # what came this moment, be it an error; the wait's own is none
                look()
    except BaseException:
        _stop(future, loop, task)
        raise


def _stop(future: "Future[Any]", loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any] | None") -> None:
    """Cancel work and wait until it has let go of what it held."""
    # Cancelling the future would only forget the task: its result would be there at once, and the work go on.
    if task is None:
        future.cancel()
    else:
        loop.call_soon_threadsafe(task.cancel)
    with contextlib.suppress(Exception, CancelledError):  # what it says now is of no interest
        future.result(timeout=5)
