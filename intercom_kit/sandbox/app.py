"""Serve the endpoints over HTTP: credentials, limits, versions and faults around each of them."""

import asyncio
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from intercom_kit.sandbox import versions
from intercom_kit.sandbox.behaviours import Asked, Behaviours
from intercom_kit.sandbox.call import Call, Searches
from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.contents.search_index import Clock
from intercom_kit.sandbox.contents.workspace import Workspace
from intercom_kit.sandbox.credentials import Credentials
from intercom_kit.sandbox.endpoints import CONVERSATIONS, ENDPOINTS, Endpoint
from intercom_kit.sandbox.errors import ApiError, new_request_id, not_found
from intercom_kit.sandbox.faults import Faults, break_headers, broken
from intercom_kit.sandbox.generator.seeded import dice_for
from intercom_kit.sandbox.oauth import OAuthPages
from intercom_kit.sandbox.rate_limit import RateLimit
from intercom_kit.sandbox.scroll import Scroll

SECRET_PARAMETERS = frozenset({"code", "state", "client_secret", "token", "access_token", "refresh_token"})
REMEMBERED_REQUESTS = 20_000
SERVER_BUILD = "5d7a0c1e9f3b4826a1d0e7c95b2f48d36a90c1be"  # x-intercom-version is a git hash, not an API version
BAD_GATEWAY = "<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"
Handler = Callable[[Request], Awaitable[Response]]


