"""The receiver of the redirect after a login: a web server on 127.0.0.1, for one answer."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from intercom_kit.api.secret import Secret
from intercom_kit.errors import IntercomError

HOST = "127.0.0.1"
PATH = "/callback"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem }}</style></head>
<body><main role="status"><h1>{title}</h1>{content}</main></body></html>"""

# Login.finish: takes the redirect URL and a callback that shows the outcome; raises the login's error.
Finish = Callable[..., object]


def address_of(port: int, *, https: bool) -> str:
    """Return the redirect URL to register with the app."""
    return f"{'https' if https else 'http'}://{HOST}:{port}{PATH}"


class Receiver(ThreadingHTTPServer):
    """A web server on an exclusive loopback port, 0 for any free one; raises OSError where it is taken.

    Threaded, because browsers open idle connections in advance, which would block a single thread.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name != "nt"  # on Windows, it would let another program take over the port
    allow_reuse_port = False

    def __init__(self, port: int, *, https: bool, back_to: str = "the terminal") -> None:
        super().__init__((HOST, port), _Handler)
        self.address = address_of(self.server_port, https=https)
        self.back_to = back_to
        self.finish: Finish = lambda *_: None
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="login", daemon=True)
        if https:
            from intercom_kit.auth.certificate import server_context  # only HTTPS needs a certificate

            try:
                context = server_context(HOST)
            except BaseException:
                self.server_close()
                raise
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_bind(self) -> None:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super().server_bind()

    def start(self, finish: Finish) -> None:
        """Begin to answer requests, in a background thread."""
        self.finish = finish
        self._thread.start()

    def close(self) -> None:
        """Stop listening; requests in progress are still answered."""
        if self._thread.is_alive():
            self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: a browser that disconnects or rejects the certificate is normal."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    timeout = 30.0

    def do_GET(self) -> None:
        """Finish the login with the requested URL, and show the outcome in the browser."""
        redirected = Secret(self.path)
        self.path, self.requestline, self.raw_requestline = "", "", b""
        if redirected.reveal().partition("?")[0] != PATH:
            self._page(404, "Nothing here", "This address only receives an answer from Intercom.")
            return
        shown = False

        def show(outcome: object) -> None:
            nonlocal shown
            shown = True
            self._tell(outcome)

        try:
            self.server.finish(redirected, show)
        except IntercomError as error:
            if not shown:
                self._tell(error)

    def _tell(self, outcome: object) -> None:
        if isinstance(outcome, IntercomError):
            self._page(400, "Not connected", f"{outcome} For that, go back to {self.server.back_to}.")
            return
        identity = getattr(outcome, "identity", None)
        workspace = f"“{identity.workspace}”" if identity and identity.workspace else "the workspace"
        self._page(
            200, "Connected", f"Connected to {workspace}. Go back to {self.server.back_to}; you may close this tab."
        )

    def _page(self, status: int, title: str, text: str) -> None:
        body = PAGE.format(title=escape(title), content=f"<p>{escape(text)}</p>").encode()
        with contextlib.suppress(OSError):  # the browser may have disconnected; the login is not affected
            self.send_response_only(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the URL contains the code."""
