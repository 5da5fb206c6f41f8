"""The web application: authentication, rate limit, API version and faults around every endpoint."""

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
from intercom_kit.sandbox.behaviours import Behaviours, BehaviourSettings
from intercom_kit.sandbox.call import Call, Searches
from intercom_kit.sandbox.contents.record import Record, encode
from intercom_kit.sandbox.contents.search_index import Clock
from intercom_kit.sandbox.contents.workspace import Workspace
from intercom_kit.sandbox.credentials import Credentials
from intercom_kit.sandbox.endpoints import CONVERSATIONS, ENDPOINTS, Endpoint
from intercom_kit.sandbox.errors import ApiError, new_request_id, not_found
from intercom_kit.sandbox.faults import Faults, break_headers, break_response
from intercom_kit.sandbox.generator.seeded import dice_for
from intercom_kit.sandbox.oauth import OAuthPages
from intercom_kit.sandbox.rate_limit import RateLimit
from intercom_kit.sandbox.scroll import Scroll

SECRET_PARAMETERS = frozenset({"code", "state", "client_secret", "token", "access_token", "refresh_token"})
MAX_LOGGED_REQUESTS = 20_000
SERVER_BUILD = "5d7a0c1e9f3b4826a1d0e7c95b2f48d36a90c1be"  # x-intercom-version is a git hash, not an API version
BAD_GATEWAY = "<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"
Handler = Callable[[Request], Awaitable[Response]]


class LoggedRequest(NamedTuple):
    """One request in the log, without tokens, codes and secrets."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    body: Any = None  # of searches only


@dataclass
class Options:
    """The server's settings, apart from its data."""

    latency: float
    missing_scopes: frozenset[str]
    plan_restricted: bool
    missing_features: frozenset[str]
    present: bool  # whether the workspace's current time is the clock's


