"""Ctrl-C is obeyed at once, and verbs work inside a running event loop and in silence."""

import asyncio
import contextlib
import gc
import logging
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.sandbox import Sandbox

from ..conftest import Begin
from .truth import told


@contextmanager
def interrupted(after: float) -> Iterator[list[float]]:
    """Press Ctrl-C after some seconds; give the moment when that was."""
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.monotonic())
        signal.raise_signal(signal.SIGINT)

    timer = threading.Timer(after, press)
    try:
        timer.start()
        yield pressed
    finally:
        timer.cancel()
        timer.join()


@pytest.fixture
def slow(begin: Begin) -> tuple[Sandbox, Workspace]:
    """A sandbox that thinks for half a second before every answer."""
    return begin(latency=0.3, conversations=1600, contacts=300, companies=100, days=500)


VERBS: dict[str, Callable[[Workspace], object]] = {
    "a long list": lambda ws: ws.conversations(None),
    "many contacts": lambda ws: ws.events(ws.contacts()),
    "numbered pages": lambda ws: [ws.companies() for _ in range(20)],
}


@pytest.mark.parametrize("verb", VERBS)
def test_an_interrupt_ends_a_fetch_at_once_and_the_workspace_goes_on(
    slow: tuple[Sandbox, Workspace], verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox, ws = slow
    ws.teams()
    with interrupted(1.1) as pressed, pytest.raises(KeyboardInterrupt):
        VERBS[verb](ws)
    assert time.monotonic() - pressed[0] < 1
    time.sleep(0.4)  # what was on its way arrives
    before = sandbox.requests.total()
    time.sleep(0.5)
    assert sandbox.requests.total() == before, "requests are still being sent"
    assert told(ws.contacts(2))["rows"] == 2
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_an_interrupt_ends_the_wait_between_attempts(begin: Begin) -> None:
    sandbox, ws = begin()
    sandbox.faults.set("500", 1)
    with interrupted(1.5) as pressed, pytest.raises(KeyboardInterrupt):
        ws.teams()
    assert time.monotonic() - pressed[0] < 1
    sandbox.faults.clear()
    assert len(ws.teams()) > 0


def test_verbs_work_inside_a_running_event_loop(ws: Workspace) -> None:
    async def cell() -> int:
        return len(ws.contacts())

    assert asyncio.run(cell()) == 200


def test_verbs_work_in_threads(ws: Workspace) -> None:
    lengths: list[int] = []
    threads = [threading.Thread(target=lambda: lengths.append(len(ws.contacts()))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == [200] * 6


def test_nothing_is_printed_where_nobody_looks(
    slow: tuple[Sandbox, Workspace], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("intercom_kit.fetch.meter.SHOW_AFTER", 0)
    _, ws = slow
    ws.conversations()
    with contextlib.suppress(Exception):
        ws.events(["nobody"])
    assert capfd.readouterr() == ("", "")


def test_pages_that_fail_together_leave_no_stray_complaints(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("intercom_kit.api.retry.ATTEMPTS", 1)
    sandbox, ws = begin(companies=400, contacts=600)
    first = True

    def all_but_the_first() -> str | None:
        nonlocal first
        was, first = first, False
        return None if was else "500"

    monkeypatch.setattr(sandbox.faults, "replacement", all_but_the_first)
    with contextlib.suppress(Exception):
        ws.companies()
    gc.collect()
    time.sleep(0.2)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


BRIEF: dict[str, Callable[[Workspace], object]] = {
    "a listing": lambda ws: ws.tags(),
    "what is held": lambda ws: ws.held,
    "forgetting": lambda ws: ws.forget(),
    "a frame of one's own": lambda ws: ws.sql("select count(*) from mine", frames={"mine": pd.DataFrame({"a": [1]})}),
    "asking anew": lambda ws: ws.sql("select count(*) from conversation_tags", fresh="refetch"),
}
SHOTS = 60
MOMENTS = 2  # tables that may be left where Ctrl-C comes between two steps of Python's


def tables(ws: Workspace) -> set[str]:
    with ws._session.database.cursor() as cursor:
        return {name for (name,) in cursor.execute("select table_name from duckdb_tables()").fetchall()}


# Between making a coroutine and beginning it, Ctrl-C leaves one that nobody awaited: Python warns of it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("name", BRIEF)
def test_an_interrupt_between_any_two_steps_is_told_as_one_and_leaves_no_table(begin: Begin, name: str) -> None:
    _, ws = begin(conversations=50, contacts=20, rate_limit=10**8)
    every = len(ws.sql("select id from conversations"))
    before, call, dice = tables(ws), BRIEF[name], random.Random(7)  # noqa: S311
    for _ in range(SHOTS):
        with contextlib.suppress(KeyboardInterrupt), interrupted(dice.uniform(0.001, 0.03)) as pressed:
            while True:
                call(ws)
                assert not pressed or time.monotonic() < pressed[0] + 1, "Ctrl-C was lost"
    assert len(tables(ws) - before) <= MOMENTS
    assert len(ws.sql("select id from conversations")) == every
