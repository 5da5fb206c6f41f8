"""Send requests to Intercom over HTTP, and read the responses. The only module that imports httpx."""

import asyncio
import os
import ssl
import time
from collections.abc import AsyncIterator, Generator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from intercom_kit.api import retry
from intercom_kit.api.answers import read_answer
from intercom_kit.api.asking import Asking, Request
from intercom_kit.api.bodies import ACCEPTED, LARGEST_REFUSAL, bound_of, read_body
from intercom_kit.api.budget import RateBudget
from intercom_kit.api.counting import count
from intercom_kit.api.failures import not_intercom, status_meant
from intercom_kit.api.heads import Page
from intercom_kit.api.proxies import Proxy, proxy_for
from intercom_kit.api.quoting import quoted
from intercom_kit.api.regions import API_VERSION
from intercom_kit.api.secret import Secret
from intercom_kit.api.token import Token
from intercom_kit.api.unreachable import login_wanted, too_slow, unreachable, unreadable_certificates
from intercom_kit.api.waiting import Waiting
from intercom_kit.concurrency.forking import keep_for_ever
from intercom_kit.errors import (
    AnswerTooLargeError,
    BadRequestError,
    IntercomError,
    NotConnectedError,
    NotIntercomError,
)

# Enough to reach Intercom's rate limit at a latency of 150 ms.
CONNECTIONS = 32
# httpx scans all connections of its pool for each request: several clients with a few each take half of the CPU time.
CONNECTIONS_OF_A_CLIENT = 4

LONGEST_CONNECTING = 15.0  # seconds
LONGEST_ANSWER = 300.0  # seconds, even if the response keeps trickling in
SILENCE = 0.9  # of the time for a response, after which a silent connection is closed