async def sleep_until(deadline: float) -> None:
    """Sleep until a deadline of the monotonic clock, if it has not passed."""
    if (remaining := deadline - time.monotonic()) > 0:
        await asyncio.sleep(remaining)


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
    clock: Clock | None = None  # sets the `Date` header, where it is not the machine's

    def __post_init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.log: deque[LoggedRequest] = deque(maxlen=MAX_LOGGED_REQUESTS)
        self.lock = threading.RLock()  # tests change the data from their own thread
        self._searches = Searches()
        self._dice = dice_for("request ids", id(self))
        self._changes = 0
        self._set_index_lag()

    def behave(self, *words: BehaviourSettings) -> None:
        """Change the behaviours in force; cached searches depend on them."""
        with self.lock:
            self.behaviours = self.behaviours.changed(*words)
            self._searches.clear()
            self._set_index_lag()

    def _set_index_lag(self) -> None:
        for kind, index in self.workspace.indexes.items():
            index.lag = self.behaviours.seconds("index-lag", kind)

    def starlette(self) -> Starlette:
        """Return the ASGI application; unknown paths and methods get a 404 envelope."""
        routes = [self._route(e.method, e.template, self._endpoint(e)) for e in ENDPOINTS]
        routes.append(self._route("POST", "/auth/uninstall", self._uninstall))
        pages = OAuthPages(self.credentials, self.workspace.name)
        routes += [self._route(*page) for page in pages.handlers()]
        return Starlette(routes=routes, exception_handlers={404: self._unknown_route, 405: self._unknown_route})

    def _route(self, method: str, template: str, handler: Handler) -> Route:
        """Return a route that counts and logs each request, applies latency and faults, and renders errors.

        Half of the latency passes before the handler runs and half after, as in transit; the handler's time counts.
        """

        async def handle(request: Request) -> Response:
            self.requests[f"{request.method} {template}"] += 1
            one_way = (self.options.latency + self.faults.jitter()) / 2
            started = time.monotonic()
            await sleep_until(started + one_way)
            fault = self.faults.replacement()
            try:
                response = self._fault_response(fault) if fault and fault.isdecimal() else await handler(request)
            except ApiError as error:
                response = self._error_response(error, request)
            break_headers(self.faults, response, self.workspace.clock())
            await self._log_request(request, response)
            await sleep_until(started + 2 * one_way)
            return self._with_date(break_response(fault, response) if fault and not fault.isdecimal() else response)

        return Route(template, handle, methods=[method])

    def _with_date(self, response: Response) -> Response:
        """Set the date where the sandbox has its own clock; otherwise the web server sets it."""
        if self.clock is not None:
            response.headers["date"] = formatdate(self.clock(), usegmt=True)
        return response

    async def _log_request(self, request: Request, response: Response) -> None:
        query = {name: value for name, value in request.query_params.items() if name not in SECRET_PARAMETERS}
        path = request.scope["path"]  # request.url would be rebuilt for every request
        try:
            body = json.loads(await request.body()) if path.endswith("/search") else None
        except ValueError:
            body = None
        self.log.append(LoggedRequest(request.method, path, query, response.status_code, body))

    def _fault_response(self, status: str) -> Response:
        """Return or raise the error of a fault that is an HTTP status."""
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
                    self._apply_data_faults(endpoint, token)
                    version = versions.read_version(request.headers.get("intercom-version"))
                    self._require_permission(endpoint, request)
                    call = self._call(request, version, body)
                    record = endpoint.answer(call)
                    if call.paging_faults is not None and not isinstance(record, str | bytes):
                        record = call.paging_faults.break_record(record, call.page)
            except ApiError as error:
                error.headers = {**headers, **error.headers}
                raise
            return self._json(record, request, headers=headers)

        return answer

    def _call(self, request: Request, version: versions.Version, body: bytes) -> Call:
        address = f"http://{request.headers.get('host')}{request.scope['path']}"
        parts = (address, request.path_params, request.query_params, body, version)
        scopes = self.options.missing_scopes
        return Call(self.workspace, self._searches, self.scroll, *parts, self.behaviours, scopes, self.faults)

    def _require_permission(self, endpoint: Endpoint, request: Request) -> None:
        accept = request.headers.get("accept", "*/*")
        if not any(kind in accept for kind in (endpoint.accept, "application/*", "*/*")):
            raise ApiError(406, "not_acceptable", f"The Accept header should be {endpoint.accept}")
        if endpoint.scope in self.options.missing_scopes:
            raise self._missing_scope_error(endpoint.scope)
        if self.options.plan_restricted and endpoint.scope == CONVERSATIONS:
            raise ApiError(403, "api_plan_restricted", "Active subscription needed.")
        if endpoint.feature in self.options.missing_features:
            raise ApiError(403, "api_plan_restricted", "This feature is not yet available to your app")

    def _missing_scope_error(self, scope: str) -> ApiError:
        """Return the error for a missing scope: 401, 403 or, per endpoint, either (UNCONFIRMED [missing-scope])."""
        status = self.behaviours.of("missing-scope")
        if status == "403" or (status == "either" and scope == CONVERSATIONS):
            message = f"You do not have the required scope ({scope}) to access this resource"
            return ApiError(403, "forbidden", message)
        return ApiError(401, "token_unauthorized", "Not authorized to access resource")

    def _apply_data_faults(self, endpoint: Endpoint, token: str) -> None:
        """Apply the faults that change the sandbox's state rather than the response."""
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
                    collection.upsert({"id": collection.id_of(row), "updated_at": self._change_time()})

    def _change_time(self) -> int:
        """Return the time of a change: now, or within the last hour of a workspace whose current time is fixed."""
        now, clock = self.workspace.now, int(self.workspace.clock())
        return clock if self.options.present else min(now, now - 3600 + self._changes)

    async def _uninstall(self, request: Request) -> Response:
        self.credentials.revoke(self.credentials.check(request.headers.get("authorization")))
        return self._json({}, request)

    async def _unknown_route(self, request: Request, error: Exception) -> Response:  # noqa: ARG002
        self.requests[f"{request.method} (unknown)"] += 1
        response = self._with_date(self._error_response(not_found(), request))
        await self._log_request(request, response)
        return response

    def _error_response(self, error: ApiError, request: Request) -> Response:
        request_id = new_request_id(self._dice)
        return self._json(error.envelope(request_id), request, error.status, error.headers, request_id)

    def _json(
        self,
        answer: Record | str | bytes,
        request: Request,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
    ) -> Response:
        defaults = {
            "content-type": "application/json; charset=utf-8",
            "intercom-version": request.headers.get("intercom-version", "2.16"),
            "x-intercom-version": SERVER_BUILD,
            "x-request-id": request_id or new_request_id(self._dice),
            "cache-control": "max-age=0, private, must-revalidate",
        }
        if isinstance(answer, bytes):
            defaults["content-type"] = "application/octet-stream"
        content = answer if isinstance(answer, str | bytes) else encode(answer)
        return Response(content, status, {**defaults, **(headers or {})})
