"""Ways to ask DuckDB for more than tables: what tells something, and the places in a query where it may hide."""

from collections.abc import Iterator

# After FROM: views, functions, files, variables and other tables.
SOURCES = """
pg_settings; pg_catalog.pg_settings; system.pg_catalog.pg_settings; PG_CATALOG."PG_SETTINGS"; pg_catalog.pg_database
pg_catalog.pg_tables; pg_class; pg_catalog.pg_namespace; pg_catalog.pg_proc; pg_catalog.pg_stat_activity
pg_prepared_statements; information_schema.tables; information_schema.columns; information_schema.schemata
system.information_schema.tables; memory.information_schema.tables; information_schema.character_sets
temp.information_schema.tables; duckdb_settings; duckdb_databases; duckdb_extensions; duckdb_secrets; duckdb_views
duckdb_columns; system.main.duckdb_views; main.duckdb_settings; sqlite_master; sqlite_schema; sqlite_temp_master
pragma_database_list; system.main.pragma_database_list; duckdb_settings(); duckdb_databases(); duckdb_extensions()
duckdb_secrets(); duckdb_variables(); duckdb_memory(); duckdb_temporary_files(); duckdb_prepared_statements()
duckdb_connection_count(); duckdb_external_file_cache(); duckdb_functions(); duckdb_tables(); duckdb_columns()
duckdb_views(); duckdb_types(); duckdb_keywords(); duckdb_optimizers(); duckdb_logs(); duckdb_log_contexts()
duckdb_logs_parsed('HTTP'); duckdb_profiling_settings(); duckdb_external_resources(); pragma_version()
pragma_platform(); pragma_user_agent(); pragma_database_size(); pragma_storage_info('contacts')
pragma_table_info('contacts'); pragma_collations(); pragma_show('contacts'); pragma_metadata_info('memory')
read_text('/proc/self/environ'); read_blob('/proc/self/environ'); read_csv_auto('/etc/passwd')
read_ndjson('/etc/passwd'); parquet_metadata('x.parquet'); parquet_scan('x.parquet'); parquet_schema('x.parquet')
read_duckdb('x.db'); glob('/*'); read_text(['/etc/passwd']); read_text(filename := '/etc/passwd')
"read_text"('/etc/passwd'); system.main.read_text('/etc/passwd'); '/proc/self/environ'; '/etc/passwd'; 'x.parquet'
'https://example.com/x.csv'; "/etc/passwd"; 'file:///etc/passwd'; query('select 1'); query_table('contacts')
query_table(['contacts']); "query"('from contacts'); histogram('contacts', 'role')
histogram_values('contacts', 'role'); test_all_types(); test_vector_types(null); summary(contacts)
seq_scan('contacts'); pandas_scan(1); arrow_scan(1, 2, 3); arrow_scan_dumb(1, 2, 3); python_map_function(1, 2)
which_secret('s3://x', 's3'); icu_calendar_names(); pg_timezone_names(); truncate_duckdb_logs(); enable_profiling()
disable_logging(); force_checkpoint(); json_execute_serialized_sql('{}'); register_external_resource('x')
sniff_csv('/etc/passwd'); duckdb_dialects(); duckdb_triggers(); "landing 1"; memory.main."landing 1"
temp.main.contacts; other.contacts; recurring.contacts; memory.other.contacts; system.contacts
a_variable_of_the_caller; contacts at (version => 1); duckdb_table_sample('contacts'); main.range(3)
system.main.range(3)
"""

