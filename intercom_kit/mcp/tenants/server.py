"""The MCP server for many tenants, over HTTP, whose callers show tokens of one issuer."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer

from intercom_kit.auth.profiles import seal_all
from intercom_kit.mcp import MEMORY
from intercom_kit.mcp.offered.groups import DEFAULT
from intercom_kit.mcp.offered.prompts import LIVE
from intercom_kit.mcp.server import INSTRUCTIONS, live_tools, server_of
from intercom_kit.mcp.tenants.admission import TenantServer
from intercom_kit.mcp.tenants.attempts import App, Attempts
from intercom_kit.mcp.tenants.desk import TenantDesk
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.logins import TenantLogins
from intercom_kit.mcp.tenants.pages import Pages
from intercom_kit.mcp.tenants.registry import Tenants
from intercom_kit.mcp.tenants.tenant import SUBJECT, Caller, Tenant, check_claim, current_caller
from intercom_kit.mcp.tenants.tools import connecting_tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from intercom_kit.tables.privacy import Privacy


def make_tenant_server(
    public_url: str,
    app_of: "Callable[[Caller], App]",
    settings: Mapping[str, Any],
    *,
    claim: str = SUBJECT,
    privacy: "Privacy" = "full",
    memory: str = MEMORY,
    groups: Collection[str] = DEFAULT,
    limits: Limits | None = None,
) -> MCPServer[Any]:
    """Return a server with some groups of tools, each of whose tenants connects a workspace of their own.

    `settings` are the library's, with the verifier of tokens, without which every call is refused. A tenant is the
    value of `claim` in a token, and logs in through the app that `app_of` returns. What is stored of tenants is kept
    as profiles in INTERCOM_KIT_HOME, which must hold no others, and sealed at once. Raises BadRequestError for a claim
    that names no tenant, and CredentialStoreError where there is no key to seal with, or it opens not all that is
    stored.
    """
    limits = limits or Limits()
    caller = partial(current_caller, check_claim(claim))
    seal_all()
    attempts = Attempts(app_of, public_url)
    logins = TenantLogins(attempts, caller)

    def desk_of(tenant: Tenant) -> TenantDesk:
        return TenantDesk(tenant, logins, privacy, memory, limits)

    tenants = Tenants(desk_of, claim, limits, privacy)
    tools = connecting_tools(tenants, attempts, caller)
    named = ("Intercom, live", INSTRUCTIONS, LIVE)
    server = server_of(tenants, live_tools(groups), *named, settings, tools, TenantServer)
    server.claim, server.limits = claim, limits
    Pages(attempts).add_to(server)
    return server
