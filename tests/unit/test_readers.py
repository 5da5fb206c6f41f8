"""The spans of a long search are read by many readers, who all have work until the end."""

import asyncio
import itertools
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercom_kit.api.asking import Request
from intercom_kit.api.heads import Page
from intercom_kit.api.transport import Transport
from intercom_kit.search import spans
from intercom_kit.search.bounds import SECONDS
from intercom_kit.search.spans import Search, Span, Spans
from intercom_kit.tables import Listing, Paging

START = 1_700_000_000
PER_PAGE = 5
READERS = 16
LISTING = Listing("/things/search", "things", Paging.SEARCH, method="POST", per_page=PER_PAGE)


class Rows:
    """Answer searches for rows that were created at some seconds; every answer takes as long."""

    def __init__(self, created: list[int]) -> None:
        self.created = sorted(created)
        self.under_way = 0
        self.requests = 0
        self.without_in: set[str] = set()
        self.busy: Counter[int] = Counter()  # how long so many requests were under way at once

    async def send(self, request: Request) -> Page:
        assert request.items == "things"
        body = request.body or {}
        self.requests += 1
        self.under_way += 1
        for _ in range(6):
            self.busy[self.under_way] += 1
            await asyncio.sleep(0)
        self.under_way -= 1
        bounds = _conditions(body["query"])
        found = [each for each in self.created if all(_holds(each, bound) for bound in bounds)]
        start = int(body["pagination"].get("starting_after", 0))
        end = start + PER_PAGE
        following = {"starting_after": str(end)} if end < len(found) else None
        return Page(str(found[start:end]), next=following, total_count=len(found), count=len(found[start:end]))


def _conditions(query: dict[str, Any]) -> list[dict[str, Any]]:
    return (
        [one for each in query["value"] for one in _conditions(each)] if isinstance(query["value"], list) else [query]
    )


def _holds(second: int, bound: dict[str, Any]) -> bool:
    return second > bound["value"] if bound["operator"] == ">" else second < bound["value"]


@dataclass
class Read:
    """Hold who answered, the rows that came, the spans that were whole, and how many were so as each page came."""

    rows: Rows
    came: list[int] = field(default_factory=list)
    whole: list[Span] = field(default_factory=list)
    whole_before: list[int] = field(default_factory=list)

    async def take(self, page: Page) -> None:
        self.whole_before.append(len(self.whole))
        self.came.extend(json.loads(page.text))

    async def all(self) -> None:
        created = self.rows.created
        search = Search(span=Span(START, created[-1]))
        readers = Spans(cast(Transport, self.rows), LISTING, search, SECONDS, self.take, self.whole.append)
        await readers.read(created[0], len(created), in_order=True)


def read(created: list[int]) -> Read:
    """Read all rows that were created at some seconds."""
    reading = Read(Rows(created))
    asyncio.run(reading.all())
    return reading


@pytest.fixture(autouse=True)
def sixteen_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "READERS", READERS)


creations = st.lists(st.integers(START, START + 500), min_size=1, max_size=400)


@settings(max_examples=25, deadline=None)
@given(creations)
def test_every_row_comes_however_unevenly_they_were_created(created: list[int]) -> None:
    assert Counter(read(created).came) >= Counter(created)


@settings(max_examples=25, deadline=None)
@given(creations)
def test_the_spans_that_are_whole_cover_all_of_the_time_once(created: list[int]) -> None:
    edges = sorted((span.first or 0, span.last or 0) for span in read(created).whole)
    assert edges[0][0] == START
    assert edges[-1][1] == max(created)
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(edges))


# Ever more rows, so that spans of the same time differ much in length.
GROWING = [START + round(10_000_000 * (number / 4_000) ** 0.5) for number in range(4_000)]


def test_all_readers_have_work_until_the_end() -> None:
    busy = read(GROWING).rows.busy
    assert busy[READERS] / busy.total() > 0.98


def test_cutting_costs_few_requests() -> None:
    assert read(GROWING).rows.requests < 1.1 * len(GROWING) / PER_PAGE


def test_spans_are_whole_one_after_another_so_that_breaking_off_keeps_some() -> None:
    reading = read(GROWING)
    halfway = len(reading.whole_before) // 2
    assert reading.whole_before[halfway] > len(reading.whole) / 8
