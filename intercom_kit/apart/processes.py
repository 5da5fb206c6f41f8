"""The pool of worker processes: one is always ready, and few work at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import mkdtemp

from intercom_kit.apart.process import Process
from intercom_kit.concurrency import stopping
from intercom_kit.errors import IntercomError, QueryTimeoutError

# The number of queries that run at a time; more would only wait for processors.
AT_A_TIME = 4
_LOOK_EVERY = 0.1


class Processes:
    """A pool of worker processes with a memory limit each, started before they are needed.

    They read files in the `folder`. With `spill`, each writes what does not fit into memory into a folder of its own
    there.
    """

    def __init__(
        self, limit: int, folder: Callable[[], Path], spill: Path | None = None, at_a_time: int = AT_A_TIME
    ) -> None:
        self._limit = limit
        self._at_a_time = at_a_time
        self._folder = folder
        self._spill = spill
        self._idle: list[Process] = []
        self._free = SimpleQueue[None]()  # instead of a semaphore, which Ctrl-C could leave broken: see Outcome
        for _ in range(at_a_time):
            self._free.put(None)
        self._lock = threading.Lock()
        self._closed = False
        self.busy = 0  # queries in progress

    def warm(self) -> None:
        """Start a process, unless one is ready."""
        with self._lock:
            if not self._idle and not self._closed:
                with suppress(IntercomError):  # it is raised again when a process is needed
                    self._idle.append(self._started())

    @contextmanager
    def one(self, patience: float) -> Iterator[Process]:
        """Yield a process for exclusive use, as soon as one is free; it is reused only if it has freed its memory.

        Raises QueryTimeoutError if none is free within `patience` seconds.
        """
        until = time.monotonic() + patience
        while not self._is_free():
            stopping.current().check()
            if time.monotonic() > until:
                raise QueryTimeoutError(
                    f"{self._at_a_time} other queries are running, and none finished within {patience:g} seconds: "
                    "try later."
                )
        process = None
        try:
            process = self._taken()
            yield process
        finally:
            self._give_back(process)

    def _is_free(self) -> bool:
        """Wait briefly for a free place in the pool; return whether the caller got it."""
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
        return self._started()

    def _started(self) -> Process:
        try:
            own = None if self._spill is None else Path(mkdtemp(dir=self._spill))
            return Process(self._limit, self._folder(), own)
        except OSError as error:
            raise IntercomError(
                f"The query needs its own process, and none can be started ({error}): is there free memory, and a "
                "folder to write to? TMPDIR sets one."
            ) from error

    def _give_back(self, process: Process | None) -> None:
        self._free.put(None)
        with self._lock:
            self.busy -= 1
            if process is None:
                return
            if process.fit and not self._closed and len(self._idle) < self._at_a_time:
                self._idle.append(process)
                return
        process.end()
        threading.Thread(target=process.close, daemon=True).start()  # freeing much memory takes a while
        self.warm()

    def close(self) -> None:
        """End all idle processes; busy ones end with their query."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()
