"""The connect panel: standard widgets for connecting from a notebook."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any
from weakref import WeakSet

from IPython.display import display
from ipywidgets import Layout, VBox  # type: ignore[import-untyped]

from intercom_kit.api.secret import Secret
from intercom_kit.auth.check import check
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.finding import find, find_client
from intercom_kit.auth.login import Login, begin
from intercom_kit.auth.profiles import profiles, save
from intercom_kit.connecting import demo
from intercom_kit.errors import IntercomError, LoginStateError, NotConnectedError
from intercom_kit.notebook import panel_problems, panel_text
from intercom_kit.notebook.frontend import deaf, nobody
from intercom_kit.notebook.panel_text import State
from intercom_kit.notebook.panel_view import STYLE, PanelView
from intercom_kit.workspace import Workspace

_GRACE = 5.0  # seconds in which a program may press a button where nobody can
_BORDER = "1px solid var(--jp-border-color2, #9e9e9e)"
_panels: "WeakSet[ConnectPanel]" = WeakSet()


class ConnectPanel(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A panel for connecting to a workspace: show it in one cell, and use `panel.workspace` in the next.

    A credential that `connect()` would find is connected at once, with one request. Otherwise the panel offers the
    stored profiles, Intercom's consent page (with your app's INTERCOM_CLIENT_ID and INTERCOM_CLIENT_SECRET), an access
    token, and the demo. The credential is stored as a profile, unless its box is unchecked, so that it is entered only
    once. INTERCOM_KIT_AUTH overrides how the panel connects: "loopback" (the kernel runs on the browser's machine),
    "paste" (elsewhere), or "token".

    No widget contains a secret, so none is saved with the notebook.
    """

    def __init__(self, *, profile: str | None = None, base_url: str | None = None) -> None:
        self._base_url = base_url
        self._way = panel_text.way()
        self._lock = threading.RLock()  # handlers and outcomes may run in the main thread or in another
        self._state: State = "not connected"
        self._trial: object = None  # the current attempt; the outcome of an earlier one is ignored
        self._login: Login | None = None
        self._workspace: Workspace | None = None
        self._waiting: list[asyncio.Future[Workspace]] = []
        self._displayed = False
        self._view = PanelView(self._way, region=not self._address(), app=_has_app())
        super().__init__(layout=Layout(border=_BORDER, padding="0.5em 1em", margin="0 0 0.5em 0", max_width="44rem"))
        self.add_class("intercom-kit")
        self._listen()
        self._resume(profile)
        _panels.add(self)

    def __repr__(self) -> str:
        return f"<ConnectPanel: {self._state}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self._displayed = True
        if self._workspace is None and (why := nobody()):
            return {"text/plain": f"{self!r}: {why}", "text/html": f"<p>{escape(why.replace('`', ''))}</p>"}
        return super()._repr_mimebundle_(**options)

    @property
    def state(self) -> State:
        """Return "not connected", "waiting" (for consent), "working", "connected", "disconnecting" or "failed"."""
        with self._lock:  # else it might be returned before it is shown
            return self._state

    @property
    def workspace(self) -> Workspace:
        """Return the connected workspace. Raises NotConnectedError if there is none."""
        with self._lock:
            if self._workspace is None:
                raise NotConnectedError(
                    "The panel is not connected. Connect there first, then run this cell again; "
                    "`await panel.ready()` waits for it."
                )
            return self._workspace

    async def ready(self) -> Workspace:
        """Wait until the panel is connected, and return the workspace; shows the panel if it is not shown yet.

        Raises NotConnectedError after some seconds where nobody can click, or no click can be waited for.
        """
        with self._lock:
            if self._workspace is not None:
                return self._workspace
            future: asyncio.Future[Workspace] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
        if not self._displayed:
            display(self)  # type: ignore[no-untyped-call]
        obstacle = nobody() or deaf()  # valid only while the cell runs
        while not (await asyncio.wait([future], timeout=_GRACE))[0]:
            if obstacle and self.state in ("not connected", "failed"):
                raise NotConnectedError(obstacle)
        return future.result()

    def _address(self) -> str | None:
        """Return the base URL of a sandbox or a proxy, if one is set."""
        return self._base_url or os.environ.get("INTERCOM_BASE_URL")

    def _listen(self) -> None:
        view = self._view
        view.use_profile.on_click(lambda _: self._use_profile(view.profile.value))
        view.connect.on_click(lambda _: self._ask_consent())
        view.demo.on_click(lambda _: self._try("Starting the demo workspace …", demo))
        view.token.on_submit(
            self._use_token,
            miss=lambda: self._begin("not connected", "Enter the access token first."),
            edit=self._clear_problem,
        )
        view.pasted.on_submit(self._paste, self._remind)
        view.cancel.on_click(lambda _: self._begin("not connected", "Cancelled. Choose how to connect."))
        view.other.on_click(lambda _: self._begin("not connected", "Choose how to connect."))
        view.disconnect.on_click(lambda _: self._confirm() if view.revoke.value else self._disconnect(revoke=False))
        view.confirm.on_click(lambda _: self._disconnect(revoke=True))
        view.stay.on_click(lambda _: self._stay())

    def _resume(self, profile: str | None) -> None:
        """Connect with an existing credential, before the cell ends."""
        trial = self._begin("not connected", "Not connected yet. Choose how to connect.")
        try:
            credential = find(None, None, self._base_url, profile)
        except IntercomError as error:
            if profile or not isinstance(error, NotConnectedError):
                self._settle(trial, "failed", panel_problems.problem(error))
            return
        self._attempt(trial, lambda: check(credential))

    def _use_profile(self, name: str) -> None:
        self._try("Connecting …", lambda: check(find(profile=name)))

    def _use_token(self, token: Secret) -> None:
        keep, region = self._view.keep.value, self._region()
        self._try("Checking the token …", lambda: check(find(token, region, self._base_url)), keep=keep)

    def _clear_problem(self) -> None:
        """Stop showing what went wrong, once something else is tried."""
        with self._lock:
            if self._state == "failed":
                self._state = "not connected"
                self._view.status.value = STYLE + panel_text.status(self._state, "Choose how to connect.")

    def _region(self) -> str | None:
        """Return the region of the token's workspace, if the panel asks for it."""
        return str(self._view.region.value) if self._view.asks_region else None

    def _ask_consent(self) -> None:
        """Show a link to Intercom's consent page; the answer arrives by itself or is pasted."""
        for other in list(_panels):  # they may need the same port, and running a cell again leaves its old panel alive
            if other is not self:
                other._give_way()
        try:
            login = begin(
                find_client(),
                region=self._view.region.value,
                base_url=self._address(),
                loopback=os.environ.get("INTERCOM_KIT_AUTH") != "paste",
                back_to="Jupyter",
            )
        except NotConnectedError as error:
            self._settle(self._begin("working", ""), "failed", panel_problems.no_app(error))
            return
        except IntercomError as error:
            self._settle(self._begin("working", ""), "failed", panel_problems.problem(error))
            return
        keep = self._view.keep.value
        trial = self._begin("waiting", panel_text.waiting(login, self._way), login)
        login.on_done(lambda _: self._attempt(trial, login.wait, keep=keep))

    def _paste(self, address: Secret) -> None:
        with self._lock:
            login, trial = self._login, self._trial
        if login is None:
            return
        self._settle(trial, "waiting", "Checking the address …", login=login)

        def finish() -> None:
            try:
                login.finish(address)
            except LoginStateError as error:  # the user can paste another URL
                html = f"{panel_problems.problem(error)}<br>{panel_text.waiting(login, self._way)}"
                self._settle(trial, "waiting", html, login=login)
            except IntercomError:
                pass  # reported by on_done

        threading.Thread(target=finish, daemon=True).start()

    def _remind(self) -> None:
        """Say that no address was pasted."""
        with self._lock:
            if self._login is not None:
                html = f"Paste the address first.<br>{panel_text.waiting(self._login, self._way)}"
                self._settle(self._trial, "waiting", html, login=self._login)

    def _give_way(self) -> None:
        """Stop waiting for consent, since another panel begins to."""
        with self._lock:
            if self._state == "waiting":
                self._begin("not connected", "Another panel began to connect. Choose how to connect this one.")

    def _confirm(self) -> None:
        """Ask before the token is revoked, which ends the access of others too."""
        with self._lock:
            if self._workspace is not None:
                known = self._workspace._session.known_identity
                name = known.workspace if known else ""
                self._show(panel_text.revoking(name or "this workspace"), confirming=True)

    def _stay(self) -> None:
        """Show the connection again."""
        with self._lock:
            if self._workspace is not None:
                self._show(panel_text.connected(""))

    def _disconnect(self, *, revoke: bool) -> None:
        """Disconnect the workspace; if revoking the token fails, it stays connected."""
        with self._lock:
            workspace = self._workspace
            if workspace is None:  # a second click
                return
            trial = self._begin("disconnecting", "Revoking the token …" if revoke else "Disconnecting …")

        def end() -> None:
            try:
                workspace.disconnect(revoke=revoke)
            except IntercomError as error:
                self._settle(trial, "connected", panel_problems.problem(error), workspace)
            else:
                self._view.revoke.value = False
                self._settle(trial, "not connected", panel_text.disconnected(revoked=revoke))

        threading.Thread(target=end, daemon=True).start()

    def _try(self, html: str, find_out: Callable[[], Credential | Workspace], *, keep: bool = False) -> None:
        """Connect in a background thread: a handler would block the kernel."""
        trial = self._begin("working", html)
        threading.Thread(target=self._attempt, args=(trial, find_out, keep), daemon=True).start()

    def _attempt(self, trial: object, find_out: Callable[[], Credential | Workspace], keep: bool = False) -> None:
        """Connect and show the outcome, unless another attempt has begun."""
        if trial is not self._trial:
            return
        try:
            found, note = find_out(), ""
            if isinstance(found, Credential):
                found, note = _kept(found) if keep and trial is self._trial else (found, "")
                found = Workspace(found)
        except Exception as error:  # noqa: BLE001  # nothing else would report an error of this thread
            self._view.ask_region(panel_problems.region_to_choose(error, self._region()))
            self._settle(trial, "failed", panel_problems.problem(error))
            return
        if not self._settle(trial, "connected", panel_text.connected(note), found):
            found.close()

    def _begin(self, state: State, html: str, login: Login | None = None) -> object:
        """Begin an attempt, cancel the earlier one, and return the token that `_settle` needs."""
        with self._lock:
            earlier, self._trial = self._login, object()
            self._settle(self._trial, state, html, login=login)
            trial = self._trial
        if earlier:
            earlier.cancel()
        return trial

    def _settle(
        self, trial: object, state: State, html: str, workspace: Workspace | None = None, login: Login | None = None
    ) -> bool:
        """Show a state, unless another attempt has begun; return whether it was shown."""
        with self._lock:
            if trial is not self._trial:
                return False
            self._state, self._workspace, self._login = state, workspace, login
            view = self._view
            if workspace is not None:
                view.card.value = workspace._repr_html_()
            with contextlib.suppress(IntercomError):  # no profiles are offered where the store cannot be read
                view.offer(profiles())
            self._show(html)
            while workspace and self._waiting:
                future = self._waiting.pop()
                with contextlib.suppress(RuntimeError):  # its loop is closed
                    future.get_loop().call_soon_threadsafe(_answer, future, workspace)
        return True

    def _show(self, html: str, *, confirming: bool = False) -> None:
        """Show the current state, in which a text says what to do."""
        self._view.status.value = STYLE + panel_text.status(self._state, html)
        self.children = self._view.children(self._state, confirming=confirming)


def _has_app() -> bool:
    """Return whether there is an app's client id and secret to ask for consent with."""
    try:
        find_client()
    except IntercomError:
        return False
    return True


def _kept(credential: Credential) -> tuple[Credential, str]:
    """Store a credential as a profile, and return it with a note if that failed, which is no error."""
    try:
        return replace(credential, profile=save(credential).name), ""
    except IntercomError as error:
        return credential, panel_problems.problem(error)


def _answer(future: "asyncio.Future[Workspace]", workspace: Workspace) -> None:
    if not future.done():
        future.set_result(workspace)
