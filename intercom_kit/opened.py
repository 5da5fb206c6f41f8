"""An open workspace: its connection, its session's fetches and cached rows, and how it is closed."""

import atexit
import gc
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self
from weakref import WeakSet

from intercom_kit.apart.workers import Workers
from intercom_kit.api.behaviours import Findings
from intercom_kit.api.transport import Transport
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.exchange import uninstall
from intercom_kit.auth.finding import WAYS
from intercom_kit.auth.profiles import findings, forget, keep_findings, profiles
from intercom_kit.auth.renewal import Renewal
from intercom_kit.concurrency import loop
from intercom_kit.concurrency.forking import in_child, keep_for_ever
from intercom_kit.doctor.report import MOST, doctor
from intercom_kit.errors import BadRequestError, CredentialStoreError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.lake import export as exporting
from intercom_kit.lake.export import ExportCall
from intercom_kit.lake.stores import is_remote, store_at
from intercom_kit.live.query import Queries
from intercom_kit.live.shown.card import card
from intercom_kit.search.learning import Learning
from intercom_kit.tables.privacy import Privacy
from intercom_kit.values.times import Time, instant
from intercom_kit.verbs.handing_over import HandingOver

if TYPE_CHECKING:
    from intercom_kit.lake.opened import Lake

_open: "WeakSet[OpenWorkspace]" = WeakSet()


@atexit.register
def _close_all() -> None:
    """Close workspaces that a script left open, so that DuckDB does not complain when the interpreter ends."""
    for workspace in list(_open):
        workspace.close()
    gc.collect()


@in_child
def _begin_all_anew() -> None:
    """Reset every workspace in a forked process: it has none of the parent's threads, and needs its own connections."""
    for workspace in list(_open):
        workspace._begin_anew()


