"""A metric's rows do not depend on how DuckDB plans it: not on threads, passes of its optimiser, or a limit of memory.

By default the rows just fit into that limit; a lake of more `--copies` is spilled.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit.frames.frame import result_frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.lake import manifest
from intercom_kit.lake.files import reading
from intercom_kit.lake.manifest import Manifest
from intercom_kit.lake.opened import Lake
from intercom_kit.metrics import METRICS
from intercom_kit.sql.quoting import identifier, location
from intercom_kit.tables import TABLES
from tests.lake.grown import grow
from tests.metrics.world import with_hours

# Those that need neither activity logs nor the statistics of articles, which the lake of these tests lacks.
QUESTIONS = [
    (name, definition)
    for name, metric in METRICS.items()
    for definition, declared in metric.definitions.items()
    if not {"activity_logs", "article_statistics"} & set(metric.needs(declared))
]
GROUPS = {"conversation": "team", "ticket": "type", "contact": "plan", "company": "plan"}
HEAVY = [("response_time", "calendar"), ("topics", "intercom"), ("backlog", "parts"), ("first_response_time", "dbt")]
HEAVY += [("funnel", "first_touch"), ("funnel", "any_touch"), ("feature_adoption", "events"), ("stickiness", "events")]

# Passes that gave wrong rows in releases of 2026, and those that are new in DuckDB 2.0.
DOUBTED = (
    *("partial_aggregate_pushdown", "window_self_join", "top_n_window_elimination", "common_subplan"),
    *("aggregate_reuse", "distinct_aggregate_rewrite", "scalar_fn_pushdown", "projection_placement"),
    *("outer_join_simplification", "join_elimination", "window_rewriter", "redundant_order_keys", "type_pushdown"),
)


def tables(lake: Manifest, **settings: Any) -> duckdb.DuckDBPyConnection:
    """Return a database with the tables of a lake as views of its files, and some settings."""
    database = duckdb.connect(config=settings)
    database.execute("set TimeZone = 'UTC'")
    for name, table in TABLES.items():
        if files := name in lake.tables and lake.tables[name].files:
            columns = ", ".join(map(identifier, lake.tables[name].columns))
            database.execute(f"create view {name} as select {columns} from {reading(lake, files)}")
        else:
            columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
            database.execute(f"create table {name} ({columns})")
    return database


def text(lake: Lake, name: str, definition: str) -> str:
    """Return the SQL of a definition, by week if it may be, and by a usual group."""
    metric = METRICS[name]
    given: dict[str, Any] = with_hours(name, definition) | ({"period": "week"} if metric.periods else {})
    if name == "funnel":
        given["steps"] = list(
            lake.sql("select event_name from events group by 1 order by count(*) desc, 1 limit 3")["event_name"]
        )
    since = None if metric.lifetime else "60d"
    return lake.explain_metric(name, since=since, definition=definition, by=GROUPS[metric.subject.alias], **given)


def rows(database: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return pd.DataFrame(result_frame(database.execute(query), Receipt("lake")))


def check_equal(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Check that rows are equal; sums of fractions in another order may differ in their last digits."""
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-12)


@pytest.fixture(scope="module")
def plans(lake: Lake) -> Iterator[dict[str, duckdb.DuckDBPyConnection]]:
    """Databases with the same tables that plan in different ways, the usual one first."""
    held = manifest.read(lake.folder)
    names = duckdb.execute("select name from duckdb_optimizers()").fetchall()
    settings: dict[str, dict[str, Any]] = {
        "usual": {"threads": 2},
        "one thread": {"threads": 1, "disabled_optimizers": ",".join(DOUBTED)},
        "many threads": {"threads": 8, "disabled_optimizers": ",".join(DOUBTED)},
        "not optimized": {"disabled_optimizers": ",".join(name for (name,) in names)},
    }
    databases = {name: tables(held, **given) for name, given in settings.items()}
    yield databases
    for database in databases.values():
        database.close()


def test_the_doubted_passes_exist() -> None:
    names = {name for (name,) in duckdb.execute("select name from duckdb_optimizers()").fetchall()}
    assert set(DOUBTED) <= names


@pytest.mark.sampled(16)
@pytest.mark.parametrize(("name", "definition"), QUESTIONS)
def test_rows_are_the_same_by_any_plan(
    lake: Lake, plans: dict[str, duckdb.DuckDBPyConnection], name: str, definition: str
) -> None:
    query = text(lake, name, definition)
    expected, *others = (rows(database, query) for database in plans.values())
    for found in others:
        check_equal(found, expected)


@pytest.fixture(scope="module")
def large(lake: Lake, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Lake:
    """A lake of many times as many rows."""
    folder = tmp_path_factory.mktemp("large") / "lake"
    grow(lake.folder, folder, pytestconfig.getoption("copies"))
    return ik.open(folder)


@pytest.mark.parametrize(("name", "definition"), HEAVY)
def test_rows_are_the_same_within_little_memory(large: Lake, tmp_path: Path, name: str, definition: str) -> None:
    query, held = text(large, name, definition), manifest.read(large.folder)
    with tables(held) as roomy:
        expected = rows(roomy, query)
    with tables(held, memory_limit="64MB", threads=2) as narrow:
        narrow.execute(f"set temp_directory = {location(tmp_path)}")
        check_equal(rows(narrow, query), expected)
