"""One process apart: begun, asked, watched while it works, and ended where it takes too long or too much memory."""

import os
import pickle
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
_GRACE = 0.3  # seconds, in which DuckDB ends a query by itself
_LEAST = 0.1  # seconds that a query is given once its rows are here
_MARGIN = 1.1  # of its memory, at which a process is ended
_GREW = 0.2  # of its memory, which a process may keep between queries
_MUCH = 0.5  # of its memory: a process that took more and is gone was most likely ended for it

_PROXY = "_proxy"


@dataclass
class Allowance:
    """How many seconds of processes apart a query may take, and has spent; None is without end."""

    timeout: float | None
    spent: float = 0.0

    @property
    def left(self) -> float | None:
        """Give the seconds that are left, and a moment at least, since the rows are here."""
        return None if self.timeout is None else max(_LEAST, self.timeout - self.spent)


class Process:
    """A process for one query at a time, within so many bytes of memory."""

    def __init__(self, most: int, folder: Path) -> None:
        self._most = most
        command = [sys.executable, "-P", "-m", "intercom_kit.apart.worker", str(most), str(folder)]
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
        """Tell whether it can be asked again: it lives, and gave back what the last query took."""
        if self._child.poll() is not None or self._ended:
            return False
        return self._base is None or memory.taken(self._watched) < self._base + _GREW * self._most

    def read(self, wish: Read, allowance: Allowance) -> Understood:
        """Have a query checked and planned; raise BadQueryError, QueryTimeoutError and MemoryLimitError."""
        understood: Understood = self._asked(wish, allowance)
        return understood

    def answer(self, wish: Answer, allowance: Allowance) -> Frame:
        """Have a query answered that was read; raise as `read` does."""
        answer: Frame = self._asked(replace(wish, seconds=allowance.left), allowance)
        return answer

    def _asked(self, wish: Read | Answer, allowance: Allowance) -> Any:
        if self._base is None:
            self._base = self._awaited(None, _START).memory
        self._timeout, self._highest, began = allowance.timeout, 0, time.monotonic()
        answer = self._awaited(wish, allowance.left)
        allowance.spent += time.monotonic() - began
        if isinstance(answer, Failed):
            raise self._in_own_words(answer.error)
        return answer

    def _awaited(self, wish: Read | Answer | None, seconds: float | None) -> Any:
        """Send a wish and wait for the answer; Ctrl-C or a stop meanwhile ends the process."""
        outcome, until = Outcome[Any](), None if seconds is None else time.monotonic() + seconds + _GRACE
        try:
            with stopping.current().ended_by(self.end):
                start_new_thread(self._exchange, (wish, outcome))
                while not outcome.wait(_LOOK_EVERY):
                    self._watch(until)
        except BaseException:
            self.end()
            raise
        if outcome.error is not None:
            stopping.current().check()
            raise self._why() from outcome.error
        return outcome.result()

    def _exchange(self, wish: Any, outcome: Outcome[Any]) -> None:
        given, answers = self._child.stdin, self._child.stdout
        try:
            if given is None or answers is None:
                raise EOFError  # noqa: TRY301 - as where they are closed
            if wish is not None:
                pickle.dump(wish, given, protocol=pickle.HIGHEST_PROTOCOL)
                given.flush()
            outcome.succeed(pickle.load(answers))  # noqa: S301 - our own process wrote it
        except BaseException as error:  # noqa: BLE001 - it is told where the answer is waited for
            outcome.fail(error)

    def _watch(self, until: float | None) -> None:
        """End the process where it is over its time or its memory."""
        if until is not None and time.monotonic() > until:
            self._ended = self._ended or "time"
            self.end()
            return
        self._highest = max(self._highest, memory.taken(self._watched))
        if self._highest > _MARGIN * self._most:
            self._ended = self._ended or "memory"
            self.end()

    def end(self) -> None:
        """End the process, whatever it does."""
        self._ended = self._ended or "stopped"
        self._child.kill()

    def close(self) -> None:
        """End the process, and wait until it is gone."""
        self.end()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not sent yet is not wanted any more
                    continue

    # --- what went wrong -------------------------------------------------------------------------

    def _why(self) -> IntercomError:
        """Say why a process gave no answer."""
        if self._base is None:
            return IntercomError("The query needs a process of its own, and none can be begun: is memory left?")
        if self._ended == "time":
            return too_long(self._timeout)
        if self._ended == "memory" or self._highest > _MUCH * self._most:
            return self._too_much()
        return IntercomError(
            f"The process in which the query ran ended without an answer ({self._exit()}), maybe by a defect of "
            "DuckDB. Ask again; if that ends in the same way, write the query differently."
        )

    def _exit(self) -> str:
        """Tell how the process ended; where a signal ended it, by which."""
        with suppress(subprocess.TimeoutExpired):  # it answers no more, and is there still
            self._child.wait(1)
        self._child.kill()
        code = self._child.wait()
        return f"exit code {code}" if code >= 0 else signal.strsignal(-code) or f"signal {-code}"

    def _too_much(self) -> MemoryLimitError:
        return MemoryLimitError(
            f"The query needs more memory than it may use ({self._most / 1e6:,.0f} MB): ask for fewer rows or columns, "
            "make smaller values, join or sort less at a time, or allow more, as by `intercom-kit mcp --memory`."
        )

    def _in_own_words(self, error: Exception) -> Exception:
        if isinstance(error, QueryTimeoutError):
            return too_long(self._timeout)
        return self._too_much() if isinstance(error, MemoryLimitError) else error


def _environment() -> dict[str, str]:
    """Give a process what it needs to begin: no token, and no password of a proxy."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("INTERCOM_") and not name.lower().endswith(_PROXY)
    }
