"""What a query needs is asked for, and hardly more: pinned as the most rows and requests that a query may cost."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.sql import planner, predicates
from tests.conftest import NOW

from .whole import Whole, difference, rows_of

SIZES = {"conversations": 400, "contacts": 200}
WEEK = "timestamptz '2026-11-15'"

# The query, and at most how many times the rows that it truly needs are fetched of a table.
SEARCHED = {
    "state": ("conversations", "state = 'open'"),
    "state and time": ("conversations", f"state = 'open' and created_at > {WEEK}"),
    "not": ("conversations", "state <> 'closed'"),
    "boolean": ("conversations", "open and not read"),
    "either of two": ("conversations", "state = 'open' or state = 'snoozed'"),
    "either of two columns": ("conversations", f"created_at > {WEEK} and (state = 'open' or priority = 'high')"),
    "a few": ("conversations", "state in ('open', 'snoozed')"),
    "range of time": ("conversations", f"created_at between {WEEK} - interval 30 day and {WEEK}"),
    "one day": ("conversations", "created_at::date = '2026-11-05'"),
    "days": ("conversations", "created_at::date between '2026-10-01' and '2026-10-20'"),
    "month": ("conversations", "date_trunc('month', created_at) = timestamptz '2026-10-01'"),
    "numbers": ("conversations", "count_reopens >= 1"),
    "number range": ("conversations", "time_to_admin_reply between 100 and 2000"),
    "role": ("contacts", "role = 'lead'"),
    "attribute": ("contacts", "custom_attributes->>'plan' = 'Enterprise'"),
    "role and attribute": ("contacts", "role = 'user' and custom_attributes->>'plan' = 'Enterprise'"),
    "seen lately": ("contacts", f"last_seen_at > {WEEK} - interval 30 day"),
}


@pytest.fixture(scope="module")
def counted() -> Iterator[tuple[Sandbox, Workspace]]:
    """A sandbox that counts what is asked of it, and a workspace for it."""
    with (
        serve(**SIZES, companies=40, seed=7, now=NOW, rate_limit=1_000_000) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as workspace,
    ):
        assert workspace.identity
        yield sandbox, workspace


def cost(counted: tuple[Sandbox, Workspace], query: str) -> tuple[int, dict[str, int]]:
    """Answer a query from a session that remembers nothing; count requests, and the rows fetched of each table."""
    sandbox, _ = counted
    with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        assert workspace.identity
        before = sandbox.requests.total()
        workspace.sql(query)
        fetches = workspace.fetches
        return sandbox.requests.total() - before, fetches.groupby("table")["rows"].sum().to_dict()


@pytest.mark.parametrize(("table", "condition"), SEARCHED.values(), ids=SEARCHED)
def test_conditions_reach_the_search(counted: tuple[Sandbox, Workspace], table: str, condition: str) -> None:
    _, workspace = counted
    needed = int(workspace.sql(f"select count(*) n from {table} where {condition}")["n"][0])
    everything = int(workspace.sql(f"select count(*) n from {table}")["n"][0])
    _, rows = cost(counted, f"select * from {table} where {condition}")
    days_around = 40 if table == "contacts" else 12  # what whole days, and bounds left open, bring besides
    assert 0 < needed <= rows[table] <= min(needed + days_around, everything - 1)


def test_a_company_costs_itself_its_contacts_and_their_events(counted: tuple[Sandbox, Workspace]) -> None:
    _, workspace = counted
    companies = workspace.companies()
    name, key = companies.sort_values("user_count", kind="stable")[["name", "id"]].iloc[-1]
    requests, rows = cost(
        counted,
        "select co.name, c.email, e.event_name from companies co join contact_companies cc on cc.company_id = co.id "
        "join contacts c on c.id = cc.contact_id join events e on e.user_id = c.external_id "
        f"where co.name = '{name.replace(chr(39), chr(39) * 2)}'",
    )
    people = workspace.company_contacts(key)
    assert rows["companies"] == 1
    assert rows["contact_companies"] == len(people)
    assert rows["contacts"] == len(people)
    assert requests <= 3 + len(people) + rows["events"] // 150


KEYED = {
    "parts": (
        "select p.* from conversations c join conversation_parts p on p.conversation_id = c.id where c.id = '{c}'",
        2,
    ),
    "parts of a constant": ("select * from conversation_parts where conversation_id = '{c}'", 1),
    "tags": ("select t.* from contacts k join contact_tags t on t.contact_id = k.id where k.id = '{k}'", 2),
    "events": ("select e.* from contacts k join events e on e.intercom_user_id = k.id where k.id = '{k}'", 3),
    "outer": ("select e.* from contacts k left join events e on e.intercom_user_id = k.id where k.id = '{k}'", 3),
    "a long list": (
        "select e.* from events e where e.intercom_user_id in (select k.id from contacts k "
        "where k.id in ('{k}', '1', '2', '3', '4', '5', '6', '7'))",
        3,
    ),
    "search by join": ("select c.* from contacts k join conversations c on c.contact_id = k.id where k.id = '{k}'", 2),
    "or": (
        "select e.* from contacts k join events e on e.intercom_user_id = k.id "
        "where k.id = '{k}' and (k.name <> 'x' or k.phone is null)",
        3,
    ),
}


@pytest.mark.parametrize(("query", "most"), KEYED.values(), ids=KEYED)
def test_keys_come_from_the_joined_rows(counted: tuple[Sandbox, Workspace], query: str, most: int) -> None:
    _, workspace = counted
    one = workspace.sql("select id, contact_id from conversations where state = 'open' order by id limit 1").iloc[0]
    requests, _ = cost(counted, query.format(c=one["id"], k=one["contact_id"]))
    assert requests <= most


def test_contradictions_cost_nothing(counted: tuple[Sandbox, Workspace]) -> None:
    assert cost(counted, "select * from conversations where false")[0] == 0


QUERIES = [
    "select count(*) n from conversations where state = 'open'",
    "select count(*) n from main.Contacts where role = 'lead'",
    "select count(*) n from conversation_tags",
    "select count(*) n from contacts k join conversations c on c.contact_id = k.id where k.role = 'user'",
]


def other_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let plans name what they say of a scan otherwise."""
    read = json.loads
    monkeypatch.setattr(planner, "json", SimpleNamespace(loads=lambda text: read(text.replace('"Table"', '"Of"'))))


