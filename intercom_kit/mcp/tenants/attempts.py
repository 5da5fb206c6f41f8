"""Logins of tenants: each is bound to the caller who asked for it, to one browser, and to a code for that caller.

A login has three halves, and needs all: the caller's verified token begins and ends it, and one browser, known by a
cookie, allows it on Intercom's page. What that browser is shown at the end, a code, has to reach the caller: who lures
another into allowing a login of theirs never sees it, and who answers for another does not have the caller's token.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.errors import IntercomError, LoginError, LoginStateError, LoginUsedError
from intercom_kit.mcp.tenants.tenant import Caller

if TYPE_CHECKING:
    from intercom_kit.auth.login import Login

LIFE = 900.0  # seconds from the request to the code
_TRIES = 5
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is mistaken for another


@dataclass(frozen=True)
class App:
    """The app of yours through which tenants log in; `base_url` is a sandbox's, in place of Intercom's regions."""

    client: OAuthClient
    base_url: str | None = None


@dataclass
class Attempt:
    """One login: who asked for it, the browser that went on with it, and what it brought."""

    caller: Caller
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    began: float = field(default_factory=time.monotonic)
    cookie: str = ""
    region: str = ""
    login: "Login | None" = None
    credential: Credential | None = None
    code: str = field(default_factory=lambda: "".join(secrets.choice(_LETTERS) for _ in range(8)), repr=False)
    tries: int = _TRIES
    declined: bool = False

    @property
    def shown_code(self) -> str:
        """Return the code as people read it."""
        return f"{self.code[:4]}-{self.code[4:]}"

    @property
    def minutes_left(self) -> int:
        """Return for how many whole minutes the login still works."""
        return max(0, int(self.began + LIFE - time.monotonic()) // 60)

    def cancel(self) -> None:
        """End the login, if Intercom has not answered yet."""
        if self.login:
            self.login.cancel()


class Attempts:
    """The logins in progress, at most one for each caller."""

    def __init__(self, app_of: Callable[[Caller], App], public_url: str) -> None:
        self._app_of = app_of
        self.url = public_url.rstrip("/") + "/connect"
        self._open: dict[Caller, Attempt] = {}
        self._lock = threading.Lock()

    @property
    def callback(self) -> str:
        """Return the redirect URL that has to be registered with the app."""
        return f"{self.url}/callback"

    def page_of(self, attempt: Attempt) -> str:
        """Return the address of the page on which a login goes on."""
        return f"{self.url}/to/{attempt.ticket}"

    def is_sandbox(self, attempt: Attempt) -> bool:
        """Return whether the login is at a sandbox, which has no regions."""
        return self._app_of(attempt.caller).base_url is not None

    def of(self, caller: Caller, *, anew: bool = False) -> Attempt:
        """Return the caller's login, a new one where there is none, or `anew`, which ends the one before."""
        with self._lock:
            self._expire()
            attempt = self._open.get(caller)
            if attempt is None or anew:
                if attempt:
                    attempt.cancel()
                attempt = self._open[caller] = Attempt(caller)
            return attempt

    def at(self, ticket: str) -> Attempt | None:
        """Return the login of a page's address; None where there is none."""
        return self._found(lambda attempt: hmac.compare_digest(attempt.ticket.encode(), ticket.encode()))

    def of_browser(self, cookie: str) -> Attempt | None:
        """Return the login that a browser went on with; None where there is none."""
        if not cookie:
            return None
        return self._found(lambda attempt: hmac.compare_digest(attempt.cookie.encode(), cookie.encode()))

    def go_on(self, attempt: Attempt, cookie: str, region: str) -> str | None:
        """Bind a login to the browser that goes on with it, and return the URL of Intercom's page.

        The same browser may come back, and choose another region; for another browser, return None. Raises
        BadRequestError for an unknown region.
        """
        from intercom_kit.auth.login import begin

        with self._lock:
            if attempt.login is not None:
                if not hmac.compare_digest(attempt.cookie.encode(), cookie.encode()):
                    return None
                if region == attempt.region:
                    return attempt.login.url
                attempt.cancel()
            app = self._app_of(attempt.caller)
            attempt.login = begin(
                app.client,
                region=region,
                base_url=app.base_url,
                loopback=False,
                redirect_uri=self.callback,
                timeout=None,  # `_expire` ends it: a timer is a thread, and there may be many logins
            )
            attempt.cookie, attempt.region = cookie, region
            return attempt.login.url

    def answered(self, cookie: str, redirected: Secret) -> Attempt:
        """Take Intercom's answer from the browser that was sent there, and return the login with its credential.

        Costs two requests. Raises LoginStateError where the browser has no login in progress, and LoginError as the
        login does: each answer works once.
        """
        attempt = self.of_browser(cookie)
        if attempt is None or attempt.login is None:
            raise LoginStateError("This browser has no login in progress: ask your assistant to connect again.")
        if attempt.credential is None:
            try:
                attempt.credential = attempt.login.finish(redirected)
            except (LoginStateError, LoginUsedError):
                raise  # it stays open for the right answer, which may be on its way
            except IntercomError:
                self.drop(attempt.caller)
                raise
        return attempt

    def finished(self, caller: Caller, code: str) -> tuple[Attempt, Credential]:
        """End the caller's login with the code that the browser was shown, and return it with its credential, once.

        Raises LoginError where the code is wrong, or belongs to another caller's login; after five wrong ones, the
        login is void.
        """
        given = "".join(letter for letter in code.upper() if letter.isalnum())
        with self._lock:
            self._expire()
            attempt = self._open.get(caller)
            if attempt is None or attempt.credential is None:
                raise LoginError(
                    "There is no login of yours that waits for a code: call intercom_connect without one, and open the "
                    "page."
                )
            if hmac.compare_digest(attempt.code.encode(), given.encode()):
                del self._open[caller]
                return attempt, attempt.credential
            attempt.tries -= 1
            if attempt.tries:
                raise LoginError(f"This is not the code of your login; {attempt.tries} more may be tried.")
            del self._open[caller]
            raise LoginError("This is not the code of your login, which is void now: call intercom_connect again.")

    def keep(self, attempt: Attempt) -> None:
        """Let the code of a login work again, since its credential could not be stored."""
        with self._lock:
            self._open.setdefault(attempt.caller, attempt)

    def drop(self, caller: Caller) -> None:
        """End a caller's login, if there is one."""
        with self._lock:
            attempt = self._open.pop(caller, None)
        if attempt:
            attempt.cancel()

    def _found(self, matches: Callable[[Attempt], bool]) -> Attempt | None:
        with self._lock:
            self._expire()
            return next((attempt for attempt in self._open.values() if attempt and matches(attempt)), None)

    def _expire(self) -> None:
        oldest = time.monotonic() - LIFE
        for caller in [caller for caller, attempt in self._open.items() if attempt.began < oldest]:
            self._open.pop(caller).cancel()
