"""Faults: responses that fail or change on purpose, by name and rate, reproducible by seed."""

import asyncio
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from intercom_kit.sandbox.generator.seeded import Dice, dice_for

ANSWERS = {  # in place of a good response, or made from it
    "html": "a login page with status 200",
    "nonjson": "a body that is not JSON",
    "empty": "no body",
    "drop": "no response: the connection closes",
    "truncate": "only half of the body",
}
EFFECTS = {
    "latency": "up to half a second more latency",
    "scroll_expired": "the scroll expires",
    "scroll_500": "the scroll fails with a 500 and expires",
    "token_revoked": "the token is revoked",
    "changing": "some contacts and conversations change",
    "shuffle": "the same as changing",
}
PAGING = {
    "cursor_stuck": "a page links to itself",
    "cursor_alternates": "two pages link to each other",
    "empty_pages": "every page after the first is empty and links to another",
    "next_forever": "after the last page, copies of it and empty pages alternate",
    "next_dropped": "a page before the last has no link to the next",
    "page_repeated": "a page is sent twice, then the list continues",
    "page_skipped": "a page links past the next one",
    "total_missing": "no total",
    "total_high": "more than twice the total",
    "total_low": "half the total",
    "null_entries": "nulls among the rows",
    "search_404": "a search returns 404 from its second page on",
}
EVENTS = {"events_same_ms": "generated events share milliseconds, also across pages"}
HEADERS = {
    "reset_ms": "the rate limit's reset in milliseconds",
    "reset_past": "a rate limit reset in the past",
    "retry_after_date": "with a 429, Retry-After as a date",
    "retry_after_negative": "with a 429, Retry-After below zero",
    "retry_after_absurd": "with a 429, Retry-After of decades",
}
KNOWN = ANSWERS | EFFECTS | PAGING | EVENTS | HEADERS  # fault: its effect
JITTER_SECONDS = 0.5
PAST_SECONDS, WAIT_SECONDS, ABSURD_SECONDS = 60, 5, 10**9
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head><body><h1>Log in to the network</h1></body></html>"


class UnknownFaultError(ValueError):
    """Error for an unknown fault, or a rate that is not between 0 and 1."""


class Faults:
    """The faults that are switched on, with the rate of each."""

    def __init__(self, rates: Mapping[str, float], seed: int) -> None:
        self._rates: dict[str, float] = {}
        self._seed = seed
        self.paging = False  # whether any paging fault is on: a quick check for every list
        self._dice: Dice = dice_for(seed, "faults")
        for name, rate in rates.items():
            self.set(name, rate)

    def set(self, name: str, rate: float) -> None:
        """Set the rate of a fault, from 0 (off) to 1 (always)."""
        if not _is_status(name) and name not in KNOWN:
            known = ", ".join(KNOWN)
            raise UnknownFaultError(f"Unknown fault {name!r}; use an HTTP status from 400 to 599, or {known}.")
        if not 0 <= rate <= 1:
            raise UnknownFaultError(f"The rate of {name} must lie between 0 and 1, not {rate}.")
        self._rates[name] = rate
        self.paging = self.on(*PAGING)

    def clear(self) -> None:
        self._rates.clear()
        self.paging = False

    def on(self, *names: str) -> bool:
        """Return whether any of these faults is switched on."""
        return any(self._rates.get(name) for name in names)

    def applies_to(self, name: str, *subject: object) -> bool:
        """Return whether a fault applies to a subject: always the same, whatever the order of requests."""
        rate = self._rates.get(name, 0.0)
        return rate >= 1 or (rate > 0 and self.dice(name, *subject).chance(rate))

    def dice(self, *subject: object) -> Dice:
        """Return dice that are the same for the same subject."""
        return dice_for(self._seed, *subject)

    def happens(self, *names: str) -> bool:
        """Return whether one of these faults happens to this request: a new draw each time."""
        return any(self._dice.chance(self._rates[name]) for name in names if self._rates.get(name))

    def replacement(self) -> str | None:
        """Return the fault that replaces the response to this request, if any."""
        names = [name for name in self._rates if _is_status(name) or name in ANSWERS]
        return next((name for name in names if self.happens(name)), None)

    def jitter(self) -> float:
        """Return extra seconds of latency."""
        return self._dice.random() * JITTER_SECONDS if self.happens("latency") else 0.0

    def pick_rows(self, count: int, size: int) -> list[int]:
        return [self._dice.whole(0, size - 1) for _ in range(count)] if size else []


def parse_fault(text: str) -> tuple[str, float]:
    """Return the fault and rate of the command line's NAME:RATE."""
    name, _, rate = text.partition(":")
    try:
        return name, float(rate)
    except ValueError:
        raise UnknownFaultError(f"Write a fault as NAME:RATE, for example 500:0.02, not {text!r}.") from None


def _is_status(name: str) -> bool:
    return name.isdecimal() and 400 <= int(name) <= 599


class TruncatedResponse(Response):
    """A response that announces the whole body, sends half of it and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send half of the body; the server then closes the connection, since the body is incomplete."""
        body = bytes(self.body)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


class DroppedResponse(Response):
    """A response that only closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Close the connection through uvicorn's transport, since ASGI has no message for it."""
        cycle: Any = receive.__self__  # type: ignore[attr-defined]
        cycle.transport.abort()
        while not cycle.disconnected:
            await asyncio.sleep(0)


def break_headers(faults: Faults, response: Response, now: float) -> None:
    """Apply faults to the rate limit headers of a response; only a 429 gets Retry-After."""
    headers = response.headers
    if "x-ratelimit-reset" in headers:
        if faults.happens("reset_ms"):
            headers["x-ratelimit-reset"] = f"{headers['x-ratelimit-reset']}000"
        if faults.happens("reset_past"):
            headers["x-ratelimit-reset"] = str(int(now) - PAST_SECONDS)
    if response.status_code == 429:
        for name, wait in (
            ("retry_after_date", formatdate(now + WAIT_SECONDS, usegmt=True)),
            ("retry_after_negative", str(-WAIT_SECONDS)),
            ("retry_after_absurd", str(ABSURD_SECONDS)),
        ):
            if faults.happens(name):
                headers["retry-after"] = wait


def break_response(name: str, good: Response) -> Response:
    """Return a faulty response made from a good one."""
    if name == "drop":
        return DroppedResponse()
    if name == "truncate":
        return TruncatedResponse(good.body, good.status_code, dict(good.headers))
    if name == "html":
        return HTMLResponse(LOGIN_PAGE)
    body = b"" if name == "empty" else b"upstream connect error or disconnect/reset before headers"
    return Response(body, 200, media_type="application/json")
