"""The command `intercom-kit mcp`."""

import gc
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from intercom_kit.auth.commands import Discreet
from intercom_kit.mcp import MEMORY
from intercom_kit.mcp.tenants.options import tenant_options, tenant_server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server import MCPServer

    from intercom_kit.tables.privacy import Privacy
    from intercom_kit.workspace import Workspace


@click.command(cls=Discreet)
@click.option("--demo", is_flag=True, help="Serve the demo workspace; no account is needed.")
@click.option("--lake", type=click.Path(file_okay=False), help="Serve a lake that export wrote; no token is needed.")
@click.option("--profile", envvar="INTERCOM_PROFILE", help="Stored profile to use, as in `intercom-kit status`.")
@click.option(
    "--pii",
    "privacy",
    type=click.Choice(["full", "masked", "none"]),
    default="full",
    show_default=True,
    help="Personal data in full, as pseudonyms, or left out.",
)
@click.option("--tools", help="Groups of tools: people,conversations,sql,metrics, which is the default, and research.")
@click.option("--memory", default=MEMORY, show_default=True, help="Memory limit of one SQL query.")
@click.option("--http", is_flag=True, help="Serve over HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8765, show_default=True, help="Port to serve on.")
@click.option("--public-url", help="URL that clients use, such as https://mcp.example.com/mcp.")
@click.option("--issuer", help="URL of the issuer of tokens for that URL.")
@click.option("--keys", help="URL of the issuer's public keys (JWKS).")
@click.option("--origin", "origins", multiple=True, help="Origin of web pages that may call; may be repeated.")
@tenant_options
def mcp(
    demo: bool,
    lake: str | None,
    profile: str | None,
    privacy: "Privacy",
    tools: str | None,
    memory: str,
    http: bool,
    host: str,
    port: int,
    public_url: str | None,
    issuer: str | None,
    keys: str | None,
    origins: tuple[str, ...],
    tenants: bool,
    **of_tenants: Any,
) -> None:
    """Serve an assistant over MCP, on standard input and output.

    No request is sent before the assistant calls a tool, and none at all with --lake. Over HTTP, only this machine can
    connect, unless tokens are checked: --public-url, --issuer and --keys go together.
    """
    # Before the library does, whose own log draws frames around errors: that takes seconds, in which all callers wait.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    gc.disable()  # the library defines so many classes that garbage collection would take a sixth of the start
    from intercom_kit.apart.memory import amount as check_amount
    from intercom_kit.mcp.offered.groups import groups_in
    from intercom_kit.mcp.over_http.serving import PATH, Public, check_address, check_port, run_http

    gc.enable()
    check_amount(memory)
    public = None
    if public_url or issuer or keys:
        if not (public_url and issuer and keys):
            raise click.UsageError("--public-url, --issuer and --keys go together.")
        public = Public(public_url, issuer, keys, origins)
    groups = {"groups": groups_in(tools)} if tools is not None else {}
    settings = (public.settings() if public else {}) | groups
    if tenants:
        if demo or lake is not None or profile or not http:
            raise click.UsageError("Give --tenants with --http, and without --demo, --lake and --profile.")
        server = tenant_server(public, privacy, memory, groups, **of_tenants)
    elif lake is not None:
        if demo or privacy != "full":
            raise click.UsageError("Give --lake without --demo and --pii: a lake is served as it was exported.")
        server = _lake_server(lake, memory, settings)
    else:
        # Remote callers cannot log in through a page that redirects to this machine.
        server = _server(demo, profile, privacy, memory, public is None, settings)
    if http:
        check_address(host, public)
        check_port(host, port)
        here = f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"
        click.echo(f"Serving on {public_url or here}; Ctrl-C ends.", err=True)
        may_login = tenants or (lake is None and not demo and public is None)
        run_http(server, host, port, public, stateless=not may_login)
    else:
        server.run("stdio")


def _lake_server(folder: str, memory: str, settings: "Mapping[str, Any]") -> "MCPServer[Any]":
    from intercom_kit.mcp.over_lake.server import make_lake_server

    return make_lake_server(Path(folder), memory, **settings)


def _server(
    demo: bool, profile: str | None, privacy: "Privacy", memory: str, may_login: bool, settings: "Mapping[str, Any]"
) -> "MCPServer[Any]":
    from intercom_kit.mcp.server import make_server

    connect = _demo(privacy) if demo else _connect(profile, privacy)
    may_login = may_login and not demo
    return make_server(connect, privacy=privacy, profile=profile, memory=memory, may_login=may_login, **settings)


# Connecting imports pandas and DuckDB, so it waits for the first tool call.


def _connect(profile: str | None, privacy: "Privacy") -> "Callable[[], Workspace]":
    def connected() -> "Workspace":
        from intercom_kit.connecting import connect

        return connect(profile=profile, privacy=privacy)

    return connected


def _demo(privacy: "Privacy") -> "Callable[[], Workspace]":
    def connected() -> "Workspace":
        from intercom_kit.connecting import demo

        return demo(privacy=privacy)

    return connected
