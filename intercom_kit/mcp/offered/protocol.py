"""Middleware for what the library does otherwise than the protocol wants."""

from typing import Any

from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.types import INVALID_PARAMS

# The one that clients begin with a handshake; the library names only those without.
_WITH_HANDSHAKE = "2025-11-25"


async def as_specified(
    context: ServerRequestContext[Any, Any], call_next: CallNext, server: MCPServer[Any]
) -> HandlerResult:
    """Answer a request, or refuse its parameters with the protocol's error; name every version that is served."""
    parameters = context.params or {}
    if context.method == "tools/call":
        _refuse_unknown("tool", parameters.get("name"), [tool.name for tool in await server.list_tools()])
    if context.method == "prompts/get":
        await _refuse_prompt(server, parameters)
    if context.method.endswith("/list") and parameters.get("cursor"):
        raise MCPError(INVALID_PARAMS, "Invalid cursor: lists of this server have one page.")
    result = await call_next(context)
    if context.method == "server/discover" and isinstance(result, dict):
        result["supportedVersions"] = [*result["supportedVersions"], _WITH_HANDSHAKE]
    return result


async def _refuse_prompt(server: MCPServer[Any], parameters: Any) -> None:
    """Raise MCPError for a prompt that is unknown or lacks an argument."""
    prompts = {prompt.name: prompt for prompt in await server.list_prompts()}
    name = parameters.get("name")
    _refuse_unknown("prompt", name, list(prompts))
    given = parameters.get("arguments") or {}
    needed = [each.name for each in prompts[name].arguments or [] if each.required]
    if missing := [each for each in needed if each not in given]:
        raise MCPError(INVALID_PARAMS, f"The prompt {name} needs {', '.join(missing)}.")


def _refuse_unknown(kind: str, name: Any, names: list[str]) -> None:
    if name not in names:
        raise MCPError(INVALID_PARAMS, f"Unknown {kind}: {name!r}. There are {', '.join(names)}.")
