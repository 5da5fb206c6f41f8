"""The options of `intercom-kit mcp` for tenants."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from intercom_kit.mcp.tenants.limits import Limits

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from intercom_kit.mcp.over_http.serving import Public
    from intercom_kit.tables.privacy import Privacy

Command = TypeVar("Command", bound=Callable[..., Any])

_POSITIVE, _MINUTES = click.IntRange(min=1), click.FloatRange(min=0.1)

_OPTIONS = (
    click.option("--tenants", is_flag=True, help="Let each caller connect a workspace of their own."),
    click.option("--tenant-claim", default="sub", show_default=True, help="Claim of tokens that names the tenant."),
    click.option("--tenant-calls", type=_POSITIVE, default=Limits.calls, help="Calls of a tenant at a time; 8."),
    click.option("--tenant-memory", default=Limits.memory, show_default=True, help="Memory of a tenant's rows."),
    click.option("--tenant-sessions", type=_POSITIVE, default=Limits.sessions, help="Tenants with open sessions; 50."),
    click.option("--tenant-idle", type=_MINUTES, default=30.0, help="Minutes until an idle session ends; 30."),
)


def tenant_options(command: Command) -> Command:
    """Add the options to a command, which gets them as `tenant_…`, and `tenants`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def tenant_server(
    public: "Public | None",
    privacy: "Privacy",
    memory: str,
    groups: Mapping[str, Any],
    *,
    tenant_claim: str,
    tenant_calls: int,
    tenant_memory: str,
    tenant_sessions: int,
    tenant_idle: float,
) -> "MCPServer[Any]":
    """Return the server for tenants, whose stored connections have a folder of their own."""
    from intercom_kit.apart.memory import amount
    from intercom_kit.auth import storage
    from intercom_kit.auth.finding import find_client
    from intercom_kit.mcp.tenants.attempts import App
    from intercom_kit.mcp.tenants.server import make_tenant_server

    if public is None:
        raise click.UsageError("--tenants needs --public-url, --issuer and --keys: tokens say whom a caller is.")
    amount(tenant_memory)  # refused now, and not at a tenant's first call
    limits = Limits(calls=tenant_calls, memory=tenant_memory, sessions=tenant_sessions, idle=tenant_idle * 60)
    app = App(find_client(), os.environ.get("INTERCOM_BASE_URL"))
    # From here on, no profile of the operator's own can be found, nor one of a tenant by the operator's commands.
    os.environ["INTERCOM_KIT_HOME"] = str(storage.location().parent / "tenants")
    return make_tenant_server(
        public.url,
        lambda _: app,
        public.settings(),
        claim=tenant_claim,
        privacy=privacy,
        memory=memory,
        limits=limits,
        **groups,
    )
