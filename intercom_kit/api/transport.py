"""Send requests to Intercom over HTTP, and read their answers. The only module that knows httpx."""

import asyncio
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from intercom_kit.api import retry
from intercom_kit.api.asking import Asking, Request
from intercom_kit.api.bodies import ACCEPTED, LARGEST_REFUSAL, bound_of, read_body
from intercom_kit.api.budget import RateBudget
from intercom_kit.api.failures import failure, not_intercom, status_meant
from intercom_kit.api.heads import Page, read_page
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

# So many keep up with Intercom's rate limit at 150 ms.
CONNECTIONS = 32
# For each request httpx looks at all connections of its pool: several clients with a few each take half of the work.
CONNECTIONS_OF_A_CLIENT = 4

LONGEST_CONNECTING = 15.0  # seconds
LONGEST_ANSWER = 300.0  # seconds, also for one that comes letter by letter
SILENCE = 0.9  # of what an answer may take


_count: ContextVar[Callable[[], None]] = ContextVar("count", default=lambda: None)


@contextmanager
def counting(count: Callable[[], None]) -> Iterator[None]:
    """Call `count` for every request that the block sends, also for those asked again, unanswered or refused."""
    token = _count.set(count)
    try:
        yield
    finally:
        _count.reset(token)


class _Bearer(httpx.Auth):
    """Put the token into the Authorization header, and nowhere else."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.secret.reveal()}"
        yield request


class _SecretForm(httpx.AsyncByteStream):
    """Send a form whose values show in no traceback, since what carries them is a stream and not text."""

    def __init__(self, fields: Mapping[str, Secret]) -> None:
        self.fields = fields

    def encoded(self) -> bytes:
        return urlencode({name: value.reveal() for name, value in self.fields.items()}).encode()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.encoded()


def _sealed(fields: Mapping[str, Secret]) -> dict[str, Any]:
    """Return a form to httpx as a stream, which it would otherwise send in chunks and without a type."""
    form = _SecretForm(fields)
    length = str(len(form.encoded()))
    return {
        "content": form,
        "headers": {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": length},
    }


def _trusted() -> ssl.SSLContext:
    """Return the authorities to trust: those of SSL_CERT_FILE or SSL_CERT_DIR, else the usual ones.

    Raises CertificateError where they cannot be read.
    """
    try:
        return _read_trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    except OSError as error:
        raise unreadable_certificates(error) from error


@cache
def _read_trusted(file: str | None, folder: str | None) -> ssl.SSLContext:  # noqa: ARG001 - httpx reads the variables
    """Read the authorities once for each setting: every connection would take 30 ms for it."""
    return httpx.create_ssl_context()


def _through(proxy: Proxy) -> httpx.Proxy:
    """Return a proxy as httpx has it."""
    login = (proxy.user, proxy.password.reveal()) if proxy.user or proxy.password.reveal() else None
    trusted = _trusted() if proxy.address.startswith("https:") else None
    return httpx.Proxy(proxy.address, auth=login, ssl_context=trusted)


async def _put_location_aside(response: httpx.Response) -> None:
    """Keep httpx from reading where a redirect points, which it does also where it need not follow, and may fail at."""
    response.extensions["location"] = response.headers.pop("location", "")


class Transport(Asking):
    """The HTTP connections to one workspace; used from the event loop only."""

    def __init__(
        self, base_url: str, token: Token | None, *, patience: float = 120.0, budget: RateBudget | None = None
    ) -> None:
        super().__init__(base_url, token, patience=patience, budget=budget)
        self.version = ""  # the API's, as the last answer named it
        self._clients: dict[httpx.AsyncClient, int] = {}  # with how many requests each has under way
        self._given_up: dict[httpx.AsyncClient, int] = {}  # which get no more requests
        self._under_way: set[asyncio.Future[Any]] = set()  # which the loop alone would not keep alive
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._turn = asyncio.Lock()  # of reading a large answer
        self._proxy: Proxy | None = None
        self._closed = ""

    async def _exchange(self, request: Request, within: float) -> tuple[Page | IntercomError, float | None]:
        """Send one request; give the page or the problem, with the pause that the server asks for."""
        began = time.monotonic()
        waiting = Waiting(urlsplit(self.base_url).hostname or "")
        try:
            response, body = await self._request(request, within, waiting)
        except httpx.UnsupportedProtocol as error:
            raise BadRequestError(f"base_url {self.base_url!r} must begin with https:// or http://.") from error
        except (TimeoutError, httpx.TimeoutException):
            waited = time.monotonic() - began
            return too_slow(self.base_url, waiting.what, waited, self.patience, self._proxy), None
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:  # of TLS, some come as they are
            return unreachable(self.base_url, error, self._proxy), None
        except (AnswerTooLargeError, NotIntercomError) as error:
            error.__context__ = None  # where it came from holds all that was read
            return error.with_traceback(None), None
        return self._read(request, response, body)

    def _read(
        self, request: Request, response: httpx.Response, body: bytes | bytearray
    ) -> tuple[Page | IntercomError, float | None]:
        """Read an answer: the page or the problem, and the pause that the server asks for."""
        self.budget.observe(response.headers)
        self.version = response.headers.get("intercom-version", self.version)
        # JSON is UTF-8; httpx's own `text` takes three times as long, and believes in any charset that a header names.
        text = body.decode(errors="replace")
        status = status_meant(text) if response.is_success else response.status_code
        asked = retry.asked_pause(status or response.status_code, response.headers, self.budget.clock.now())
        if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            return login_wanted(self._proxy), asked
        if status:
            said = self._redacted(text, request)
            headers = {**response.headers, "location": response.extensions["location"]}
            return failure(status, headers, said, request.path, request.page), asked
        if request.blank and not text.strip():
            return Page(""), asked
        try:
            return read_page(text, request.items), asked
        except ValueError:
            return not_intercom(response.headers, text), asked

    def _redacted(self, said: str, request: Request) -> str:
        """Take out of a refusal, which errors quote, whatever secret of ours it may repeat."""
        sent = [*(request.form or {}).values(), *([self._token.secret] if self._token else [])]
        for secret in sent:
            said = said.replace(secret.reveal(), "…") if secret.reveal() else said
        return said

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
        """Send one request, when a connection is free for it, and read its answer; raises TimeoutError.

        Where it is cancelled, only the waiting ends: httpx loses connections when it is interrupted, so that in the end
        none would be free. The answer comes to nobody, and its connection is then free again.
        """
        began = time.monotonic()
        async with asyncio.timeout(within):
            await self._free.acquire()
        try:
            self.require_open()
            client = self._client()
            waiting.tunnel = self._proxy is not None and self.base_url.startswith("https:")
            _count.get()()
            left = min(within - (time.monotonic() - began), LONGEST_ANSWER)
            asking = asyncio.ensure_future(self._answer(client, request, left, waiting))
            self._clients[client] += 1
            self._keep(asking)
            asking.add_done_callback(lambda _: self._settle(client))
            return await asyncio.shield(asking)
        finally:
            self._free.release()

    async def _answer(
        self, client: httpx.AsyncClient, request: Request, within: float, waiting: Waiting
    ) -> tuple[httpx.Response, bytes | bytearray]:
        """Send a request by a client, which is given up where the answer does not come to its end."""
        silence = within * SILENCE  # so that a connection that says nothing is closed by httpx itself, which loses none
        timeout = httpx.Timeout(silence, connect=min(silence, LONGEST_CONNECTING), pool=None)
        content: dict[str, Any] = (
            {"params": request.query, "json": request.body} if request.form is None else _sealed(request.form)
        )
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
        """Take note that a request is over; with the last one so is its client, if it was given up or after closing."""
        held = self._clients if client in self._clients else self._given_up
        held[client] -= 1
        if not held[client] and (self._closed or held is self._given_up):
            del held[client]
            self._keep(asyncio.ensure_future(client.aclose()))

    def _keep(self, work: "asyncio.Future[Any]") -> None:
        """Let work come to its end, also where nobody wants to know any more how it fails."""
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)
        work.add_done_callback(lambda _: work.cancelled() or work.exception())

    def _client(self) -> httpx.AsyncClient:
        """Return the first client with a connection free, so that few requests share few connections."""
        for client, busy in self._clients.items():
            if busy < CONNECTIONS_OF_A_CLIENT:
                return client
        self._proxy = proxy_for(self.base_url)
        client = self._new_client(self._proxy)
        self._clients[client] = 0
        return client

    def _new_client(self, proxy: Proxy | None) -> httpx.AsyncClient:
        """Make a client that takes nothing from the environment but what was read from it here."""
        try:
            through = _through(proxy) if proxy else None
        except (httpx.InvalidURL, ValueError) as error:
            assert proxy is not None  # noqa: S101 - it is what cannot be read
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
                verify=_trusted() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # which trusts nobody
            )
        except ImportError as error:
            assert proxy is not None  # noqa: S101 - only proxies need another package
            raise proxy.unusable(
                "it is of the kind SOCKS, which needs the package socksio (pip install socksio), or an HTTP proxy in "
                "its place"
            ) from error
        except httpx.InvalidURL as error:
            raise BadRequestError(f"base_url {quoted(self.base_url)!r} is no address: {quoted(error)}.") from error

    def begin_anew(self) -> None:
        """Let go of the connections without touching them: in a forked process they are the parent's."""
        keep_for_ever(self._clients, self._given_up, self._under_way)
        self._clients, self._given_up, self._under_way = {}, {}, set()
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._turn = asyncio.Lock()
        self.budget.in_flight = 0
        if self._token:
            self._token.begin_anew()

    async def close(self, why: str = "This workspace was closed. Connect again with intercom_kit.connect().") -> None:
        """Close the connections, those in use when their answer has come; later requests raise NotConnectedError."""
        self._closed = self._closed or why
        for client in [client for client, busy in self._clients.items() if not busy]:
            del self._clients[client]
            await client.aclose()
