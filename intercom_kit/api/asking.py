"""Send a request and retry it while that can help, within the rate budget and the workspace's patience."""

import asyncio
import itertools
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from intercom_kit.api import retry
from intercom_kit.api.budget import RateBudget
from intercom_kit.api.heads import Page
from intercom_kit.api.secret import Secret
from intercom_kit.api.token import Token
from intercom_kit.api.unreachable import too_slow
from intercom_kit.api.waiting import NEW_TOKEN, share
from intercom_kit.errors import ConnectionFailedError, IntercomError, RateLimitedError, TimedOutError, TokenInvalidError

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """One request.

    A `form` is sent instead of a JSON `body`, and its values are secret. `items` is the key that must hold a list in
    the response; with `blank`, an empty response is valid. The response to the request for a `file` is its bytes.
    """

    method: str
    path: str
    query: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    form: Mapping[str, Secret] | None = None
    items: str = ""
    blank: bool = False
    file: bool = False

    @property
    def page(self) -> Any:
        """Return the cursor or number of the requested page; None for the first."""
        parameters = {**(self.query or {}), **((self.body or {}).get("pagination") or {})}
        return parameters.get("starting_after") or parameters.get("scroll_param") or parameters.get("page")


def _told(outcome: Page | IntercomError) -> str:
    """Return what a log says of an answer: nothing of its text, nor of the request's query, body and headers."""
    return "answered" if isinstance(outcome, Page) else f"{type(outcome).__name__} ({outcome.status or 'no answer'})"


class Asking(ABC):
    """The requests to one workspace, with retries; used from the event loop only.

    Without a token, requests carry no authorization, as those that fetch a token. `patience` limits the seconds that
    one request may take, waits and retries included. `budget` continues an existing rate budget instead of a new one.
    """

    def __init__(
        self, base_url: str, token: Token | None, *, patience: float = 120.0, budget: RateBudget | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience = patience
        self.budget = budget or RateBudget(longest_wait=patience)
        self.budget.longest_wait = patience
        self._token = token
        self.without_in: set[str] = set()  # paths of the searches that have refused IN

    async def get(self, path: str, query: Mapping[str, Any] | None = None, *, items: str = "") -> Page:
        """Return the response to a GET; `items` is the key that must hold a list in it."""
        return await self.send(Request("GET", path, query=query, items=items))

    async def send(
        self,
        request: Request,
        *,
        repeatable: bool = True,
        attempts: int = retry.ATTEMPTS,
        patience: float | None = None,
    ) -> Page:
        """Return the response to a request, retried while that can help; `patience` overrides the workspace's.

        Nearly every request of this package only reads, so a retry does no harm. With `repeatable=False`, only a
        request that surely had no effect (429) is retried: a scroll advances with each request, and a login's code
        works once. An expired token is renewed once.
        """
        patience = patience or self.patience
        deadline, renewed = time.monotonic() + patience, False
        problem: IntercomError | None = None  # raised when no retry is left
        for attempt in itertools.count():
            deadline += await self.budget.admit(deadline)
            outcome: Page | IntercomError | None = None
            try:
                if problem and time.monotonic() >= deadline:
                    raise problem
                token = await self._secret(deadline)
                last = not repeatable or attempt + 1 >= attempts
                within = share(deadline - time.monotonic(), patience, last=last)
                began = time.monotonic()
                outcome, retry_after = await self._exchange(request, within)
                _log.debug(
                    "%s %s: %s in %.3f s", request.method, request.path, _told(outcome), time.monotonic() - began
                )
            finally:
                refused = outcome is None or isinstance(outcome, RateLimitedError | ConnectionFailedError)
                self.budget.settle(answered=not refused)
            if isinstance(outcome, Page):
                return outcome
            if isinstance(outcome, TokenInvalidError) and self._token and token and not renewed:
                renewed = await self._within(deadline, self._token.renewed(token))
                if renewed:
                    continue
            # A timeout was wait enough: it needs no back-off.
            pause = 0.0 if isinstance(outcome, TimedOutError) else max(retry.backoff(attempt), retry_after or 0.0)
            limited = isinstance(outcome, RateLimitedError)
            if limited:
                self.budget.exhaust(pause)
                self.budget.refuse_if_too_long(pause)
            elif not repeatable:
                raise outcome
            if not problem or not isinstance(outcome, TimedOutError):  # a timeout says less than an earlier failure
                problem = self.budget.refusal(pause, outcome.request_id) if limited else outcome
            if not retry.worthwhile(outcome, attempt, attempts) or time.monotonic() + pause >= deadline:
                raise problem
            _log.debug("%s %s: again in %.1f s", request.method, request.path, pause)
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    @abstractmethod
    async def _exchange(self, request: Request, within: float) -> tuple[Page | IntercomError, float | None]:
        """Send one request; return the page or the error, and the seconds that the server asks to wait."""

    async def _secret(self, deadline: float) -> Secret | None:
        """Return the token to send, renewed first if it is about to expire."""
        if self._token and self._token.is_due:
            return await self._within(deadline, self._token.fresh())
        return self._token.secret if self._token else None

    async def _within(self, deadline: float, work: Awaitable[Result]) -> Result:
        """Wait for a new token until the deadline; the renewal itself is not cancelled, since its code works once."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(deadline - began):
                return await asyncio.shield(asyncio.ensure_future(work))
        except TimeoutError:
            waited = time.monotonic() - began
            raise too_slow(self.base_url, NEW_TOKEN, waited, self.patience) from None