class OpenWorkspace(HandingOver):
    """A connection to one Intercom workspace, until closed; `Workspace` adds the verbs."""

    def __init__(
        self,
        credential: Credential,
        *,
        patience: float = 120.0,
        memory_limit: str | None = None,
        privacy: Privacy = "full",
        workers: Workers | None = None,
    ) -> None:
        token = Renewal(credential).token
        transport = Transport(credential.base_url, token, patience=patience, budget=credential.budget)
        self._credential = credential
        learning = Learning(Findings(findings(credential.profile)), self._keep_findings)
        self._session = Session(transport, credential.region, credential.identity, memory_limit, privacy, learning)
        self._queries = Queries(self._session, workers)
        self._on_close: list[Callable[[], object]] = []
        _open.add(self)

    def __repr__(self) -> str:
        return f"<Workspace at {self._session.transport.base_url}>"

    def _repr_html_(self) -> str:
        return card(self._session, None if self._session.transport.closed else self.held)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A workspace holds a credential and cannot be pickled: connect again where it is needed.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and forget everything that was fetched; a demo's sandbox stops too."""
        self._end()

    def disconnect(self, *, revoke: bool = False) -> None:
        """Close the workspace, and delete the stored profile that it was connected with; later calls raise an error.

        With `revoke`, Intercom first revokes the token, which uninstalls the app from the workspace: one request. If
        that fails, nothing is closed or deleted. A token from the environment or an argument is not stored, so there
        is nothing to delete. Raises CredentialStoreError.
        """
        if revoke:
            loop.run(uninstall(self._session.transport))
        if self._credential.profile in [profile.name for profile in profiles()]:
            forget(self._credential.profile)
        self._end(f"Not connected: this workspace was disconnected. {WAYS}")

    def _end(self, *why: str) -> None:
        _open.discard(self)
        self._session.close(*why)
        self._queries.close()
        while self._on_close:
            self._on_close.pop()()

    def _keep_findings(self, found: Findings) -> None:
        """Store the findings with the profile; if that fails, the next session finds them again."""
        with suppress(CredentialStoreError):
            keep_findings(self._credential.profile, found.as_plain(), self._credential.workspace_id)

    def _begin_anew(self) -> None:
        keep_for_ever(self._queries, self._on_close)  # a demo's sandbox keeps running in the parent
        self._session.begin_anew()
        self._queries, self._on_close = Queries(self._session), []

    def _answering(self, lake: "Lake | None") -> Queries:
        """Return the queries over live rows, and those of a lake if there is one.

        Raises BadRequestError for anything but a lake, BadLakeError for one that does not go with the workspace.
        """
        if lake is None:
            return self._queries
        from intercom_kit.lake.opened import Lake  # of which most sessions see none

        if not isinstance(lake, Lake):
            raise BadRequestError(f"lake={lake!r} must be a lake, as ik.open(folder) returns it.")
        self._session.transport.require_open()
        return lake.beside(self._queries)

    def read_bodies(self, reader: Callable[[str], str]) -> None:
        """Fetch message bodies as HTML for queries, and convert each with `reader` before it is stored.

        Intercom's own plain text includes what the HTML hides from those who read the conversation.
        """
        self._session.body_reader = reader

    def doctor(self, *, max_requests: int = MOST) -> Frame:
        """Test, by reading only, which of the API behaviours that sources differ on hold in this workspace.

        One row per behaviour and kind of object: `behaviour`, `object`, `documented`, `measured` (by others), `found`
        (missing where the test was not conclusive), `note` (why not, or a remark), `at` (the day), `matters` (what
        depends on it). `attrs["doctor"]` has timings, rate limit, region, versions, and which parts of the API answer.
        Neither contains any of the workspace's data. Findings are stored as `status()` shows them, and used from then
        on. Costs at most 40 requests, or `max_requests`, and changes nothing. Raises ConnectionFailedError and
        RateLimitedError if the first request gets no answer, and BadRequestError.
        """
        return doctor(self._session, max_requests)

    def refresh(self) -> None:
        """Bring the cached contacts, conversations and tickets up to date, and drop the rest of the cache.

        Lists, events, links and the parts of conversations that changed cannot be brought up to date: the next query
        that needs them fetches them again. Costs a request per 150 rows that changed, of tickets per 50, at least one
        for each of the three tables, and one for deleted conversations.
        """
        self._queries.refresh()

    def forget(self) -> None:
        """Clear the session's cache; the next query fetches again. Costs no request."""
        self._queries.forget()

    def export(
        self,
        folder: str | Path,
        tables: str | Iterable[str] | None = None,
        *,
        since: Time | None = None,
        parts: bool = False,
        events: bool = False,
        max_requests: int = 2_000,
        storage_options: Mapping[str, Any] | None = None,
    ) -> list[Path] | list[Path | str]:
        """Write the cached tables to a folder; or, with `tables`, write or update a lake there: whole tables.

        Without `tables`, each cached table becomes a Parquet file, and `contents.json` describes it as `held` does.
        Files of the same names are replaced, all of them or none. Costs no request.

        `tables` are names of tables, or "all": those that Intercom lists or searches as a whole. They are fetched in
        steps of about 50,000 rows, and each step is kept as Parquet files by the month of creation, so that after an
        interruption the same call goes on. `since` leaves out what was created before; `activity_logs` need it the
        first time, since Intercom lists them only since a time, and are not in "all". `parts` adds the parts of
        conversations, a request for each conversation, and `events` those of contacts, a request for each contact. A
        later call fetches only what changed since the last one, and the parts of conversations that did. `ik.open()`
        reads a lake. For a lake in an object store, `folder` is its URL, such as s3://bucket/lake, with the
        `storage_options` of its fsspec filesystem.

        Costs a request per 150 rows, per 50 tickets, and per key. What it needs is counted first, with a request or two
        for each step, and refused if it is more than `max_requests`. Returns the paths of the files. Raises
        BadRequestError, which shows the plan, in that case, if nothing is cached, or if the folder cannot be written
        to; BadLakeError if the folder holds something else, or another program writes there.
        """
        if tables is None:
            if is_remote(folder):
                raise BadRequestError(
                    f"Cached tables are written to a local folder, not to {folder!r}: name tables= too."
                )
            return self._queries.export(folder)
        zone, now = self._session.identity.zone, datetime.now(UTC)
        start = None if since is None else math.floor(instant(since, zone, now).timestamp())
        chosen = exporting.chosen(tables, parts=parts, events=events)
        return exporting.export(
            self._session, ExportCall(store_at(folder, storage_options), chosen, start, max_requests)
        )
