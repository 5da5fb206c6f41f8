"""A session of Spark of our own: where it comes from, what is set in it, how its work is shown, ended and explained."""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import grpc

from intercom_kit.concurrency import stopping
from intercom_kit.errors import BadLakeError, BadQueryError, IntercomError, MemoryLimitError
from intercom_kit.fetch.meter import Meter, bar
from intercom_kit.sql.running import too_long

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # PySpark does not know pandas 3 yet, which nothing here uses
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

Result = TypeVar("Result")

_PATIENCE = 10  # seconds in which a server has to answer for the first time
_RETRIES = DefaultPolicy(max_retries=7, max_backoff=5_000)  # for about 20 seconds
_AGAIN = 0.2  # seconds between two interrupts of what is late
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.ansi.enabled": "true",  # errors, where numbers would be wrong
    "spark.sql.caseSensitive": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
}
_MISSING = ("FILE_NOT_EXIST", "PATH_NOT_FOUND", "FAILED_READ_FILE", "FileNotFoundException")
_TOO_LARGE = ("OutOfMemory", "OUT_OF_MEMORY", "ExecutorLostFailure", "Not enough memory")


class Cluster:
    """The session in which a lake's queries run, on the server at `remote`, or beside one that was handed over."""

    def __init__(self, remote: str | None, session: Any) -> None:
        self.session = _connected(str(remote)) if session is None else _beside(session)
        self._is_remote = isinstance(self.session, SparkSession)
        if self._is_remote:
            self.session.client.set_retry_policies([_RETRIES])
        with _quietly():
            for name, value in _SETTINGS.items():
                self.session.conf.set(name, value)

    def close(self) -> None:
        """End our session; one that was handed over stays."""
        if self._is_remote:
            client = self.session.client
            client.set_retry_policies([])
            with suppress(Exception):  # the server may be gone, and with it the session
                client.release_session()
            client.close()

    def run(self, work: Callable[[Any], Result], timeout: float | None) -> Result:
        """Return the result of work in the session, which Ctrl-C and the timeout end on the cluster, too.

        Raises QueryTimeoutError, MemoryLimitError, BadLakeError or BadQueryError.
        """
        with _quietly(), _ended_after(timeout, self._interrupt) as is_late, self._shown():
            try:
                return stopping.interruptible(lambda: work(self.session), self._interrupt)
            except IntercomError:
                raise
            except Exception as error:
                raise (too_long(timeout) if is_late() else _explained(error)) from error

    def _interrupt(self) -> None:
        self.session.interruptAll()

    @contextmanager
    def _shown(self) -> Iterator[None]:
        """Show how many tasks are done; a session without Connect shows that itself."""
        meter = Meter("Spark", unit="tasks", total=0, done=0)
        with bar(meter) as look:

            def update(stages: Any, **_: Any) -> None:
                known = list(stages or ())
                meter.total = sum(stage.num_tasks for stage in known)
                meter.done = sum(stage.num_completed_tasks for stage in known)
                look()

            if self._is_remote:
                self.session.registerProgressHandler(update)
            try:
                yield
            finally:
                if self._is_remote:
                    self.session.removeProgressHandler(update)


def _connected(remote: str) -> SparkSession:
    """Return a new session at an address; raise BadLakeError if nothing answers there soon."""
    shown = remote.partition(";")[0].rstrip("/")  # without a token
    try:
        builder = DefaultChannelBuilder(remote)
        with builder.toChannel() as channel:
            grpc.channel_ready_future(channel).result(timeout=_PATIENCE)
    except grpc.FutureTimeoutError:
        raise BadLakeError(
            f"No Spark Connect server answers at {shown} within {_PATIENCE} seconds: start it, or name the right "
            "address, as in remote='sc://host:15002'."
        ) from None
    except PySparkException as error:
        raise BadLakeError(f"remote={shown!r} is no address of Spark Connect, as 'sc://host:15002' is.") from error
    return SparkSession(builder)  # not by its builder, which would make it everybody's default


def _beside(session: Any) -> Any:
    """Return a session beside another one, with its own settings and views."""
    return session.cloneSession() if isinstance(session, SparkSession) else session.newSession()


@contextmanager
def _ended_after(timeout: float | None, interrupt: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Interrupt what runs in the block once it is late, until it ends; yields whether it is."""
    over, late = threading.Event(), threading.Event()

    def watch() -> None:
        if not over.wait(timeout):
            late.set()
            while not over.wait(_AGAIN):
                with suppress(Exception):  # between two queries there is nothing to interrupt
                    interrupt()

    if timeout is not None:
        threading.Thread(target=watch, name="intercom_kit timeout", daemon=True).start()
    try:
        yield late.is_set
    finally:
        over.set()


@contextmanager
def _quietly() -> Iterator[None]:
    """Leave out PySpark's warnings: of pandas 3, of settings that are old, and of retries, whose end is an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pyspark")
        yield


def _explained(error: Exception) -> IntercomError:
    """Return the error that says what to do about one of Spark's."""
    said = " ".join(str(error).partition("JVM stacktrace")[0].split())[:600].rstrip(".")
    if any(each in said for each in _MISSING):
        return BadLakeError(
            f"Spark cannot read a file of the lake: {said}. Its driver and all its workers have to see the lake's "
            "folder under the same path as you."
        )
    if any(each in said for each in _TOO_LARGE):
        return MemoryLimitError(
            f"Spark ran out of memory: {said}. Give its workers more, or set spark.sql.autoBroadcastJoinThreshold=-1."
        )
    if isinstance(error, grpc.RpcError) or "UNAVAILABLE" in said:
        return BadLakeError(f"Spark does not answer any more: {said}. Start it again, and open the lake anew.")
    return BadQueryError(f"Spark does not answer this: {said}. `sql` of a lake on Spark takes Spark's SQL.")
