"""Serve one small sandbox to all tests that only read, and make it easy to start others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from intercom_kit.sandbox import Sandbox, serve

NOW = 1_795_377_600  # a Saturday evening in 2026


class Client:
    """Asks a sandbox and hands back JSON."""

    def __init__(self, sandbox: Sandbox, **headers: str) -> None:
        authorization = {"Authorization": f"Bearer {sandbox.token}", **headers}
        self.http = httpx.Client(base_url=sandbox.base_url, headers=authorization, timeout=20)

    def get(self, path: str, **query: Any) -> Any:
        """Ask with GET; an answer that is not 200 fails the test."""
        response = self.http.get(path, params=query or None)
        assert response.status_code == 200, response.text
        return response.json()

    def search(self, kind: str, query: Any, **more: Any) -> Any:
        """Search; an answer that is not 200 fails the test."""
        response = self.http.post(f"/{kind}/search", json={"query": query, **more})
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, path: str, method: str = "GET", **request: Any) -> tuple[int, str]:
        """Ask for something that is refused: the status and the error code."""
        response = self.http.request(method, path, **request)
        envelope = response.json()
        assert envelope["type"] == "error.list"
        assert envelope["request_id"] == response.headers["x-request-id"]
        return response.status_code, envelope["errors"][0]["code"]

    def all(self, path: str, key: str = "data", **query: Any) -> list[Any]:
        """List everything by following cursors."""
        rows, after = [], None
        while True:
            page = self.get(path, per_page=150, **query, **({"starting_after": after} if after else {}))
            rows += page[key]
            if "next" not in page["pages"]:
                return rows
            after = page["pages"]["next"]["starting_after"]


Start = Callable[..., tuple[Sandbox, Client]]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with serve(conversations=600, contacts=200, companies=60, now=NOW) as running:
        yield running


@pytest.fixture(scope="session")
def client(sandbox: Sandbox) -> Iterator[Client]:
    asking = Client(sandbox)
    with asking.http:
        yield asking


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a sandbox of one's own, by default with hardly any data."""
    with ExitStack() as stack:

        def begin(headers: dict[str, str] | None = None, **options: Any) -> tuple[Sandbox, Client]:
            if "records" not in options and "load" not in options:
                options = {"conversations": 40, "contacts": 30, "companies": 12, "now": NOW} | options
            running = stack.enter_context(serve(**{"now": NOW} | options))
            asking = Client(running, **(headers or {}))
            stack.enter_context(asking.http)
            return running, asking

        yield begin


@pytest.fixture
def generated_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generate every workspace, also one that was served before."""
    monkeypatch.setattr("intercom_kit.sandbox.contents.workspace.LARGEST_KEPT", 0)
