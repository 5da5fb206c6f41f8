"""A sandbox to log in at, and a plain HTTP client that plays the browser."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import OAuthClient
from intercom_kit.auth.login import Login, begin
from intercom_kit.auth.profiles import save
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import NOW, SMALL

Start = Callable[..., Login]
Stored = Callable[..., tuple[Sandbox, str]]


def decide(login: Login, decision: str = "allow") -> str:
    """Open the login's page, press a button, and give the address that the browser is sent to."""
    return decide_at(login.url, decision)


PATIENCE = 60.0  # seconds; other tests run beside, and httpx waits for five


def decide_at(address: str, decision: str = "allow") -> str:
    page = httpx.get(address, timeout=PATIENCE)
    assert page.status_code == 200
    asked = page.text.split("<button")[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', asked)}
    answer = httpx.post(
        f"{address.partition('/oauth')[0]}/oauth", data={**fields, "decision": decision}, timeout=PATIENCE
    )
    assert answer.status_code == 302
    return answer.headers["location"]


def client_of(sandbox: Sandbox) -> OAuthClient:
    return OAuthClient(sandbox.client_id, Secret(sandbox.client_secret))


@pytest.fixture
def start(sandbox: Sandbox) -> Iterator[Start]:
    """Begin a login at the sandbox that nobody changes, and cancel it when the test ends."""
    begun: list[Login] = []

    def started(**options: object) -> Login:
        begun.append(begin(client_of(sandbox), base_url=sandbox.base_url, **options))
        return begun[-1]

    yield started
    for login in begun:
        login.cancel()


class MemoryKeyring(KeyringBackend):
    """A keyring that holds what it is given until the test ends."""

    priority = 1
    name = "memory Keyring"

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test's profiles in a folder of its own."""
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture(autouse=True)
def memory() -> Iterator[MemoryKeyring]:
    """Give every test a keyring of its own."""
    own, before = MemoryKeyring(), keyring.get_keyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring(memory: MemoryKeyring) -> None:
    """Have no keyring that works, as on most servers."""
    keyring.set_keyring(fail.Keyring())


@pytest.fixture
def stored() -> Iterator[Stored]:
    """Start a small sandbox of one's own, and store a profile for it, by a login as a user would make it."""
    with ExitStack() as stack:

        def started(name: str | None = None, **options: Any) -> tuple[Sandbox, str]:
            running = stack.enter_context(serve(**SMALL, now=NOW, **options))
            login = begin(client_of(running), base_url=running.base_url, loopback=False)
            return running, save(login.finish(decide(login)), name=name).name

        yield started
