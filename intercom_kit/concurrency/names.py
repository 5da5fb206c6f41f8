"""Look names up in threads of their own: one that takes minutes keeps neither others nor the program's end waiting.

The loop's own way is a pool of few threads, which others need too, and which Python waits for when it ends.
"""

import asyncio
import contextlib
import socket
import threading
from typing import Any

from intercom_kit.concurrency.forking import in_child

_under_way: dict[tuple[Any, ...], "asyncio.Future[Any]"] = {}


@in_child
def _begin_anew() -> None:
    """Forget what the parent looks up: in a forked process, nobody does."""
    _under_way.clear()


def is_looked_up(host: str) -> bool:
    """Return whether a name is being looked up just now."""
    return any(_text(asked[0]) == host for asked in _under_way)


def look_up_beside(loop: asyncio.AbstractEventLoop) -> None:
    """Let a loop look names up here; what is being looked up already is not asked a second time."""

    async def getaddrinfo(
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        asked = (host, port, family, type, proto, flags)
        found = _under_way.get(asked)
        if found is None:
            found = _under_way[asked] = loop.create_future()
            found.add_done_callback(lambda _: _under_way.pop(asked, None))
            threading.Thread(target=_look_up, args=(loop, asked, found), name="intercom_kit names", daemon=True).start()
        return await asyncio.shield(found)

    loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign]


def _look_up(loop: asyncio.AbstractEventLoop, asked: tuple[Any, ...], found: "asyncio.Future[Any]") -> None:
    """Look a name up, however long that takes, and tell the loop."""
    try:
        addresses = socket.getaddrinfo(*asked)
    except Exception as error:  # noqa: BLE001 - whoever asked meets it
        tell, told = found.set_exception, error
    else:
        tell, told = found.set_result, addresses  # type: ignore[assignment]
    with contextlib.suppress(RuntimeError):  # a loop that was closed wants to know nothing
        loop.call_soon_threadsafe(tell, told)


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
