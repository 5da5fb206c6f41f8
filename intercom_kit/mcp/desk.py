"""The execution of tool calls: opens their source at the first one, reports progress, and stops when told to."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import anyio
import anyio.to_thread
from mcp.server.apps import client_supports_apps
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import MCPServerError, ToolError, UnexpectedToolError
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult

from intercom_kit.concurrency.stopping import Stop, Stopped, stoppable
from intercom_kit.errors import IntercomError, NotConnectedError, TokenInvalidError
from intercom_kit.fetch.meter import Meter, telling
from intercom_kit.mcp.answers import answered
from intercom_kit.mcp.declaring import Source, ToolCall
from intercom_kit.mcp.failures import spoken, unexpected
from intercom_kit.mcp.logins.asking import Connecting
from intercom_kit.mcp.results import Result, Results
from intercom_kit.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.tables.privacy import Privacy

Outcome = TypeVar("Outcome")

_REPORT_EVERY = 0.25  # seconds
_LAST_WAIT = 5.0  # seconds to wait for a cancelled call to stop
# Seconds until a call is stopped, so that it ends, with what it kept, before clients give up on it after 60.
LONGEST_CALL = 40.0

_CALL = Context[Any, Any]


class Desks(Protocol):
    """Those who serve the callers of a server: one desk for all of them, or one for each tenant."""

    privacy: "Privacy"

    def entered(self) -> AbstractContextManager["Desk[Any]"]:
        """Enter the desk that serves the caller of the current request."""

    def close(self) -> None:
        """Close every desk."""


class Desk(ABC, Generic[Source]):
    """The source of a server's answers, opened at the first call that needs it, and the results of calls.

    Their SQL runs in a separate process, limited to `memory`.

    Modules that need pandas are imported when a call needs them, so that the server starts fast.
    """

    logins: Connecting | None = None
    threads: anyio.CapacityLimiter | None = None  # in which calls run; without, those of all desks
    asks_after: tuple[type[IntercomError], ...] = (NotConnectedError,)  # errors after which a user is asked to connect

    def __init__(self, privacy: "Privacy", memory: str) -> None:
        self.privacy = privacy
        self.memory = memory
        self.results = self.no_results()
        self.opened: Source | None = None
        self._lock = threading.Lock()

    @contextmanager
    def entered(self) -> Iterator["Desk[Source]"]:
        """Enter this desk, which serves every caller."""
        yield self

    def spoken(self, error: IntercomError) -> str:
        """Return an error's message for an assistant."""
        return spoken(error)

    def no_results(self) -> Results:
        """Return an empty cache of results."""
        return Results()

    def results_of(self, source: Source) -> Results:
        """Return the results that were read from a source; for one that is closed, a cache that nobody sees."""
        with self._lock:
            return self.results if self.opened is source else self.no_results()

    @abstractmethod
    def open(self) -> Source:
        """Open the source, and start a process for SQL."""

    def schema(self, table: str | None) -> "pd.DataFrame":
        """Describe the tables, or the columns of one, with what the source knows already; nothing is requested."""
        from intercom_kit.tables.catalogue import describe

        return self.opened.schema(table) if self.opened is not None else describe(table, self.privacy)

    def names(self, source: Source) -> Mapping[tuple[str, str], str]:  # noqa: ARG002
        """Return the names for columns of ids, by table and id."""
        return {}

    def source(self) -> Source:
        """Return the source; the first call opens it."""
        with self._lock:
            if self.opened is None:
                self.opened = self.open()
            return self.opened

    def close(self) -> None:
        """Close the source, and drop the results that were read from it; a later call opens it again."""
        with self._lock:
            source, self.opened, self.results = self.opened, None, self.no_results()
        if source is not None:
            source.close()

    async def ask(self, context: _CALL, work: Callable[[Source], Outcome], *, may_login: bool = True) -> Outcome:
        """Run work in a thread and return its outcome.

        Progress is reported, cancelling the call stops the work, as does time, and errors become ToolErrors for
        assistants.
        """
        stop, progress, finished = Stop(), _Progress(), threading.Event()
        outcome: list[Outcome] = []
        failure: list[Exception] = []
        kept: list[str] = []

        def call() -> None:
            try:
                with stoppable(stop), telling(progress.update):
                    outcome.append(work(self.source()))
            except Exception as error:  # noqa: BLE001 - it is raised below, outside of the task group
                failure.append(error)
            except Stopped as stopped:
                kept.extend(getattr(stopped, "__notes__", ()))
            finally:
                finished.set()

        async with anyio.create_task_group() as group:
            group.start_soon(_report, context, progress)
            try:
                with anyio.move_on_after(LONGEST_CALL):
                    await _until_stopped(call, stop, finished, self.threads)
            finally:
                group.cancel_scope.cancel()
        if not outcome and not failure:
            raise ToolError(_late(kept, ended=finished.is_set()))
        for error in failure:
            if isinstance(error, TokenInvalidError):
                # The next call looks for a token again.
                await anyio.to_thread.run_sync(self.close, limiter=self.threads)
            logins = self.logins if may_login and isinstance(error, self.asks_after) else None
            if logins and await logins.connect(context):
                return await self.ask(context, work)
            if isinstance(error, IntercomError):
                raise ToolError(self.spoken(error)) from error
            if isinstance(error, MCPServerError | MCPError):
                raise error
            raise UnexpectedToolError(unexpected(error, with_values=self.privacy == "full")) from error
        return outcome[0]

    async def answer(self, context: _CALL, tool: str, call: ToolCall[Source]) -> CallToolResult:
        """Return the requested page of a tool call's result."""
        from intercom_kit.mcp.cells import cell
        from intercom_kit.mcp.figures.drawing import with_figure
        from intercom_kit.mcp.shaping import shaped

        shows_apps = client_supports_apps(context)
        owner, page, fetch, document = caller(), call.page, call.fetch, call.document
        if document is not None:
            return await self.ask(context, lambda source: answered(document(source)))
        if fetch is None:
            return self._known(call, owner)

        def work(source: Source) -> CallToolResult:
            if page.cursor:
                result, start = self.results_of(source).page(page.cursor, tool, call.question, owner)
            else:
                first = min(call.max_rows, max(page.limit, _page_of(call.table))) if call.max_rows else 0
                frame = fetch(source, first)
                about = (call.about(source) if call.about else cell(frame.attrs["intercom"].get("metric"))) or None
                result, start = self.results_of(source).hold(Result(tool, owner, call, frame, about)), 0
            result.reach(source, start + page.limit)
            answer = answered(shaped(result, start, page, lambda: self.names(source)))
            if call.picture is None or page.cursor:
                return answer
            return with_figure(answer, result.frame, picture=call.picture, app=shows_apps)

        try:
            return await self.ask(context, work, may_login=not call.answers_unconnected)
        except ToolError as error:
            unopened = self.opened is None and isinstance(error.__cause__, IntercomError)
            if not (call.answers_unconnected and (unopened or isinstance(error.__cause__, NotConnectedError))):
                raise
            return self._unconnected(call, owner, str(error))

    def _unconnected(self, call: ToolCall[Source], owner: str, why: str) -> CallToolResult:
        """Return the answer of a call that says why nothing is connected."""
        import pandas as pd

        from intercom_kit.frames.frame import with_receipt
        from intercom_kit.frames.receipt import Receipt

        nothing = with_receipt(pd.DataFrame(), Receipt(""))
        return self._known(replace(call, known=nothing, known_about={"connected": False, "why": why}), owner)

    def _known(self, call: ToolCall[Source], owner: str) -> CallToolResult:
        """Return the page of a frame that needs no request."""
        from intercom_kit.mcp.shaping import shaped

        assert call.known is not None  # noqa: S101 - what is not fetched is known
        about = dict(call.known_about) if call.known_about else None
        result = self.results.hold(Result("", owner, call, call.known, about))
        return answered(shaped(result, 0, call.page, dict))


