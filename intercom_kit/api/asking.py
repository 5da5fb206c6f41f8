"""Ask Intercom until it answers, where asking again can help: within the rate budget, and within one's patience."""

import asyncio
import itertools
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


@dataclass(frozen=True)
class Question:
    """What is asked; `items` is the key that must hold a list in the answer, and with `blank` that may be empty."""

    method: str
    path: str
    query: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    form: Mapping[str, Secret] | None = None
    items: str = ""
    blank: bool = False

    @property
    def page(self) -> Any:
        """Name the page that is asked for, where it is not the first."""
        asked = {**(self.query or {}), **((self.body or {}).get("pagination") or {})}
        return asked.get("starting_after") or asked.get("scroll_param") or asked.get("page")


class Asking(ABC):
    """The conversation with one workspace; used from the event loop only.

    Without a token nothing is authorised, as where one is asked for. `patience` is the longest time in seconds that one
    request may take, with all waiting and trying again; `budget` is one that was begun already, else there is a new
    one.
    """

    def __init__(
        self, base_url: str, token: Token | None, *, patience: float = 120.0, budget: RateBudget | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience = patience
        self.budget = budget or RateBudget(longest_wait=patience)
        self.budget.longest_wait = patience
        self._token = token
        self.without_in: set[str] = set()  # the searches that were seen to refuse IN, by their paths

    async def get(self, path: str, query: Mapping[str, Any] | None = None, *, items: str = "") -> Page:
        """Ask with GET; `items` is the key that must hold a list in the answer."""
        return await self.send("GET", path, query=query, items=items)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, Secret] | None = None,
        items: str = "",
        blank: bool = False,
        repeatable: bool = True,
        attempts: int = retry.ATTEMPTS,
        patience: float | None = None,
    ) -> Page:
        """Ask once, or as often as can help, and give the answer; `patience` is for this request, if it has its own.

        Nearly every request of this package only reads, so asking twice does no harm. With `repeatable=False` only
        what surely did nothing (429) is asked again: a scroll moves on when asked, and a login's code, which goes as a
        `form`, works once. With `blank`, an empty answer is one too. A token that expires is renewed, once.
        """
        question, patience = Question(method, path, query, body, form, items, blank), patience or self.patience
        deadline, renewed = time.monotonic() + patience, False
        said: IntercomError | None = None  # what to raise in the end
        for attempt in itertools.count():
            deadline += await self.budget.admit(deadline)
            outcome: Page | IntercomError | None = None
            try:
                if said and time.monotonic() >= deadline:
                    raise said
                token = await self._secret(deadline)
                last = not repeatable or attempt + 1 >= attempts
                within = share(deadline - time.monotonic(), patience, last=last)
                outcome, asked = await self._exchange(question, within)
            finally:
                refused = outcome is None or isinstance(outcome, RateLimitedError | ConnectionFailedError)
                self.budget.settle(answered=not refused)
            if isinstance(outcome, Page):
                return outcome
            if isinstance(outcome, TokenInvalidError) and self._token and token and not renewed:
                renewed = await self._within(deadline, self._token.renewed(token))
                if renewed:
                    continue
            # Who waited for long for nothing need not wait before asking again.
            pause = 0.0 if isinstance(outcome, TimedOutError) else max(retry.backoff(attempt), asked or 0.0)
            limited = isinstance(outcome, RateLimitedError)
            if limited:
                self.budget.exhaust(pause)
                self.budget.refuse_if_too_long(pause)
            elif not repeatable:
                raise outcome
            if not said or not isinstance(outcome, TimedOutError):  # that nothing came says less than what came before
                said = self.budget.refusal(pause, outcome.request_id) if limited else outcome
            if not retry.worthwhile(outcome, attempt, attempts) or time.monotonic() + pause >= deadline:
                raise said
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    @abstractmethod
    async def _exchange(self, question: Question, within: float) -> tuple[Page | IntercomError, float | None]:
        """Send one request; give the page or the problem, with the pause that the server asks for."""

    async def _secret(self, deadline: float) -> Secret | None:
        """Give the token to send, renewed first if it is about to expire."""
        if self._token and self._token.is_due:
            return await self._within(deadline, self._token.fresh())
        return self._token.secret if self._token else None

    async def _within(self, deadline: float, work: Awaitable[Result]) -> Result:
        """Wait for a new token until the deadline; a renewal goes on, since what it sent works once."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(deadline - began):
                return await asyncio.shield(asyncio.ensure_future(work))
        except TimeoutError:
            waited = time.monotonic() - began
            raise too_slow(self.base_url, NEW_TOKEN, waited, self.patience) from None
