"""A server that answers some requests in one of many wrong ways, byte by byte where it has to, and the others well."""

import contextlib
import json
import random
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from .answering import ME, TEAMS, errors

Way = Callable[[socket.socket, Event], None]

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
BODY = json.dumps(TEAMS).encode()
_SLOW = 0.2  # seconds between two bytes


def written(body: Any = TEAMS, status: int = 200, headers: dict[str, str] | None = None) -> bytes:
    """Write a whole answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"content-type": "application/json", **(headers or {}), "content-length": str(len(content))}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def silent(_: socket.socket, over: Event) -> None:
    over.wait(60)


def says(content: bytes) -> Way:
    return lambda connection, _: connection.sendall(content)


def says_and_waits(content: bytes) -> Way:
    def way(connection: socket.socket, over: Event) -> None:
        connection.sendall(content)
        over.wait(60)

    return way


def repeats(content: bytes, again: bytes, pause: float = _SLOW) -> Way:
    """Say something, and then something else without end."""

    def way(connection: socket.socket, over: Event) -> None:
        connection.sendall(content)
        while not over.wait(pause):
            connection.sendall(again)

    return way


def drips(content: bytes, *, after: bytes = b"") -> Way:
    """Say something letter by letter."""

    def way(connection: socket.socket, over: Event) -> None:
        connection.sendall(after)
        for letter in content:
            connection.sendall(bytes([letter]))
            if over.wait(_SLOW):
                return

    return way


def half_closes(content: bytes) -> Way:
    """Say something, close this half of the connection, and leave the other open."""

    def way(connection: socket.socket, over: Event) -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        over.wait(60)

    return way


def resets(content: bytes) -> Way:
    """Say something, and break the connection off without a farewell."""

    def way(connection: socket.socket, _: Event) -> None:
        connection.sendall(content)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return way


def limited(**headers: str) -> Way:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return says(written(errors("rate_limit_exceeded"), 429, named))


LONG = HEAD + b"content-length: 5000\r\n\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
FAR = str(int(time.time()) + 3_000)

# By what they do once they have read a request.
WAYS: dict[str, Way] = {
    "says nothing": silent,
    "says its status and nothing more": says_and_waits(b"HTTP/1.1 200 OK\r\n"),
    "says its headers and nothing more": says_and_waits(LONG),
    "stops within its body": says_and_waits(LONG + BODY),
    "drips its headers": drips(HEAD),
    "drips its body": drips(BODY, after=LONG),
    "drips its body in chunks": repeats(CHUNKED, b"1\r\n \r\n"),
    "never comes to the end of its headers": repeats(HEAD, b"x: y\r\n"),
    "never comes to the end of its headers, quickly": repeats(HEAD, b"x: y\r\n" * 1_000, 0.001),
    "never comes to the end of its body, quickly": repeats(CHUNKED, b"ffff\r\n" + b" " * 65_535 + b"\r\n", 0.001),
    "says to go on, for ever": repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "gives hints, for ever": repeats(b"", b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n", 0.01),
    "answers too late": lambda connection, over: None if over.wait(4) else connection.sendall(written()),
    "closes": says(b""),
    "closes its half": half_closes(b""),
    "closes its half within its headers": half_closes(HEAD),
    "closes its half within its body": half_closes(LONG + BODY),
    "breaks off": resets(b""),
    "breaks off within its body": resets(LONG + BODY),
    "speaks no HTTP": says_and_waits(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "refuses for the rate limit": limited(),
    "wants an absurd pause": limited(retry_after="1000000000000"),
    "wants a negative pause": limited(retry_after="-7"),
    "wants a pause until another day": limited(retry_after="Fri, 31 Dec 2099 23:59:59 GMT"),
    "names a far end of its window": limited(x_ratelimit_limit="9", x_ratelimit_remaining="0", x_ratelimit_reset=FAR),
    "lets nobody through, and says so with data": says(
        written(headers={"x-ratelimit-limit": "9", "x-ratelimit-remaining": "0", "x-ratelimit-reset": FAR})
    ),
    "fails": says(written(errors("server_error"), 500)),
    "is not there": says(written(b"<html>503</html>", 503)),
    "is not there for an absurd time": says(written(b"", 503, {"retry-after": "99999999999"})),
    "is in another's way": says(written(b"<html>login</html>")),
}


class Troubling:
    """A server whose requests meet a way with a chance; `base_url` is where, and `stop` ends it."""

    def __init__(
        self,
        way: Way,
        chance: float,
        *,
        at_once: bool = False,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._way, self._chance, self._at_once = way, chance, at_once
        self._dice, self._over, self._certificates = random.Random(7), Event(), certificates  # noqa: S311
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.base_url = f"http{'s' if certificates else ''}://127.0.0.1:{self.port}"
        Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection:
            if self._at_once and self._dice.random() < self._chance:
                self._way(connection, self._over)
                return
            if self._certificates:
                connection = self._certificates.wrap_socket(connection, server_side=True)
            with connection:
                while target := self._asked(connection):
                    me = target.endswith("/me")
                    if not me and not self._at_once and self._dice.random() < self._chance:
                        self._way(connection, self._over)
                        return
                    connection.sendall(written(ME if me else TEAMS))

    def _asked(self, connection: socket.socket) -> str:
        """Read a request, and give what it asks for; empty at the end."""
        said = b""
        while b"\r\n\r\n" not in said:
            more = connection.recv(65_536)
            if not more:
                return ""
            said += more
        return said.split(b" ")[1].decode()


@contextmanager
def troubling(*args: Any, **options: Any) -> Iterator[Troubling]:
    """Serve until the block ends."""
    server = Troubling(*args, **options)
    try:
        yield server
    finally:
        server.stop()
