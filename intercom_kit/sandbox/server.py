"""The sandbox server: in a thread of this process or in a child process."""

import gc
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from intercom_kit.sandbox.app import Application, Options
from intercom_kit.sandbox.behaviours import Behaviours, BehaviourSettings
from intercom_kit.sandbox.contents import workspace as data
from intercom_kit.sandbox.contents.loading import check_records, load_folder
from intercom_kit.sandbox.contents.search_index import Clock
from intercom_kit.sandbox.credentials import CODE_SECONDS, Credentials
from intercom_kit.sandbox.endpoints import FEATURES
from intercom_kit.sandbox.faults import Faults
from intercom_kit.sandbox.generator.workspace import Size
from intercom_kit.sandbox.rate_limit import DEFAULT_LIMIT, RateLimit
from intercom_kit.sandbox.scroll import Scroll

HOST = "127.0.0.1"
REGIONS = ("us", "eu", "au")
IDLE_SECONDS = 60.0
PRESENT_SECONDS = 2 * 3600


class Sandbox:
    """A running sandbox: its address and credentials, the requests it received, and methods that change its data."""

    def __init__(
        self,
        *,
        conversations: int = 3_000,
        contacts: int = 800,
        companies: int = 120,
        days: int = 365,
        tickets: int = 0,
        seed: int = 7,
        now: int | float | None = None,
        load: str | Path | None = None,
        records: Mapping[str, Sequence[Any]] | None = None,
        region: str = "us",
        token: str | None = None,
        latency: float = 0.0,
        faults: Mapping[str, float] | None = None,
        rate_limit: int = DEFAULT_LIMIT,
        missing_scopes: Sequence[str] = (),
        plan_restricted: bool = False,
        missing_features: Sequence[str] = (),
        behaves: BehaviourSettings = (),
        clock: Clock | None = None,
        scroll_idle_seconds: float = IDLE_SECONDS,
        code_seconds: float = CODE_SECONDS,
        token_seconds: float | None = None,
        port: int = 0,
    ) -> None:
        if region not in REGIONS:
            raise ValueError(f"region must be one of {', '.join(REGIONS)}, not {region!r}")
        behaviours = Behaviours(behaves)
        self.clock = clock or time.time  # dates changes and response headers
        self.now = int(now) if now is not None else int(self.clock()) // 3600 * 3600
        loaded = load_folder(load) if load is not None else check_records(records) if records is not None else None
        size = Size(conversations, contacts, companies, days, tickets)
        if loaded is None:
            self.workspace = data.generated(size, seed, self.now, region, self.clock)
        else:
            self.workspace = data.loaded(loaded, self.now, region, self.clock)
        self.faults = Faults(faults or {}, seed)
        self._credentials = credentials = Credentials(token, code_seconds, token_seconds)
        self.token = credentials.token
        self.client_id, self.client_secret = credentials.client_id, credentials.client_secret
        present = now is None or abs(self.clock() - self.now) < PRESENT_SECONDS
        if unknown := set(missing_features) - set(FEATURES):
            raise ValueError(f"missing_features must be among {', '.join(FEATURES)}, not {sorted(unknown)[0]!r}")
        features = frozenset(missing_features)
        options = Options(latency, frozenset(missing_scopes), plan_restricted, features, present)
        scroll = Scroll(scroll_idle_seconds)
        limit = RateLimit(rate_limit, self.clock)
        self._application = Application(
            self.workspace, credentials, limit, scroll, self.faults, options, behaviours, clock
        )
        self.requests = self._application.requests  # counts by method and route: requests["GET /contacts/{id}"]
        self.log = self._application.log  # the requests, oldest first, without tokens and secrets
        self._socket = _listen(port)
        self._server = uvicorn.Server(_configuration(self._application))
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    def behaves(self, *words: BehaviourSettings) -> None:
        """Change behaviours where sources differ: a preset, `name=choice` or `object.name=choice`."""
        self._application.behave(*words)

    @property
    def behaviours(self) -> Behaviours:
        """Return the behaviours in force."""
        return self._application.behaviours

    def upsert(self, kind: str, record: Mapping[str, Any]) -> None:
        """Add an object, or update the given keys of the object with the same id."""
        with self._application.lock:
            if kind == "events":
                self.workspace.add_event(dict(record))
            elif kind == "tickets":
                self.workspace.upsert_ticket(dict(record))
            else:
                self.workspace.collection(kind).upsert(dict(record))

    def delete(self, kind: str, id_: str, *, retain_metrics: bool = False) -> None:
        """Remove an object; a conversation moves to the list of deleted ones, and may stay in reports.

        That a ticket does, too, is UNCONFIRMED [deleted-tickets].
        """
        with self._application.lock:
            if retain_metrics:
                self.workspace.retain_metrics(id_)
            self.workspace.collection(kind).delete(id_)
            if kind == "conversations":
                deleted = {
                    "type": "conversation",
                    "id": id_,
                    "metrics_retained": retain_metrics,
                    "deleted_at": int(self.clock()),
                }
                self.workspace.collection("deleted_conversations").upsert(deleted)

    def merge(self, contact_id: str, into: str) -> None:
        """Merge a contact into another; requests for its id then return 410 (404 before version 2.16)."""
        with self._application.lock:
            self.workspace.contacts.delete(contact_id)
            self.workspace.merged[contact_id] = into

    def revoke(self, token: str) -> None:
        self._credentials.revoke(token)

    def start(self) -> Self:
        """Start serving in a thread of this process."""
        self._thread = threading.Thread(target=self._run, name="intercom sandbox", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("The sandbox could not start; see the error above.")
            time.sleep(0.002)
        return self

    def _run(self) -> None:
        with self._socket:
            self._server.run(sockets=[self._socket])

    def close(self) -> None:
        """Stop serving; open connections are cut."""
        self._server.should_exit = self._server.force_exit = True
        if self._thread:
            self._thread.join()
        self._socket.close()
        gc.unfreeze()  # the generator froze its objects; from now on they may be collected

    def __enter__(self) -> Self:
        return self if self._thread else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _listen(port: int) -> socket.socket:
    """Open a loopback socket with its protocol set to TCP: otherwise asyncio keeps Nagle's delay of 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    return listener


def _configuration(application: Application) -> uvicorn.Config:
    """Configure uvicorn without logs: most errors here are requested faults."""
    return uvicorn.Config(
        application.starlette(),
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        date_header=application.clock is None,
        log_level="critical",
        access_log=False,
        server_header=False,
        headers=[("server", "nginx")],
        timeout_graceful_shutdown=1,
    )


def serve(**options: Any) -> Sandbox:
    """Start a sandbox in this process; use it as a context manager, or call close()."""
    return Sandbox(**options).start()


@dataclass(frozen=True)
class Address:
    """The address and credentials of a sandbox in a child process; its counters stay there."""

    base_url: str
    token: str
    client_id: str
    client_secret: str


@contextmanager
def serve_in_child(*, faults: Mapping[str, float] | None = None, **options: object) -> Iterator[Address]:
    """Run a sandbox in a child process until the block ends; takes the command line's options, with underscores."""
    command = [sys.executable, "-m", "intercom_kit.sandbox", "--port", "0"]
    for name, value in options.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            command += [f"--{name.replace('_', '-')}", str(item)]
    for name, rate in (faults or {}).items():
        command += ["--fault", f"{name}:{rate}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  (our own interpreter)
        try:
            lines = [child.stdout.readline().split() if child.stdout else [] for _ in range(3)]
            if not lines[2]:
                raise RuntimeError("The sandbox could not start; see its error above.")
            yield Address(lines[0][0], lines[1][1], lines[2][1], lines[2][3])
        finally:
            child.terminate()