class _Bearer(httpx.Auth):
    """The authentication by a token in the Authorization header, and nowhere else."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.secret.reveal()}"
        yield request


class _SecretForm(httpx.AsyncByteStream):
    """A form as a stream, so that its values show in no traceback."""

    def __init__(self, fields: Mapping[str, Secret]) -> None:
        self.fields = fields

    def encoded(self) -> bytes:
        return urlencode({name: value.reveal() for name, value in self.fields.items()}).encode()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.encoded()


def _sealed(fields: Mapping[str, Secret]) -> dict[str, Any]:
    """Return httpx's arguments for a form, with the headers that it would not add to a stream."""
    form = _SecretForm(fields)
    length = str(len(form.encoded()))
    return {
        "content": form,
        "headers": {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": length},
    }


def _trusted() -> ssl.SSLContext:
    """Return the trusted certificates: those of SSL_CERT_FILE or SSL_CERT_DIR, else httpx's default.

    Raises CertificateError where they cannot be read.
    """
    try:
        return _read_trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    except OSError as error:
        raise unreadable_certificates(error) from error


@cache
def _read_trusted(file: str | None, folder: str | None) -> ssl.SSLContext:  # noqa: ARG001 - httpx reads the variables
    """Read the trusted certificates once per setting, since that takes 30 ms."""
    return httpx.create_ssl_context()


def _through(proxy: Proxy) -> httpx.Proxy:
    """Return a proxy as an object of httpx."""
    login = (proxy.user, proxy.password.reveal()) if proxy.user or proxy.password.reveal() else None
    trusted = _trusted() if proxy.address.startswith("https:") else None
    return httpx.Proxy(proxy.address, auth=login, ssl_context=trusted)


async def _put_location_aside(response: httpx.Response) -> None:
    """Hide a redirect's target from httpx, which parses it even when not following, and may fail."""
    response.extensions["location"] = response.headers.pop("location", "")


class Transport(Asking):
    """The HTTP connections to one workspace; used from the event loop only."""

    def __init__(
        self, base_url: str, token: Token | None, *, patience: float = 120.0, budget: RateBudget | None = None
    ) -> None:
        super().__init__(base_url, token, patience=patience, budget=budget)
        self.version = ""  # of the API, by the last response
        self._clients: dict[httpx.AsyncClient, int] = {}  # each with its number of requests in flight
        self._given_up: dict[httpx.AsyncClient, int] = {}  # the same for clients that get no new requests
        self._under_way: set[asyncio.Future[Any]] = set()  # strong references, since the loop holds weak ones only
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._turn = asyncio.Lock()  # held while a large response is read
        self._proxy: Proxy | None = None
        self._closed = ""

    async def _exchange(self, request: Request, within: float) -> tuple[Page | IntercomError, float | None]:
        """Send one request; return the page or the error, and the seconds that the server asks to wait."""
        began = time.monotonic()
        waiting = Waiting(urlsplit(self.base_url).hostname or "")
        try:
            response, body = await self._request(request, within, waiting)
        except httpx.UnsupportedProtocol as error:
            raise BadRequestError(f"base_url {self.base_url!r} must begin with https:// or http://.") from error
        except httpx.InvalidURL as error:
            raise BadRequestError(f"Intercom has no such address ({quoted(error)}): give a shorter id.") from error
        except (TimeoutError, httpx.TimeoutException):
            waited = time.monotonic() - began
            return too_slow(self.base_url, waiting.what, waited, self.patience, self._proxy), None
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:  # httpx does not wrap all TLS errors
            return unreachable(self.base_url, error, self._proxy), None
        except (AnswerTooLargeError, NotIntercomError) as error:
            error.__context__ = None  # else its traceback would keep the whole body
            return error.with_traceback(None), None
        return self._read(request, response, body)

    def _read(
        self, request: Request, response: httpx.Response, body: bytes | bytearray
    ) -> tuple[Page | IntercomError, float | None]:
        """Return the page or the error of a response, and the seconds that the server asks to wait."""
        self.budget.observe(response.headers)
        self.version = response.headers.get("intercom-version", self.version)
        # JSON is UTF-8; httpx's own `text` takes three times as long, and obeys any charset in the headers.
        large = request.file and len(body) > LARGEST_REFUSAL
        text = "" if large else body.decode(errors="replace")
        status = status_meant(text) if response.is_success else response.status_code
        if request.file and not status:
            page = not_intercom(response.headers, text) if text.lstrip().startswith("<") else Page("", data=bytes(body))
            return page, None
        pause = retry.asked_pause(status or response.status_code, response.headers, self.budget.clock.now())
        if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            return login_wanted(self._proxy), pause
        headers = {**response.headers, "location": response.extensions["location"]}
        return read_answer(request, text, headers, status=status, secrets=self._secrets(request)), pause

    def _secrets(self, request: Request) -> list[Secret]:
        """Return the secrets that a request sends, which a response may repeat."""
        return [*(request.form or {}).values(), *([self._token.secret] if self._token else [])]

    @property
    def closed(self) -> bool:
        """Return whether `close` was called."""
        return bool(self._closed)

    def require_open(self) -> None:
        """Raise NotConnectedError after closing."""
        if self._closed:
            raise NotConnectedError(self._closed)

    async def _request(
        self, request: Request, within: float, waiting: Waiting
    ) -> tuple[httpx.Response, bytes | bytearray]:
        """Send one request when a connection is free, and return its response; raises TimeoutError.

        Cancelling ends only the wait, since httpx leaks connections when it is cancelled. The request itself goes on,
        its response is dropped, and its connection is free again.
        """
        began = time.monotonic()
        async with asyncio.timeout(within):
            await self._free.acquire()
        try:
            self.require_open()
            client = self._client()
            waiting.tunnel = self._proxy is not None and self.base_url.startswith("https:")
            count()
            left = min(within - (time.monotonic() - began), LONGEST_ANSWER)
            sending = asyncio.ensure_future(self._answer(client, request, left, waiting))
            self._clients[client] += 1
            self._keep(sending)
            sending.add_done_callback(lambda _: self._settle(client))
            return await asyncio.shield(sending)
        finally:
            self._free.release()

    async def _answer(
        self, client: httpx.AsyncClient, request: Request, within: float, waiting: Waiting
    ) -> tuple[httpx.Response, bytes | bytearray]:
        """Send a request through a client, which gets no new requests if this one times out."""
        silence = within * SILENCE  # earlier than our own timeout: httpx itself closes the connection without a leak
        timeout = httpx.Timeout(silence, connect=min(silence, LONGEST_CONNECTING), pool=None)
        content: dict[str, Any] = (
            {"params": request.query, "json": request.body} if request.form is None else _sealed(request.form)
        )
        if request.file:
            content["headers"] = {"Accept": "application/octet-stream"}
        content |= {"timeout": timeout, "extensions": {"trace": waiting}}
        try:
            async with (
                asyncio.timeout(within),
                client.stream(request.method, request.path, **content) as response,
            ):
                cut = not response.is_success
                bound = LARGEST_REFUSAL if cut else bound_of(request.path, request.items)
                return response, await read_body(response.aiter_raw(), response.headers, bound, self._turn, cut=cut)
        except TimeoutError:
            if client in self._clients:
                self._given_up[client] = self._clients.pop(client)
            raise

    def _settle(self, client: httpx.AsyncClient) -> None:
        """Count a request as finished; close its client after the last one, if it was given up or we are closed."""
        held = self._clients if client in self._clients else self._given_up
        held[client] -= 1
        if not held[client] and (self._closed or held is self._given_up):
            del held[client]
            self._keep(asyncio.ensure_future(client.aclose()))

    def _keep(self, work: "asyncio.Future[Any]") -> None:
        """Keep a future alive until it is done, and retrieve its exception even if nobody awaits it."""
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)
        work.add_done_callback(lambda _: work.cancelled() or work.exception())

    def _client(self) -> httpx.AsyncClient:
        """Return the first client with a free connection, so that few requests share few connections."""
        for client, busy in self._clients.items():
            if busy < CONNECTIONS_OF_A_CLIENT:
                return client
        self._proxy = proxy_for(self.base_url)
        client = self._new_client(self._proxy)
        self._clients[client] = 0
        return client

    def _new_client(self, proxy: Proxy | None) -> httpx.AsyncClient:
        """Make a client that reads nothing from the environment itself."""
        try:
            through = _through(proxy) if proxy else None
        except (httpx.InvalidURL, ValueError) as error:
            assert proxy is not None  # noqa: S101 - its address is invalid
            raise proxy.unusable() from error
        encrypted = self.base_url.startswith("https:")
        try:
            return httpx.AsyncClient(
                base_url=self.base_url,
                auth=_Bearer(self._token) if self._token else None,
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": ACCEPTED,
                    "Intercom-Version": API_VERSION,
                    "User-Agent": "intercom_kit",
                },
                limits=httpx.Limits(
                    max_connections=CONNECTIONS_OF_A_CLIENT, max_keepalive_connections=CONNECTIONS_OF_A_CLIENT
                ),
                follow_redirects=False,
                event_hooks={"response": [_put_location_aside]},
                proxy=through,
                trust_env=False,
                verify=_trusted() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # unused without TLS
            )
        except ImportError as error:
            assert proxy is not None  # noqa: S101 - only SOCKS proxies need another package
            raise proxy.unusable(
                "it is of the kind SOCKS, which needs the package socksio (pip install socksio), or an HTTP proxy in "
                "its place"
            ) from error
        except httpx.InvalidURL as error:
            raise BadRequestError(f"base_url {quoted(self.base_url)!r} is no address: {quoted(error)}.") from error

    def begin_anew(self) -> None:
        """Drop the connections without closing them: in a forked process they are the parent's."""
        keep_for_ever(self._clients, self._given_up, self._under_way)
        self._clients, self._given_up, self._under_way = {}, {}, set()
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._turn = asyncio.Lock()
        self.budget.in_flight = 0
        if self._token:
            self._token.begin_anew()

    async def close(self, why: str = "This workspace was closed. Connect again with intercom_kit.connect().") -> None:
        """Close the connections, busy ones after their response; later requests raise NotConnectedError."""
        self._closed = self._closed or why
        for client in [client for client, busy in self._clients.items() if not busy]:
            del self._clients[client]
            await client.aclose()
