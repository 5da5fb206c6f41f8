"""The joins of a plan: rows are fetched for the values of another table where, and only where, that is safe."""

from collections.abc import Iterator

import pytest

from intercom_kit.sql.planner import needs
from intercom_kit.sql.plans import Plans
from intercom_kit.sql.predicates import NEVER

OPEN = "from conversations c where c.state = 'open' and"
NUMBERED = "select p.conversation_id, count(*) n from conversation_parts p"

# The query, and the table whose rows it needs only for the ids of conversations: their parts.
BY_CONVERSATION = {
    "grouped": f"select c.id, x.n from conversations c left join ({NUMBERED} group by 1) x on x.conversation_id = c.id",
    "by two columns": "select c.id, x.n from (select p.part_type, p.conversation_id, count(*) n "
    "from conversation_parts p group by all having count(*) > 1) x join conversations c on c.id = x.conversation_id",
    "distinct": "select c.id from conversations c join (select distinct p.conversation_id from conversation_parts p) x "
    "on x.conversation_id = c.id",
    "grouped, in": f"select c.id {OPEN} c.id in (select conversation_id from ({NUMBERED} group by 1 having n > 2))",
    "exists, with a longer condition": f"select c.id {OPEN} not exists (select 1 from conversation_parts p "
    "where p.conversation_id = c.id and p.created_at::date = '2026-10-01')",
    "exists, and counted beside": "select c.id, exists (select 1 from conversation_parts p where p.conversation_id = "
    "c.id and p.author_type is null) x, (select count(*) from conversation_parts p where p.conversation_id = c.id) n "
    "from conversations c where c.updated_at = c.created_at",
}

# Where fetching fewer rows would change the answer, or a name in the plan is not that of a column.
UNRESTRICTED = {
    "the first groups": f"select c.id from conversations c join ({NUMBERED} group by 1 limit 5) x "
    "on x.conversation_id = c.id",
    "groups in an order": "select c.id from conversations c join (select p.conversation_id, "
    "row_number() over (order by count(*)) n from conversation_parts p group by 1) x "
    "on x.conversation_id = c.id where x.n < 3",
    "grouped by another": "select c.id from conversations c join (select min(p.conversation_id) as conversation_id, "
    "p.author_id from conversation_parts p group by 2) x on x.conversation_id = c.id",
    "another, named alike": "select c.id from conversations c join (select p.author_id as conversation_id, count(*) "
    "from conversation_parts p group by 1) x on x.conversation_id = c.id",
    "totals": "select c.id, x.n from conversations c left join (select p.conversation_id, count(*) n from "
    "conversation_parts p group by rollup (1)) x on x.conversation_id is not distinct from c.id",
    "members of an object": "select c.id, x.body from conversations c join (select distinct unnest(from_json("
    """p.body, '{"conversation_id": "VARCHAR"}')), p.conversation_id as body from conversation_parts p) x """
    "on x.conversation_id = c.id",
    "of either": f"select c.id from conversations c join ({NUMBERED} group by 1 union all select '1', 1) x "
    "on x.conversation_id = c.id",
    "nobody's": f"select c.id {OPEN} c.id not in (select p.conversation_id from admins a "
    "left join conversation_parts p on p.author_id = a.id)",
}


@pytest.fixture(scope="module")
def plans() -> Iterator[Plans]:
    plans = Plans()
    yield plans
    plans.database.close()


def keys(plans: Plans, query: str) -> list[bool]:
    """Return, for each scan of parts in a query, whether the ids of conversations restrict it."""
    with plans.database.cursor() as cursor:
        found = needs(cursor, query)
    edges = [(edge.scan, edge.column, edge.source.table, edge.values) for edge in found.edges]
    return [
        (scan, "conversation_id", "conversations", "id") in edges
        for scan in found.scans
        if scan.table == "conversation_parts"
    ]


@pytest.mark.parametrize("query", BY_CONVERSATION.values(), ids=BY_CONVERSATION)
def test_parts_are_fetched_for_the_conversations_that_they_are_joined_with(plans: Plans, query: str) -> None:
    assert set(keys(plans, query)) == {True}


@pytest.mark.parametrize("query", UNRESTRICTED.values(), ids=UNRESTRICTED)
def test_parts_are_not_left_out_where_the_answer_depends_on_them(plans: Plans, query: str) -> None:
    assert keys(plans, query) == [False]


def test_what_is_joined_with_nothing_is_not_fetched(plans: Plans) -> None:
    with plans.database.cursor() as cursor:
        found = needs(
            cursor,
            "select c.id, exists (select 1 from conversation_parts p where p.conversation_id = c.id and p.id = '1') x, "
            "(select count(*) from conversation_parts p where p.conversation_id = c.id) n from conversations c "
            "where c.last_closed_by_id between '2' and '1'",
        )
    assert {scan.predicate for scan in found.scans if scan.table == "conversation_parts"} == {NEVER}
