"""Send requests to Intercom, again where that can help, within the rate budget. The only module that knows httpx."""

import asyncio
import itertools
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any
from urllib.parse import urlencode

import httpx

from intercom_kit.api import retry
from intercom_kit.api.bodies import ACCEPTED, LARGEST_REFUSAL, bound_of, read_body
from intercom_kit.api.budget import RateBudget
from intercom_kit.api.failures import failure, not_intercom, status_meant
from intercom_kit.api.forking import keep_for_ever
from intercom_kit.api.heads import Page, read_page
from intercom_kit.api.proxies import Proxy, proxy_for
from intercom_kit.api.quoting import quoted
from intercom_kit.api.regions import API_VERSION
from intercom_kit.api.secret import Secret
from intercom_kit.api.token import Token
from intercom_kit.api.unreachable import login_wanted, unreachable, unreadable_certificates
from intercom_kit.errors import (
    AnswerTooLargeError,
    BadRequestError,
    IntercomError,
    NotConnectedError,
    NotIntercomError,
    RateLimitedError,
    TokenInvalidError,
)

# So many keep up with Intercom's rate limit at 150 ms.
CONNECTIONS = 32
# For each request httpx looks at all connections of its pool: several clients with a few each take half of the work.
CONNECTIONS_OF_A_CLIENT = 4

_TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=None)
LONGEST_ANSWER = 300.0  # seconds, also for one that comes letter by letter


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
    """Give a form to httpx as a stream, which it would otherwise send in chunks and without a type."""
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
    """Give a proxy as httpx has it."""
    login = (proxy.user, proxy.password.reveal()) if proxy.user or proxy.password.reveal() else None
    trusted = _trusted() if proxy.address.startswith("https:") else None
    return httpx.Proxy(proxy.address, auth=login, ssl_context=trusted)


async def _put_location_aside(response: httpx.Response) -> None:
    """Keep httpx from reading where a redirect points, which it does also where it need not follow, and may fail at."""
    response.extensions["location"] = response.headers.pop("location", "")


