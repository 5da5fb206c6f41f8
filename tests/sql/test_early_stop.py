"""A limit on the newest rows, or on any, asks for no more rows than it wants, where that is sound."""

from collections.abc import Iterator

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.live import newest
from intercom_kit.sandbox import serve
from intercom_kit.sql.printed.limits import Limit

from .queries import Inventor
from .whole import Whole, difference, rows_of

# Queries that stop early; each is followed by at most how many conversations it may fetch of 2,000.
STOPS = {
    "newest": ("select id, created_at from conversations order by created_at desc limit 10", 40),
    "of some": ("select id from conversations where state = 'closed' order by created_at desc, id limit 5", 40),
    "skipping": ("select id from conversations order by created_at desc, id limit 5 offset 20", 80),
    "compared here": (
        "select id from conversations where count_conversation_parts > 2 and priority <> 'high' "
        "order by created_at desc, id limit 5",
        400,
    ),
    "more than a page": ("select id from conversations order by created_at desc, id limit 300", 1_200),
    "inside": (
        "select c.id, k.role from (select * from conversations order by created_at desc, id limit 5) c "
        "left join contacts k on k.id = c.contact_id",
        40,
    ),
    "of a shared part": (
        "with x as (select * from conversations order by created_at desc, id limit 5) "
        "select a.id from x a join x b on a.id = b.id",
        40,
    ),
    "since": (
        "select id from conversations where created_at > now() - interval 90 day order by created_at desc, id limit 5",
        40,
    ),
}

# Queries that look alike, and need every row.
ALL = {
    "oldest": "select id from conversations order by created_at, id limit 5",
    "oldest by an expression": "select id from conversations order by -epoch(created_at) desc, id limit 5",
    "another column": "select id from conversations order by updated_at desc, id limit 5",
    "a name for another": "select id, updated_at as created_at from conversations order by created_at desc, id limit 5",
    "names exchanged": "select id, created_at as updated_at, updated_at as created_at from conversations "
    "order by created_at desc, id limit 5",
    "nulls first": "select id from conversations order by created_at desc nulls first, id limit 5",
    "an expression": "select id from conversations order by created_at::date desc, id limit 5",
    "another first": "select id from conversations order by state desc, created_at desc, id limit 5",
    "text": "select id from conversations where source_subject like '%e%' or 1 = length(id) "
    "order by created_at desc, id limit 5",
    "counted": "select count(*) from conversations limit 5",
    "grouped": "select created_at::date, count(*) from conversations group by 1 order by 1 desc limit 5",
    "different": "select * from (select distinct state from conversations) order by 1 limit 5",
    "windowed": "select id from conversations qualify row_number() over (order by updated_at) < 9 "
    "order by created_at desc, id limit 5",
    "a share": "select count(*) from (select id from conversations order by created_at desc, id limit 50%)",
    "half understood": "select id from conversations where not (state in ('open', 'snoozed') and "
    "updated_at::date < date '2020-01-01') order by created_at desc, id limit 5",
    "a text that reads as a mark of plans": "select id from conversations where "
    "source_body <> 'Dynamic Filter (created_at)' order by updated_at desc, id limit 5",
    "lapsing": "select id from conversations where updated_at > now() - interval 700 day "
    "order by created_at desc, id limit 5",
}


@pytest.fixture(scope="module")
def ws() -> Iterator[Workspace]:
    with (
        serve(conversations=2_000, contacts=200, companies=20, seed=5, rate_limit=1_000_000) as served,
        connect(served.token, base_url=served.base_url) as workspace,
    ):
        yield workspace


@pytest.fixture(scope="module")
def truth(ws: Workspace) -> Iterator[Workspace]:
    """A session that holds every row already, so that it answers by DuckDB alone."""
    with connect(ws._credential.token.reveal(), base_url=ws._session.transport.base_url) as workspace:
        workspace.sql("select count(*) from conversations, contacts")
        yield workspace


def fetched(ws: Workspace, query: str) -> int:
    """Ask a query anew; give how many conversations were fetched for it."""
    before = len(ws.fetches)
    ws.sql(query, fresh="refetch")
    brought = ws.fetches.iloc[before:]
    return int(brought["rows"][brought["table"] == "conversations"].sum())


@pytest.mark.parametrize(("query", "most"), STOPS.values(), ids=STOPS)
def test_a_limit_asks_for_little_and_answers_as_over_everything(
    ws: Workspace, truth: Workspace, query: str, most: int
) -> None:
    assert 0 < fetched(ws, query) <= most
    assert sorted(rows_of(ws.sql(query, fresh="session"))) == sorted(rows_of(truth.sql(query, fresh="session")))


@pytest.mark.parametrize("query", ALL.values(), ids=ALL)
def test_what_a_limit_does_not_tell_is_fetched_whole(ws: Workspace, truth: Workspace, query: str) -> None:
    assert fetched(ws, query) >= 1_900
    assert rows_of(ws.sql(query, fresh="session")) == rows_of(truth.sql(query, fresh="session"))


@pytest.mark.parametrize(
    "shape",
    [
        "top n",
        "newest people",
        "newest inside",
        "any n",
        "limit inside",
        "union of limits",
        "newest of the others",
        "any of the others",
        "newest, then filtered",
    ],
)
def test_random_limits_are_answered_as_over_all_data(
    live: Workspace, whole: Whole, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fuzz test's world is so small that everything would be fetched at once; here it is not."""
    monkeypatch.setattr(newest, "A_PAGE", 3)
    inventor = Inventor(whole, 11)
    for number in range(9):
        query = inventor.query(shape)
        found = live.sql(query, fresh=("refetch", "live", "session")[number % 3])
        assert not difference(whole.rows(query), rows_of(found)), query


@pytest.mark.parametrize("limit", ["all", "null", "9000000000000000000", "(select 1900)", "1900 offset (select 3)"])
def test_a_limit_that_leaves_nothing_out_or_is_not_known_yet_stops_nothing(ws: Workspace, limit: str) -> None:
    assert fetched(ws, f"select id from conversations limit {limit}") >= 1_900


def test_a_sample_is_of_all_rows(ws: Workspace) -> None:
    assert fetched(ws, "select id from conversations tablesample 50% limit 5") >= 1_900


def test_any_rows_do_for_a_limit_without_an_order(ws: Workspace) -> None:
    query = "select id, state from conversations where state = 'closed' limit 7 offset 2"
    assert fetched(ws, query) <= 60
    found = ws.sql(query, fresh="session")
    assert (len(found), set(found["state"]), found["id"].nunique()) == (7, {"closed"}, 7)


def test_what_a_limit_brought_is_remembered_as_the_span_it_covers(ws: Workspace) -> None:
    ws.sql(STOPS["newest"][0], fresh="refetch")
    again = ws.sql(STOPS["newest"][0], fresh="session")
    assert again.attrs["intercom"]["requests"] == 0
    assert len(ws.sql("select id from conversations", fresh="session")) == 2_000


def test_a_planted_fault_is_noticed(ws: Workspace, truth: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the order not looked at, the oldest rows would be looked for among the newest, where they never are."""
    monkeypatch.setattr(Limit, "reaches", lambda *_: True)
    query = ALL["oldest by an expression"]
    assert fetched(ws, query) < 1_900
    assert rows_of(ws.sql(query, fresh="session")) != rows_of(truth.sql(query, fresh="session"))
