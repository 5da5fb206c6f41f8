"""Connect a tenant through its caller's client: the client opens a page, and the caller brings its code back."""

from collections.abc import Callable
from typing import Any

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.auth.credentials import Credential
from intercom_kit.errors import CredentialStoreError, IntercomError, LoginError, OtherWorkspaceError
from intercom_kit.mcp.logins.asking import (
    ask_for_code,
    ask_to_open,
    code_answer,
    opens_pages,
    page_answer,
    takes_answers,
)
from intercom_kit.mcp.tenants.attempts import Attempt, Attempts
from intercom_kit.mcp.tenants.desk import STORE_FAILS
from intercom_kit.mcp.tenants.tenant import Caller

_OPEN = "Connect your Intercom workspace: open this page, which leads to Intercom's own, and come back with its code."
_LONGEST = 240.0  # seconds to wait for the user during a call
_CODE = "Which code does the page show, once Intercom is connected?"

# Returns the caller of the current request.
CurrentCaller = Callable[[], Caller]


class TenantLogins:
    """The logins through the clients of callers, each bound to the caller of the request."""

    def __init__(self, attempts: Attempts, caller: CurrentCaller) -> None:
        self._attempts = attempts
        self._caller = caller

    async def connect(self, context: Context[Any, Any]) -> bool:
        """Connect the caller's tenant, and return that it is; raise ToolError with what the user has to do."""
        caller = self._caller()
        attempt = self._attempts.of(caller)
        if attempt.declined or not opens_pages(context):
            raise ToolError(self.told(attempt))
        code = ""
        with anyio.move_on_after(_LONGEST):
            code = await self._asked(context, attempt)
        if not code:
            raise ToolError(self.told(attempt))
        await self.finish(caller, code)
        return True

    async def begin(self, context: Context[Any, Any]) -> bool:
        """Do so with a new login, as the user wants to, whatever was declined before."""
        if code_answer(context) is None and page_answer(context) is None:
            self._attempts.of(self._caller(), anew=True)
        return await self.connect(context)

    async def finish(self, caller: Caller, code: str) -> None:
        """Store the credential of the caller's login as the tenant's profile, given the code; raise ToolError."""
        attempt = None
        try:
            attempt, credential = self._attempts.finished(caller, code)
            await anyio.to_thread.run_sync(_save, credential, caller)
        except OtherWorkspaceError as error:
            raise ToolError(
                "Another workspace is connected already: call intercom_disconnect first, then intercom_connect."
            ) from error
        except LoginError as error:
            raise ToolError(f"Not connected. {error}") from error
        except CredentialStoreError as error:
            if attempt:
                self._attempts.keep(attempt)
            raise ToolError(STORE_FAILS) from error
        except IntercomError as error:
            raise ToolError(f"Not connected: {error}") from error

    def told(self, attempt: Attempt) -> str:
        """Return what the user has to do, for a client that cannot ask."""
        return (
            f"Not connected to Intercom. Ask the user to open {self._attempts.page_of(attempt)} in a browser, to allow "
            "the app on Intercom's page, and to tell you the code that the page shows then: "
            f"intercom_connect(code=...) connects with it. The page works for {attempt.minutes_left} minutes."
        )

    async def _asked(self, context: Context[Any, Any], attempt: Attempt) -> str:
        """Return the code that the user brings back from the page; empty where the client cannot ask for it."""
        if code_answer(context) is None and (attempt.credential is None or page_answer(context) is not None):
            await self._ask_to_open(context, attempt)
        return await ask_for_code(context, _CODE) if takes_answers(context) else ""

    async def _ask_to_open(self, context: Context[Any, Any], attempt: Attempt) -> None:
        if await ask_to_open(context, _OPEN, self._attempts.page_of(attempt)) != "accept":
            attempt.declined = True
            raise ToolError(
                "Not connected: the user declined to open the page. Do not ask again unless the user wants to connect; "
                "then call intercom_connect."
            )


def _save(credential: Credential, caller: Caller) -> None:
    from intercom_kit.auth.profiles import save

    save(credential, name=caller.tenant.profile)
