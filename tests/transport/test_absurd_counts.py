"""Counts that cannot be true cost neither memory nor time, and no other workspace waits for them."""

import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import pytest

from intercom_kit import EndlessPagesError, IntercomError, Workspace

from .answering import Answer, Asked
from .conftest import Connect, Serve

pytestmark = pytest.mark.usefixtures("quick")

BEGAN = 1_500_000_000
MOST_MEMORY = 80_000_000  # bytes
MOST_REQUESTS = 700
LONGEST = 60.0  # seconds, in which a machine may have other things to do

ITEMS = {"conversations": "conversations", "contacts": "data", "companies": "data", "tickets": "tickets"}


def rows(kind: str, number: int) -> list[dict[str, Any]]:
    """Make a page's rows, which are spread over years."""
    spread = [BEGAN + each * 6_000_000 for each in range(50)]
    return [
        {"type": kind, "id": f"{number}-{each}", "created_at": at, "updated_at": at} for each, at in enumerate(spread)
    ]


def counting(total: Callable[[int], Any], pages: Any, *, new_rows: bool, goes_on: bool) -> Callable[[Asked], Answer]:
    """Answer every list and search with a page; `total` gives what the answer with a number counts."""
    answered = iter(range(1_000_000))

    def answer(asked: Asked) -> Answer:
        kind = next((kind for kind in ITEMS if asked.target.startswith(f"/{kind}")), "")
        if not kind:
            return Answer()
        number = next(answered)
        following = {"starting_after": f"cursor {number}"} if goes_on else None
        told = {"type": "pages", "page": 1, "per_page": 50, "total_pages": pages, "next": following}
        found = rows(kind, number if new_rows else 0)
        return Answer({"type": "list", ITEMS[kind]: found, "total_count": total(number), "pages": told})

    return answer


SERVERS = {
    "a billion rows": counting(lambda _: 10**9, 10**7, new_rows=False, goes_on=False),
    "a billion new rows, page after page": counting(lambda _: 10**9, 10**7, new_rows=True, goes_on=True),
    "as many as fifteen digits say": counting(lambda _: "9" * 15, "9" * 15, new_rows=False, goes_on=True),
    "ninety million rows in every span": counting(lambda _: 90_000_000, 3_000_000, new_rows=False, goes_on=False),
    "ninety million rows, and in lists few of thousands": counting(
        lambda number: 90_000_000 if number < 20 else 2_000, 3_000_000, new_rows=True, goes_on=False
    ),
    "fewer than came": counting(lambda _: 3, -1, new_rows=False, goes_on=True),
    "no number": counting(lambda _: [10**9], {"a": 10**9}, new_rows=False, goes_on=True),
}
CALLS: dict[str, Callable[[Workspace], Any]] = {
    "conversations": lambda ws: ws.conversations(limit=None),
    "some conversations": lambda ws: ws.conversations(limit=300),
    "contacts": lambda ws: ws.contacts(),
    "companies": lambda ws: ws.companies(),
    "a query": lambda ws: ws.sql("select count(*) from conversations"),
    "a plan": lambda ws: ws.plan("select count(*) from contacts"),
}


class Others:
    """Another workspace, which is asked all the time; `slowest` is the longest that it took to answer."""

    def __init__(self, workspace: Workspace) -> None:
        self.slowest, self._workspace, self._over = 0.0, workspace, Event()
        self._thread = Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        while not self._over.wait(0.02):
            began = time.monotonic()
            self._workspace.teams()
            self.slowest = max(self.slowest, time.monotonic() - began)

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


@pytest.fixture
def others(serve: Serve, connected: Connect) -> Iterator[Others]:
    """Ask another workspace meanwhile."""
    asking = Others(connected(serve(Answer()), patience=30))
    yield asking
    asking.stop()


@pytest.mark.parametrize("name", SERVERS)
def test_a_count_costs_neither_memory_nor_time_nor_others_their_answers(
    name: str, serve: Serve, connected: Connect, others: Others
) -> None:
    for called, call in CALLS.items():
        server = serve(SERVERS[name])
        ws = connected(server)
        tracemalloc.start()
        began = time.monotonic()
        try:
            told = call(ws).attrs.get("intercom", {})  # which a plan has not
            assert not told.get("complete") or told["rows"] >= (told["total"] or 0), called
        except IntercomError:
            pass
        finally:
            assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY, called
            tracemalloc.stop()
        assert time.monotonic() - began < LONGEST, called
        assert len(server.asked) < MOST_REQUESTS, called
    assert others.slowest < 10  # a loop that is blocked answers nobody for a minute


def test_what_came_is_kept_and_the_count_named(serve: Serve, connected: Connect) -> None:
    frame = connected(serve(SERVERS["a billion rows"])).conversations(limit=None)
    assert len(frame) == 50
    assert "counts 1,000,000,000 rows" in frame.attrs["intercom"]["why"]


@pytest.mark.parametrize("total", [600, 1_000, 2_000])
def test_parts_that_each_hold_as_much_as_the_whole_are_not_cut_on_and_on(
    total: int, serve: Serve, connected: Connect
) -> None:
    server = serve(counting(lambda _: total, 14, new_rows=True, goes_on=False))
    connected(server).conversations(limit=None)
    assert len(server.asked) < MOST_REQUESTS


@pytest.mark.parametrize(
    "name", ["ninety million rows in every span", "ninety million rows, and in lists few of thousands"]
)
def test_counts_that_contradict_each_other_are_named_too(name: str, serve: Serve, connected: Connect) -> None:
    try:
        why = connected(serve(SERVERS[name])).conversations(limit=None).attrs["intercom"]["why"]
    except EndlessPagesError as error:
        why = str(error)
    assert re.search(r"make no sense: [\d,]+ rows", why)
