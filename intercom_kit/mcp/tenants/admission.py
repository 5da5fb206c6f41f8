"""The admission of requests over HTTP: each tenant has a share of sessions and requests, whatever it asks for."""

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mcp.server import MCPServer
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.server.streamable_http_manager import DEFAULT_SESSION_IDLE_TIMEOUT
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.tenant import caller_of

_MINUTE = 60.0
_TOO_MANY = 429


@dataclass
class _Open:
    """What one tenant has open: its requests, when the last ones began, and its sessions with their last use."""

    requests: int = 0
    began: deque[float] = field(default_factory=deque)
    sessions: dict[str, float] = field(default_factory=dict)

    def settle(self, now: float) -> None:
        """Drop what is over: requests of more than a minute ago, and sessions that the server has ended as idle."""
        while self.began and self.began[0] < now - _MINUTE:
            self.began.popleft()
        oldest = now - DEFAULT_SESSION_IDLE_TIMEOUT
        self.sessions = {id: used for id, used in self.sessions.items() if used > oldest}


class Admission:
    """The part of an app behind the check of tokens, which refuses what is beyond a tenant's share."""

    def __init__(self, app: ASGIApp, claim: str, limits: Limits) -> None:
        self._app = app
        self._claim = claim
        self._limits = limits
        self._open: dict[Any, _Open] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer that the tenant has too many."""
        key, headers, now = self._key(scope), Headers(scope=scope), time.monotonic()
        session = headers.get(MCP_SESSION_ID_HEADER)
        version = headers.get(MCP_PROTOCOL_VERSION_HEADER)
        begins = session is None and (version is None or version in HANDSHAKE_PROTOCOL_VERSIONS)
        mine = self._open.setdefault(key, _Open())
        mine.settle(now)
        if why := self._refusal(mine, begins=begins):
            error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": why}}
            await JSONResponse(error, _TOO_MANY, {"Retry-After": "60"})(scope, receive, send)
            return
        mine.began.append(now)
        mine.requests += 1

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                _note(mine, scope["method"], session, message)
            await send(message)

        try:
            with suppress(ClientDisconnect):  # nobody waits for an answer, and the log would fill
                await self._app(scope, receive, answered)
        finally:
            mine.requests -= 1
            if session in mine.sessions:
                mine.sessions[session] = time.monotonic()
            self._forget_idle()

    def _key(self, scope: Scope) -> Any:
        """Return whose request it is: the tenant's, or that of a subject whose token names none."""
        user = scope.get("user")
        token = user.access_token if isinstance(user, AuthenticatedUser) else None
        try:
            return caller_of(token, self._claim).tenant
        except ToolError:
            return token and (token.client_id, token.subject)

    def _refusal(self, mine: _Open, *, begins: bool) -> str:
        """Return why one more request is refused; an empty text where it is not."""
        limits = self._limits
        if len(mine.began) >= limits.requests_per_minute:
            return f"You have sent {len(mine.began)} requests within a minute, as many as you may: try again later."
        if mine.requests >= limits.requests:
            return f"{mine.requests} requests of yours are open, as many as you may have: close some."
        if begins and len(mine.sessions) >= limits.clients:
            return f"{len(mine.sessions)} sessions of yours are open, as many as you may have: close some."
        return ""

    def _forget_idle(self) -> None:
        """Drop tenants that have nothing open, when there are many."""
        if len(self._open) > 2 * self._limits.sessions:
            for each in self._open.values():
                each.settle(time.monotonic())
            self._open = {key: each for key, each in self._open.items() if each.requests or each.sessions or each.began}


def _note(mine: _Open, method: str, session: str | None, response: Message) -> None:
    """Note the session that a response begins or ends."""
    status = response["status"]
    begun = Headers(raw=response["headers"]).get(MCP_SESSION_ID_HEADER)
    if session is None and begun and status < 400:
        mine.sessions[begun] = time.monotonic()
    elif session is not None and (status == 404 or (method == "DELETE" and status < 400)):
        mine.sessions.pop(session, None)


class TenantServer(MCPServer[Any]):
    """A server that admits requests over HTTP by the limits of their tenants."""

    claim: str
    limits: Limits

    def streamable_http_app(self, **options: Any) -> Starlette:
        """Return the app, in which the admission comes after the check of tokens."""
        app = super().streamable_http_app(**options)
        manager = self.session_manager
        admission: Any = Admission(manager.asgi_app, self.claim, self.limits)
        manager.asgi_app = admission
        return app
