"""What a query brought is kept for the session, brought up to date, and not asked for again."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import sandbox
from intercom_kit.api import clock
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.live import fetching
from intercom_kit.live.memory import TableMemory
from intercom_kit.sandbox import Sandbox
from intercom_kit.search.spans import Span
from tests.conftest import Begin

MONTH = "select id, state, updated_at from conversations where created_at > now() - interval 30 day order by id"
WEEK = "select id, state from conversations where created_at > now() - interval 7 day and state = 'open' order by id"
ALL = "select id from conversations order by id"


@pytest.fixture
def served() -> Iterator[Sandbox]:
    with sandbox.serve(conversations=600, contacts=200, companies=30, seed=5) as running:
        yield running


@pytest.fixture
def ws(served: Sandbox) -> Iterator[ik.Workspace]:
    with ik.connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


def bodies(served: Sandbox, path: str = "/conversations/search") -> list[Any]:
    """Give the bodies of all searches so far."""
    return [entry[4] for entry in served.log if entry[1] == path]


def anew(served: Sandbox, query: str) -> list[Any]:
    """Ask a query in a session of its own."""
    with ik.connect(served.token, base_url=served.base_url) as other:
        return other.sql(query).to_numpy().tolist()


def changed(served: Sandbox, conversation: str, **fields: Any) -> None:
    """Change a conversation at Intercom, as its own clients would: `updated_at` tells."""
    import httpx

    headers = {"Authorization": f"Bearer {served.token}", "Intercom-Version": "2.16"}
    record = httpx.get(f"{served.base_url}/conversations/{conversation}", headers=headers).json()
    served.upsert("conversations", {**record, "updated_at": int(datetime.now(UTC).timestamp()), **fields})


def test_a_repeated_query_asks_only_what_changed(served: Sandbox, ws: ik.Workspace) -> None:
    first = ws.sql(MONTH)
    again = ws.sql(MONTH)
    assert again.to_numpy().tolist() == first.to_numpy().tolist()
    assert again.attrs["intercom"]["requests"] <= 2
    asked = [condition["field"] for condition in flat(bodies(served)[-1]["query"])]
    assert asked == ["updated_at"]


def test_a_narrower_query_is_answered_from_what_is_held(ws: ik.Workspace, served: Sandbox) -> None:
    ws.sql(MONTH)
    assert ws.sql(WEEK, fresh="session").attrs["intercom"]["requests"] == 0
    assert ws.sql(WEEK).to_numpy().tolist() == anew(served, WEEK)


def test_a_wider_query_asks_only_for_the_difference(ws: ik.Workspace, served: Sandbox) -> None:
    month = ws.sql(MONTH)
    everything = ws.sql(ALL, fresh="session")
    fetched = ws.fetches["rows"].iloc[-1]
    assert len(everything) == 600
    assert fetched <= 600 - len(month) + 5  # bounds are a little wide


def test_another_condition_is_asked_for_unless_a_wider_one_is_held(ws: ik.Workspace) -> None:
    ws.sql("select count(*) from conversations where state = 'open'")
    assert ws.sql("select count(*) from conversations where state = 'closed'", fresh="session").attrs["intercom"][
        "requests"
    ]
    ws.sql(ALL)
    snoozed = ws.sql("select count(*) from conversations where state = 'snoozed'", fresh="session")
    assert snoozed.attrs["intercom"]["requests"] == 0


def test_a_row_that_changed_is_seen_as_it_is_now(served: Sandbox, ws: ik.Workspace) -> None:
    query = "select id from conversations where state = 'open' order by id"
    before = ws.sql(query)["id"].tolist()
    changed(served, before[0], state="closed", open=False)
    assert ws.sql(query)["id"].tolist() == before[1:]
    changed(served, before[0], state="open", open=True)
    assert ws.sql(query)["id"].tolist() == before


def test_a_change_is_seen_though_the_machines_clock_is_minutes_ahead(
    served: Sandbox, ws: ik.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = SimpleNamespace(time=lambda: time.time() + 600)
    for module in (clock, fetching):
        monkeypatch.setattr(module, "time", ahead)
    query = "select id from conversations where state = 'open' order by id"
    before = ws.sql(query)["id"].tolist()
    changed(served, before[0], state="closed", open=False)
    assert ws.sql(query)["id"].tolist() == before[1:]


def test_a_new_conversation_is_seen(served: Sandbox, ws: ik.Workspace) -> None:
    count = len(ws.sql(ALL))
    now = int((datetime.now(UTC) - timedelta(seconds=5)).timestamp())
    changed(served, ws.sql(ALL)["id"][0], id="999000000000001", created_at=now)
    assert len(ws.sql(ALL)) == count + 1


def test_a_deleted_conversation_is_gone(served: Sandbox, ws: ik.Workspace) -> None:
    ids = ws.sql(ALL)["id"].tolist()
    served.delete("conversations", ids[3])
    assert ws.sql(ALL)["id"].tolist() == [*ids[:3], *ids[4:]]


def test_deletions_that_may_be_more_than_came_are_asked_for_again(served: Sandbox, ws: ik.Workspace) -> None:
    ids = ws.sql(ALL)["id"].tolist()
    for id in ids[:70]:  # more than a page
        served.delete("conversations", id)
    served.faults.set("total_high", 1)
    assert "deleted_conversations: Intercom counts" in ws.sql(ALL).receipt
    served.faults.set("total_high", 0)
    before = served.requests["GET /conversations/deleted"]
    whole = ws.sql(ALL)
    assert whole["id"].tolist() == ids[70:]
    assert whole.attrs["intercom"]["complete"]
    assert served.requests["GET /conversations/deleted"] - before > 1  # from before the first look


def test_a_session_query_takes_what_is_held_as_it_is(served: Sandbox, ws: ik.Workspace) -> None:
    ids = ws.sql(ALL)["id"].tolist()
    served.delete("conversations", ids[3])
    assert ws.sql(ALL, fresh="session")["id"].tolist() == ids
    assert ws.sql(ALL, fresh="refetch")["id"].tolist() == [*ids[:3], *ids[4:]]


def test_freshness_is_one_of_three(ws: ik.Workspace) -> None:
    with pytest.raises(ik.BadRequestError, match="'live', 'session', 'refetch'"):
        ws.sql(ALL, fresh="never")  # type: ignore[arg-type]


def test_what_was_broken_off_is_asked_for_again(served: Sandbox, ws: ik.Workspace) -> None:
    with pytest.raises(ik.BadQueryError, match="max_requests"):
        ws.sql(ALL, max_requests=1)
    assert len(ws.sql(ALL)) == 600


def test_rows_held_from_other_queries_ask_for_no_events(served: Sandbox, ws: ik.Workspace) -> None:
    ws.sql("select count(*) from contacts")
    ws.sql(
        "select count(*) from companies co join contact_companies cc on cc.company_id = co.id "
        "join contacts c on c.id = cc.contact_id join events e on e.intercom_user_id = c.id where co.name = 'Acme Corp'"
    )
    assert served.requests["GET /events"] == len(ws.company_contacts(ws.company(name="Acme Corp")["id"][0]))


def test_events_of_a_shorter_span_are_held_with_those_of_a_longer_one(ws: ik.Workspace) -> None:
    query = (
        "select e.id from contacts c join events e on e.intercom_user_id = c.id "
        "where c.role = 'user' and e.created_at > now() - interval {} day order by e.id"
    )
    asked = ws.sql(query.format(60), fresh="session")
    assert asked.attrs["intercom"]["requests"] > 1
    narrower = ws.sql(query.format(20), fresh="session")
    assert narrower.attrs["intercom"]["requests"] == 0
    assert narrower["id"].tolist() == ws.sql(query.format(20), fresh="refetch")["id"].tolist()
    assert ws.sql(query.format(80), fresh="session").attrs["intercom"]["requests"] > 1


def test_two_scans_of_a_table_without_a_key_count_each_row_once(ws: ik.Workspace) -> None:
    once = "select k.contact_id from contacts c join contact_companies k on k.contact_id = c.id where c.role = 'user'"
    twice = f"select count(*) as n from ({once} union all {once})"
    assert ws.sql(twice)["n"][0] == 2 * len(ws.sql(once)) > 0


def flat(query: Any) -> list[Any]:
    """List the single conditions of a search."""
    if "field" in query:
        return [query]
    return [condition for member in query["value"] for condition in flat(member)]


def test_spans_that_touch_are_held_as_one() -> None:
    memory = TableMemory()
    for first, last in ((100, 199), (300, None), (200, 299), (None, 99)):
        memory.hold([], Span(first, last))
    assert memory.span() == "every row"
    assert len(memory.held) == 1


def test_a_bound_that_moves_with_the_time_is_covered_by_an_earlier_one() -> None:
    def recent(second: int) -> list[Any]:
        changed = {"field": "updated_at", "operator": ">", "value": second}
        return [{"operator": "OR", "value": [changed, {"field": "open", "operator": "=", "value": True}]}]

    memory = TableMemory()
    memory.hold(recent(1_000), Span(None, None))
    assert memory.missing(recent(1_060), Span(5, 9)) == []
    assert memory.missing(recent(940), Span(5, 9)) == [Span(5, 9)]
    assert memory.missing([{"field": "open", "operator": "=", "value": False}], Span(5, 9)) == [Span(5, 9)]


def test_the_bound_on_requests_counts_what_brings_up_to_date(begin: Begin) -> None:
    _, ws = begin(conversations=400)
    month = "select count(*) from conversations where created_at > now() - interval 300 day"
    ws.sql(month)
    wider = month.replace("300", "400")
    with pytest.raises(BadQueryError, match="max_requests=2"):
        ws.sql(wider, max_requests=2)  # what changed, what was deleted, and what is older
    before = len(ws.fetches)
    ws.sql(wider, max_requests=20)
    assert ws.fetches["requests"][before:].sum() <= 20
    with pytest.raises(BadRequestError, match="at least 1"):
        ws.sql(month, max_requests=0)
