"""DNS lookups, each in its own thread: a slow one delays neither others nor the program's exit.

The loop's default is a small thread pool, which others need too, and which Python waits for at exit.
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
    """Forget the parent's lookups: their threads do not exist in a forked process."""
    _under_way.clear()


def is_looked_up(host: str) -> bool:
    """Return whether a lookup of a host name is in progress."""
    return any(_text(arguments[0]) == host for arguments in _under_way)


def look_up_beside(loop: asyncio.AbstractEventLoop) -> None:
    """Make a loop use these lookups; concurrent lookups of the same name share one thread."""

    async def getaddrinfo(
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        arguments = (host, port, family, type, proto, flags)
        future = _under_way.get(arguments)
        if future is None:
            future = _under_way[arguments] = loop.create_future()
            future.add_done_callback(lambda _: _under_way.pop(arguments, None))
            name, work = "intercom_kit names", (loop, arguments, future)
            threading.Thread(target=_look_up, args=work, name=name, daemon=True).start()
        return await asyncio.shield(future)

    loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign]


def _look_up(loop: asyncio.AbstractEventLoop, arguments: tuple[Any, ...], future: "asyncio.Future[Any]") -> None:
    """Look a name up, and set the result of the future on its loop."""
    try:
        addresses = socket.getaddrinfo(*arguments)
    except Exception as error:  # noqa: BLE001 - it is raised where the future is awaited
        settle, outcome = future.set_exception, error
    else:
        settle, outcome = future.set_result, addresses  # type: ignore[assignment]
    with contextlib.suppress(RuntimeError):  # the loop was closed
        loop.call_soon_threadsafe(settle, outcome)


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