# Within expressions.
VALUES = """
getenv('HOME'); current_setting('http_proxy'); "current_setting"('http_proxy'); 'http_proxy'.current_setting()
system.main.current_setting('http_proxy'); pg_catalog.current_setting('http_proxy'); getvariable('x')
'x'.getvariable(); version(); current_database(); current_schema(); current_schemas(true); current_user()
session_user(); current_role(); current_catalog(); current_query(); current_query_id(); current_connection_id()
current_transaction_id(); txid_current(); in_search_path('main', 'main'); get_block_size('memory'); write_log('x')
sleep_ms(1); pg_sleep(1); nextval('x'); currval('x'); setval('x', 1); json_serialize_sql('select 1')
json_deserialize_sql('{}'); json_serialize_plan('select * from contacts'); stats(1); vector_type(1); pg_get_viewdef(1)
pg_postmaster_start_time(); pg_conf_load_time(); pg_get_expr('x', 1); user(); inet_client_addr(); inet_server_port()
has_table_privilege('contacts', 'select'); obj_description(1, 'x'); format_type(1, 1); col_description(1, 1)
pg_my_temp_schema(); pg_has_role('x', 'y'); map_to_pg_oid('x'); read_text('/etc/passwd'); query('select 1')
parse_duckdb_log_message('HTTP', 'x'); make_type('int'); __internal_decompress_string(1::hugeint); icu_collate_de('x')
collate_de('x'); pg_catalog.version(); system.version(); main.abs(1); system.main.abs(1); getenv.x('HOME')
memory.main.abs(1); constant_or_null(1, 1); hive_partition_component('/a=1', 'a', 'b'); a_function_of_tomorrow()
"""

