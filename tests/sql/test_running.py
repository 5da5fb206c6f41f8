"""What runs is bounded in time and memory, and EXPLAIN and PIVOT do only what a SELECT may."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError, BadRequestError, MemoryLimitError, QueryTimeoutError
from intercom_kit.fetch import landing
from tests.conftest import Begin

from .whole import Whole, difference, rows_of

RUNAWAYS = [
    "select count(*) from range(100000000) a, range(1000) b where a.range % 7 = b.range",
    "with recursive x as (select 1 as a union all select a + 1 from x) select count(*) from x",
    "select range, md5(range::varchar) from range(1000000000)",
]


def test_a_time_limit_counts_reading_and_planning(live: Workspace) -> None:
    long = " union all ".join(["select id from conversations"] * 5_000)
    with pytest.raises(QueryTimeoutError, match="to be read, planned and run"):
        live.sql(long, timeout=0.5)


@pytest.mark.parametrize("query", RUNAWAYS)
def test_a_runaway_query_is_stopped_and_the_session_goes_on(live: Workspace, query: str) -> None:
    with pytest.raises(QueryTimeoutError, match=r"longer than timeout=0.2 seconds: narrow"):
        live.sql(query, timeout=0.2)
    assert live.sql("select count(*) as n from range(10)", timeout=60)["n"][0] == 10


def test_a_timeout_is_of_one_query_only(live: Workspace) -> None:
    with suppress(QueryTimeoutError):  # on a busy machine even this takes longer
        live.sql("select 1", timeout=0.001)
    assert live.sql("select count(distinct md5(range::varchar)) as n from range(200000)")["n"][0] == 200_000


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), "5"])
def test_a_timeout_is_a_number_of_seconds(live: Workspace, timeout: float) -> None:
    with pytest.raises(BadRequestError, match="number of seconds above 0"):
        live.sql("select 1", timeout=timeout)


@pytest.mark.parametrize(
    "query", ["select range as n from range(50) order by n desc", "from range(50) t(n) order by n desc -- all"]
)
def test_an_answer_of_more_rows_than_wanted_is_cut_and_says_so(live: Workspace, query: str) -> None:
    answer = live.sql(query, max_rows=10)
    assert answer["n"].tolist() == list(range(49, 39, -1))
    assert not answer.attrs["intercom"]["complete"]
    assert "only the first 10 rows" in answer.attrs["intercom"]["why"]
    assert answer.attrs["intercom"]["rows"] == 10


def test_an_answer_of_as_many_rows_as_wanted_is_whole(live: Workspace) -> None:
    assert live.sql("from range(10)", max_rows=10).attrs["intercom"]["complete"]


@pytest.mark.parametrize("query", ["describe contacts", "summarize contacts", "show tables", "explain select 1"])
def test_what_shows_something_is_bounded_too_or_short_anyway(live: Workspace, query: str) -> None:
    assert len(live.sql(query, max_rows=1)) == 1


def test_a_bound_of_no_rows_is_refused(live: Workspace) -> None:
    with pytest.raises(BadRequestError, match="max_rows=0 must be at least 1"):
        live.sql("select 1", max_rows=0)


def test_fetching_is_not_cut_short_by_a_timeout(begin: Begin) -> None:
    _, ws = begin(latency=0.15)
    assert ws.sql("select count(*) as n from conversations", timeout=0.1)["n"][0] == 40


def test_an_interrupt_stops_a_query(live: Workspace) -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        live.sql(RUNAWAYS[0], timeout=60)
    assert len(live.sql("select 1")) == 1


def _greedy(ws: Workspace) -> object:
    return ws.sql("select count(distinct md5(range::varchar) || md5((range + 1)::varchar)) from range(3000000)")


@pytest.mark.parametrize("greedy", [_greedy, Workspace.conversations], ids=["a query", "a verb"])
def test_what_needs_too_much_memory_is_refused_and_the_session_goes_on(
    begin: Begin, greedy: Callable[[Workspace], object]
) -> None:
    sandbox, _ = begin(conversations=500)
    with connect(sandbox.token, base_url=sandbox.base_url, memory_limit="20MB") as ws:
        with pytest.raises(MemoryLimitError, match=r"may use \(20MB\).*connect\(memory_limit="):
            greedy(ws)
        assert ws.sql("select 1 as x")["x"][0] == 1


def test_what_needs_too_much_memory_asks_for_no_more(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "BATCH_BYTES", 100_000)
    sandbox, _ = begin(conversations=3_000)
    with connect(sandbox.token, base_url=sandbox.base_url, memory_limit="5MB") as ws:
        assert ws.identity
        before = sandbox.requests.total()
        with pytest.raises(MemoryLimitError):
            ws.conversations(limit=None)
        assert sandbox.requests.total() - before < 10  # of 20


@pytest.mark.parametrize("limit", ["a lot", "-1GB", "1kB", "2", "50%", "2GB'; drop table x --"])
def test_a_memory_limit_is_an_amount(begin: Begin, limit: str) -> None:
    sandbox, _ = begin()
    with pytest.raises(BadRequestError, match="such as '500MB' or '2GB'"):
        connect(sandbox.token, base_url=sandbox.base_url, memory_limit=limit)


def test_explain_shows_the_plan_and_asks_nothing(live: Workspace) -> None:
    fetches = len(live.fetches)
    shown = live.sql("-- how?\nexplain select count(*) from contacts where role = 'user'")
    assert shown["explain_key"].tolist() == ["physical_plan"]
    assert "contacts" in shown["explain_value"][0]
    assert len(live.fetches) == fetches


def test_explain_analyze_fetches_runs_and_shows(live: Workspace, whole: Whole) -> None:
    shown = live.sql("explain analyze select * from contacts", fresh="refetch")
    assert shown["explain_key"].tolist() == ["analyzed_plan"]
    assert f"{len(whole.rows('from contacts'))} rows" in shown["explain_value"][0]


PIVOTS = [
    "pivot conversations on state",
    "pivot conversations on state using count(*) as n, max(created_at) as last group by open order by open",
    "pivot (select * from conversations where created_at > timestamptz '2026-10-01') on state using count(*) "
    "group by priority order by all",
    "pivot conversations on state, open using count(*) group by priority order by priority",
    "with x as (select role, email from contacts where role <> 'nobody') pivot x on role using count(email)",
    "pivot contacts on substr(name, 1, 1) -- the first letter\n using count(*) group by role order by role limit 1",
    "pivot_wider contacts on role using count(*)",
    "pivot contacts as k join conversations as c on c.contact_id = k.id on state using count(*) group by role",
    "pivot conversations on created_at::date using count(*) group by state",
    "pivot conversations on state in ('open', 'closed') using count(*) group by open",
    "from conversations pivot (count(*) for state in ('open', 'snoozed') group by open)",
    "select * from (pivot conversations on state in ('open') using count(*) group by open) where open",
    "unpivot (select id, name, email from contacts) on name, email",
]


@pytest.mark.parametrize("query", PIVOTS)
def test_pivot_finds_the_same_as_in_plain_duckdb(live: Workspace, whole: Whole, query: str) -> None:
    found = live.sql(query, fresh="refetch")
    expected = whole.database.execute(query)
    assert list(found.columns) == [column[0] for column in expected.description or []]
    assert not difference(whole.rows(query), rows_of(found))
    assert len(found) > 0


def test_pivot_asks_only_for_what_it_reads(live: Workspace, whole: Whole) -> None:
    condition = "created_at > timestamptz '2026-11-01'"
    before = len(live.fetches)
    live.sql(f"pivot (from conversations where {condition}) on state using count(*) group by open", fresh="refetch")
    fetched = live.fetches.iloc[before:]["rows"].sum()
    assert 0 < fetched < len(whole.rows("from conversations")) / 2


def test_pivot_of_nothing_says_what_to_do(live: Workspace) -> None:
    with pytest.raises(BadQueryError, match=r"found no rows.*ON state IN"):
        live.sql("pivot (from conversations where false) on state")


def test_an_answer_that_is_cut_says_so_under_it(live: Workspace) -> None:
    assert "not complete: only the first 2 rows" in live.sql("from range(9)", max_rows=2).receipt
