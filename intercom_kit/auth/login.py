"""One login through Intercom's consent page, finished by a receiver on this machine or by pasting the redirect URL."""

import threading
import time
from collections.abc import Callable
from typing import NoReturn

from intercom_kit.api.quoting import reason
from intercom_kit.api.regions import host
from intercom_kit.api.secret import Secret
from intercom_kit.auth import oauth
from intercom_kit.auth.check import check
from intercom_kit.auth.credentials import Credential, OAuthClient, address, hidden
from intercom_kit.auth.exchange import PATIENCE, exchange, token_host
from intercom_kit.auth.receiver import Receiver, address_of
from intercom_kit.concurrency import loop
from intercom_kit.errors import (
    IntercomError,
    LoginDeniedError,
    LoginError,
    LoginExpiredError,
    LoginRefusedError,
    LoginUsedError,
)

# The redirect URL must be registered with the app, including the port, so it cannot be any free port.
# UNCONFIRMED [oauth-redirect]: that loopback addresses are accepted.
PORT = 8917

Outcome = Credential | IntercomError


class Login:
    """One login: open `url` in a browser, then `wait` for the answer, or `finish` with the redirect URL.

    Both may be in use at once; the first to succeed or fail ends the login. `receiving` is whether the answer can
    arrive by itself; if that was requested but is impossible, `note` says why. An answer with a wrong state is refused,
    and the login stays open for the right one.
    """

    def __init__(
        self,
        client: OAuthClient,
        url: str,
        state: str,
        *,
        home: str,
        receiver: Receiver | None,
        note: str,
        timeout: float | None,
    ) -> None:
        self.url = url
        self.note = note
        self._client, self._state, self._home = client, state, home
        self._receiver = receiver
        self._lock = threading.Lock()
        self._claimed = False
        self._outcome: Outcome | None = None
        self._done = threading.Event()
        self._callbacks: list[Callable[[Outcome], object]] = []
        self._timer = threading.Timer(timeout, self._expire) if timeout is not None else None
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        if receiver:
            receiver.start(self.finish)

    def __repr__(self) -> str:
        return f"<Login through {self.url.partition('?')[0]}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A login cannot be pickled or copied; begin another where it is needed.")

    @property
    def receiving(self) -> bool:
        """Return whether the answer arrives by itself if the browser runs on this machine."""
        return self._receiver is not None

    def finish(self, redirected: str | Secret, show: Callable[[Outcome], object] = lambda _: None) -> Credential:
        """Finish the login with the URL that the browser was redirected to, and return the checked credential.

        Costs two requests: the exchange, and /me for the workspace and its region. The credential has the right host
        and its `identity`. `show` is called with the outcome before all other callbacks. Raises LoginStateError (after
        which it may be called again), LoginDeniedError, LoginExpiredError, LoginUsedError, LoginRefusedError, and the
        errors of any request.
        """
        redirected = hidden(redirected)
        self._require_open()
        try:
            answer: Secret | LoginDeniedError = oauth.finish(redirected, self._state)
        except LoginDeniedError as denial:
            answer = denial
        self._claim()
        try:
            outcome = self._connect(answer) if isinstance(answer, Secret) else answer
            show(outcome)
        except Exception as error:  # noqa: BLE001 - other waiting threads learn the reason too
            outcome = LoginError(f"The login failed unexpectedly ({reason(error)}): start again.")
            outcome.__cause__ = error
        except BaseException:
            self._end(LoginError("The login was interrupted: start again."))
            raise
        return _credential(self._end(outcome))

    def wait(self, timeout: float | None = None) -> Credential:
        """Wait until the login ends, and return the credential or raise the error.

        Ctrl-C cancels the login. After `timeout` seconds it expires, if it has not before.
        """
        ends_at = time.monotonic() + timeout if timeout is not None else float("inf")
        try:
            while not self._done.wait(0.2):
                if time.monotonic() > ends_at:
                    self._expire()
        except BaseException:
            self.cancel()
            raise
        assert self._outcome is not None  # noqa: S101 - set before _done
        return _credential(self._outcome)

    def on_done(self, callback: Callable[[Outcome], object]) -> None:
        """Call `callback` once with the Credential or the IntercomError, from the thread that ends the login.

        That is the receiver's, the timer's, or the one that calls `finish` or `cancel`. If the login is over already,
        it is called at once.
        """
        with self._lock:
            if self._outcome is None:
                self._callbacks.append(callback)
                return
            outcome = self._outcome
        callback(outcome)

    def cancel(self) -> None:
        """Cancel the login, unless it is over; a later answer is refused."""
        self._end(LoginError("The login was cancelled. Start again to connect."))

    def _require_open(self) -> None:
        if self._claimed:
            raise LoginUsedError("This login was answered already, and works only once. Start again to connect.")
        if self._outcome is not None:
            _credential(self._outcome)

    def _claim(self) -> None:
        """Mark the state as used."""
        with self._lock:
            self._require_open()
            self._claimed = True

    def _connect(self, code: Secret) -> Outcome:
        """Exchange the code for a token, and return the checked credential or the error."""
        try:
            grant = loop.run(exchange(token_host(self._home), self._client, code))
            fresh = Credential(
                grant.token,
                self._home,
                origin="a login",
                client=self._client,
                refresh_token=grant.refresh_token,
                expires_at=grant.expires_at,
            )
            return _verified(check(fresh, patience=PATIENCE))
        except IntercomError as error:
            return error

    def _expire(self) -> None:
        if not self._claimed:
            self._end(LoginExpiredError("Nobody answered in time, so the login has expired. Start again to connect."))

    def _end(self, outcome: Outcome) -> Outcome:
        """End the login, unless it is over, and return its outcome."""
        with self._lock:
            if self._outcome is not None:
                return self._outcome
            self._outcome = outcome
            callbacks, self._callbacks = self._callbacks, []
        if self._timer:
            self._timer.cancel()
        if self._receiver:
            self._receiver.close()
        self._done.set()
        for callback in callbacks:
            callback(outcome)
        return outcome


