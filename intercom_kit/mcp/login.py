"""Log in during a tool call: the client opens Intercom's consent page, which redirects to this machine."""

import os
import threading
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ElicitRequest, ElicitRequestURLParams, ElicitResult, InputRequiredResult

from intercom_kit.errors import IntercomError

if TYPE_CHECKING:
    from intercom_kit.auth.login import Login

_MESSAGE = "Allow intercom_kit to read your Intercom workspace, on Intercom's own page."
_QUESTION = "login"
# From this protocol version on, a server asks the client by its result, and is called again with the answer; earlier
# versions ask during the call.
_ASKS_BY_RESULT = "2026-07-28"
_LONGEST = 240.0  # seconds to wait for consent


class LoginNeeded(ToolError):  # noqa: N818 - not an error, but control flow
    """The request that the client opens a URL, and calls again."""

    def __init__(self, question: InputRequiredResult) -> None:
        super().__init__(_MESSAGE)
        self.question = question


class Logins:
    """The logins through clients that can open URLs; one at a time."""

    def __init__(self, profile: str | None = None) -> None:
        self._profile = profile
        self._attempt: Login | None = None
        self._lock = threading.Lock()

    async def connect(self, context: "Context[None, object]") -> bool:
        """Log in through the client, and return whether that is possible; raise ToolError where it failed."""
        capabilities = context.client_capabilities
        if not (capabilities and capabilities.elicitation and capabilities.elicitation.url):
            return False
        try:
            attempt = await anyio.to_thread.run_sync(self._begun)
        except IntercomError:
            return False  # there is no app to log in with
        if await self._action(context, attempt) != "accept":
            attempt.cancel()
            raise ToolError("Not connected: the user declined to open Intercom's page.")
        try:
            await anyio.to_thread.run_sync(self._finish, attempt, abandon_on_cancel=True)
        except IntercomError as error:
            raise ToolError(f"Not connected: {error}") from error
        return True

    async def _action(self, context: "Context[None, object]", attempt: "Login") -> str:
        """Return whether the user accepts to open the page, as the client's answer."""
        if (context.protocol_version or "") < _ASKS_BY_RESULT:
            return (await context.elicit_url(_MESSAGE, attempt.url, _QUESTION)).action
        answers = context.input_responses or {}
        answer = answers.get(_QUESTION)
        if isinstance(answer, ElicitResult):
            return answer.action
        request = ElicitRequest(params=ElicitRequestURLParams(message=_MESSAGE, url=attempt.url))
        raise LoginNeeded(InputRequiredResult(input_requests={_QUESTION: request}, request_state=_QUESTION))

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
                self._attempt.on_done(lambda _: self._forget())
            return self._attempt

    def _forget(self) -> None:
        with self._lock:
            self._attempt = None

    def _finish(self, attempt: "Login") -> None:
        from intercom_kit.auth.profiles import save

        save(attempt.wait(_LONGEST), name=self._profile)
