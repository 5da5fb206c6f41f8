"""The mapping to Spark's SQL: rules for what means something else there, and a refusal of what is not known."""

from datetime import UTC, datetime

import pytest

from intercom_kit import BadQueryError
from intercom_kit.lake.dialect.mapping import to_spark
from intercom_kit.lake.dialect.own import tables_of
from intercom_kit.metrics import METRICS, ask
from intercom_kit.zones import zone

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
OPTIONS = {"hours": {"hours": "Europe/Dublin Mon-Fri 09:00-17:00"}, "steps": {"steps": ["one", "two"]}}
DEFINITIONS = [(name, definition) for name, metric in METRICS.items() for definition in metric.definitions]


@pytest.mark.sampled(12)
@pytest.mark.parametrize(("name", "definition"), DEFINITIONS)
def test_every_metric_is_known(name: str, definition: str) -> None:
    metric = METRICS[name]
    filters = OPTIONS["hours"] if metric.definition(definition).own_hours else {}
    filters = OPTIONS["steps"] if name == "funnel" else filters
    since = datetime(2026, 10, 1, tzinfo=UTC)
    times = {"since": since, "until": None, "now": NOW, "zone": zone("America/Havana")}
    period = "week" if metric.periods else None
    question = ask(metric, **times, by=None, period=period, definition=definition, compare=None, filters=filters)
    assert to_spark(question.sql()).startswith("WITH `selected`")
    assert "`rows`" in to_spark(question.exclusions_sql())


@pytest.mark.parametrize(
    "contacts", [{"segment": "Active"}, {"company": "Acme"}, {"segment": "New", "company": "Acme"}]
)
@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if "contacts" in metric.options])
def test_metrics_of_some_contacts_can_be_said_in_sparks_sql(name: str, contacts: dict[str, str]) -> None:
    metric = METRICS[name]
    since, filters = datetime(2026, 10, 1, tzinfo=UTC), {**OPTIONS["steps"]} if name == "funnel" else {}
    question = ask(
        metric,
        since=since,
        until=None,
        now=NOW,
        zone=zone("UTC"),
        by=None,
        period=None,
        definition=next(iter(metric.definitions)),
        compare=None,
        filters={**filters, "contacts": contacts},
    )
    assert "SEMI JOIN (" in to_spark(question.sql())


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("epoch(t)", "(UNIX_MICROS(`t`) / 1000000D)"),
        ("round(x, 2)", "(ROUND((`x`) * 100D) / 100D)"),
        ("x > 0.5", "`x` > 0.5D"),
        ("x::bigint", "CAST(BROUND(`x`) AS BIGINT)"),
        ("isodow(t)", "((((DAYOFWEEK(`t`)) + 5) % 7) + 1)"),
        ("l[2]", "GET(`l`, CAST(((2) - 1) AS INT))"),
        ("l[-1]", "TRY_ELEMENT_AT(`l`, -1)"),
        ("list_distinct(l)", "ARRAY_DISTINCT(ARRAY_COMPACT(`l`))"),
        ("list_has_any(l, ['a'])", "ARRAYS_OVERLAP(ARRAY_COMPACT(`l`), ARRAY_COMPACT(ARRAY('a')))"),
        ("a ->> 'plan name'", "GET_JSON_OBJECT(`a`, '$[\\'plan name\\']')"),
        ("first(x order by t)", "MIN_BY(`x`, STRUCT(`t` IS NULL, `t`))"),
        ("timestamp '2026-01-01 00:00:00'", "CAST('2026-01-01 00:00:00' AS TIMESTAMP)"),
        ("a // 2", "`a` DIV 2"),
        (
            "list(x order by x) filter (where x is not null)",
            "NULLIF(ARRAY_SORT(COLLECT_LIST(`x`) FILTER(WHERE NOT `x` IS NULL)), ARRAY())",
        ),
    ],
)
def test_what_differs_has_a_rule(here: str, there: str) -> None:
    assert to_spark(f"select {here}") == f"SELECT {there}"


def test_members_count_from_one_in_functions_over_lists() -> None:
    said = to_spark("select list_filter(l, lambda one, place: place = 1)")
    assert said == "SELECT FILTER(`l`, (`one`, `place`) -> ((`place`) + 1) = 1)"


def test_rows_are_chosen_by_windows_in_a_query_around() -> None:
    said = to_spark("select a from t qualify row_number() over (order by a) = 1")
    assert said.startswith(
        "SELECT `a` FROM (SELECT `a`, ROW_NUMBER() OVER (ORDER BY `a` NULLS LAST) = 1 AS `qualifies`"
    )


def test_the_latest_row_before_is_the_one_until_the_next() -> None:
    said = to_spark("select t.a from t asof left join s on t.at >= s.began")
    assert "LEAD(`began`) OVER (ORDER BY `began` NULLS LAST) AS `next_one` FROM `s`" in said
    assert said.endswith("ON `t`.`at` >= `s`.`began` AND (`s`.`next_one` IS NULL OR `t`.`at` < `s`.`next_one`)")


@pytest.mark.parametrize(
    "query",
    [
        "select a, count(*) from t group by all",
        "select levenshtein(a, b) from t",
        "select unheard_of(a) from t",
        "select list(a) from t",
        "select list(a order by b) from t",
        "select first(a) from t",
        "select a like 'x\\%' from t",
        "select a like b from t",
        "select a::decimal(10, 2) from t",
        "select try_cast(a as date) from t",
        "select a at time zone 'Europe/Dublin' from t",
        "select strftime(a, '%s') from t",
        "select * from t asof join s on t.at >= s.began",
        "select * from t positional join s",
        "select * from t full join s using (id)",
        "select * from other.t",
        "select * from read_parquet('x.parquet')",
        "select * from t union all by name select * from s",
        "with recursive r as (select 1 as a union all select a + 1 from r) select * from r",
        "select a ->> '$.b.c' from t",
        "select lag(a, 2) over (order by b) from t",
        "pivot t on a using count(*)",
        "drop table t",
    ],
)
def test_what_is_not_known_is_refused(query: str) -> None:
    with pytest.raises(BadQueryError, match=r"no rule|cannot be put"):
        to_spark(query)


def test_sparks_own_sql_says_what_it_reads() -> None:
    query = "with a as (select * from Teams) select * from a join parts using (id) lateral view explode(x) as y"
    assert tables_of(query, ["teams", "parts"]) == {"teams", "parts"}


@pytest.mark.parametrize(
    "query", ["drop table teams", "select 1; select 2", "select * from a.teams", "select * from x"]
)
def test_more_than_a_select_over_the_lake_is_refused(query: str) -> None:
    with pytest.raises(BadQueryError):
        tables_of(query, ["teams"])
