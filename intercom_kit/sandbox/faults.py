"""Break answers on purpose, by name and rate, always in the same seeded order."""

import asyncio
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from intercom_kit.sandbox.generator.seeded import Dice, dice_for

ANSWERS = {  # instead of, or out of, a good answer
    "html": "a login page with status 200",
    "nonjson": "a body that is no JSON",
    "empty": "no body",
    "drop": "no answer: the connection closes",
    "truncate": "half of the body",
}
EFFECTS = {
    "latency": "up to half a second more",
    "scroll_expired": "the scroll is lost",
    "scroll_500": "the scroll fails and is lost",
    "token_revoked": "the token works no more",
    "changing": "some contacts and conversations change",
    "shuffle": "the same",
}
PAGING = {
    "cursor_stuck": "the pointer that was sent comes back",
    "cursor_alternates": "two pages point to each other",
    "empty_pages": "every page after the first is empty and points on",
    "next_forever": "the last page points on, to itself and to nothing in turn",
    "next_dropped": "a page that is not the last points nowhere",
    "page_repeated": "a page comes twice, and the list goes on",
    "page_skipped": "a page points past the next one",
    "total_missing": "no total",
    "total_high": "more than twice the total",
    "total_low": "half the total",
    "null_entries": "nulls between the rows",
    "search_404": "a search is not found from its second page on",
}
EVENTS = {"events_same_ms": "invented events share milliseconds, also across the edges of pages"}
HEADERS = {
    "reset_ms": "the rate limit's reset in milliseconds",
    "reset_past": "a reset that is over",
    "retry_after_date": "with a 429, Retry-After as a date",
    "retry_after_negative": "with a 429, Retry-After below zero",
    "retry_after_absurd": "with a 429, Retry-After of decades",
}
KNOWN = ANSWERS | EFFECTS | PAGING | EVENTS | HEADERS  # what each does
JITTER_SECONDS = 0.5
PAST_SECONDS, WAIT_SECONDS, ABSURD_SECONDS = 60, 5, 10**9
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head><body><h1>Log in to the network</h1></body></html>"


class UnknownFaultError(ValueError):
    """There is no fault of that name, or its rate is no share."""


class Faults:
    """Which faults are switched on, and how often each happens."""

    def __init__(self, rates: Mapping[str, float], seed: int) -> None:
        self._rates: dict[str, float] = {}
        self._seed = seed
        self.paging = False  # whether any page may be broken; hardly any sandbox has to look further
        self._dice: Dice = dice_for(seed, "faults")
        for name, rate in rates.items():
            self.set(name, rate)

    def set(self, name: str, rate: float) -> None:
        """Switch a fault on (a rate from 0 to 1), change it, or switch it off (0)."""
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
        """Say whether one of these faults is switched on."""
        return any(self._rates.get(name) for name in names)

    def decides(self, name: str, *what: object) -> bool:
        """Say whether a fault befalls this very thing: for one thing always the same, in whatever order they come."""
        rate = self._rates.get(name, 0.0)
        return rate >= 1 or (rate > 0 and self.dice(name, *what).chance(rate))

    def dice(self, *what: object) -> Dice:
        """Throw dice that fall alike for the same thing."""
        return dice_for(self._seed, *what)

    def happens(self, *names: str) -> bool:
        """Say whether one of these faults happens to this request."""
        return any(self._dice.chance(self._rates[name]) for name in names if self._rates.get(name))

    def instead(self) -> str | None:
        """Name what happens instead of a good answer to this request, if anything does."""
        names = [name for name in self._rates if _is_status(name) or name in ANSWERS]
        return next((name for name in names if self.happens(name)), None)

    def jitter(self) -> float:
        """Draw extra seconds to wait."""
        return self._dice.random() * JITTER_SECONDS if self.happens("latency") else 0.0

    def pick_rows(self, count: int, size: int) -> list[int]:
        return [self._dice.whole(0, size - 1) for _ in range(count)] if size else []


def parse_fault(text: str) -> tuple[str, float]:
    """Read NAME:RATE as the command line gives it."""
    name, _, rate = text.partition(":")
    try:
        return name, float(rate)
    except ValueError:
        raise UnknownFaultError(f"Write a fault as NAME:RATE, for example 500:0.02, not {text!r}.") from None


def _is_status(name: str) -> bool:
    return name.isdecimal() and 400 <= int(name) <= 599


class TruncatedResponse(Response):
    """Promise the whole body, send half of it and hang up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Stop in the middle: the server closes a connection whose body it knows to be incomplete."""
        body = bytes(self.body)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


class DroppedResponse(Response):
    """Hang up without a word."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Close the connection itself: ASGI has no word for it, so this reaches for uvicorn's transport."""
        cycle: Any = receive.__self__  # type: ignore[attr-defined]
        cycle.transport.abort()
        while not cycle.disconnected:
            await asyncio.sleep(0)


def break_headers(faults: Faults, response: Response, now: float) -> None:
    """Spoil what an answer says about the rate limit; how long to wait is said by refusals (429) alone."""
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


def broken(name: str, good: Response) -> Response:
    """Turn a good answer into a bad one."""
    if name == "drop":
        return DroppedResponse()
    if name == "truncate":
        return TruncatedResponse(good.body, good.status_code, dict(good.headers))
    if name == "html":
        return HTMLResponse(LOGIN_PAGE)
    body = b"" if name == "empty" else b"upstream connect error or disconnect/reset before headers"
    return Response(body, 200, media_type="application/json")
