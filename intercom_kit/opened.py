"""An open workspace: what it is connected to, what its session did and keeps, and how it ends."""

import atexit
import gc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self
from weakref import WeakSet

import pandas as pd

from intercom_kit.api.behaviours import Findings
from intercom_kit.api.identity import Identity
from intercom_kit.api.transport import Transport
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.exchange import uninstall
from intercom_kit.auth.finding import WAYS
from intercom_kit.auth.profiles import findings, forget, keep_findings, profiles
from intercom_kit.auth.renewal import Renewal
from intercom_kit.concurrency import loop
from intercom_kit.concurrency.forking import in_child, keep_for_ever
from intercom_kit.doctor.report import MOST, doctor
from intercom_kit.errors import CredentialStoreError
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.live.card import card
from intercom_kit.live.fetches import fetched
from intercom_kit.live.holdings import framed
from intercom_kit.live.query import Queries
from intercom_kit.live.status import told
from intercom_kit.search.learning import Learning
from intercom_kit.tables.privacy import Privacy

_open: "WeakSet[OpenWorkspace]" = WeakSet()


@atexit.register
def _close_all() -> None:
    """Close what a script left open, so that DuckDB has nothing to complain of when the interpreter ends."""
    for workspace in list(_open):
        workspace.close()
    gc.collect()


@in_child
def _begin_all_anew() -> None:
    """Let a forked process have connections of its own, and hold nothing yet: it has none of the parent's threads."""
    for workspace in list(_open):
        workspace._begin_anew()


class OpenWorkspace:
    """A connection to one Intercom workspace, until closed; its verbs are `Workspace`'s."""

    def __init__(
        self,
        credential: Credential,
        *,
        patience: float = 120.0,
        memory_limit: str | None = None,
        privacy: Privacy = "full",
    ) -> None:
        token = Renewal(credential).token
        transport = Transport(credential.base_url, token, patience=patience, budget=credential.budget)
        self._credential = credential
        learning = Learning(Findings(findings(credential.profile)), self._keep_findings)
        self._session = Session(transport, credential.region, credential.identity, memory_limit, privacy, learning)
        self._queries = Queries(self._session)
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
        """Close, and forget the stored profile that this workspace was connected with; every later call says so.

        With `revoke`, Intercom first takes the token back, which uninstalls the app from the workspace: one request.
        Where that fails, nothing is closed or forgotten. A token from the environment or an argument is not forgotten,
        since it is not kept here. Raises CredentialStoreError.
        """
        if revoke:
            loop.run(uninstall(self._session.transport))
        if self._credential.profile in [profile.name for profile in profiles()]:
            forget(self._credential.profile)
        self._end(f"Not connected: this workspace was disconnected. {WAYS}")

    def _end(self, *why: str) -> None:
        _open.discard(self)
        self._session.close(*why)
        while self._on_close:
            self._on_close.pop()()

    def _keep_findings(self, found: Findings) -> None:
        """Remember with the profile what was found; what cannot be kept is found out again."""
        with suppress(CredentialStoreError):
            keep_findings(self._credential.profile, found.as_plain(), self._credential.workspace_id)

    def _begin_anew(self) -> None:
        keep_for_ever(self._queries, self._on_close)  # a demo's sandbox goes on with the parent
        self._session.begin_anew()
        self._queries, self._on_close = Queries(self._session), []

    def read_bodies(self, reader: Callable[[str], str]) -> None:
        """Have queries take the bodies of messages as HTML, and read each by `reader` before it lands.

        Intercom's own plain text shows what the HTML hides, which nobody who reads the conversation sees.
        """
        self._session.body_reader = reader

    @property
    def identity(self) -> Identity:
        """Tell who is connected to what: workspace, region, timezone, admin. One request, the first time."""
        return self._session.identity

    @property
    def fetches(self) -> pd.DataFrame:
        """List every fetch of this session.

        One row per fetch, in order: `table`, `filters`, `rows`, `total` (what Intercom counts), `complete`, `why`,
        `requests`, `seconds`, `at` (UTC).
        """
        return fetched(self._session)

    @property
    def held(self) -> pd.DataFrame:
        """Say what queries and verbs brought and the session keeps.

        One row per table: `table`, `rows`, `span` (which of them are here whole), `oldest` and `newest` (when
        the rows were created), `as_of` (UTC). Costs no request.
        """
        return framed(self._queries.held())

    def status(self) -> pd.DataFrame:
        """Show what this workspace has shown of the behaviours of Intercom that sources differ on.

        One row per behaviour and kind of object, in the order of `docs/behaviours.md`: `behaviour`, `object`, `found`
        (missing where nothing has shown it yet), `at` (the day), `documented`, `measured` (by others), `matters` (what
        depends on it). What was found lasts for a week with the profile. Costs no request; `doctor()` finds out more.
        """
        return told(self._session.learning.findings)

    def doctor(self, *, max_requests: int = MOST) -> Frame:
        """Find out by reading which of the behaviours of Intercom that sources differ on hold in this workspace.

        One row per behaviour and kind of object: `behaviour`, `object`, `documented`, `measured` (by others), `found`
        (missing where nothing showed it), `note` (why not, or what to add), `at` (the day), `matters` (what depends on
        it). `attrs["doctor"]` tells timings, rate limit, region, versions, and which parts of the API answer; neither
        holds anything of the workspace's contents. What was found is kept as `status()` shows it, and used from then
        on. Costs 30 requests at most, or fewer by `max_requests`, and changes nothing. Raises ConnectionFailedError and
        RateLimitedError where the first request gets no answer, BadRequestError.
        """
        return doctor(self._session, max_requests)

    @property
    def budget(self) -> dict[str, int | None]:
        """Tell the `requests` of this session, and how many Intercom's window of ten seconds `limit`s and leaves.

        What `remaining` and `limit` are is known from the first answer on.
        """
        budget = self._session.transport.budget
        return {"requests": budget.requests, "remaining": budget.remaining, "limit": budget.limit}

    def refresh(self) -> None:
        """Bring the contacts and conversations that the session keeps up to date, and forget the rest of it.

        What cannot be brought up to date (lists, events, parts, links) is asked for again by the next query that needs
        it. Costs a request per 150 rows that changed, at least one for each of the two tables, and one for what was
        deleted.
        """
        self._queries.refresh()

    def forget(self) -> None:
        """Forget what the session keeps of queries; the next one asks anew. Costs no request."""
        self._queries.forget()

    def export(self, folder: str | Path) -> list[Path]:
        """Write what the session keeps to a folder: a Parquet file per table, and what each covers.

        `contents.json` there says for each table what `held` does. Gives the paths of the files; what was there under
        the same names is replaced, all of it or nothing. Costs no request. Raises BadRequestError where nothing is
        held, or the folder cannot be written to.
        """
        return self._queries.export(folder)
