"""The processes apart of one session: one is always ready, and few work at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from intercom_kit.api import stopping
from intercom_kit.live.sql.apart.exchange import Exchange
from intercom_kit.live.sql.apart.process import Process

# So many queries of others run at a time; more would wait for processors anyway.
_AT_A_TIME = 4
_LOOK_EVERY = 0.1


class Processes:
    """Processes within so many bytes of memory each, begun before they are needed."""

    def __init__(self, most: int, exchange: Exchange) -> None:
        self._most = most
        self._exchange = exchange
        self._idle: list[Process] = []
        self._free = threading.Semaphore(_AT_A_TIME)
        self._lock = threading.Lock()
        self._closed = False

    def warm(self) -> None:
        """Begin a process, unless one is ready."""
        with self._lock:
            if not self._idle and not self._closed:
                self._idle.append(Process(self._most, self._exchange.folder()))

    @contextmanager
    def one(self, timeout: float | None) -> Iterator[Process]:
        """Give a process that nobody else uses meanwhile, for a query of so many seconds.

        One that took too much is not used again.
        """
        while not self._free.acquire(timeout=_LOOK_EVERY):
            stopping.current().check()
        process = self._taken()
        process.allow(timeout)
        try:
            yield process
        finally:
            self._give_back(process)
            self._free.release()

    def _taken(self) -> Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.fit:
                    return process
                process.close()
        return Process(self._most, self._exchange.folder())

    def _give_back(self, process: Process) -> None:
        with self._lock:
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
