"""Servers that are not Intercom, or answer as no sandbox does: what a test says, over real HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Asked(NamedTuple):
    """What the stranger was asked."""

    method: str
    path: str
    headers: dict[str, str]


class Said(NamedTuple):
    """What the stranger says."""

    body: str
    status: int = 200
    headers: dict[str, str] = {"content-type": "application/json"}  # noqa: RUF012


def always(said: Said) -> Callable[[Asked], Said]:
    """Say the same whatever is asked."""
    return lambda _: said


class Stranger(NamedTuple):
    """A running stranger."""

    base_url: str
    asked: list[Asked]


@contextmanager
def stranger(answer: Callable[[Asked], Said]) -> Iterator[Stranger]:
    """Run a server that answers as the function says."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append(Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            said = answer(asked[-1])
            content = said.body.encode("utf-8", "surrogatepass")
            self.send_response(said.status)
            for name, value in {**said.headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Stranger(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
