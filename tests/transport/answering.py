"""A server that answers /me as Intercom does, and everything else as a test says; over HTTP or HTTPS."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

ME = {
    "type": "admin",
    "id": "1",
    "name": "Pat",
    "email_verified": True,
    "app": {"type": "app", "id_code": "made0001", "name": "Made up", "region": "US", "timezone": "UTC"},
}
TEAMS = {"type": "team.list", "teams": [{"type": "team", "id": "7", "name": "Support"}]}


class Answer(NamedTuple):
    """What is answered: a body, as it is or to be written as JSON, with a status and headers."""

    body: Any = TEAMS
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012


class Asked(NamedTuple):
    """What was asked; `target` is a whole address where a proxy was asked."""

    method: str
    target: str
    authorization: str
    proxy_authorization: str


class Server(NamedTuple):
    """A running server, and what it was asked so far."""

    base_url: str
    asked: list[Asked]


def errors(code: str, message: str = "said") -> dict[str, Any]:
    """Write errors as Intercom does."""
    return {"type": "error.list", "request_id": "req1", "errors": [{"code": code, "message": message}]}


@contextmanager
def answering(
    answer: Callable[[Asked], Answer], certificates: ssl.SSLContext | None = None, me: Any = ME
) -> Iterator[Server]:
    """Serve until the block ends; `me` None lets the function answer /me too."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            named = [self.headers.get(name, "") for name in ("authorization", "proxy-authorization")]
            asked.append(Asked(self.command, self.path, *named))
            given = Answer(me) if me is not None and self.path.endswith("/me") else answer(asked[-1])
            content = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
            self.send_response_only(given.status)
            for name, value in {"content-type": "application/json", **given.headers}.items():
                self.send_header(name, value.encode("utf-8", "surrogateescape").decode("latin-1"))
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_CONNECT = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Be silent."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *args: object) -> None:
            """Be silent: clients that do not trust a certificate hang up."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if certificates:
        server.socket = certificates.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Server(f"http{'s' if certificates else ''}://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """Find a port on which nobody listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return int(server.server_port)
