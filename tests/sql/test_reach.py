"""A query reads the session's tables, and nothing by which DuckDB tells settings, files or versions."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from intercom_kit import Workspace, database
from intercom_kit.errors import BadQueryError
from intercom_kit.sql import guard
from intercom_kit.sql.functions import functions
from intercom_kit.sql.prepared import table_names
from tests.conftest import Begin

from .escapes import ATTEMPTS, OF_SOURCES, OF_VALUES, SOURCES, STATEMENTS, VALUES, split

PASSWORD = "PASSWORD-OF-THE-PROXY"
PACKAGE = Path(database.__file__).parent

Checked = Callable[[str], object]


@pytest.fixture(scope="module")
def proxied() -> Iterator[None]:
    """An environment whose proxy has a password; nothing here goes through it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
            patch.setenv(name, f"http://user:{PASSWORD}@127.0.0.1:9")
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        yield


@pytest.fixture(scope="module")
def duck(proxied: None) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB as queries of a session meet it."""
    with database.open_database() as opened:
        yield opened


@pytest.fixture
def check(duck: duckdb.DuckDBPyConnection) -> Checked:
    """Check a query, without planning it."""
    return lambda query: guard.checked(duck, query, table_names())


def test_there_are_enough_attempts() -> None:
    assert len(set(ATTEMPTS)) >= 600


@pytest.mark.parametrize("start", range(0, len(ATTEMPTS), 50))
def test_no_attempt_reaches_anything(live: Workspace, start: int) -> None:
    fetches, through, said = len(live.fetches), [], ""
    for query in ATTEMPTS[start : start + 50]:
        try:
            live.sql(query, max_requests=1)
            through.append(query)
        except BadQueryError as error:
            said += str(error)
    assert not through
    assert "PASSWORD" not in said
    assert len(live.fetches) == fetches


@pytest.mark.parametrize("word", guard.SILENCED)
@pytest.mark.parametrize("query", ["select {}", "select id from contacts order by {}", "select [{}], count(*)"])
def test_words_that_are_functions_are_errors(live: Workspace, word: str, query: str) -> None:
    with pytest.raises(BadQueryError, match=f"{word} is not available"):
        live.sql(query.format(word), fresh="session")


@pytest.mark.parametrize("carrier", OF_SOURCES)
def test_what_carries_an_attempt_answers_for_a_table(live: Workspace, carrier: str) -> None:
    assert live.sql(carrier.format("contacts"), fresh="session") is not None


@pytest.mark.parametrize("carrier", OF_VALUES)
def test_what_carries_an_attempt_answers_for_a_value(live: Workspace, carrier: str) -> None:
    assert live.sql(carrier.format("upper('x')"), fresh="session") is not None


def test_attempts_would_get_through_without_lists(live: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What DuckDB would not answer anyway proves nothing."""
    monkeypatch.setattr(guard.Reach, "follow", lambda *_: None)
    answered = 0
    for query in [f"from {each}" for each in split(SOURCES)] + [f"select {each}" for each in split(VALUES)]:
        try:
            guard.checked(live._queries._prepared().database, query, table_names())
            live._queries._prepared().database.cursor().execute(query)
            answered += 1
        except (BadQueryError, duckdb.Error):
            pass
    assert answered > 80


def unjudged(known: Iterable[tuple[str, str]]) -> list[str]:
    """Return those of DuckDB's functions, `known` by name and type, that are in no list."""
    judged = functions()
    return sorted(
        name
        for name, kind in known
        if name.lower() not in (judged.tables if kind in ("table", "table_macro", "pragma") else judged.values)
        and judged.why_refused(name.lower()) is None
    )


def test_every_function_of_duckdb_is_judged(duck: duckdb.DuckDBPyConnection) -> None:
    known = duck.execute("select distinct function_name, function_type from duckdb_functions()").fetchall()
    assert unjudged(known) == []


@pytest.mark.parametrize("kind", ["scalar", "aggregate", "macro", "table", "table_macro", "pragma"])
def test_a_function_that_nobody_judged_is_noticed(kind: str) -> None:
    assert unjudged([("new_in_duckdb", kind)]) == ["new_in_duckdb"]


def test_nothing_is_both_allowed_and_refused_by_its_name() -> None:
    lists = functions()
    named = {name for _, names in lists.refused for name in names}
    assert not named & lists.tables
    assert named & lists.values == {"histogram"}  # which counts values, and after FROM reads a table by name


def test_no_function_is_called_that_is_not_allowed(duck: duckdb.DuckDBPyConnection, check: Checked) -> None:
    lists = functions()
    names = {name for (name,) in duck.execute("select distinct function_name from duckdb_functions()").fetchall()}
    assert len(names) > 900
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        for query, allowed in ((f"select {quoted}(1)", lists.values), (f"from {quoted}(1)", lists.tables)):
            if name.lower() not in allowed:
                with pytest.raises(BadQueryError):
                    check(query)


