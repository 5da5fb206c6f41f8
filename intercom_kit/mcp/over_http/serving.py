"""Serve over streamable HTTP: on loopback without tokens, elsewhere only with tokens issued for this server."""

import ipaddress
import os
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mcp.server import MCPServer
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from intercom_kit.errors import BadRequestError
from intercom_kit.mcp.over_http.bearer import SignedTokens


@dataclass(frozen=True)
class Public:
    """The public URL of a server, the issuer of its tokens, and the origins that may call it."""

    url: str
    issuer: str
    keys: str
    origins: tuple[str, ...] = ()

    def settings(self) -> dict[str, Any]:
        """Return the settings of a server that accepts only tokens for its own URL."""
        return {
            "token_verifier": SignedTokens(self.issuer, self.url, self.keys),
            # From text, so that URLs without a path stay unchanged.
            "auth": AuthSettings.model_validate(
                {"issuer_url": self.issuer, "resource_server_url": self.url, "validate_token_resource": True}
            ),
        }

    def security(self) -> TransportSecuritySettings:
        """Return the allowed hosts and origins."""
        parts = urlsplit(self.url)
        return TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[parts.netloc],
            allowed_origins=[f"{parts.scheme}://{parts.netloc}", *self.origins],
        )


def check_address(host: str, public: Public | None) -> None:
    """Raise BadRequestError for an address that others can reach, unless a token is required."""
    if public is None and not _is_loopback(host):
        raise BadRequestError(
            f"{host} can be reached from elsewhere, and whoever does could read the workspace: give --public-url, "
            "--issuer and --keys, so that callers have to show a token, or serve on 127.0.0.1."
        )


def check_port(host: str, port: int) -> None:
    """Raise BadRequestError for a port that cannot be served on, such as one that another server has."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        if os.name == "posix":  # else a port would be busy for a minute after a server ended
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise BadRequestError(
                f"Port {port} of {host} cannot be served on ({os.strerror(error.errno or 0)}): end the program that "
                "does, or give another --port."
            ) from error


PATH = "/mcp"  # on loopback
_LARGEST_REQUEST = 500_000  # bytes; no question is as long, and reading one takes time in which all callers wait
HEALTH = "/health"


def run_http(server: MCPServer[Any], host: str, port: int, public: Public | None, *, stateless: bool) -> None:
    """Serve until Ctrl-C, or until it is told to end."""
    check_address(host, public)
    add_health(server)
    server.run("streamable-http", host=host, port=port, **options(public, stateless=stateless))


def options(public: Public | None, *, stateless: bool) -> dict[str, Any]:
    """Return how a server is served over HTTP: at the path of its public URL, so that a proxy need not rewrite it.

    With `stateless`, no session is kept between requests, so that any of several servers can answer; nothing can be
    asked of the client during a call then, such as to log in.
    """
    return {
        "streamable_http_path": (urlsplit(public.url).path or "/") if public is not None else PATH,
        "stateless_http": stateless,
        "max_request_body_size": _LARGEST_REQUEST,
        "transport_security": public.security() if public is not None else None,
    }


def add_health(server: MCPServer[Any]) -> None:
    """Add a page that says that the server runs, for whoever starts it anew; it needs no token and asks for nothing."""

    @server.custom_route(HEALTH, methods=["GET"])  # type: ignore[untyped-decorator]  # the library leaves it untyped
    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
