"""The SQL of metrics has one meaning on every engine: it leaves nothing to DuckDB's own extensions of a SELECT."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from intercom_kit.metrics import METRICS, ask
from intercom_kit.metrics.metric import Metric
from intercom_kit.metrics.query import MetricQuery
from intercom_kit.sql.syntax import nodes, read
from intercom_kit.zones import zone
from tests.metrics.world import World, with_hours

Node = dict[str, Any]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEFINITIONS = [(name, definition) for name, metric in METRICS.items() for definition in metric.definitions]
GROUPS = {"conversation": "tag", "ticket": "team", "contact": "segment", "company": "plan", "admin": "team"}
ROW = dict.fromkeys((*GROUPS.values(), "source", "source_type")) | {"period": NOW, "waiting": "under 1 hour"}
ROW |= {"weekday": 1, "hour": 9}  # of an answer


@pytest.fixture(scope="module")
def world() -> World:
    """Tables without rows, over which statements are bound as they stand."""
    world = World("Europe/Dublin", NOW)
    world.database.execute("pragma disable_optimizer")
    return world


def questions(metric: Metric, definition: str) -> Iterator[MetricQuery]:
    """Return a definition's requests: plain, by group, by week, and by both."""
    group = GROUPS.get(metric.subject.alias, "collection")
    filters = {"steps": ["a", "b", "a"]} if metric.name == "funnel" else {}
    filters |= with_hours(metric.name, definition)
    for by in ((), (group,)):
        for period in (None, "week") if metric.periods else (None,):
            compare = "previous" if metric.compares and period else None
            words = {"by": by, "period": period, "compare": compare, "definition": definition, "filters": filters}
            yield ask(metric, since=NOW - timedelta(days=60), now=NOW, zone=zone("Europe/Dublin"), **words)


def texts(metric: Metric, definition: str) -> Iterator[str]:
    """Return the SQL of a definition's requests, and that of the last one's account, sample, rows and values."""
    *others, question = questions(metric, definition)
    yield from (other.sql() for other in others)
    yield question.sql()
    yield question.exclusions_sql()
    if metric.calculation.counted and metric.subject.table.opens:
        yield from filter(None, [question.sample_sql()])
        yield question.behind_sql(ROW)
    if metric.calculation.each and not metric.calculation.distinct:
        yield question.values_sql()


def selects(tree: Node) -> list[Node]:
    """Return every SELECT of a statement, those of its steps and subqueries included."""
    return [node for node in nodes(tree) if node.get("type") == "SELECT_NODE"]


def without_aliases(select: Node) -> Node:
    """Return a SELECT whose columns have no names, and that is not sorted, which every engine does by names, too."""
    columns = [column | {"alias": ""} for column in select["select_list"]]
    modifiers = [each for each in select["modifiers"] if each["type"] != "ORDER_MODIFIER"]
    return select | {"select_list": columns, "modifiers": modifiers, "cte_map": {"map": []}}


def aliases_used(world: World, text: str) -> str:
    """Return what a SELECT cannot find once its own columns have no names: they are found in its FROM alone."""
    tree, alone = read(world.database, text), copy.deepcopy(read(world.database, "select exists (select 1)"))
    outer = alone["statements"][0]["node"]
    (exists,) = outer["select_list"]
    outer["cte_map"] = tree["statements"][0]["node"]["cte_map"]
    outer["select_list"] = [
        exists | {"subquery": exists["subquery"] | {"node": without_aliases(select)}} for select in selects(tree)
    ]
    ((unnamed,),) = world.database.execute("select json_deserialize_sql(?)", [json.dumps(alone)]).fetchall()
    try:
        world.database.execute(f"prepare unnamed as {unnamed}")
    except duckdb.BinderException as error:
        return str(error)
    return ""


def is_null(column: Node) -> bool:
    return column["type"] == "VALUE_CONSTANT" and column["literal"]["kind"] == "NULL_LITERAL"


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("name", "definition"), DEFINITIONS)
def test_a_text_means_the_same_everywhere(world: World, name: str, definition: str) -> None:
    for text in texts(METRICS[name], definition):
        tree = read(world.database, text)
        assert not [each for each in selects(tree) if each["aggregate_handling"] == "FORCE_AGGREGATES"], text
        assert not [each for each in nodes(tree) if each.get("function_name") == "timezone"], text
        assert not [each["alias"] for select in selects(tree) for each in select["select_list"] if is_null(each)], text
        assert aliases_used(world, text) == "", text


@pytest.mark.parametrize(
    "text",
    [
        "select 1 as a, a + 1 as b",
        "select created_at as moment, count(*) from tickets group by moment",
        "select count(*) as n from tickets having n > 0",
        "select id, 1 as n from tickets where n > 0",
        "with step as (select id as a, a as b from tickets) select a from step",
        "select n from (select 1 as n, n as m)",
    ],
)
def test_a_use_of_an_alias_of_the_same_select_is_found(world: World, text: str) -> None:
    assert "not found" in aliases_used(world, text)


@pytest.mark.parametrize(
    "text",
    [
        "select id as a from tickets order by a",
        "select coalesce(n, 0) as n, n + 1 as more from (select 1 as n)",
        "with step as (select id as a from tickets) select a as b from step where a = 'x'",
    ],
)
def test_a_use_of_a_column_is_none_of_an_alias(world: World, text: str) -> None:
    assert not aliases_used(world, text)
