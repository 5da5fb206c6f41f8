"""Nothing but one SELECT over the session's tables gets through, and a refusal says what to do instead."""

import re
import threading
from pathlib import Path

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError
from intercom_kit.tables import CARRIED_BY, TABLES
from tests.conftest import Begin

FORBIDDEN = [
    "",
    "-- nothing but a comment",
    "select 1; select 2",
    "select 1; drop table contacts",
    "select 1 /* ; */; delete from contacts",
    "select 1 --\n; create table x (a int)",
    "selec 1",
    "drop table contacts",
    "create table x as select 1",
    "create or replace view contacts as select 1",
    "create macro f() as 1",
    "create type mood as enum ('sad')",
    "create schema x",
    "create temp table x (a int)",
    "insert into contacts (id) values ('1')",
    "delete from contacts",
    "update contacts set name = 'x'",
    "truncate contacts",
    "alter table contacts add column x int",
    "with x as (insert into contacts (id) values ('1') returning *) select * from x",
    "with x as (delete from contacts returning *) select count(*) from x",
    "with x as (update contacts set name = 'x' returning *) select * from x",
    "with x as (copy contacts to 'stolen.csv') select * from x",
    "copy contacts to 'stolen.csv'",
    "copy (select 1) to 'stolen.csv'",
    "copy contacts from 'stolen.csv'",
    "export database 'stolen'",
    "attach 'stolen.db'",
    "detach memory",
    "use memory",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '1GB'",
    "set global enable_external_access = true",
    "reset memory_limit",
    "pragma database_list",
    "pragma enable_profiling",
    "call enable_logging()",
    "call checkpoint()",
    "checkpoint",
    "vacuum",
    "analyze",
    "explain analyze create table x as select 1",
    "explain analyze create or replace table contacts as select 1",
    "explain analyze delete from contacts",
    "explain analyze insert into contacts (id) values ('1')",
    "explain analyze copy contacts to 'stolen.csv'",
    "explain analyze with x as (delete from contacts returning *) select count(*) from x",
    "explain analyze select * from read_csv('/etc/passwd')",
    "explain analyze select write_log('x')",
    "explain analyze set memory_limit = '1GB'",
    "explain analyze select 1; drop table contacts",
    "explain analyze explain analyze create table x as select 1",
    "explain /* select */ analyze create table x as select 1",
    "explain -- select 1\n analyze create table x as select 1",
    "explain (analyze) create table x as select 1",
    "explain (analyze, format json) create table x as select 1",
    "explain (format json) select 1",
    "explain create table x as select 1",
    "explain pragma database_list",
    "explain select * from read_text('/etc/passwd')",
    "explain analyze pivot contacts on role",
    "explain pivot contacts on role",
    "begin",
    "prepare p as select 1",
    "execute p",
    "create secret (type s3)",
    "comment on table contacts is 'x'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_json('https://example.com/x.json')",
    "select * from read_parquet('s3://bucket/x')",
    "select * from read_duckdb('x.db')",
    "select * from glob('/*')",
    "select * from sniff_csv('/etc/passwd')",
    "from '/etc/passwd'",
    "from 'stolen.csv'",
    "select * from 'https://example.com/x.csv'",
    "select getenv('HOME')",
    "select * from a_variable_of_the_caller",
    "select * from query('select * from contacts')",
    "select * from query_table('contacts')",
    "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "select * from pandas_scan(1)",
    "select * from arrow_scan(1, 2, 3)",
    "select (select count(*) from enable_profiling())",
    "with x as (select * from enable_logging()) select * from x",
    "select * from duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from duckdb_logs()",
    "select * from checkpoint()",
    "select write_log('x')",
    "select sleep_ms(1)",
    "select nextval('x')",
    "select current_setting('memory_limit')",
    "create table x as pivot contacts on role",
    "create table x as from (pivot contacts on role)",
    "insert into contacts (id) from (pivot contacts on role)",
    "copy (pivot contacts on role) to 'stolen.csv'",
    "describe pivot contacts on role",
    "select * from (pivot contacts on role)",
    "with x as (pivot contacts on role) select * from x",
    "with x as (delete from contacts returning *) pivot x on role",
    "with x as (from '/etc/passwd') pivot x on column0",
    "pivot '/etc/passwd' on column0",
    "pivot read_csv('/etc/passwd') on column0",
    "pivot (select * from read_text('/etc/passwd')) on filename",
    "pivot query('select * from contacts') on role",
    "pivot contacts on write_log('x')",
    "pivot contacts on role using first(write_log('x'))",
    "pivot contacts on role in (select role from contacts)",
    "pivot contacts on role in ('user'), name",
    "pivot contacts on role; drop table contacts",
    "select 1 union all pivot contacts on role",
    "unpivot read_csv('/etc/passwd') on column0",
    "select system.main.repeat('x', 3)",
    "select main.repeat('x', 3)",
    "select system.range(3)",
]

