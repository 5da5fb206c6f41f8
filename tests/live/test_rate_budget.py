"""One workspace has one rate budget for all its threads, keeps to it, and shares it with no other workspace."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from intercom_kit import BadQueryError, BadRequestError, RateLimitedError, RequestsUsedUpError, Workspace, connect
from intercom_kit.api import budget as budgets
from intercom_kit.api import clock as clocks
from intercom_kit.api.budget import RateBudget
from intercom_kit.sandbox import Sandbox, serve

from ..conftest import SMALL, Begin
from .truth import told


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.now += seconds


class Intercom:
    """Windows of ten seconds with so many requests, as Intercom counts them."""

    def __init__(self, clock: Clock, limit: int, *, ahead: float = 0.0) -> None:
        self.clock = clock
        self.limit = limit
        self.ahead = ahead  # by so many seconds Intercom's clock is before ours
        self.sent: Counter[int] = Counter()

    def answer(self) -> dict[str, str]:
        """Count a request and give the headers of its answer."""
        now = self.clock.now + self.ahead
        window = int(now) // 10
        self.sent[window] += 1
        return {
            "date": formatdate(now, usegmt=True),
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(max(0, self.limit - self.sent[window])),
            "x-ratelimit-reset": str((window + 1) * 10),
        }


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the budget live by a clock of ours."""
    ours = Clock()
    monkeypatch.setattr(clocks, "time", SimpleNamespace(time=ours.time))
    monkeypatch.setattr(budgets, "asyncio", SimpleNamespace(sleep=ours.sleep))
    return ours


def send(budget: RateBudget, intercom: Intercom, requests: int) -> None:
    for _ in range(requests):
        asyncio.run(budget.admit())
        budget.observe(intercom.answer())
        budget.settle()


def test_no_window_gets_more_than_its_limit(clock: Clock) -> None:
    intercom, budget = Intercom(clock, 20), RateBudget(longest_wait=60)
    send(budget, intercom, 100)
    assert set(intercom.sent.values()) == {20}
    assert len(intercom.sent) == 5