def test_no_view_of_duckdb_is_read(duck: duckdb.DuckDBPyConnection, check: Checked) -> None:
    views = duck.execute("select schema_name, view_name from duckdb_views() where internal").fetchall()
    assert len(views) > 40
    for schema, view in views:
        for name in (view, f"{schema}.{view}", f"system.{schema}.{view}", f"memory.{schema}.{view}"):
            with pytest.raises(BadQueryError, match="no table"):
                check(f"from {name}")


def test_no_setting_is_shown(duck: duckdb.DuckDBPyConnection, check: Checked) -> None:
    settings = [name for (name,) in duck.execute("select name from duckdb_settings()").fetchall()]
    assert len(settings) > 150
    for name in settings:
        for query in (f'show "{name}"', f'describe "{name}"', f"select current_setting('{name}')", f'pragma "{name}"'):
            with pytest.raises(BadQueryError):
                check(query)


def test_a_frame_called_like_a_setting_or_a_view_is_read_as_itself(live: Workspace) -> None:
    mine = pd.DataFrame({"a": [41]})
    for name in ("threads", "pg_settings", "duckdb_settings", "tables"):
        assert live.sql(f"select a + 1 as it from {name}", frames={name: mine})["it"].tolist() == [42]
        for query in (f"show {name}", f"from pg_catalog.{name}", f"from system.main.{name}"):
            if query != "show tables":
                with pytest.raises(BadQueryError):
                    live.sql(query, frames={name: mine})
        with pytest.raises(BadQueryError):
            live.sql(f"from {name}")


def test_rows_that_other_calls_are_landing_cannot_be_read(live: Workspace) -> None:
    with live._session.database.cursor() as cursor:
        cursor.execute('create table "landing 0" as select 1 as raw')
        try:
            for query in ('from "landing 0"', 'describe "landing 0"', 'from main."landing 0"'):
                with pytest.raises(BadQueryError, match="no table"):
                    live.sql(query)
            assert sorted(live.sql("show tables")["name"]) == sorted(table_names())
        finally:
            cursor.execute('drop table "landing 0"')


ASKED = """
select * from main.contacts; select * from memory.main.contacts; select * from memory.contacts; select * from CONTACTS
with contacts as (select * from contacts) from contacts; with x as (from tags), y as (from x) from y, x
with recursive x as (select 1 as a union all select a + 1 from x where a < 3) from x
with recursive x(a, b) using key (a) as (select 1, 1 union select a, b + 1 from x where b < 3) from x
with x(a) as (select id from tags) select a from x; select (with x as (select 1 as a) select a from x); table contacts
from contacts select id; values (1, 2), (3, 4); select * from range(3) as t(i); select unnest([1, 2])
from unnest([1, 2]); from generate_series(1, 3)
from generate_series(date '2024-01-01', date '2024-01-31', interval 1 day)
select key from contacts, json_each(custom_attributes); from json_tree('{"a": [1]}'); from repeat('x', 3)
from repeat_row(1, num_rows := 2)
select extract(year from now()), date_part('hour', now()), now() at time zone 'Europe/Zurich'
select current_date, current_timestamp, localtime
select 'a' collate nocase = 'A', name like 'A%', name ilike 'a%', name similar to 'A.*' from contacts
select name not like '%x', name glob 'A*' from contacts
select [x * 2 for x in [1, 2, 3] if x > 1], list_transform([1], lambda x: x + 1)
select list_reduce([1, 2], lambda a, b: a + b)
select {'a': 1}.a, [1, 2][1], [1, 2][1:2], map {'a': 1}['a'], 'abc'[1], ('a').upper(), row(1, 2), (1, 2)
select -1, +1, ~1, 2 ** 3, 5 // 2, 5 % 2, 3!
select 1 & 2, 1 | 2, 1 << 2, xor(1, 2), 'a' || 'b', [1] || [2], [1] && [1], [1] @> [1], 'ab' ^@ 'a', @(-1)
select try_cast('x' as int), try(cast('x' as int))
select coalesce(null, 1), nullif(1, 1), ifnull(null, 1), if(true, 1, 2), greatest(1, 2)
select case 1 when 1 then 2 end, 1 is distinct from 2
select count(*), count(distinct role), any_value(id), median(length(id)), quantile_cont(length(id), 0.9) from contacts
select mode(role), list(id order by id) from contacts
select string_agg(name, ', '), approx_count_distinct(id) from contacts
select arg_max(id, created_at), max_by(id, created_at), histogram(role) from contacts
select role, grouping(role), count(*) from contacts group by rollup (role)
select role, count(*) from contacts group by all having count(*) > 1 order by all
select id, rank() over w, lag(id, 1) over w, sum(1) over (w rows 1 preceding) from contacts window w as (order by id)
select columns('id|name') from contacts; select columns(lambda c: c like 'i%') from contacts
select * exclude (name) rename (id as key) from contacts
select distinct on (role) id, role from contacts order by role, id
select id from contacts order by created_at desc nulls last fetch first 3 rows only
select id from contacts limit 10 percent; select id from contacts offset 3
select id from contacts order by id offset 3; select id from contacts using sample 3
select * from contacts tablesample reservoir(3 rows) repeatable (1)
select a.id from contacts a asof join contacts b on a.id = b.id and a.created_at >= b.created_at
select a.id from contacts a natural join contacts b; select * from tags positional join teams
select 1 from contacts semi join conversations on true; pivot contacts on role
pivot contacts on role in ('user') using count(*); unpivot (select 1 as a, 2 as b) on a, b
from contacts pivot (count(*) for role in ('user')); describe contacts; describe select 1; desc contacts
summarize contacts; show tables; from (describe contacts); select column_name from (summarize tags)
select name from (show tables) where name like 'c%'; explain from contacts; explain analyze select 1
select epoch(now()), strftime(now(), '%Y'), strptime('2024', '%Y')
select regexp_extract('a1', '\\d'), string_split('a b', ' '), split_part('a b', ' ', 1), printf('%d', 1)
select format('{}', 1), md5('x'), hash(1), uuid() is not null; select 'x' as "current_user", 1 as user order by user
select interval 1 day + date '2024-01-01', age(now()), date_trunc('week', now()), time_bucket(interval 1 day, now())
select typeof(1), pg_typeof(1), pg_size_pretty(1000), format_bytes(1000), setseed(0.5), random() < 1
select json_extract('{"a": 1}', '$.a'), '{"a": 1}'::json->>'a'; select 1 union by name select 2 as b
(select 1) except all (select 2); select * from (values (1)) as t(a) join (values (1)) as u(a) using (a)
show main.contacts; describe tables
"""