HUGE = [
    "select list_sum(range(3000000000))",
    "select list_sum(range(1, 3000000000))",
    "select list_sum(generate_series(0, 3000000000, 2))",
    "select len(range(9223372036854775807))",
    "select len(range(timestamp '2024-01-01', timestamp '2025-01-01', interval 1 microsecond))",
    "select len([x for x in range(3000000000)])",
    "select length(repeat('x', 3000000000))",
    "select 'x'.repeat(3000000000).length()",
    "select length(repeat(repeat('x', 1000000), 1000000))",
    "select length(repeat('x', n)) from range(3000000000, 3000000001) t(n)",
    "select length(repeat('x', (select 3000000000)))",
    "select len(repeat([1], 3000000000))",
    "select length(lpad('x', 2000000000, 'y'))",
    "select length(rpad('x', 2000000000, 'y'))",
    "select len(list_resize([1], 3000000000))",
    "select len(array_resize([1], 3000000000, 0))",
    "select bitstring('1', 2000000000)",
    "select id from contacts where name = repeat('x', 3000000000)",
]


@pytest.mark.parametrize("query", HUGE)
def test_no_call_makes_a_huge_value(live: Workspace, query: str) -> None:
    with pytest.raises(BadQueryError, match="more than 1,000,000 characters or members: make a smaller one"):
        live.sql(query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("select unnest(range(0, 3)) as it", [0, 1, 2]),
        ("select unnest(generate_series(2)) as it", [0, 1, 2]),
        ("select unnest(range(9, 1, -4)) as it", [9, 5]),
        ("select repeat('█', size) as it from (select unnest([1, 2]) as size)", ["█", "██"]),
        ("select lpad('7', 3, '0') || rpad('7', 3, '0') as it", ["007700"]),
        ("select len(range(date '2024-01-01', date '2025-01-01', interval 1 minute)) as it", [527_040]),
        ("select count(*) as it from generate_series(date '2024-01-01', date '2024-01-31', interval 1 day)", [31]),
        ("select count(*) as it from range(3000000)", [3_000_000]),
        ("select unnest(list_resize([1], 2, 0)) as it", [1, 0]),
        ("select repeat('x', null) is null and repeat('x', -1) = '' as it", [True]),
    ],
)
def test_values_of_usual_sizes_are_made(live: Workspace, query: str, found: list[object]) -> None:
    assert live.sql(query)["it"].tolist() == found


def test_a_padded_constant_is_still_asked_of_intercom(live: Workspace) -> None:
    plan = live.plan("select * from contacts where external_id = lpad('7', 3, '0')")
    assert plan["pushed"].str.contains("007").any()


@pytest.mark.parametrize("query", FORBIDDEN)
def test_only_one_select_is_asked(live: Workspace, query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stolen.csv").write_text("a\n1\n")
    a_variable_of_the_caller = pd.DataFrame({"a": [1]})
    before = _state(live)
    with pytest.raises(BadQueryError):
        live.sql(query)
    assert len(a_variable_of_the_caller) == 1
    assert _state(live) == before
    assert [path.name for path in tmp_path.iterdir()] == ["stolen.csv"]


def _state(live: Workspace) -> list[object]:
    """List the tables and views, and the settings that matter; and see that nothing was fetched."""
    queries = (
        "select table_name, column_count from duckdb_tables() order by all",
        "select current_setting('memory_limit'), current_setting('enable_external_access')",
        "from duckdb_types() where not internal",
    )
    databases = (live._queries._prepared().database, live._session.database)
    return [len(live.fetches), *(each.cursor().execute(query).fetchall() for each in databases for query in queries)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select * from contact", "no table contact (line 1, column 15): did you mean contacts?"),
        ("select * from xyzzy", "the tables are contacts, "),
        ("select id,\n  emial\nfrom contacts", "no column emial (line 2, column 3): did you mean email?"),
        ("select c.emial from contacts c", "no column emial in c (line 1, column 8): did you mean email?"),
        ("select * exclude (emial) from contacts", "did you mean email?"),
        ("select * from contacts k where c.id = '1'", "no table c (line 1, column 32): the query reads k."),
        ("select * from contacts where nosuch = 1", "no column nosuch (line 1, column 30): ws.schema("),
        ("select state from contacts", "a column of conversations"),
        ("selec id from contacts", '(line 1, column 1): syntax error at or near "selec". Did you mean select?'),
        ("select id\nform contacts", "(line 2, column 6)"),
        ("select id\nform contacts", "Did you mean from?"),
        ("select 'abc", "(line 1, column 8): unterminated string"),
        ("explain select emial from contacts", "did you mean email?"),
        ("pivot contacts on rolle", "did you mean role?"),
        (f"select {'1, ' * 99} emial from contacts", "no column emial (line 1, near `emial from contacts`)"),
        ("select cuont_if(id) from contacts", 'Did you mean "count_if"?'),
        ("select cast('x' as int)", "Could not convert"),
    ],
)
def test_mistakes_are_explained(live: Workspace, query: str, said: str) -> None:
    with pytest.raises(BadQueryError, match=re.escape(said)):
        live.sql(query)


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if table.keys and name not in CARRIED_BY])
def test_tables_without_keys_are_refused_with_an_example_that_works(live: Workspace, table: str) -> None:
    requests = len(live.fetches)
    with pytest.raises(BadQueryError, match="compare that with constants, or join") as refused:
        live.sql(f"select * from {table}")
    assert TABLES[table].example in str(refused.value)
    assert len(live.fetches) == requests
    live.sql(f"select count(*) from {TABLES[table].example}")