class Logged(NamedTuple):
    """One request as the log keeps it: without tokens, codes and secrets."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    body: Any = None  # what a search asked for


@dataclass
class Options:
    """How the server behaves, apart from its data."""

    latency: float
    missing_scopes: frozenset[str]
    plan_restricted: bool
    present: bool  # whether the workspace's present is that of the clock


async def until(moment: float) -> None:
    """Wait until a moment of the monotonic clock, if it is not past."""
    if (left := moment - time.monotonic()) > 0:
        await asyncio.sleep(left)


@dataclass
class Application:
    """The web application around one workspace."""

    workspace: Workspace
    credentials: Credentials
    rate_limit: RateLimit
    scroll: Scroll
    faults: Faults
    options: Options
    behaviours: Behaviours
    clock: Clock | None = None  # tells the `Date`, where it is not the machine's

    def __post_init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.log: deque[Logged] = deque(maxlen=REMEMBERED_REQUESTS)
        self.lock = threading.RLock()  # tests change the data from their own thread
        self._searches = Searches()
        self._dice = dice_for("request ids", id(self))
        self._changes = 0
        self._let_the_indexes_lag()

    def behave(self, *words: Asked) -> None:
        """Change which behaviours are in force."""
        with self.lock:
            self.behaviours = self.behaviours.changed(*words)
            self._searches.clear()
            self._let_the_indexes_lag()

    def _let_the_indexes_lag(self) -> None:
        for kind, index in self.workspace.indexes.items():
            index.lag = self.behaviours.seconds("index-lag", kind)

    def starlette(self) -> Starlette:
        """Build the ASGI application; whatever it does not know is a 404 envelope, wrong methods included."""
        routes = [self._route(e.method, e.template, self._endpoint(e)) for e in ENDPOINTS]
        routes.append(self._route("POST", "/auth/uninstall", self._uninstall))
        pages = OAuthPages(self.credentials, self.workspace.name)
        routes += [self._route(*page) for page in pages.handlers()]
        return Starlette(routes=routes, exception_handlers={404: self._nowhere, 405: self._nowhere})

    def _route(self, method: str, template: str, handler: Handler) -> Route:
        """Wrap a handler: count and log the request, wait, let faults happen, render refusals.

        Half of the latency passes before the request is met, and half after, as on a way there and back; our own work
        counts in.
        """

        async def watched(request: Request) -> Response:
            self.requests[f"{request.method} {template}"] += 1
            halfway = (self.options.latency + self.faults.jitter()) / 2
            begun = time.monotonic()
            await until(begun + halfway)
            fault = self.faults.instead()
            try:
                response = self._refusal(fault) if fault and fault.isdecimal() else await handler(request)
            except ApiError as error:
                response = self._refuse(error, request)
            break_headers(self.faults, response, self.workspace.clock())
            await self._remember(request, response)
            await until(begun + 2 * halfway)
            return self._dated(broken(fault, response) if fault and not fault.isdecimal() else response)

        return Route(template, watched, methods=[method])

    def _dated(self, response: Response) -> Response:
        """Write the date where the sandbox has a clock of its own; else the web server does."""
        if self.clock is not None:
            response.headers["date"] = formatdate(self.clock(), usegmt=True)
        return response

    async def _remember(self, request: Request, response: Response) -> None:
        query = {name: value for name, value in request.query_params.items() if name not in SECRET_PARAMETERS}
        path = request.scope["path"]  # request.url would be built anew for every request
        try:
            body = json.loads(await request.body()) if path.endswith("/search") else None
        except ValueError:
            body = None
        self.log.append(Logged(request.method, path, query, response.status_code, body))

    def _refusal(self, status: str) -> Response:
        """Answer with a status that a fault asked for."""
        if status == "429":
            raise self.rate_limit.refuse()
        if status == "502":
            return HTMLResponse(BAD_GATEWAY, 502)
        code = {"500": "server_error", "503": "service_unavailable"}.get(status, "unknown_error")
        raise ApiError(int(status), code, "Sorry, something went wrong")

    def _endpoint(self, endpoint: Endpoint) -> Handler:
        async def answer(request: Request) -> Response:
            body = await request.body()
            token = self.credentials.check(request.headers.get("authorization"))
            headers = self.rate_limit.spend()
            try:
                with self.lock:
                    self._happen(endpoint, token)
                    version = versions.read_version(request.headers.get("intercom-version"))
                    self._require_permission(endpoint, request)
                    call = self._call(request, version, body)
                    record = endpoint.answer(call)
                    if call.breaks is not None and not isinstance(record, str):
                        record = call.breaks.broken(record, call.page)
            except ApiError as error:
                error.headers = {**headers, **error.headers}
                raise
            return self._json(record, request, headers=headers)

        return answer

    def _call(self, request: Request, version: versions.Version, body: bytes) -> Call:
        address = f"http://{request.headers.get('host')}{request.scope['path']}"
        asked = (address, request.path_params, request.query_params, body, version)
        scopes = self.options.missing_scopes
        return Call(self.workspace, self._searches, self.scroll, *asked, self.behaviours, scopes, self.faults)

    def _require_permission(self, endpoint: Endpoint, request: Request) -> None:
        accept = request.headers.get("accept", "*/*")
        if not any(kind in accept for kind in ("application/json", "application/*", "*/*")):
            raise ApiError(406, "not_acceptable", "The Accept header should be application/json")
        if endpoint.scope in self.options.missing_scopes:
            raise self._without_scope(endpoint.scope)
        if self.options.plan_restricted and endpoint.scope == CONVERSATIONS:
            raise ApiError(403, "api_plan_restricted", "Active subscription needed.")

    def _without_scope(self, scope: str) -> ApiError:
        """Refuse for want of a permission: 401 or 403, or as each endpoint may do it (UNCONFIRMED [missing-scope])."""
        status = self.behaviours.of("missing-scope")
        if status == "403" or (status == "either" and scope == CONVERSATIONS):
            message = f"You do not have the required scope ({scope}) to access this resource"
            return ApiError(403, "forbidden", message)
        return ApiError(401, "token_unauthorized", "Not authorized to access resource")

    def _happen(self, endpoint: Endpoint, token: str) -> None:
        """Let those faults happen that change the sandbox rather than the answer."""
        if self.faults.happens("token_revoked"):
            self.credentials.revoke(token)
            self.credentials.check(f"Bearer {token}")
        if endpoint.template == "/companies/scroll":
            if self.faults.happens("scroll_expired"):
                self.scroll.expire()
            if self.faults.happens("scroll_500"):
                self.scroll.expire()
                message = "Request failed due to an internal network error. Please restart the scroll operation."
                raise ApiError(500, "server_error", message)
        if self.faults.happens("changing", "shuffle"):
            for collection in (self.workspace.contacts, self.workspace.conversations):
                for row in self.faults.pick_rows(3, len(collection)):
                    self._changes += 1
                    collection.upsert({"id": collection.id_of(row), "updated_at": self._moment()})

    def _moment(self) -> int:
        """Say when a change happens: now, or in the last hour of a workspace whose present is not ours."""
        now, clock = self.workspace.now, int(self.workspace.clock())
        return clock if self.options.present else min(now, now - 3600 + self._changes)

    async def _uninstall(self, request: Request) -> Response:
        self.credentials.revoke(self.credentials.check(request.headers.get("authorization")))
        return self._json({}, request)

    async def _nowhere(self, request: Request, error: Exception) -> Response:  # noqa: ARG002
        self.requests[f"{request.method} (unknown)"] += 1
        response = self._dated(self._refuse(not_found(), request))
        await self._remember(request, response)
        return response

    def _refuse(self, error: ApiError, request: Request) -> Response:
        request_id = new_request_id(self._dice)
        return self._json(error.envelope(request_id), request, error.status, error.headers, request_id)

    def _json(
        self,
        answer: Record | str,
        request: Request,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
    ) -> Response:
        standing = {
            "content-type": "application/json; charset=utf-8",
            "intercom-version": request.headers.get("intercom-version", "2.16"),
            "x-intercom-version": SERVER_BUILD,
            "x-request-id": request_id or new_request_id(self._dice),
            "cache-control": "max-age=0, private, must-revalidate",
        }
        return Response(answer if isinstance(answer, str) else encode(answer), status, {**standing, **(headers or {})})