# Statements of their own, which no carrier makes better.
STATEMENTS = """
show http_proxy; show secret_directory; show home_directory; show "http_proxy"; SHOW HTTP_PROXY; show all
show settings; show databases; show schemas; show variables; show all tables; describe; describe all
describe databases; show tables from memory; show tables from system; show tables from information_schema
show external resources; show all external resources; (show http_proxy); from (show http_proxy); from (show databases)
summarize (show http_proxy); with x as (show http_proxy) from x; select (select value from (show http_proxy))
describe (show http_proxy); from (describe http_proxy); describe pg_settings; describe pg_catalog.pg_settings
summarize pg_settings; describe '/etc/passwd'; summarize '/etc/passwd'; summarize duckdb_settings
describe duckdb_settings(); desc pg_settings; table pg_settings; table pg_catalog.pg_settings; explain show http_proxy
explain analyze show http_proxy; explain table pg_settings; explain (analyze) table pg_settings
explain (format html) from pg_settings; show contacts; pragma http_proxy; pragma version; pragma platform
pragma user_agent; pragma database_list; pragma database_size; pragma show_tables; pragma table_info('contacts')
pragma storage_info('contacts'); pragma collations; pragma functions; pragma memory_limit; pragma memory_limit='1GB'
pragma extension_versions; pragma show('contacts'); pragma metadata_info; pragma enable_verification
pragma import_database('x'); pragma copy_database('x', 'y'); pragma add_parquet_key('a', 'b'); call duckdb_settings()
call pragma_version(); call pragma_table_info('contacts'); call enable_profiling(); call range(3)
call system.main.duckdb_settings(); call query('select 1'); call read_text('/etc/passwd')
call which_secret('s3://x', 's3'); set http_proxy = ''; set global http_proxy to 'x'; set local memory_limit = '1GB'
set session threads = 1; set variable x = 1; set time zone 'UTC'; set schema 'main'; set search_path = 'pg_catalog'
reset http_proxy; reset variable x; reset global threads; set variable x = (select count(*) from contacts)
set lock_configuration = false; set enable_external_access = true; use pg_catalog; use memory.information_schema
use system; attach ':memory:' as x; attach if not exists 'x.db' (read_only); attach or replace 'x.db' as x
detach database if exists memory; connect; connect local; connect 'quack://x'; disconnect; install httpfs
force install httpfs from core; load httpfs; load 'x.so' as y; update extensions; update extensions (httpfs)
create secret x (type s3, key_id 'x'); create persistent secret x (type http); drop secret x
create external resource 'x'; register external resource 'x' from 1; destroy external resource x
create function f() as 1; create macro f() as table from contacts; create or replace macro lower(x) as 1
create sequence x; create index i on contacts (id); create view v as from contacts
create secure view v as from contacts; create recursive view v (a) as select 1
create trigger t after insert on contacts insert into tags default values
create type t as enum (select role from contacts); create temp macro m(a) as a; create table t as from pg_settings
create or replace temp view contacts as select 1; comment on column contacts.id is 'x'
comment on database memory is 'x'; alter table contacts rename to x; alter view conversation_tags rename to x
alter schema main rename to x; drop view conversation_tags; drop schema main cascade; drop macro repeat
drop function range; drop type t; truncate table contacts; delete from contacts using tags
insert into contacts by name select 1 as id; insert or replace into contacts values ('1')
insert into contacts default values; insert into contacts select * from contacts on conflict do nothing
update contacts set id = '1' from tags; merge into contacts using tags on true when matched then delete
with x as (select 1) merge into contacts using x on true when matched then update
with x as (select 1) insert into contacts from x; with x as (select 1) update contacts set name = 'x'
with x as (select 1) delete from contacts
with x as (merge into contacts using tags on true when matched then delete returning *) from x
with x as (call duckdb_settings()) from x; with x as (pragma version) from x; with x as (explain select 1) from x
with x as (set threads = 1) from x; with x as (attach 'x.db') from x; copy contacts to 'stolen.csv' (header)
copy (from pg_settings) to 'stolen.csv'; copy contacts to '/dev/stdout'; copy from database memory to x
export database 'stolen' (format parquet); import database 'stolen'; prepare p as from pg_settings; execute p(1)
deallocate p; deallocate prepare p; begin transaction; start transaction read only; commit; rollback; abort; end
checkpoint memory; force checkpoint; vacuum analyze contacts; vacuum (full, verbose); analyze verbose contacts
load spatial; explain prepare p as select 1; explain execute p; explain vacuum; explain set threads = 1
explain reset threads; explain pragma version; explain call duckdb_settings(); explain checkpoint; explain load httpfs
explain analyze call duckdb_settings(); explain analyze checkpoint; explain analyze prepare p as select 1
explain analyze pragma version; explain copy contacts to 'stolen.csv'; explain analyze copy (select 1) to 'stolen.csv'
explain begin; explain drop table contacts; with pg_settings as (from pg_settings) from pg_settings
with recursive pg_settings as (from pg_settings) from pg_settings
with recursive pg_settings as (select name from pg_settings union all select name from pg_settings) from pg_settings
with recursive pg_settings(name) as (select name from pg_settings union select name from pg_settings) from pg_settings
with a as (from pg_settings), pg_settings as (select 1) from a
select * from (with pg_settings as (select 1) from pg_settings), pg_settings
(with pg_settings as (select 'x') from pg_settings) union all (select name from pg_settings)
with x as (select 1) from pg_settings; with duckdb_settings as (select 1) from duckdb_settings()
with x as (with pg_settings as (select 1) select 1) from pg_settings, x
select (with pg_settings as (select 1) select 1), (select count(*) from pg_settings)
with pg_settings as (select 1) from main.pg_settings; with pg_settings as (select 1) from pg_catalog.pg_settings
with x as materialized (from pg_settings) from x; with recurring as (select 1) from recurring.pg_settings
pivot pg_settings on name; pivot duckdb_settings() on name; pivot (from pg_settings) on name using first(setting)
unpivot pg_settings on setting; pivot contacts on getenv('HOME'); pivot contacts on role using first(version())
pivot contacts on role in (select name from pg_settings); from contacts pivot (count(*) for role in pg_settings)
from pg_settings pivot (count(*) for name in ('x')); from pg_settings unpivot (a for b in (name, setting))
select id from contacts limit (select count(*) from pg_settings)
select id from contacts offset (select 1 from duckdb_settings()); select * from contacts tablesample (getenv('X'))
select cast(1 as decimal(getenv('HOME'))); select 1::getenv('HOME'); select 1 operator(system.main.getenv) 2
from contacts semi join pg_settings on true; from contacts natural join duckdb_settings()
from contacts asof join pg_settings on name > id; from contacts join pg_settings nearest by distance 1
select x: getenv('HOME'); from t: duckdb_settings(); from contacts, lateral (from pg_settings)
from range((select count(*) from pg_settings)); from range(getenv('HOME')::int)
from unnest((select list(name) from pg_settings)); from json_each(to_json((select list(name) from pg_settings)))
select columns(getenv('HOME')) from contacts; select * replace (version() as id) from contacts
select * like getenv('HOME') from contacts; from (show tables), contacts
"""

