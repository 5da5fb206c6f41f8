"""The tools by which a caller connects and disconnects the tenant's workspace."""

from typing import Annotated, Any

import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from intercom_kit.errors import (
    BadRequestError,
    CredentialStoreError,
    IntercomError,
    NotConnectedError,
    TokenInvalidError,
)
from intercom_kit.mcp.strict import StrictTool, trimmed
from intercom_kit.mcp.tenants.attempts import Attempts
from intercom_kit.mcp.tenants.desk import STORE_FAILS, TenantDesk
from intercom_kit.mcp.tenants.logins import CurrentCaller, TenantLogins
from intercom_kit.mcp.tenants.registry import Tenants

Code = Annotated[str | None, Field(description="code from the page")]


def connecting_tools(tenants: Tenants, attempts: Attempts, caller: CurrentCaller) -> list[StrictTool]:
    """Return the tools."""
    logins = TenantLogins(attempts, caller)

    async def intercom_connect(context: Context[Any, Any], code: Code = None) -> str:
        """Connect the user's own workspace: without a code, for the page to open; then with the code shown there."""
        with tenants.entered() as desk:
            if code:
                await logins.finish(caller(), code)
            elif await anyio.to_thread.run_sync(_is_connected, desk, limiter=desk.threads):
                return "Connected already. To connect another workspace, call intercom_disconnect first."
            else:
                await logins.begin(context)
            # The next call connects with what is stored now.
            await anyio.to_thread.run_sync(desk.close, limiter=desk.threads)
            return "Connected. intercom_status shows the workspace."

    async def intercom_disconnect(context: Context[Any, Any]) -> str:
        """Delete the user's connection and results from this server, only if the user asks for it."""
        del context
        with tenants.entered() as desk:
            attempts.drop(caller())
            was_connected = await anyio.to_thread.run_sync(_disconnect, desk, limiter=desk.threads)
        if not was_connected:
            return "Nothing was connected."
        return (
            "Disconnected: this server has forgotten the connection, and what it had read. In Intercom the app stays "
            "allowed, until an admin removes it there."
        )

    tools = []
    for title, method, hints in (
        ("Connect", intercom_connect, ToolAnnotations(read_only_hint=False, destructive_hint=False)),
        ("Disconnect", intercom_disconnect, ToolAnnotations(read_only_hint=False, destructive_hint=True)),
    ):
        annotations = hints.model_copy(update={"idempotent_hint": True, "open_world_hint": True})
        tool = StrictTool.from_function(method, title=title, annotations=annotations, structured_output=False)
        assert isinstance(tool, StrictTool)  # noqa: S101 - from_function makes one of its own class
        tool.description = " ".join(tool.description.split())
        tool.parameters = {**trimmed(tool.parameters), "additionalProperties": False}
        tools.append(tool)
    return tools


def _is_connected(desk: TenantDesk) -> bool:
    """Return whether there is a stored connection that works; costs a request. Raises ToolError where that fails."""
    try:
        desk.credential()
    except (NotConnectedError, TokenInvalidError):
        return False
    except IntercomError as error:
        raise ToolError(desk.spoken(error)) from error
    return True


def _disconnect(desk: TenantDesk) -> bool:
    """Delete the tenant's profile, and forget everything; return whether there was one."""
    from intercom_kit.auth.profiles import forget

    try:
        forget(desk.tenant.profile)
    except BadRequestError:
        return False
    except CredentialStoreError as error:
        raise ToolError(STORE_FAILS) from error
    finally:
        desk.close()
    return True