def test_what_another_program_uses_up_is_taken_into_account_in_every_window(clock: Clock) -> None:
    intercom, budget = Intercom(clock, 20), RateBudget(longest_wait=60)
    for _ in range(4):
        send(budget, intercom, 3)
        while int(intercom.answer()["x-ratelimit-remaining"]):
            pass  # another program
        used = intercom.sent[int(clock.now) // 10]
        send(budget, intercom, 1)  # learns of it from its own answer
        window = int(clock.now) // 10
        send(budget, intercom, 1)
        assert int(clock.now) // 10 == window + 1, "sent although nothing was left"
        assert used == 20


def test_answers_that_arrive_late_give_nothing_back(clock: Clock) -> None:
    intercom, budget = Intercom(clock, 20), RateBudget(longest_wait=60)
    late = intercom.answer()
    send(budget, intercom, 19)
    budget.observe(late)
    assert budget.remaining == 0
    send(budget, intercom, 1)
    budget.observe(late)  # by now of a window that is over
    send(budget, intercom, 60)
    assert max(intercom.sent.values()) <= 20


def test_requests_on_their_way_are_counted_in_the_window_that_begins_meanwhile(clock: Clock) -> None:
    intercom, budget = Intercom(clock, 20), RateBudget(longest_wait=60)
    send(budget, intercom, 1)
    for _ in range(10):
        asyncio.run(budget.admit())
    clock.now += 10  # and only now they arrive
    budget.observe(intercom.answer())
    assert budget.remaining == 10


@pytest.mark.parametrize("ahead", [-600.0, 600.0])
def test_a_machine_whose_clock_is_minutes_off_waits_as_long_as_any_other(clock: Clock, ahead: float) -> None:
    intercom, begun = Intercom(clock, limit=20, ahead=ahead), clock.now
    send(RateBudget(longest_wait=120), intercom, 100)
    assert max(intercom.sent.values()) <= 20
    assert clock.now - begun <= 50


def test_a_reset_beyond_patience_is_not_waited_for(clock: Clock) -> None:
    budget = RateBudget(longest_wait=5)
    budget.observe({"x-ratelimit-limit": "9", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(clock.now + 9)})
    with pytest.raises(RateLimitedError) as caught:
        asyncio.run(budget.admit())
    assert caught.value.until is not None
    assert caught.value.until.timestamp() == clock.now + 9


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-limit": "many"}, {"x-ratelimit-remaining": "0"}])
def test_without_headers_nothing_is_held_back(clock: Clock, headers: dict[str, str]) -> None:
    budget = RateBudget(longest_wait=5)
    budget.observe(headers)
    for _ in range(100):
        asyncio.run(budget.admit())
    assert clock.now == 1_000_000.0


@pytest.mark.usefixtures("quick")
def test_threads_of_one_workspace_keep_to_one_budget_with_few_refusals(begin: Begin) -> None:
    sandbox, ws = begin(rate_limit=25)  # a second, by the fixture
    contacts = ws.contacts()
    sandbox.log.clear()
    with ThreadPoolExecutor(4) as threads:
        frames = list(threads.map(lambda _: ws.events(contacts), range(4)))
    statuses = Counter(logged.status for logged in sandbox.log)
    assert statuses[200] >= 4 * len(contacts)
    assert statuses[429] <= 12, "refusals are the exception"
    assert all(told(frame)["complete"] and len(frame) == len(frames[0]) for frame in frames)


@pytest.mark.usefixtures("quick")
def test_one_workspace_does_not_wait_for_anothers_limit(begin: Begin) -> None:
    _, slow = begin(rate_limit=1, patience=0.1)
    _, fast = begin()
    with pytest.raises(RateLimitedError):
        slow.events([f"nobody{number}" for number in range(30)])
    assert told(fast.contacts())["complete"]


def test_workspaces_in_threads_never_mix() -> None:
    with serve(seed=1, token="dG9rOm9uZQ==", **SMALL) as one, serve(seed=2, token="dG9rOnR3bw==", **SMALL) as two:
        workspaces = [connect(sandbox.token, base_url=sandbox.base_url) for sandbox in (one, two)]
        alone = [everything(ws) for ws in workspaces]
        assert alone[0] != alone[1]
        with ThreadPoolExecutor(4) as threads:
            mixed = list(threads.map(everything, workspaces * 6))
        assert mixed == alone * 6
        assert all(logged.status == 200 for sandbox in (one, two) for logged in sandbox.log)
        for ws in workspaces:
            ws.close()


def everything(ws: Workspace) -> list[list[str]]:
    verbs: list[Callable[[], object]] = [ws.contacts, ws.companies, ws.conversations, ws.tags, ws.admins]
    return [list(verb()["id"]) for verb in verbs]  # type: ignore[index]


def test_a_workspace_sends_no_more_requests_than_it_may_in_all(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERCOM_MAX_REQUESTS", "3")
    with connect(sandbox.token, base_url=sandbox.base_url) as ws:  # takes the first
        with pytest.raises(BadQueryError, match=r"but this workspace may send only 2 more, of 3 in all"):
            ws.sql("select count(*) from conversations")
        while ws.budget["requests"] < 3:
            ws.teams()
        with pytest.raises(RequestsUsedUpError, match="all of the 3 requests that it may send: allow more"):
            ws.tags()
        assert ws.budget["requests"] == 3


def test_an_argument_comes_before_the_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCOM_MAX_REQUESTS", "1")
    with connect(sandbox.token, base_url=sandbox.base_url, max_requests=2) as ws:
        assert len(ws.teams())
    with pytest.raises(BadRequestError, match="max_requests='many' must be at least 1"):
        connect(sandbox.token, base_url=sandbox.base_url, max_requests="many")  # type: ignore[arg-type]
