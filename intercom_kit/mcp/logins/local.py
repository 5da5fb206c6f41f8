"""Log in during a tool call: the client opens Intercom's consent page, which redirects to this machine."""

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.errors import IntercomError
from intercom_kit.mcp.logins.asking import ask_to_open, opens_pages

if TYPE_CHECKING:
    from intercom_kit.auth.credentials import Credential
    from intercom_kit.auth.login import Login

_MESSAGE = "Allow intercom_kit to read your Intercom workspace, on Intercom's own page."
_LONGEST = 240.0  # seconds to wait for consent
_DECLINED = 600.0  # seconds until a user who declined is asked again


class Logins:
    """The logins through clients that can open URLs; one at a time."""

    def __init__(self, profile: str | None = None) -> None:
        self._profile = profile
        self._attempt: Login | None = None
        self._lock = threading.Lock()
        self._declined_at: float | None = None
        self._is_saved = False

    async def connect(self, context: Context[Any, Any]) -> bool:
        """Log in through the client, and return whether that is possible; raise ToolError where it failed."""
        if not opens_pages(context):
            return False
        if self._is_saved:
            self._is_saved = False
            return True
        try:
            attempt = await anyio.to_thread.run_sync(self._begun)
        except IntercomError:
            return False  # there is no app to log in with
        if self._declined_at is not None and time.monotonic() - self._declined_at < _DECLINED:
            return False
        if await ask_to_open(context, _MESSAGE, attempt.url) != "accept":
            attempt.cancel()
            self._declined_at = time.monotonic()
            raise ToolError(
                "Not connected: the user declined to open Intercom's page. They are not asked again for ten minutes; "
                "`intercom-kit login` in a terminal connects, too."
            )
        try:
            await anyio.to_thread.run_sync(self._finish, attempt, abandon_on_cancel=True)
        except IntercomError as error:
            raise ToolError(f"Not connected: {error}") from error
        return True

    def _begun(self) -> "Login":
        """Return the login in progress, or begin one."""
        from intercom_kit.auth.finding import find_client
        from intercom_kit.auth.login import begin

        with self._lock:
            if self._attempt is None:
                client = find_client(profile=self._profile)
                base_url = os.environ.get("INTERCOM_BASE_URL")
                region = os.environ.get("INTERCOM_REGION") or "us"
                self._attempt = begin(
                    client, region=region, base_url=base_url, timeout=_LONGEST, back_to="your assistant"
                )
                self._attempt.on_done(self._ended)
            return self._attempt

    def _ended(self, outcome: "Credential | IntercomError") -> None:
        """Save the credential of a login: consent may be here before the client calls again."""
        from intercom_kit.auth.profiles import save

        if not isinstance(outcome, IntercomError):
            with suppress(IntercomError):  # who waits for the login meets it, too
                save(outcome, name=self._profile)
                self._is_saved = True
        with self._lock:
            self._attempt = None

    def _finish(self, attempt: "Login") -> None:
        from intercom_kit.auth.profiles import save

        save(attempt.wait(_LONGEST), name=self._profile)