def other_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let plans write filters in a way that reads as another condition."""
    monkeypatch.setattr(planner, "read_predicate", lambda *_: (predicates.Test("state", "=", "no such"), True))


def no_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let plans write filters in a way that cannot be read."""
    monkeypatch.setattr(planner, "read_predicate", lambda *_: (predicates.ALWAYS, False))


@pytest.mark.parametrize(
    "query",
    [
        "select id from events where intercom_user_id in ('{id}', '6a0000000000000000000001')",
        "select id from conversation_parts where conversation_id in ('{conversation}', '6a0000000000000000000001')",
    ],
)
def test_keys_that_intercom_does_not_know_are_named(counted: tuple[Sandbox, Workspace], query: str) -> None:
    _, ws = counted
    conversation = ws.conversations(1)
    known = {"id": conversation["contact_id"][0], "conversation": conversation["id"][0]}
    told = ws.sql(query.format(**known)).attrs["intercom"]
    assert told["complete"]
    (note,) = [note for note in told["notes"] if "does not know" in note]
    assert note.startswith("Intercom does not know 1 of 2 ")
    assert note.endswith(": 6a0000000000000000000001")


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("change", [other_names, other_filters, no_filters])
def test_plans_that_read_differently_fetch_whole_tables_and_say_so(
    counted: tuple[Sandbox, Workspace],
    query: str,
    change: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox, workspace = counted
    expected = int(workspace.sql(query)["n"][0])
    change(monkeypatch)
    with connect(sandbox.token, base_url=sandbox.base_url) as another:
        answer = another.sql(query)
        fetched = another.fetches.groupby("table")["rows"].sum()
    assert int(answer["n"][0]) == expected > 0
    assert any("whole tables were fetched" in note for note in answer.attrs["intercom"]["notes"])
    assert all(fetched[table] >= SIZES[table] for table in fetched.index)


def test_plans_that_read_as_expected_need_no_note(counted: tuple[Sandbox, Workspace]) -> None:
    _, workspace = counted
    assert not workspace.sql(QUERIES[0]).attrs["intercom"]["notes"]


def test_what_a_plan_says_beside_is_not_needed(
    counted: tuple[Sandbox, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filters that plans leave out cost more rows, and change no answer."""
    sandbox, workspace = counted
    expected = [int(workspace.sql(query)["n"][0]) for query in QUERIES]
    monkeypatch.setattr(planner, "texts", lambda _: [])
    monkeypatch.setattr(planner, "expressions", lambda _: [])
    with connect(sandbox.token, base_url=sandbox.base_url) as another:
        assert [int(another.sql(query)["n"][0]) for query in QUERIES] == expected


# Of the rows of one scan, others of the same table are asked for by id alone.
SAME = {
    "tags": "select t.tag_name, count(*) from conversations c join conversation_tags t on t.conversation_id = c.id "
    "where c.state = 'open' group by 1",
    "tags, or none": "select c.id, t.tag_name from conversations c left join conversation_tags t "
    "on t.conversation_id = c.id where c.state = 'open'",
    "contacts": "select t.contact_id from conversations c join conversation_contacts t on t.conversation_id = c.id "
    "where c.state = 'open'",
    "themselves": "select b.id from conversations a join conversations b on a.id = b.id where a.state = 'open'",
}


@pytest.mark.parametrize("query", SAME.values(), ids=SAME)
def test_rows_that_another_scan_brings_are_not_asked_for_again(counted: tuple[Sandbox, Workspace], query: str) -> None:
    requests, rows = cost(counted, query)
    assert (requests, list(rows)) == (1, ["conversations"])


WHOLE = {
    "events": "select event_name, count(*) from events group by 1",
    "conversation_parts": "select part_type, count(*) from conversation_parts group by 1",
    "contact_tags": "select tag_name, count(*) from contact_tags group by 1",
    "contact_companies": "select company_id, count(*) from contact_companies group by 1",
}


@pytest.mark.parametrize("table", WHOLE)
def test_a_table_without_keys_is_refused_unless_it_is_allowed_whole(live: Workspace, whole: Whole, table: str) -> None:
    with pytest.raises(BadQueryError, match=f"whole='{table}'"):
        live.sql(WHOLE[table])
    answer = live.sql(WHOLE[table], whole=[table], fresh="refetch")
    assert not difference(whole.rows(WHOLE[table]), rows_of(answer))


def test_tables_that_have_their_keys_from_each_other_alone_can_be_whole_too(live: Workspace, whole: Whole) -> None:
    query = "select count(*) from contact_tags a join contact_tags b using (contact_id)"
    assert not difference(whole.rows(query), rows_of(live.sql(query, whole="contact_tags", fresh="refetch")))


def test_a_plan_of_a_whole_table_says_where_its_keys_come_from(live: Workspace) -> None:
    plan = live.plan("select * from events", whole="events").set_index("table")
    assert plan.loc["events", "depends"] == "intercom_user_id in contacts.id"


def test_keys_that_a_query_has_are_taken_also_where_all_are_allowed(counted: tuple[Sandbox, Workspace]) -> None:
    sandbox, _ = counted
    with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        answer = workspace.sql("select * from contact_tags where contact_id in ('1', '2')", whole=["contact_tags"])
    assert answer.attrs["intercom"]["requests"] == 2


def test_only_tables_that_need_keys_are_allowed_whole(live: Workspace) -> None:
    with pytest.raises(BadRequestError, match="only events"):
        live.sql("select 1", whole=["contacts"])
