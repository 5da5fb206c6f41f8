"""One worker process, seen from its parent: started, sent requests, and ended if it exceeds its time or memory."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from _thread import start_new_thread
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from intercom_kit.apart import memory
from intercom_kit.apart.requests import Answer, Failed, Read, Understood
from intercom_kit.concurrency import stopping
from intercom_kit.concurrency.outcome import Outcome
from intercom_kit.errors import IntercomError, MemoryLimitError, QueryTimeoutError
from intercom_kit.frames.frame import Frame
from intercom_kit.sql.running import too_long

_LOOK_EVERY = 0.02
_START = 60.0  # seconds that a process may take to be ready
_GRACE = 0.3  # seconds beyond the timeout, in which DuckDB ends a query by itself
_LEAST = 0.1  # seconds that a query may run in any case once its rows are fetched
_MARGIN = 1.1  # of its memory limit, at which a process is ended
_GREW = 0.2  # of its memory limit, by which a process may grow and still be reused
_MUCH = 0.5  # of its memory limit: a process that used more and has died most likely ran out of memory

_PROXY = "_proxy"


@dataclass
class Allowance:
    """The seconds that a query may take in worker processes, and those it has spent; None is no limit."""

    timeout: float | None
    spent: float = 0.0

    @property
    def left(self) -> float | None:
        """Return the seconds left, but at least a fraction of one, since the rows are already fetched."""
        return None if self.timeout is None else max(_LEAST, self.timeout - self.spent)


class Process:
    """A worker process for one query at a time, with a memory limit in bytes.

    It reads files in `folder`. What does not fit into memory it writes into the folder `spill`, its own, if it has one.
    """

    def __init__(self, limit: int, folder: Path, spill: Path | None = None) -> None:
        self._limit = limit
        self._spill = spill
        folders = [str(each) for each in (folder, spill) if each is not None]
        command = [sys.executable, "-P", "-m", "intercom_kit.apart.worker", str(limit), *folders]
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        self._watched = psutil.Process(self._child.pid)
        self._base: int | None = None
        self._highest = 0
        self._ended = ""
        self._timeout: float | None = None

    @property
    def fit(self) -> bool:
        """Return whether it can be reused: it is alive, and has freed the memory of the last query."""
        if self._child.poll() is not None or self._ended:
            return False
        return self._base is None or memory.taken(self._watched) < self._base + _GREW * self._limit

    def read(self, request: Read, allowance: Allowance) -> Understood:
        """Return a query checked and planned; raise BadQueryError, QueryTimeoutError and MemoryLimitError."""
        understood: Understood = self._response(request, allowance)
        return understood

    def answer(self, request: Answer, allowance: Allowance) -> Frame:
        """Return the result of a query that was read before; raise as `read` does."""
        answer: Frame = self._response(replace(request, seconds=allowance.left), allowance)
        return answer

    def _response(self, request: Read | Answer, allowance: Allowance) -> Any:
        if self._base is None:
            self._base = self._awaited(None, _START).memory
        self._timeout, self._highest, began = allowance.timeout, 0, time.monotonic()
        response = self._awaited(request, allowance.left)
        allowance.spent += time.monotonic() - began
        if isinstance(response, Failed):
            raise self._translated(response.error)
        return response

    def _awaited(self, request: Read | Answer | None, seconds: float | None) -> Any:
        """Send a request and return its response; Ctrl-C or a stop meanwhile ends the process."""
        outcome, until = Outcome[Any](), None if seconds is None else time.monotonic() + seconds + _GRACE
        try:
            with stopping.current().ended_by(self.end):
                start_new_thread(self._exchange, (request, outcome))
                while not outcome.wait(_LOOK_EVERY):
                    self._watch(until)
        except BaseException:
            self.end()
            raise
        if outcome.error is not None:
            stopping.current().check()
            raise self._why() from outcome.error
        return outcome.result()

    def _exchange(self, request: Any, outcome: Outcome[Any]) -> None:
        stdin, stdout = self._child.stdin, self._child.stdout
        try:
            if stdin is None or stdout is None:
                raise EOFError  # noqa: TRY301 - as if they were closed
            if request is not None:
                pickle.dump(request, stdin, protocol=pickle.HIGHEST_PROTOCOL)
                stdin.flush()
            outcome.succeed(pickle.load(stdout))  # noqa: S301 - our own process wrote it
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits for the response
            outcome.fail(error)

    def _watch(self, until: float | None) -> None:
        """End the process if it has exceeded its time or its memory."""
        if until is not None and time.monotonic() > until:
            self._ended = self._ended or "time"
            self.end()
            return
        self._highest = max(self._highest, memory.taken(self._watched))
        if self._highest > _MARGIN * self._limit:
            self._ended = self._ended or "memory"
            self.end()

    def end(self) -> None:
        """End the process at once."""
        self._ended = self._ended or "stopped"
        self._child.kill()

    def close(self) -> None:
        """End the process, wait until it has ended, and delete what it spilled."""
        self.end()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unsent data that nobody needs any more
                    continue
        if self._spill is not None:
            shutil.rmtree(self._spill, ignore_errors=True)

    # --- errors ----------------------------------------------------------------------------------

    def _why(self) -> IntercomError:
        """Return the error for a process that ended without a response."""
        if self._base is None:
            return IntercomError("The query needs its own process, and none can be started: is there free memory?")
        if self._ended == "time":
            return too_long(self._timeout)
        if self._ended == "memory" or self._highest > _MUCH * self._limit:
            return self._too_much()
        return IntercomError(
            f"The process in which the query ran ended without an answer ({self._exit()}), maybe by a defect of "
            "DuckDB. Try again; if it fails in the same way, write the query differently."
        )

    def _exit(self) -> str:
        """Return how the process ended: its exit code, or the signal that ended it."""
        with suppress(subprocess.TimeoutExpired):  # it no longer responds, but is still alive
            self._child.wait(1)
        self._child.kill()
        code = self._child.wait()
        return f"exit code {code}" if code >= 0 else signal.strsignal(-code) or f"signal {-code}"

    def _too_much(self) -> MemoryLimitError:
        return MemoryLimitError(
            f"The query needs more memory than it may use ({self._limit / 1e6:,.0f} MB): read fewer rows or columns, "
            "make smaller values, join or sort less at a time, or allow more, as by `intercom-kit mcp --memory`."
        )

    def _translated(self, error: Exception) -> Exception:
        """Return a worker's error with this query's limits in its message."""
        if isinstance(error, QueryTimeoutError):
            return too_long(self._timeout)
        return self._too_much() if isinstance(error, MemoryLimitError) else error


def _environment() -> dict[str, str]:
    """Return the environment of a worker, without tokens and without proxies, whose addresses may hold passwords."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("INTERCOM_") and not name.lower().endswith(_PROXY)
    }
