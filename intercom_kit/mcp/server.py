"""The MCP server: made of a way to connect, and served over stdio or HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.types import INVALID_PARAMS

from intercom_kit.mcp.analysis import Analysis
from intercom_kit.mcp.desk import Desk
from intercom_kit.mcp.retrieval import Retrieval
from intercom_kit.mcp.strict import StrictTool, strict_tool

if TYPE_CHECKING:
    from intercom_kit.workspace import Workspace

INSTRUCTIONS = """\
Live data of one Intercom workspace: contacts, companies, conversations, events. Read-only.
"""

# What changes with a new version only.
_STATIC = CacheHint(ttl_ms=300_000, scope="public")


def make_server(connect: "Callable[[], Workspace]", **settings: Any) -> MCPServer[Any]:
    """Make a server over the workspace that `connect` gives when a tool first needs it.

    `settings` are the library's, such as those for authorization.
    """
    desk = Desk(connect)

    @asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        try:
            yield
        finally:
            desk.close()

    retrieval, analysis = Retrieval(desk), Analysis(desk)
    tools = [
        strict_tool(retrieval.intercom_list_all_contacts, "List contacts"),
        strict_tool(analysis.intercom_query, "Query with SQL"),
    ]
    return MCPServer(
        "intercom_kit",
        title="Intercom, live",
        instructions=INSTRUCTIONS,
        version=version("intercom_kit"),
        tools=[*tools],
        middleware=[*settings.pop("middleware", ()), _refusing({tool.name: tool for tool in tools})],
        cache_hints={"tools/list": _STATIC, "prompts/list": _STATIC, "resources/list": _STATIC},
        lifespan=lifespan,
        log_level="WARNING",
        **settings,
    )


def _refusing(tools: Mapping[str, StrictTool]) -> Any:
    """Refuse tools and pages of lists that do not exist as the protocol wants it, which the library does not."""

    async def refuse(context: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        given = context.params or {}
        if context.method == "tools/call" and given.get("name") not in tools:
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {given.get('name')!r}. There are {', '.join(tools)}.")
        if context.method.endswith("/list") and given.get("cursor"):
            raise MCPError(INVALID_PARAMS, "Invalid cursor: lists of this server have one page.")
        return await call_next(context)

    return refuse
