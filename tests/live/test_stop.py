"""A call can be ended from another thread, and tells who listens how far it has come."""

import threading
import time
from collections.abc import Callable

import pytest

from intercom_kit import Workspace
from intercom_kit.concurrency.stopping import Stop, Stopped, stoppable
from intercom_kit.fetch.meter import Meter, telling

from ..conftest import Begin
from .truth import told


def running(work: Callable[[], object], stop: Stop) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def call() -> None:
        try:
            with stoppable(stop):
                work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test looks at it
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    return thread, raised


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def test_stopping_a_fetch_ends_its_requests_and_the_workspace_goes_on(begin: Begin) -> None:
    sandbox, ws = begin(latency=0.2, conversations=1600, contacts=300, days=500)
    before, stop = sandbox.requests.total(), Stop()
    thread, raised = running(lambda: ws.events(ws.contacts()), stop)
    until(lambda: sandbox.requests.total() > before + 5)
    stop.ask()
    thread.join(5)
    assert [type(error) for error in raised] == [Stopped]
    time.sleep(0.3)  # what was on its way arrives
    sent = sandbox.requests.total()
    time.sleep(0.4)
    assert sandbox.requests.total() == sent, "requests are still being sent"
    assert told(ws.contacts(2))["rows"] == 2


def test_stopping_a_query_interrupts_what_duckdb_does(ws: Workspace) -> None:
    stop = Stop()
    thread, raised = running(
        lambda: ws.sql("select sum(a.i * b.i) from range(1000000) a(i), range(1000000) b(i)"), stop
    )
    while thread.is_alive():
        stop.ask()
        thread.join(0.05)
    assert [type(error) for error in raised] == [Stopped]
    assert len(ws.sql("select 1")) == 1


def test_what_was_stopped_before_it_began_asks_nothing_more(begin: Begin) -> None:
    sandbox, ws = begin()
    stop = Stop()
    stop.ask()
    with stoppable(stop), pytest.raises(Stopped):
        ws.contacts()
    assert sandbox.requests["GET /contacts"] == 0


def test_who_listens_is_told_how_far_a_fetch_has_come(begin: Begin) -> None:
    _, ws = begin(conversations=600, latency=0.1)
    heard: dict[int, Meter] = {}
    with telling(lambda meter: heard.setdefault(id(meter), meter) and None):
        ws.conversations(None)
    (meter,) = heard.values()
    assert (meter.label, meter.rows >= 600, meter.requests >= 4) == ("conversations", True, True)
