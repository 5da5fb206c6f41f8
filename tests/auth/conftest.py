"""A sandbox to log in at, and a plain HTTP client that plays the browser."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import httpx
import pytest

from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import OAuthClient
from intercom_kit.auth.login import Login, begin
from intercom_kit.sandbox import Sandbox

Start = Callable[..., Login]


def decide(login: Login, decision: str = "allow") -> str:
    """Open the login's page, press a button, and give the address that the browser is sent to."""
    page = httpx.get(login.url)
    assert page.status_code == 200
    asked = page.text.split("<button")[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', asked)}
    base = login.url.partition("/oauth")[0]
    answer = httpx.post(f"{base}/oauth", data={**fields, "decision": decision})
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