# Where a source may stand, and where a value may; each of them is answered with something harmless in its place.
OF_SOURCES = (
    "from {}",
    "select count(*) from {} as x",
    "with x as (from {}) from x",
    "with x as materialized (select 1 from {}), y as (from x) from y",
    "select (select count(*) from {})",
    "select id from contacts where exists (from {})",
    "select id from contacts where id in (select '1' from {})",
    "select 1 from contacts join {} as x on true",
    "select 1 from contacts left join lateral (select 1 from {}) as x on true",
    "select 1 from (select 1 from {}) as x positional join tags",
    "select 1 union all select 1 from {}",
    "select 1 except (select 1 from {} intersect select 2)",
    "with recursive x as (select 1 as a union all select a + 1 from x, {} where a < 2) from x",
    "describe from {}",
    "summarize (select 1 as a from {})",
    "explain select 1 from {}",
    "explain analyze select 1 from {}",
    "select array(select 1 from {})",
    "select [x for x in (select list(1) from {})]",
    "values ((select count(*) from {}))",
    "select id from contacts order by (select count(*) from {})",
    "pivot (select 1 as a from {}) on a",
)
OF_VALUES = (
    "select {}",
    "select id from contacts where id = ({})::varchar",
    "select id from contacts order by ({})::varchar",
    "select count(*) from contacts group by ({})::varchar",
    "select count(*) from contacts having ({}) is null",
    "select id from contacts qualify row_number() over (order by ({})::varchar) = 1",
    "select count(*) filter (({}) is null) from contacts",
    "select list(id order by ({})::varchar) from contacts",
    "select sum(1) over (partition by ({})::varchar) from contacts",
    "select case when ({}) is null then 1 else 2 end",
    "select [x for x in [1] if ({}) is null]",
    "select list_transform([1], lambda x: ({}) is null)",
    "select {{'a': ({})::varchar}}",
    "select map {{({})::varchar: 1}}",
    "select try(({})::varchar)",
    "select coalesce(null, ({})::varchar)",
    "select cast(({}) as varchar)",
    "select concat('a', ({})::varchar)",
    "select 'a' in (({})::varchar)",
    "select 'a' between ({})::varchar and 'b'",
    "select exists (select ({}))",
    "select * from (values (({})::varchar)) as t(a)",
    "values (({}))",
    "with x as (select ({}) as a) from x",
    "select * from contacts join tags on ({}) is null",
    "select * replace (({})::varchar as id) from contacts",
    "explain select ({})",
    "explain analyze select ({})",
    "describe select ({})",
    "summarize select ({}) as a",
    "pivot contacts on (role || ({})::varchar)",
    "select ({})::varchar similar to 'a'",
    "select not (({}) is null)",
    "from contacts select id limit (select (({}) is null)::int)",
)


def split(listed: str) -> list[str]:
    """List what stands between semicolons and in lines."""
    return [each.strip() for line in listed.splitlines() for each in line.split(";") if each.strip()]


def carried(what: list[str], carriers: tuple[str, ...], each_in: int) -> Iterator[str]:
    """Put each of some things into several carriers, so that every carrier has its turn."""
    for place, thing in enumerate(what):
        for turn in range(each_in):
            yield carriers[(place * each_in + turn) % len(carriers)].format(thing)


ATTEMPTS = [
    *carried(split(SOURCES), OF_SOURCES, 3),
    *carried(split(VALUES), OF_VALUES, 3),
    *split(STATEMENTS),
    "select 1; show http_proxy",
    "show tables; show http_proxy",
    "select 1 /* ; */ ; from pg_settings",
]
