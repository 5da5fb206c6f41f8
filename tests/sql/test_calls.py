"""Queries over calls, which are asked for by 20 conversations at a time, are answered as over all data."""

import math
from collections.abc import Iterator

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import serve
from tests.conftest import NOW

from .queries import Inventor
from .test_fuzz import WAYS, hash_of, mismatch
from .whole import Whole

PHONED = "c.source_type = 'phone_call'"
SHAPES = {
    "calls": "select c.id, k.id, k.ended_at from conversations c join calls k on k.conversation_id = c.id "
    "where {conversations c} and {calls k}",
    "calls, or none": "select c.id, k.state from conversations c left join calls k on k.conversation_id = c.id "
    f"and {{calls k}} where {PHONED} and {{conversations c}}",
    "calls of some": "select k.* from calls k where k.conversation_id in {constants conversations.id} and {calls k}",
    "calls of one": "select k.id from calls k where k.conversation_id = {constant calls.conversation_id}",
    "without such a call": "select c.id from conversations c left join calls k on k.conversation_id = c.id "
    f"and {{calls k}} where {PHONED} and k.id is null",
    "calls by hour": "select hour(k.initiated_at) h, count(*) n, count(k.answered_at) m from conversations c "
    f"join calls k on k.conversation_id = c.id where {PHONED} and {{calls k}} group by 1",
}


@pytest.fixture(scope="module")
def phoned() -> Iterator[Workspace]:
    """A workspace with calls that nobody changes."""
    with (
        serve(conversations=700, contacts=60, companies=8, seed=3, now=NOW, rate_limit=1_000_000) as served,
        connect(served.token, base_url=served.base_url) as workspace,
    ):
        yield workspace


@pytest.fixture(scope="module")
def known(phoned: Workspace) -> Iterator[Whole]:
    """All that the workspace holds, in plain DuckDB."""
    loaded = Whole(phoned, keyed=False, calls=True)
    yield loaded
    loaded.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_random_queries_are_answered_as_over_all_data(
    phoned: Workspace, known: Whole, shape: str, request: pytest.FixtureRequest
) -> None:
    count = math.ceil(request.config.getoption("--fuzz") / 10 / len(SHAPES))
    inventor = Inventor(known, hash_of(shape) + request.config.getoption("--fuzz-seed"), SHAPES)
    for number in range(count):
        query = inventor.query(shape)
        differs = mismatch(phoned, known, query, WAYS[number % len(WAYS)])
        assert not differs, f"{query}\n{differs}"


def test_queries_find_rows_at_all(known: Whole) -> None:
    inventor = Inventor(known, 5, SHAPES)
    found = [any(known.rows(inventor.query(shape)) for _ in range(5)) for shape in SHAPES]
    assert sum(found) > len(found) / 2


def test_a_plan_counts_a_request_per_20_conversations(phoned: Workspace) -> None:
    phoned.forget()
    ids = ", ".join(f"'{number}'" for number in range(1, 42))
    query = f"select id from calls where conversation_id in ({ids})"
    (step,) = phoned.plan(query).to_dict("records")
    assert (step["requests"], step["note"]) == (3, "a request for each 20 conversation_id")
    assert phoned.sql(query).attrs["intercom"]["requests"] == 3


def test_a_join_costs_what_its_conversations_need(phoned: Workspace, known: Whole) -> None:
    phoned.forget()
    query = f"select k.id from conversations c join calls k on k.conversation_id = c.id where {PHONED}"
    plan = phoned.plan(query).set_index("table")
    assert plan["depends"]["calls"] == "conversation_id in conversations.id"
    assert plan["note"]["calls"] == "a request for each 20 distinct values of its join"
    ((conversations,),) = known.rows(f"select count(*) from conversations c where {PHONED}")
    assert conversations > 20
    made = phoned.sql(query).attrs["intercom"]["requests"]
    assert made == plan["requests"]["conversations"] + math.ceil(conversations / 20)
