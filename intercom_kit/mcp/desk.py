"""Where tool calls are served: connected when first needed, with progress told, and ended when a client cancels."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import MCPServerError, ToolError, UnexpectedToolError
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult

from intercom_kit.concurrency.stopping import Stop, stoppable
from intercom_kit.errors import IntercomError, NotConnectedError, ScopeMissingError, TokenInvalidError
from intercom_kit.fetch.meter import Meter, telling
from intercom_kit.mcp import MEMORY
from intercom_kit.mcp.answers import answered
from intercom_kit.mcp.arguments import Page
from intercom_kit.mcp.declaring import ToolCall
from intercom_kit.mcp.failures import spoken, unexpected
from intercom_kit.mcp.login import Logins
from intercom_kit.mcp.results import Result, Results
from intercom_kit.mcp.texts import read_once
from intercom_kit.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.tables.privacy import Privacy
    from intercom_kit.workspace import Workspace

Given = TypeVar("Given")

_TELL_EVERY = 0.25  # seconds
_LAST_WAIT = 5.0  # seconds, for what a cancelled call still does
_NAMES_LIFE = 600  # seconds

_CALL = Context[Any, Any]


class Desk:
    """One workspace, connected at the first call that needs it, and the results of calls.

    Their SQL runs apart, in so much `memory`.

    What needs pandas is imported when a call does: an assistant waits for the first answer of a server.
    """

    def __init__(
        self,
        connect: Callable[[], "Workspace"],
        logins: Logins | None = None,
        privacy: "Privacy" = "full",
        memory: str = MEMORY,
    ) -> None:
        self.privacy = privacy
        self.memory = memory
        self.results = Results()
        self._logins = logins
        self._connect = connect
        self._workspace: Workspace | None = None
        self._lock = threading.Lock()
        self._names: tuple[float, dict[tuple[str, str], str]] | None = None

    def workspace(self) -> "Workspace":
        """Give the workspace; the first time, connect."""
        with self._lock:
            if self._workspace is None:
                from intercom_kit import apart

                self._workspace = self._connect()
                self._workspace.read_bodies(read_once)
                apart.within(self.memory).warm()
            return self._workspace

    def close(self) -> None:
        """Close the workspace; a later call connects anew."""
        with self._lock:
            workspace, self._workspace = self._workspace, None
        if workspace is not None:
            workspace.close()

    async def ask(self, context: _CALL, work: Callable[["Workspace"], Given]) -> Given:
        """Do some work in a thread; telling progress, ending with the call, failing in a sentence for assistants."""
        stop, heard, finished = Stop(), _Heard(), threading.Event()
        outcome: list[Given] = []
        failure: list[Exception] = []

        def call() -> None:
            try:
                with stoppable(stop), telling(heard.hear):
                    outcome.append(work(self.workspace()))
            except Exception as error:  # noqa: BLE001 - it is raised from here, out of the group of tasks
                failure.append(error)
            finally:
                finished.set()

        async with anyio.create_task_group() as group:
            group.start_soon(_tell, context, heard)
            try:
                await anyio.to_thread.run_sync(call, abandon_on_cancel=True)
            except anyio.get_cancelled_exc_class():
                with anyio.move_on_after(_LAST_WAIT, shield=True):
                    while not finished.is_set():
                        stop.ask()
                        await anyio.sleep(0.05)
                raise
            finally:
                group.cancel_scope.cancel()
        for error in failure:
            if isinstance(error, TokenInvalidError):
                self.close()  # the next call looks for a token anew
            if isinstance(error, NotConnectedError) and self._logins and await self._logins.connect(context):
                return await self.ask(context, work)
            if isinstance(error, IntercomError):
                raise ToolError(spoken(error)) from error
            if isinstance(error, MCPServerError | MCPError):
                raise error
            raise UnexpectedToolError(unexpected(error, with_values=self.privacy == "full")) from error
        return outcome[0]

    async def answer(self, context: _CALL, tool: str, wanted: ToolCall) -> CallToolResult:
        """Answer a call of a tool with the page that it wants."""
        from intercom_kit.mcp.cells import cell
        from intercom_kit.mcp.shaping import shaped

        owner, page, fetch = caller(), wanted.page, wanted.fetch
        if fetch is None:
            return self._known(wanted, owner)

        def work(workspace: "Workspace") -> CallToolResult:
            if page.cursor:
                result, start = self.results.page(page.cursor, tool, wanted.question, owner)
            else:
                first = min(wanted.most, max(page.limit, _page_of(wanted.table))) if wanted.most else 0
                frame = fetch(workspace, first)
                about = wanted.about(workspace) if wanted.about else cell(frame.attrs["intercom"].get("metric")) or None
                result, start = self.results.hold(Result(tool, owner, wanted, frame, about)), 0
            result.reach(workspace, start + page.limit)
            return answered(shaped(result, start, page, lambda: self.names(workspace)))

        return await self.ask(context, work)

    def _known(self, wanted: ToolCall, owner: str) -> CallToolResult:
        """Answer with a frame that nothing had to be asked for."""
        from intercom_kit.mcp.shaping import shaped

        assert wanted.known is not None  # noqa: S101 - what is not fetched is known
        about = dict(wanted.known_about) if wanted.known_about else None
        result = self.results.hold(Result("", owner, wanted, wanted.known, about))
        return answered(shaped(result, 0, wanted.page, dict))

    def described(self, workspace: "Workspace", frame: "pd.DataFrame", table: Table, page: Page) -> dict[str, Any]:
        """Give the one row of a frame by its columns, as an answer would have it."""
        from intercom_kit.mcp.shaping import shaped

        answer = shaped(Result("", "", ToolCall(page, table=table), frame), 0, page, lambda: self.names(workspace))
        return dict(zip(answer.columns, answer.rows[0], strict=True))

    def names(self, workspace: "Workspace") -> dict[tuple[str, str], str]:
        """Give the names of admins and teams by table and id; two requests, kept for ten minutes."""
        if self._names is None or time.monotonic() - self._names[0] > _NAMES_LIFE:
            names: dict[tuple[str, str], str] = {}
            for table, verb in (("admins", workspace.admins), ("teams", workspace.teams)):
                with contextlib.suppress(ScopeMissingError):  # then ids have to do
                    frame = verb()
                    names |= {(table, id): name for id, name in zip(frame["id"], frame["name"], strict=True)}
            self._names = time.monotonic(), names
        return self._names[1]


def caller() -> str:
    """Name who calls, where the transport checks that: results of one caller are not shown to another."""
    token = get_access_token()
    return (token.subject or token.client_id) if token else ""


def _page_of(table: Table | None) -> int:
    listing = (table.search or table.listing) if table else None
    return listing.per_page if listing else 0


class _Heard:
    """A sum of how far the fetches of one call have come."""

    def __init__(self) -> None:
        self._meters: dict[int, Meter] = {}
        self._latest: Meter | None = None

    def hear(self, meter: Meter) -> None:
        """Take note of a fetch."""
        self._meters[id(meter)] = self._latest = meter

    def so_far(self) -> tuple[int, str]:
        """Give the requests sent, and a line about the latest fetch."""
        requests = sum(meter.requests for meter in list(self._meters.values()))
        if self._latest is None:
            return 0, ""
        of = f" of {self._latest.total:,}" if self._latest.total is not None and self._latest.done is None else ""
        return requests, f"{self._latest.label}: {self._latest.rows:,}{of} rows, {requests:,} requests"


async def _tell(context: _CALL, heard: _Heard) -> None:
    """Tell the client, who may have asked to be told, whenever there is more to tell."""
    told = 0
    while True:
        await anyio.sleep(_TELL_EVERY)
        requests, line = heard.so_far()
        if requests > told:
            told = requests
            await context.report_progress(requests, None, line)
