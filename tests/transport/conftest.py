"""Connect to whatever answers, in an environment that names no proxy and no certificates."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from intercom_kit import Workspace, connect

from .answering import Answer, Asked, Server, answering

TOKEN = "dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4="

Serve = Callable[..., Server]
Connect = Callable[..., Workspace]


@pytest.fixture(autouse=True)
def _nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("SSL_CERT")]
    for name in names:
        monkeypatch.delenv(name)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve answers until the test ends."""
    with ExitStack() as stack:

        def begun(answer: Answer | Callable[[Asked], Answer], **options: Any) -> Server:
            told = answer if callable(answer) else lambda _: answer
            return stack.enter_context(answering(told, **options))

        yield begun


@pytest.fixture
def connected() -> Iterator[Connect]:
    """Connect, and close what was connected as the test ends."""
    with ExitStack() as stack:

        def begun(server: Server | str, **options: Any) -> Workspace:
            base_url = server if isinstance(server, str) else server.base_url
            return stack.enter_context(connect(TOKEN, base_url=base_url, **{"patience": 5} | options))

        yield begun