@pytest.mark.parametrize("start", range(0, 120, 12))
def test_what_analysts_ask_is_answered(live: Workspace, start: int) -> None:
    refused = {}
    for query in split(ASKED)[start : start + 12]:
        try:
            live.sql(query, fresh="session")
        except BadQueryError as error:
            refused[query] = str(error)
    assert not refused


def test_there_are_no_more_questions_than_are_asked() -> None:
    assert 60 < len(split(ASKED)) <= 120


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select getenv('HOME')", "There is no function getenv (line 1, column 8)."),
        ("select version()", "without version()."),
        ("select upper(\n  lowwer('x'))", 'There is no function lowwer (line 2, column 3). Did you mean "lower"?'),
        ("from pg_settings", "There is no table pg_settings (line 1, column 6): the tables are contacts, "),
        ("from pg_catalog.pg_settings", "There is no table pg_catalog.pg_settings (line 1, column 6)"),
        ("show http_proxy", "Only SHOW TABLES is answered; DESCRIBE contacts lists the columns of a table."),
        ("pivot contact on role", "did you mean contacts?"),
        ("select current_user", "current_user is not available: queries read tables only."),
        (f'from "{"x" * 10_000}"', "There is no table " + "x" * 200 + "…"),
    ],
)
def test_a_refusal_says_what_is_there_instead(live: Workspace, query: str, said: str) -> None:
    with pytest.raises(BadQueryError, match=re.escape(said)):
        live.sql(query)


def test_no_database_of_ours_knows_the_proxy(proxied: None, begin: Begin) -> None:
    asked = "select value from duckdb_settings() where name like 'http_proxy%'"
    with duckdb.connect() as plain:
        assert any(PASSWORD in value for (value,) in plain.execute(asked).fetchall())
    _, ws = begin()
    ws.sql("from contacts")
    with database.bare_database() as bare:
        for opened in (bare, ws._session.database, ws._queries._prepared().database):
            assert {value for (value,) in opened.cursor().execute(asked).fetchall()} == {""}


def test_databases_are_opened_in_one_place() -> None:
    """Any other would take the proxy's password from the environment."""
    opening = [path.name for path in PACKAGE.rglob("*.py") if "duckdb.connect(" in path.read_text()]
    assert opening == ["database.py"]


def test_settings_are_locked_but_for_the_bound_of_time(live: Workspace) -> None:
    live.sql("select 1", timeout=5)
    for opened in (live._session.database, live._queries._prepared().database):
        for setting in ("http_proxy = 'x'", "enable_external_access = true", "memory_limit = '1TB'"):
            with pytest.raises(duckdb.Error):
                opened.cursor().execute(f"set global {setting}")


def test_statements_are_many() -> None:
    assert len(split(STATEMENTS)) > 200
