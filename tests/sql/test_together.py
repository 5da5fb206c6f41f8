"""Tables are fetched at once, under one bar; an interrupt or a failure stops all, and what is whole is kept."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import sandbox
from intercom_kit.concurrency.stopping import Stop, Stopped, stoppable
from intercom_kit.fetch.gathering import Gathering
from intercom_kit.fetch.meter import Meter, telling
from intercom_kit.sandbox import Sandbox

UNRELATED = "select 'c' as side, id from conversations union all select 'k', id from contacts"
JOINED = (
    "select p.id from conversations c join conversation_parts p on p.conversation_id = c.id "
    "join contacts k on k.id = c.contact_id where c.created_at > now() - interval 30 day"
)


@pytest.fixture
def served() -> Iterator[Sandbox]:
    with sandbox.serve(conversations=3_000, contacts=300, companies=30, seed=5, rate_limit=100_000) as running:
        yield running


@pytest.fixture
def ws(served: Sandbox) -> Iterator[ik.Workspace]:
    with ik.connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


def held_back(monkeypatch: pytest.MonkeyPatch, pages: int) -> threading.Event:
    """Let nothing more come after some pages of a search; tells when that is so."""
    reached, taken, true = threading.Event(), 0, Gathering.take

    async def take(self: Gathering, *page: Any) -> None:
        nonlocal taken
        taken += 1
        if taken > pages:
            reached.set()
            await asyncio.Event().wait()
        await true(self, *page)

    monkeypatch.setattr(Gathering, "take", take)
    return reached


def test_tables_that_need_nothing_of_each_other_are_asked_at_once(
    ws: ik.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each waits for the other's first page, so one after another they would wait for ever."""
    begun: set[str] = set()
    both, true = asyncio.Event(), Gathering.take

    async def take(self: Gathering, *page: Any) -> None:
        begun.add(self.table.name)
        if len(begun) == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 30)
        await true(self, *page)

    monkeypatch.setattr(Gathering, "take", take)
    assert len(ws.sql(UNRELATED)) == 3_300


def test_one_meter_counts_all_fetches_of_a_query(ws: ik.Workspace) -> None:
    heard: dict[int, Meter] = {}
    with telling(lambda meter: heard.setdefault(id(meter), meter) and None):
        found = ws.sql(JOINED)
    (meter,) = heard.values()
    meter.look()
    assert meter.requests == meter.total == found.attrs["intercom"]["requests"]
    assert meter.rows > 0


def test_what_was_read_whole_before_an_interrupt_is_kept(
    served: Sandbox, ws: ik.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = "select id from conversations order by id"
    with monkeypatch.context() as patched:
        reached, stop = held_back(patched, 20), Stop()
        threading.Thread(target=lambda: reached.wait(60) and stop.ask(), daemon=True).start()
        with stoppable(stop), pytest.raises(Stopped) as stopped:
            ws.sql(everything)
    kept = ws.held
    assert stopped.value.__notes__ == [f"Kept, and not fetched again: {kept['rows'][0]:,} conversations."]
    assert kept["table"].tolist() == ["conversations"]
    assert 0 < kept["rows"][0] < 3_000
    before = served.requests["POST /conversations/search"]
    found = ws.sql(everything, fresh="session")
    assert len(found) == found["id"].nunique() == 3_000
    assert served.requests["POST /conversations/search"] - before > 0
    rows = ws.fetches["rows"][ws.fetches["filters"].map(lambda asked: asked["asks"] == "every row")]
    assert rows.iloc[1:].sum() < 3_000


def test_nothing_is_kept_of_what_was_not_read_whole(ws: ik.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        reached, stop = held_back(patched, 0), Stop()
        threading.Thread(target=lambda: reached.wait(60) and stop.ask(), daemon=True).start()
        with stoppable(stop), pytest.raises(Stopped) as stopped:
            ws.sql(UNRELATED)
    assert ws.held.empty
    assert stopped.value.__notes__ == ["Nothing was complete yet, so nothing is kept."]
    assert len(ws.sql(UNRELATED, fresh="session")) == 3_300


def test_a_failure_of_one_table_stops_the_others(served: Sandbox, ws: ik.Workspace) -> None:
    with pytest.raises(ik.BadQueryError, match="max_requests=12"):
        ws.sql(UNRELATED, max_requests=12)
    before = served.requests.total()
    assert len(ws.sql("select 1 as one")) == 1
    assert served.requests.total() == before, "requests are still being sent"
    assert len(ws.sql(UNRELATED)) == 3_300


def test_the_bound_is_on_the_whole_query(ws: ik.Workspace) -> None:
    """Twenty pages of conversations and two of contacts: each table alone would be within the bound."""
    with pytest.raises(ik.BadQueryError, match="22 requests or more"):
        ws.sql(UNRELATED, max_requests=21)


def test_a_scan_without_keys_is_refused_before_anything_is_asked(served: Sandbox, ws: ik.Workspace) -> None:
    before = served.requests.total()
    with pytest.raises(ik.BadQueryError, match="lists events only for a given"):
        ws.sql("select c.id from conversations c, events e")
    assert served.requests.total() == before


def test_refreshing_brings_what_is_held_up_to_date(served: Sandbox, ws: ik.Workspace) -> None:
    ids = ws.sql("select id from conversations order by id")["id"].tolist()
    ws.sql("select id from teams")
    served.delete("conversations", ids[3])
    ws.refresh()
    assert len(ws.sql("select id from conversations", fresh="session")) == 2_999
    assert ws.held["table"].tolist() == ["conversations"]
