"""The processes apart of one session: one is always ready, and few work at a time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue

from intercom_kit.apart.exchange import Exchange
from intercom_kit.apart.process import Process
from intercom_kit.concurrency import stopping
from intercom_kit.errors import IntercomError, QueryTimeoutError

# So many queries of others run at a time; more would wait for processors anyway.
_AT_A_TIME = 4
_LOOK_EVERY = 0.1


class Processes:
    """Processes within so many bytes of memory each, begun before they are needed."""

    def __init__(self, most: int, exchange: Exchange) -> None:
        self._most = most
        self._exchange = exchange
        self._idle: list[Process] = []
        self._free = SimpleQueue[None]()  # Ctrl-C would break a semaphore: see Outcome
        for _ in range(_AT_A_TIME):
            self._free.put(None)
        self._lock = threading.Lock()
        self._closed = False
        self.busy = 0  # queries that are worked on now

    def warm(self) -> None:
        """Begin a process, unless one is ready."""
        with self._lock:
            if not self._idle and not self._closed:
                with suppress(IntercomError):  # which is told once one is needed
                    self._idle.append(self._begun())

    @contextmanager
    def one(self, patience: float) -> Iterator[Process]:
        """Give a process that nobody else uses meanwhile, once one is free; one that took too much is not used again.

        Raises QueryTimeoutError where none is free for so many seconds.
        """
        until = time.monotonic() + patience
        while not self._is_free():
            stopping.current().check()
            if time.monotonic() > until:
                raise QueryTimeoutError(
                    f"{_AT_A_TIME} queries of others run already, and none ended in {patience:g} seconds: ask later."
                )
        process = None
        try:
            process = self._taken()
            yield process
        finally:
            self._give_back(process)

    def _is_free(self) -> bool:
        """Wait a moment for one of the processes that may work; tell whether the caller may have it."""
        try:
            self._free.get(timeout=_LOOK_EVERY)
        except Empty:
            return False
        return True

    def _taken(self) -> Process:
        with self._lock:
            self.busy += 1
            while self._idle:
                process = self._idle.pop()
                if process.fit:
                    return process
                process.close()
        return self._begun()

    def _begun(self) -> Process:
        try:
            return Process(self._most, self._exchange.folder())
        except OSError as error:
            raise IntercomError(
                f"The query needs a process of its own, and none can be begun ({error}): is there memory, and a folder "
                "to write to? TMPDIR names one."
            ) from error

    def _give_back(self, process: Process | None) -> None:
        self._free.put(None)
        with self._lock:
            self.busy -= 1
            if process is None:
                return
            if process.fit and not self._closed and len(self._idle) < _AT_A_TIME:
                self._idle.append(process)
                return
        process.end()
        threading.Thread(target=process.close, daemon=True).start()  # much memory takes a while to be given back
        self.warm()

    def close(self) -> None:
        """End all that are idle; those that work end with their query."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()
