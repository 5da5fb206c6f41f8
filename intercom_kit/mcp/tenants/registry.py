"""The tenants with an open session: each has a desk of its own, which ends after it was idle."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.mcp.tenants.desk import TenantDesk
from intercom_kit.mcp.tenants.limits import Limits
from intercom_kit.mcp.tenants.tenant import Tenant, current_caller

if TYPE_CHECKING:
    from intercom_kit.tables.privacy import Privacy

_log = logging.getLogger(__name__)

_MINUTE = 60.0
_LOOK_EVERY = 5.0  # seconds
_SHARE_OF_STRANGERS = 5  # one place in so many, at most


@dataclass
class _Place:
    """The place of a tenant: its desk, its calls in progress, and when its last calls began.

    A stranger had no stored connection when it came.
    """

    desk: TenantDesk
    is_strangers: bool
    calls: int = 0
    used: float = field(default_factory=time.monotonic)
    began: deque[float] = field(default_factory=deque)


class Tenants:
    """The desks of all tenants, found by the verified token of each request and by nothing else."""

    def __init__(self, make: Callable[[Tenant], TenantDesk], claim: str, limits: Limits, privacy: "Privacy") -> None:
        self.privacy = privacy
        self._make = make
        self._claim = claim
        self._limits = limits
        self._places: dict[Tenant, _Place] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watching = False

    def __len__(self) -> int:
        return len(self._places)

    @contextmanager
    def entered(self) -> Iterator[TenantDesk]:
        """Enter the desk of the tenant that the current request is for; it does not end meanwhile.

        Raises ToolError where the token names no tenant, and where one of the limits is reached.
        """
        tenant = current_caller(self._claim).tenant
        place = self._enter(tenant)
        try:
            yield place.desk
        finally:
            with self._lock:
                place.calls -= 1
                place.used = time.monotonic()

    def _enter(self, tenant: Tenant) -> _Place:
        with self._lock:
            place, ended = self._places.get(tenant), None
            if place is None:
                place = _Place(desk := self._make(tenant), is_strangers=not desk.is_stored())
                ended = self._make_room(place)
                self._places[tenant] = place
            self._admit(place)
            self._watch()
        if ended:
            threading.Thread(target=_end, args=(ended,), daemon=True).start()
        return place

    def _admit(self, place: _Place) -> None:
        """Count one more call, or raise ToolError."""
        now = time.monotonic()
        while place.began and place.began[0] < now - _MINUTE:
            place.began.popleft()
        if place.calls >= self._limits.calls:
            raise ToolError(
                f"{place.calls} calls of yours are running, as many as you may have at a time: call again when one "
                "has ended."
            )
        if len(place.began) >= self._limits.calls_per_minute:
            pause = place.began[0] + _MINUTE - now
            raise ToolError(
                f"You have called {len(place.began)} times within a minute, as often as you may: call again in "
                f"{pause:.0f} seconds."
            )
        place.began.append(now)
        place.calls += 1
        place.used = now

    def _make_room(self, place: _Place) -> TenantDesk | None:
        """Make room for one more tenant, and return the desk that has to end for it, if any."""
        among = self._places
        if place.is_strangers:  # they have a share of the places, so that they do not end all sessions of others
            strangers = {tenant: each for tenant, each in among.items() if each.is_strangers and not each.desk.opened}
            if len(strangers) >= max(1, self._limits.sessions // _SHARE_OF_STRANGERS):
                among = strangers
        if among is self._places and len(among) < self._limits.sessions:
            return None
        idle = [tenant for tenant, each in among.items() if not each.calls]
        if not idle:
            raise ToolError("As many tenants as this server can serve at a time are calling: call again in a minute.")
        # Desks that are not connected hold nothing, and go first.
        least = min(idle, key=lambda tenant: (among[tenant].desk.opened is not None, among[tenant].used))
        return self._places.pop(least).desk

    def _watch(self) -> None:
        """Begin to look for idle sessions."""
        if not self._watching:
            self._watching = True
            self._closed.clear()
            threading.Thread(target=self._end_idle_ones, name="idle tenants", daemon=True).start()

    def _end_idle_ones(self) -> None:
        while not self._closed.wait(min(_LOOK_EVERY, self._limits.idle)):
            for desk in self._taken_out(time.monotonic() - self._limits.idle):
                _end(desk)

    def _taken_out(self, before: float) -> list[TenantDesk]:
        """Remove the desks that were last used before a time, and return them."""
        with self._lock:
            idle = [tenant for tenant, place in self._places.items() if not place.calls and place.used < before]
            return [self._places.pop(tenant).desk for tenant in idle]

    def close(self) -> None:
        """End all sessions, as the server does."""
        self._closed.set()
        with self._lock:
            places, self._places, self._watching = self._places, {}, False
        for place in places.values():
            _end(place.desk)


def _end(desk: TenantDesk) -> None:
    """End a desk; where that fails, log it, since those of others have to end, too."""
    try:
        desk.end()
    except Exception:  # noqa: BLE001 - DuckDB and the system may raise anything
        _log.exception("A session could not be ended")