class Transport:
    """Speak to one workspace; used from the event loop only.

    Without a token nothing is authorised, as where one is asked for. `patience` is the longest time in seconds that one
    request may spend on waiting and trying again; `budget` is one that was begun already, else there is a new one.
    """

    def __init__(
        self, base_url: str, token: Token | None, *, patience: float = 120.0, budget: RateBudget | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience = patience
        self.budget = budget or RateBudget(longest_wait=patience)
        self.budget.longest_wait = patience
        self.version = ""  # the API's, as the last answer named it
        self._token = token
        self._clients: dict[httpx.AsyncClient, int] = {}  # with how many requests each has under way
        self._under_way: set[asyncio.Future[Any]] = set()  # which the loop alone would not keep alive
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._turn = asyncio.Lock()  # of reading a large answer
        self._proxy: Proxy | None = None
        self._closed = ""
        self.without_in: set[str] = set()  # the searches that were seen to refuse IN, by their paths

    async def get(self, path: str, query: Mapping[str, Any] | None = None, *, items: str = "") -> Page:
        """Ask with GET; `items` is the key that must hold a list in the answer."""
        return await self.send("GET", path, query=query, items=items)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, Secret] | None = None,
        items: str = "",
        blank: bool = False,
        repeatable: bool = True,
        attempts: int = retry.ATTEMPTS,
    ) -> Page:
        """Ask once, or as often as can help, and give the answer.

        Nearly every request of this package only reads, so asking twice does no harm. With `repeatable=False` only
        what surely did nothing (429) is asked again: a scroll moves on when asked, and a login's code, which goes as a
        `form`, works once. With `blank`, an empty answer is one too. A token that expires is renewed, once.
        """
        deadline = time.monotonic() + self.patience
        content = {"params": query, "json": body} if form is None else _sealed(form)
        renewed = False
        for attempt in itertools.count():
            await self.budget.admit()
            try:
                token = await self._token.fresh() if self._token else None
                outcome, asked = await self._exchange(method, path, content, items, blank)
            finally:
                self.budget.settle()
            if isinstance(outcome, Page):
                return outcome
            if isinstance(outcome, TokenInvalidError) and self._token and token and not renewed:
                renewed = await self._token.renewed(token)
                if renewed:
                    continue
            pause = max(retry.backoff(attempt), asked or 0.0)
            limited = isinstance(outcome, RateLimitedError)
            if limited:
                self.budget.exhaust(pause)
                self.budget.refuse_if_too_long(pause)
            elif not repeatable:
                raise outcome
            if not retry.worthwhile(outcome, attempt, attempts) or time.monotonic() + pause > deadline:
                raise self.budget.refusal(pause, outcome.request_id) if limited else outcome
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _exchange(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any],
        items: str,
        blank: bool,
    ) -> tuple[Page | IntercomError, float | None]:
        """Send one request; give the page or the problem, with the pause that the server asks for."""
        try:
            response, body = await self._request(method, path, content, bound_of(path, items))
        except httpx.UnsupportedProtocol as error:
            raise BadRequestError(f"base_url {self.base_url!r} must begin with https:// or http://.") from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:  # of TLS, some come as they are
            return unreachable(self.base_url, error, self._proxy), None
        except (AnswerTooLargeError, NotIntercomError) as error:
            return error, None
        self.budget.observe(response.headers)
        self.version = response.headers.get("intercom-version", self.version)
        # JSON is UTF-8; httpx's own `text` takes three times as long, and believes in any charset that a header names.
        text = body.decode(errors="replace")
        status = status_meant(text) if response.is_success else response.status_code
        asked = retry.asked_pause(status or response.status_code, response.headers, self.budget.clock.now())
        if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            return login_wanted(self._proxy), asked
        if status:
            said = self._redacted(text, content)
            headers = {**response.headers, "location": response.extensions["location"]}
            return failure(status, headers, said, path, _page_of(content)), asked
        if blank and not text.strip():
            return Page(""), asked
        try:
            return read_page(text, items), asked
        except ValueError:
            return not_intercom(response.headers, text), asked

    def _redacted(self, said: str, content: Mapping[str, Any]) -> str:
        """Take out of a refusal, which errors quote, whatever secret of ours it may repeat."""
        form = content.get("content")
        sent = [*(form.fields.values() if isinstance(form, _SecretForm) else ()), self._token and self._token.secret]
        for secret in filter(None, sent):
            said = said.replace(secret.reveal(), "…") if secret.reveal() else said
        return said

    @property
    def closed(self) -> bool:
        """Tell whether `close` was called."""
        return bool(self._closed)

    def require_open(self) -> None:
        """Raise NotConnectedError after closing."""
        if self._closed:
            raise NotConnectedError(self._closed)

    async def _request(
        self, method: str, path: str, content: Mapping[str, Any], bound: int
    ) -> tuple[httpx.Response, bytes]:
        """Send one request, when a connection is free for it.

        Where it is cancelled, only the waiting ends: httpx loses connections when it is interrupted, so that in the end
        none would be free. The answer comes to nobody, and its connection is then free again.
        """
        async with self._free:
            self.require_open()
            client = self._client()
            _count.get()()
            asking = asyncio.ensure_future(self._answer(client, method, path, content, bound))
            self._clients[client] += 1
            self._keep(asking)
            asking.add_done_callback(lambda _: self._settle(client))
            return await asyncio.shield(asking)

    async def _answer(
        self, client: httpx.AsyncClient, method: str, path: str, content: Mapping[str, Any], bound: int
    ) -> tuple[httpx.Response, bytes]:
        """Send a request by a client, which is given up where the answer does not come to its end."""
        try:
            async with asyncio.timeout(LONGEST_ANSWER), client.stream(method, path, **content) as response:
                cut = not response.is_success
                bound = LARGEST_REFUSAL if cut else bound
                return response, await read_body(response.aiter_raw(), response.headers, bound, self._turn, cut=cut)
        except TimeoutError:
            self._clients.pop(client, None)
            await client.aclose()
            raise

    def _settle(self, client: httpx.AsyncClient) -> None:
        """Take note that a request is over; after closing, so is its client with the last one."""
        if client not in self._clients:
            return
        self._clients[client] -= 1
        if self._closed and not self._clients[client]:
            del self._clients[client]
            self._keep(asyncio.ensure_future(client.aclose()))

    def _keep(self, work: "asyncio.Future[Any]") -> None:
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)

    def _client(self) -> httpx.AsyncClient:
        """Give the first client with a connection free, so that few requests share few connections."""
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
                timeout=_TIMEOUT,
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
        keep_for_ever(self._clients, self._under_way)
        self._clients, self._under_way = {}, set()
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


def _page_of(content: Mapping[str, Any]) -> Any:
    """Name the page that a request asks for, where it is not the first."""
    query, body = content.get("params") or {}, content.get("json") or {}
    asked = {**query, **(body.get("pagination") or {})}
    return asked.get("starting_after") or asked.get("scroll_param") or asked.get("page")