async def _until_stopped(
    call: Callable[[], None], stop: Stop, finished: threading.Event, threads: anyio.CapacityLimiter | None
) -> None:
    """Run a call in a thread; if this is cancelled, stop the call, and wait a little until it ends."""
    try:
        await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=threads)
    except anyio.get_cancelled_exc_class():
        with anyio.move_on_after(_LAST_WAIT, shield=True):
            while not finished.is_set():
                stop.ask()
                await anyio.sleep(0.05)
        raise


def _late(kept: list[str], *, ended: bool) -> str:
    """Return the sentence for a call that was stopped after its time, with what it kept; unknown until it `ended`."""
    some = next((note for note in kept if note.startswith("Kept")), "")
    if some:
        remedy = "Call again with the same arguments, and it goes on from there."
    elif not ended:
        remedy = "Call again with the same arguments: what was complete is being kept."
    else:
        remedy = (
            "Nothing of it was complete, so that calling again begins anew: narrow it by since, until, filters or a "
            "condition, or ask for fewer rows."
        )
    stopped = f"Stopped after {LONGEST_CALL:.0f} seconds, since clients wait no longer."
    return " ".join(filter(None, [stopped, some, remedy]))


def caller() -> str:
    """Return the caller's identity if the transport verifies it, else an empty text; callers share no results."""
    token = get_access_token()
    return (token.subject or token.client_id) if token else ""


def _page_of(table: Table | None) -> int:
    listing = (table.search or table.listing) if table else None
    return listing.per_page if listing else 0


class _Progress:
    """The progress of all fetches of one call."""

    def __init__(self) -> None:
        self._meters: dict[int, Meter] = {}
        self._latest: Meter | None = None

    def update(self, meter: Meter) -> None:
        """Record the progress of a fetch."""
        self._meters[id(meter)] = self._latest = meter

    def so_far(self) -> tuple[int, str]:
        """Return the number of requests sent, and a line about the latest fetch."""
        requests = sum(meter.requests for meter in list(self._meters.values()))
        if self._latest is None:
            return 0, ""
        of = f" of {self._latest.total:,}" if self._latest.total is not None and self._latest.done is None else ""
        return requests, f"{self._latest.label}: {self._latest.rows:,}{of} rows, {requests:,} requests"


async def _report(context: _CALL, progress: _Progress) -> None:
    """Report progress to the client, if it wants that, after every change."""
    reported = 0
    while True:
        await anyio.sleep(_REPORT_EVERY)
        requests, line = progress.so_far()
        if requests > reported:
            reported = requests
            await context.report_progress(requests, None, line)
