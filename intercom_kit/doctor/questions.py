"""The requests of a check: limited in number, counted and timed, each with its outcome as a value."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from intercom_kit.api.asking import Request
from intercom_kit.api.counting import counting
from intercom_kit.api.failures import scope_for
from intercom_kit.api.heads import Page
from intercom_kit.api.transport import Transport
from intercom_kit.errors import (
    BadRequestError,
    ConnectionFailedError,
    IntercomDownError,
    IntercomError,
    NotConnectedError,
    NotFoundError,
    PlanRestrictedError,
    RateLimitedError,
    ScopeMissingError,
)

# Few attempts: a check records a failure rather than wait for an answer.
ATTEMPTS = 3

NO_BUDGET = "not tried: budget"
RATE_LIMITED = "not tried: the rate limit is used up"
NOT_PERMITTED = "not permitted: the app lacks"
PLAN = "not in the workspace's plan"
FAILED = "no answer"

# The states of an endpoint for this token.
ANSWERS, WITHOUT_SCOPE, WITHOUT_PLAN, FAILS = "answers", "no permission", "not in the plan", "fails"
NOT_TRIED = "not tried"


class _OutOfRequests(Exception):  # noqa: N818 - control flow
    """The end of the allowed requests."""


@dataclass(frozen=True)
class Answer:
    """The outcome of a request: a page, or `why` there is none; `refused` has status and code of a refusal."""

    page: Page | None = None
    why: str = ""
    refused: str = ""

    @property
    def whole(self) -> dict[str, Any]:
        """Return the response as an object; empty if there is none."""
        read = self.page.whole() if self.page else {}
        return read if isinstance(read, dict) else {}

    def members(self, items: str) -> list[dict[str, Any]]:
        """Return the objects in a list of the response."""
        return self.page.members(items) if self.page else []


@dataclass
class Endpoint:
    """The outcomes of one endpoint during a check."""

    state: str = NOT_TRIED
    statuses: set[int] = field(default_factory=set)
    scope: str = ""  # the missing permission


class Questions:
    """The requests of one check, at most `max_requests` including retries; used on the event loop only."""

    def __init__(self, transport: Transport, max_requests: int) -> None:
        self.max_requests = max_requests
        self.sent = 0
        self.waits: list[float] = []  # seconds until each answer
        self.endpoints: dict[str, Endpoint] = {}
        self.datasets: list[str] = []  # that the export of reporting data has here
        self.codes: set[str] = set()  # status and code of every refused parameter
        self._transport = transport
        self._sent_at = 0.0

    @property
    def now(self) -> float:
        """Return the current time by Intercom's clock."""
        return self._transport.budget.clock.now()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        items: str = "",
        first: bool = False,
        shown: str = "",
    ) -> Answer:
        """Send one request and return its outcome. Raises NotConnectedError, and any failure of the `first` request.

        The report has the path as `shown`, if it is given, since an id is data of the workspace.
        """
        endpoint = self.endpoints.setdefault(f"{method} {shown or path}", Endpoint())
        try:
            page = await self._send(Request(method, path, query, body, items=items))
        except _OutOfRequests:
            return Answer(why=NO_BUDGET)
        except (NotConnectedError, RateLimitedError, ConnectionFailedError) as error:
            if first or isinstance(error, NotConnectedError):
                raise
            return self._unanswered(endpoint, error)
        except IntercomError as error:
            self._timed()
            return self._refused(endpoint, error, path)
        self._timed()
        endpoint.state = ANSWERS
        endpoint.statuses.add(200)
        return Answer(page)

    async def _send(self, request: Request) -> Page:
        if self.sent >= self.max_requests:
            raise _OutOfRequests
        with counting(self._count):
            page = await self._transport.send(request, attempts=ATTEMPTS)
            page.whole()  # raises if the body is not JSON
            return page

    def _count(self) -> None:
        if self.sent >= self.max_requests:
            raise _OutOfRequests
        self.sent += 1
        self._sent_at = time.perf_counter()

    def _timed(self) -> None:
        self.waits.append(time.perf_counter() - self._sent_at)

    def _unanswered(self, endpoint: Endpoint, error: IntercomError) -> Answer:
        if isinstance(error, RateLimitedError):
            return Answer(why=RATE_LIMITED)
        if error.status:
            endpoint.statuses.add(error.status)
        if endpoint.state == NOT_TRIED:
            endpoint.state = FAILS
        return Answer(why=f"{FAILED}: HTTP {error.status}" if isinstance(error, IntercomDownError) else FAILED)

    def _refused(self, endpoint: Endpoint, error: IntercomError, path: str) -> Answer:
        """Return the outcome of a refusal; refused parameters and missing objects show that the token is permitted."""
        status = error.status or 0
        endpoint.statuses.add(status)
        match error:
            case ScopeMissingError():
                endpoint.state, endpoint.scope = WITHOUT_SCOPE, scope_for(path)
                return Answer(why=f"{NOT_PERMITTED} “{endpoint.scope}” ({status})")
            case PlanRestrictedError():
                endpoint.state = WITHOUT_PLAN
                return Answer(why=f"{PLAN} ({status})")
            case NotFoundError():
                endpoint.state = ANSWERS
                return Answer(why=f"not found ({status})")
            case BadRequestError():
                endpoint.state = ANSWERS
                code = re.sub(r"[^a-z_]", "", error.code or "")[:40]
                refused = f"{status} {code}".strip()
                self.codes.add(refused)
                return Answer(why=f"refused ({refused})", refused=refused)
        endpoint.state = FAILS if endpoint.state == NOT_TRIED else endpoint.state
        return Answer(why=FAILED)
