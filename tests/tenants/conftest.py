"""A server for tenants over HTTP, each with a workspace of canaries, and an issuer of tokens."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from mcp.server import MCPServer

from intercom_kit.api.secret import Secret
from intercom_kit.auth.check import check
from intercom_kit.auth.credentials import Credential, OAuthClient
from intercom_kit.auth.profiles import save
from intercom_kit.mcp.over_http.serving import Public
from intercom_kit.mcp.tenants.attempts import App
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.server import make_tenant_server
from intercom_kit.mcp.tenants.tenant import Caller, Tenant
from intercom_kit.sandbox import Sandbox
from tests.mcp.serving import serving_http

from .asking import ISSUER, URL, Asking, Browser, Issuer
from .people import serve_canaries


@dataclass
class Shop:
    """A running server, whose tenants are numbered: the subject of number 1 is "person1", its workspace the second."""

    address: str
    issuer: Issuer
    sandboxes: list[Sandbox]
    home: Path
    names: dict[str, int] = field(default_factory=dict)

    def ask(self, subject: str, **claims: object) -> Asking:
        return Asking(self.address, self.issuer.token(subject, **claims))

    def person(self, number: int) -> Asking:
        return self.ask(f"person{number}")

    def browser(self) -> Browser:
        return Browser(self.address)

    def stored(self, number: int, tenant: Tenant | None = None) -> str:
        """Store a connection of a tenant's without a login, and return its Intercom token."""
        sandbox = self.sandboxes[number]
        client = OAuthClient(sandbox.client_id, Secret(sandbox.client_secret))
        credential = check(Credential(Secret(sandbox.token), sandbox.base_url, client=client))
        save(credential, name=(tenant or Tenant(ISSUER, "sub", f"person{number}")).profile)
        return sandbox.token


def number_of(caller: Caller) -> int:
    digits = "".join(letter for letter in caller.tenant.value if letter.isdigit())
    return int(digits or 0)


def app_at(sandbox: Sandbox) -> App:
    return App(OAuthClient(sandbox.client_id, Secret(sandbox.client_secret)), sandbox.base_url)


@contextmanager
def prepared(
    home: Path, app_of: Callable[[Caller], App], settings: Mapping[str, Any], **options: Any
) -> Iterator[MCPServer[Any]]:
    """Make a server with a folder and a key of its own."""
    with pytest.MonkeyPatch().context() as patch:
        patch.setenv("INTERCOM_KIT_HOME", str(home))
        patch.setenv("INTERCOM_STORE_KEYS", Fernet.generate_key().decode())
        yield make_tenant_server(URL, app_of, settings, memory="500MB", **options)


@contextmanager
def opened(
    home: Path, issuer: Issuer, sandboxes: list[Sandbox], *, claim: str = "sub", limits: Limits | None = None
) -> Iterator[Shop]:
    """Serve tenants, with what is stored in a folder."""

    def app_of(caller: Caller) -> App:
        return app_at(sandboxes[number_of(caller) % len(sandboxes)])

    with ExitStack() as stack:
        keys = stack.enter_context(serving_http(issuer.keys()))
        public = Public(URL, ISSUER, keys)
        server = stack.enter_context(prepared(home, app_of, public.settings(), claim=claim, limits=limits))
        app = server.streamable_http_app(transport_security=public.security())
        yield Shop(stack.enter_context(serving_http(app)), issuer, sandboxes, home)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[list[Sandbox]]:
    """Three workspaces with canaries."""
    with ExitStack() as stack:
        yield [stack.enter_context(serve_canaries(number)) for number in range(3)]


@pytest.fixture(scope="module")
def shop(issuer: Issuer, sandboxes: list[Sandbox], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server with two connected tenants, 0 and 1; person 2 is not connected."""
    with opened(tmp_path_factory.mktemp("tenants"), issuer, sandboxes) as shop:
        shop.stored(0)
        shop.stored(1)
        yield shop
