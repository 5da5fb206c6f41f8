"""A plan says, before anything is fetched, what a query would ask for and what that costs."""

import json
import math
from collections.abc import Iterator

import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import Workspace, sandbox
from intercom_kit.errors import BadQueryError
from intercom_kit.sandbox import Sandbox

OPEN = (
    "select id from conversations where state = 'open' and created_at > now() - interval 300 day "
    "and title like '%refund%'"
)


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with sandbox.serve(conversations=900, contacts=200, companies=130, seed=5, rate_limit=100_000) as running:
        yield running


@pytest.fixture
def ws(served: Sandbox) -> Iterator[ik.Workspace]:
    with ik.connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


def only(plan: pd.DataFrame) -> dict[str, object]:
    (step,) = plan.to_dict("records")
    return step


def test_a_search_is_counted_and_told_with_what_is_left_to_duckdb(ws: ik.Workspace) -> None:
    step = only(ws.plan(OPEN))
    assert step["pushed"].startswith("state = open and created_at > ")
    assert "refund" in step["local"]
    assert "refund" not in step["search"]
    (search,) = json.loads(step["search"])
    assert {"field": "state", "operator": "=", "value": "open"} in search["value"]
    fetched = ws.sql(OPEN).attrs["intercom"]
    assert step["requests"] == fetched["requests"]
    assert step["rows"] == ws.fetches["rows"].iloc[-1]
    assert step["seconds"] > 0


def test_a_plan_fetches_nothing_but_counts(served: Sandbox, ws: ik.Workspace) -> None:
    before = len(served.log)
    ws.plan(OPEN)
    asked = list(served.log)[before:]
    assert [entry[4]["pagination"]["per_page"] for entry in asked] == [1]
    assert ws.held.empty


def test_what_is_held_costs_only_what_changed(ws: ik.Workspace) -> None:
    ws.sql(OPEN)
    changed, held = ws.plan(OPEN).to_dict("records")
    assert (held["rows"], held["requests"], held["note"]) == (0, 0, "cached")
    assert (changed["requests"], changed["note"].startswith("brings cached rows up to date")) == (2, True)


def test_a_whole_table_is_announced(ws: ik.Workspace) -> None:
    step = only(ws.plan("select count(*) from conversations where year(created_at) = 2026"))
    assert step["note"] == "no time bound recognised, 900 conversations"
    assert (step["rows"], step["requests"]) == (900, 6)


PARTS = "select p.id from conversations c join conversation_parts p on p.conversation_id = c.id where c.state = 'open'"
EVENTS = "select e.id from contacts k join events e on e.user_id = k.external_id where k.role = 'user'"


def test_what_depends_on_a_join_is_bounded_by_what_is_counted(ws: ik.Workspace) -> None:
    plan = ws.plan(PARTS).set_index("table")
    parts = plan.loc["conversation_parts"]
    assert parts["depends"] == "conversation_id in conversations.id"
    counted = plan.loc["conversations", "rows"]
    assert (parts["requests"], parts["at_least"], parts["at_most"]) == (counted, counted, counted)
    assert parts["seconds"] > 0
    assert pd.isna(parts["rows"])


def test_a_condition_that_intercom_cannot_apply_leaves_the_least_open(ws: ik.Workspace) -> None:
    query = f"{PARTS} and c.channel_initial = 'email'"
    parts = ws.plan(query).set_index("table").loc["conversation_parts"]
    ws.sql(query)
    fetched = ws.fetches.set_index("table").loc["conversation_parts", "requests"]
    assert parts["at_least"] == 0
    assert parts["at_least"] < fetched < parts["at_most"]


def test_events_may_take_more_pages_than_contacts(ws: ik.Workspace) -> None:
    plan = ws.plan(EVENTS).set_index("table")
    assert plan.loc["events", "requests"] == plan.loc["contacts", "rows"]
    assert pd.isna(plan.loc["events", "at_most"])


def test_a_search_by_values_of_a_join_is_bounded_by_a_search_for_all(ws: ik.Workspace) -> None:
    query = "select c.id from contacts k join conversations c on c.contact_id = k.id where k.role = 'lead'"
    step = ws.plan(query).set_index("table").loc["conversations"]
    searches = math.ceil(ws.plan(query).set_index("table").loc["contacts", "rows"] / 100)
    assert (step["requests"], step["at_most"]) == (searches, searches + 6)


def test_kept_parts_are_no_part_of_what_a_plan_counts(ws: ik.Workspace) -> None:
    ws.sql(PARTS)
    plan = ws.plan(PARTS).set_index(["table", "note"])
    (changed,) = plan.loc["conversations", "rows"].loc[lambda rows: rows > 0].tolist() or [0]
    assert plan.loc["conversation_parts"].iloc[0]["requests"] <= changed


def test_the_refusal_of_too_much_tells_what_a_join_takes(ws: ik.Workspace) -> None:
    with pytest.raises(ik.BadQueryError, match=r"conversation_parts: (about )?\d+ requests") as refused:
        ws.sql(PARTS, max_requests=3)
    assert "conversation_parts" in refused.value.plan["table"].tolist()


@pytest.mark.parametrize(
    ("query", "requests"),
    [
        ("select * from companies where name = 'Acme Corp'", 1),
        ("select * from teams", 1),
        ("select * from conversation_parts where conversation_id in ('1', '2')", 2),
        ("select * from contacts where role = 'nobody'", 1),
    ],
)
def test_lists_and_keys_are_counted_too(ws: ik.Workspace, query: str, requests: int) -> None:
    assert only(ws.plan(query))["requests"] == requests


def test_companies_are_counted(ws: ik.Workspace) -> None:
    step = only(ws.plan("select * from companies"))
    count = len(ws.companies())
    assert (step["rows"], step["requests"]) == (count, math.ceil(count / 60))


def test_a_query_that_needs_nothing_has_an_empty_plan(ws: ik.Workspace) -> None:
    assert ws.plan("select 1").empty


def test_a_limit_is_told_as_at_most(ws: ik.Workspace) -> None:
    step = only(ws.plan("select id from conversations order by created_at desc limit 10"))
    assert step["note"] == "at most: it stops where 10 rows match"


def test_the_refusal_of_too_much_holds_the_plan(ws: ik.Workspace) -> None:
    with pytest.raises(ik.BadQueryError, match="conversations: 900 rows, 6 requests") as refused:
        ws.sql("select count(*) from conversations", max_requests=2)
    assert refused.value.plan["requests"].tolist() == [6]
    with pytest.raises(ik.BadQueryError) as other:
        ws.sql("select nothing")
    assert other.value.plan is None


def test_what_cannot_be_asked_is_refused_by_its_plan_too(live: Workspace) -> None:
    with pytest.raises(BadQueryError, match="only for a given"):
        live.plan("select * from events")