def test_too_many_requests_are_refused(live: Workspace) -> None:
    query = "select count(*) from contacts c join contact_tags t on t.contact_id = c.id"
    with pytest.raises(BadQueryError, match=r"max_requests=5.*allow more"):
        live.sql(query, max_requests=5)
    assert len(live.sql(query, max_requests=500)) == 1


@pytest.mark.parametrize("name", ["contacts", "conversation_tags", "Contacts", "a b", "x;y", "1x", ""])
def test_frames_have_plain_names_of_their_own(live: Workspace, name: str) -> None:
    with pytest.raises(BadQueryError, match="cannot be called"):
        live.sql("select 1", frames={name: pd.DataFrame({"a": [1]})})


def test_frames_are_joined_for_one_query_only(live: Workspace) -> None:
    mine = pd.DataFrame({"wanted": ["user", "lead"], "rank": [1, 2]})
    query = "select rank, count(*) n from contacts join mine on wanted = role group by 1 order by 1"
    assert live.sql(query, frames={"mine": mine})["rank"].tolist() == [1, 2]
    with pytest.raises(BadQueryError, match="no table mine"):
        live.sql(query)


def test_parameters_go_by_name_and_by_position(live: Workspace) -> None:
    by_name = live.sql("select id from contacts where role = $role order by id", {"role": "lead"})
    by_place = live.sql("select id from contacts where role = ? order by id", ["lead"])
    assert len(by_name) > 0
    assert by_name["id"].tolist() == by_place["id"].tolist()
    assert live.sql("select $1 as it", ["x' or 1=1 --"])["it"].tolist() == ["x' or 1=1 --"]
    with pytest.raises(BadQueryError):
        live.sql("select $missing")


@pytest.mark.parametrize("query", ["describe contacts", "describe select id from contacts", "show tables"])
def test_tables_are_described_without_a_request(live: Workspace, query: str) -> None:
    fetches = len(live.fetches)
    assert len(live.sql(query)) > 0
    assert len(live.fetches) == fetches


def test_summarize_sees_every_row(live: Workspace) -> None:
    summary = live.sql("summarize contacts").set_index("column_name")
    assert summary["count"]["id"] == len(live.contacts())


def test_two_workspaces_in_four_threads_never_mix(begin: Begin) -> None:
    (one, _), (other, _) = (begin(seed=seed, contacts=25 + seed) for seed in (1, 2))
    found: list[tuple[int, int]] = []
    failed: list[BaseException] = []
    with connect(one.token, base_url=one.base_url) as first, connect(other.token, base_url=other.base_url) as second:
        wanted = {id(each): set(each.contacts()["id"]) for each in (first, second)}

        def ask(workspace: Workspace) -> None:
            try:
                for role in ("user", "lead", "user"):
                    rows = workspace.sql("select id from contacts where role = $role", {"role": role})
                    found.append((len(rows), len(set(rows["id"]) - wanted[id(workspace)])))
            except BaseException as error:  # noqa: BLE001 - shown by the assertion
                failed.append(error)

        threads = [threading.Thread(target=ask, args=(each,)) for each in (first, second) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failed
    assert len(found) == 12
    assert not any(strangers for _, strangers in found)