def begin(
    client: OAuthClient,
    *,
    region: str = "us",
    base_url: str | None = None,
    loopback: bool = True,
    port: int | None = None,
    https: bool | None = None,
    redirect_uri: str | None = None,
    timeout: float | None = 300.0,
    back_to: str = "the terminal",
) -> Login:
    """Return a new Login, whose `url` must be opened in a browser within `timeout` seconds; None leaves that to you.

    With `loopback`, a receiver on 127.0.0.1 waits for the redirect. For Intercom it listens on port 8917 with a
    self-signed certificate, about which the browser warns once; https://127.0.0.1:8917/callback must be registered with
    the app. For a sandbox (`base_url`) it uses a free port and plain HTTP. If the port is taken, the login works
    without a receiver, and `note` says so. Without `loopback`, the user pastes the redirect URL. `redirect_uri`
    overrides the redirect URL; without any, Intercom uses the app's first. The page that ends the login in the browser
    says to go `back_to` where it began. Costs no request. Raises BadRequestError for
    an unknown region or an invalid base URL.
    """
    base_url = address(base_url) if base_url else None
    home = base_url or host(region)
    receiver, note = None, ""
    if loopback:
        port = port if port is not None else 0 if base_url else PORT
        https = https if https is not None else base_url is None
        redirect_uri = redirect_uri or address_of(port, https=https)
        try:
            receiver = Receiver(port, https=https, back_to=back_to)
        except OSError:
            note = f"Port {port} is taken, perhaps by another login: paste the URL of the page you end up on."
        else:
            redirect_uri = receiver.address if port == 0 else redirect_uri
    state = oauth.new_state()
    return Login(
        client,
        oauth.authorize_url(client.id, state, region=region, base_url=base_url, redirect_uri=redirect_uri),
        state,
        home=home,
        receiver=receiver,
        note=note,
        timeout=timeout,
    )


def _credential(outcome: Outcome) -> Credential:
    if isinstance(outcome, IntercomError):
        raise outcome
    return outcome


def _verified(credential: Credential) -> Outcome:
    """Return the credential, or an error if its workspace is unknown or the admin's email address is not verified."""
    identity = credential.identity
    if identity is None or not identity.workspace_id:
        return LoginRefusedError(
            "The app may not ask whose workspace this is. Tick “Read one admin” in the Developer Hub under "
            "Authentication, and start again."
        )
    if not identity.email_verified:
        return LoginRefusedError(
            "Intercom has not verified the email address of the admin who allowed this, so that anybody may be behind "
            "it. Verify it in Intercom, and start again."
        )
    return credential
