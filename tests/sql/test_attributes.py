"""`attr` in SQL: the attributes that the workspace defined, each of its type, without JSON."""

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError
from intercom_kit.frames.attributes import HOLDERS, Attribute
from intercom_kit.frames.frame import result_frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.fetching import Fresh
from intercom_kit.sandbox import serve
from intercom_kit.sandbox.endpoints import ENDPOINTS, TAGS
from intercom_kit.sql import predicates
from intercom_kit.sql.attributes.naming import named
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.own_frames import OwnFrames
from intercom_kit.sql.plans import Plans
from intercom_kit.sql.prepared import table_names
from intercom_kit.sql.quoting import identifier
from intercom_kit.tables import TABLES
from tests.conftest import NOW, Begin
from tests.live.test_expanding import FITS, HOSTILE, MISFITS, defined, of_contacts
from tests.live.truth import told

from .whole import difference, rows_of

MEMORY = "600MB"


@pytest.fixture(scope="module")
def desk() -> Iterator[Workspace]:
    """A workspace with attributes of every kind, on a sandbox that nobody changes."""
    with (
        serve(conversations=80, contacts=60, companies=10, tickets=160, now=NOW, rate_limit=1_000_000) as running,
        connect(running.token, base_url=running.base_url) as workspace,
    ):
        yield workspace


@pytest.fixture(scope="module")
def plainly(desk: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same tables in plain DuckDB, with `attr` made of the columns that `expand` gives."""
    with duckdb.connect() as database:
        database.execute("set global TimeZone = 'UTC'")
        for table, column in HOLDERS.items():
            frame = pd.DataFrame(getattr(desk, table)(expand=column))
            members = [
                f"{identifier(name.removeprefix(f'{column}.'))} := {identifier(name)}" for name in frame if "." in name
            ]
            columns = ", ".join(identifier(each.name) for each in TABLES[table].columns)
            database.register("frame", frame)
            database.execute(
                f"create table {table} as select {columns}, struct_pack({', '.join(members)}) as attr from frame"
            )
        yield database


def answered(ws: Workspace, query: str, fresh: Fresh = "session", **options: Any) -> list[tuple[Any, ...]]:
    return rows_of(ws.sql(query, fresh=fresh, **options))


def planned(query: str, *attributes: Attribute) -> Needs:
    """Return what a query over contacts and conversations with such attributes needs."""
    plans, defined = Plans(), dict.fromkeys(("contacts", "conversations"), attributes)
    with plans.database.cursor() as cursor:
        return plans.read(cursor, query, None, OwnFrames({}, table_names()), defined).needs


# --- values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data_type", "given", "_"), FITS, ids=[each[0] for each in FITS])
def test_a_value_is_what_expand_gives(begin: Begin, data_type: str, given: list[Any], _: list[Any]) -> None:
    _, ws = begin(records=of_contacts([defined("x", data_type)], *({"x": value} for value in given), {"x": None}, {}))
    expected = pd.DataFrame(ws.contacts(expand="custom_attributes")).sort_values("id")["custom_attributes.x"]
    found = ws.sql("select attr.x from contacts order by id")
    pd.testing.assert_series_equal(found["x"], expected, check_names=False, check_index=False, check_dtype=False)
    assert told(found)["misfits"] == {}


@pytest.mark.parametrize(("data_type", "given"), MISFITS, ids=[each[0] for each in MISFITS])
def test_a_value_that_does_not_fit_is_null_and_counted(begin: Begin, data_type: str, given: list[Any]) -> None:
    _, ws = begin(records=of_contacts([defined("x", data_type)], *({"x": value} for value in given), {"x": None}))
    found = ws.sql("select id from contacts where attr.x is not null")
    assert (len(found), told(found)["misfits"]) == (0, {"contacts.attr.x": len(given)})


def test_values_equal_their_json_with_a_cast(desk: Workspace) -> None:
    for table, name, kind in (
        ("contacts", "seats", "bigint"),
        ("contacts", "plan", "varchar"),
        ("companies", "account_tier", "varchar"),
        ("conversations", "Contract value", "double"),
        ("conversations", "Renewal at risk", "boolean"),
        ("tickets", "Seats affected", "bigint"),
    ):
        query = f"select id, {{}} from {table} order by id"
        typed = answered(desk, query.format(f"attr.{identifier(name)}"))
        assert typed == answered(desk, query.format(f"({HOLDERS[table]}->>'{name}')::{kind}"))
        assert any(value is not None for _, value in typed)


SHAPES = (
    "select id from {table} where {a}",
    "select id, {value} from {table} x where {b} or x.{a}",
    "select {value} as v, count(*) from {table} group by all having count(*) > 1",
    "select id from (select id, {value} as v from {table}) where v is not null",
    "with chosen as (select * from {table}) select id from chosen where chosen.{a}",
    "with chosen as materialized (select id, attr from {table}) select id, {value} from chosen where {a}",
    "select a.id, b.id from {table} a join {table} b on a.{value} = b.{value} and a.id < b.id where a.{a}",
    "select id from {table} where not ({a}) order by {value}, id limit 5",
    "select id from {table} where ({a}) and ({b}) limit 400",
    "select id from {table} where {a} union select id from {table} where {b}",
    "select * from {table} where {a}",
    "select max({value}), min({value}), count({value}) filter (where {a}) from {table}",
    "select id from {table} x where exists (select 1 from {table} y where y.{value} = x.{value} and y.id <> x.id)",
    "select c.id, v.id from contacts c left join conversations v on v.contact_id = c.id and v.attr.\"Topic\" > 'C'",
)
VALUES = {
    "contacts": ("plan", "job_role", "seats", "trial_ends_at"),
    "companies": ("account_tier", "contract_ends_at"),
    "conversations": ("Topic", "Seats at risk", "Renewal at risk", "Callback at", "Contract value"),
    "tickets": ("Severity", "Seats affected", "Reproduced", "Due", "Amount", "Reason"),
}
WAYS: tuple[Fresh, ...] = ("refetch", "session", "live", "session")


def condition(chance: random.Random, whole: duckdb.DuckDBPyConnection, table: str) -> str:
    """Invent a condition on an attribute, with some of its values."""
    name = identifier(chance.choice(VALUES[table]))
    found = whole.execute(f"select distinct attr.{name}::varchar as v from {table} where v is not null order by v")
    known = [f"'{value}'" for (value,) in found.fetchall()]
    values = chance.sample(known, min(3, len(known)))
    tests = (f"= {values[0]}", f"<> {values[0]}", f"in ({', '.join(values)})", f"> {values[0]}", "is null")
    return f"attr.{name} {chance.choice(tests)}"


@pytest.mark.parametrize("table", HOLDERS)
def test_random_queries_are_answered_as_over_all_data(
    desk: Workspace, plainly: duckdb.DuckDBPyConnection, table: str
) -> None:
    chance, rows = random.Random(table), 0  # noqa: S311
    for number, shape in enumerate(SHAPES):
        query = shape.format(
            table=table,
            value=f"attr.{identifier(chance.choice(VALUES[table]))}",
            a=condition(chance, plainly, table),
            b=condition(chance, plainly, table),
        )
        whole = query.replace("select *", "select * exclude (attr)", int(query.startswith("select *")))
        expected = result_frame(plainly.execute(whole), Receipt(""))
        options = {"apart": MEMORY} if number % 8 == 5 else {}
        found = answered(desk, query, WAYS[number % 4], **options)
        differs = difference(rows_of(expected), found)
        assert not differs, f"{query}\n{differs}"
        rows += len(found)
    assert rows > 50


# --- names -------------------------------------------------------------------------------------------

TWINS = ("Plan", "plan", "PLAN", "a.b", "A.B")


def test_any_name_names_its_own_attribute(begin: Begin) -> None:
    document = {name: f"value {number}" for number, name in enumerate(HOSTILE)}
    _, ws = begin(records=of_contacts([defined(name, "string") for name in HOSTILE], document, {}))
    in_sql = {each.name: name for name, each in named(Attribute(name, "string") for name in HOSTILE).items()}
    assert set(HOSTILE) - in_sql.keys() == {""}
    for number, name in enumerate(HOSTILE):
        if name:
            query = f"select id from contacts where attr.{identifier(in_sql[name])} = 'value {number}'"
            assert answered(ws, query) == [("c0",)], name


@pytest.mark.parametrize(
    "name", ["order", "select", "from", "default", "attr", "id", "custom_attributes", "created_at"]
)
def test_names_of_keywords_and_columns_need_no_quotes(begin: Begin, name: str) -> None:
    _, ws = begin(records=of_contacts([defined(name, "string")], {name: "c1"}, {name: "c0"}))
    assert answered(ws, f"select id, contacts.attr.{name} from contacts order by id") == [("c0", "c1"), ("c1", "c0")]
    joined = f"select a.id, b.id from contacts a join contacts b on b.id = a.attr.{name} where a.id = 'c0'"
    assert answered(ws, joined, "refetch") == [("c0", "c1")]


def test_names_that_differ_by_case_have_the_places_of_their_capitals() -> None:
    found = {name: each.name for name, each in named(Attribute(name, "string") for name in TWINS).items()}
    assert found == {"PLAN_1_2_3_4": "PLAN", "Plan_1": "Plan", "plan_0": "plan", "A.B_1_3": "A.B", "a.b_0": "a.b"}


def test_such_a_name_means_the_same_whatever_else_is_defined() -> None:
    for some in (TWINS[:2], TWINS[:3], TWINS, ("plan_0", *TWINS), tuple(reversed(TWINS))):
        found = {each.name: name for name, each in named(Attribute(name, "string") for name in some).items()}
        assert found["Plan"] == "Plan_1"
        assert found["plan"] == ("plan_0_" if "plan_0" in some else "plan_0")


def test_the_bare_name_of_twins_is_refused_with_both(begin: Begin) -> None:
    _, ws = begin(
        records=of_contacts([defined("Plan", "string"), defined("plan", "integer")], {"Plan": "a", "plan": 1})
    )
    assert answered(ws, "select attr.plan_1, attr.plan_0 from contacts") == [("a", 1)]
    with pytest.raises(BadQueryError, match=r"several differ by case only, which are attr\.Plan_1 and attr\.plan_0"):
        ws.sql("select attr.plan from contacts")


# --- what is fetched ---------------------------------------------------------------------------------


def test_a_comparison_is_pushed_down_as_that_of_the_json_is(desk: Workspace) -> None:
    for typed in (
        "select count(*) from contacts c where c.attr.plan = 'Growth'",
        "select c.id from contacts c join companies k on k.id = c.company_ids[1] where c.attr.plan in ('Growth', 'x')",
        "select id from (select id, c.attr.plan as plan from contacts c) where plan = 'Growth' and id > '5'",
    ):
        plans = [
            desk.plan(each).query("table == 'contacts'").drop(columns="seconds").reset_index(drop=True)
            for each in (typed, typed.replace("attr.", "custom_attributes->>").replace(">>plan", ">>'plan'"))
        ]
        pd.testing.assert_frame_equal(*plans)
    assert plans[0]["pushed"].iloc[-1] == "custom_attributes->>'plan' = Growth"


def test_requests_are_those_of_the_json_and_one_for_the_definitions(begin: Begin) -> None:
    _, ws = begin()
    ws.sql("select 1 from contacts where role = 'nobody'")  # so that a session's first requests are made
    counts = [
        told(ws.sql(f"select id from contacts where {name} = 'Growth'", fresh="refetch"))["requests"]
        for name in ("custom_attributes->>'plan'", "attr.plan", "attr.plan")
    ]
    assert counts == [counts[0], counts[0] + 1, counts[0]]
    ws.refresh()
    assert told(ws.sql("select id from contacts where attr.plan = 'Growth'", fresh="refetch"))["requests"] == counts[1]


def test_a_plan_counts_the_definitions(begin: Begin) -> None:
    _, ws = begin()
    query = 'select c.attr.plan, v.attr."Topic" from contacts c join conversations v on v.contact_id = c.id'
    counted = ws.plan(query).query("table == 'attributes'")["requests"].tolist()
    assert counted == [2]
    assert ws.plan(query).query("table == 'attributes'")["note"].tolist() == [
        "definitions of contacts.attr, conversations.attr: cached"
    ]


def test_the_definitions_count_among_the_requests_of_a_query(begin: Begin) -> None:
    _, ws = begin()
    with pytest.raises(BadQueryError, match=r"needs 2 requests or more, 1 of them for .*max_requests=1"):
        ws.sql("select attr.plan from contacts", max_requests=1)


@pytest.mark.parametrize(
    "query",
    [
        "select id as attr from contacts where role = 'attr'",
        "select attr.name from tags attr join contacts c on list_contains(c.tag_ids, attr.id)",
        "with attr as (select id from contacts) select attr.id from attr",
        "select attr from (select name as attr from tags) t, contacts c",
        "select custom_attributes->>'attr' from contacts",
    ],
)
def test_a_query_that_means_something_else_by_attr_costs_nothing_more(begin: Begin, query: str) -> None:
    _, ws = begin()
    ws.sql(query)
    assert not [each for each in ws.fetches["table"] if each == "attributes"]


def test_a_column_attr_of_an_own_frame_is_that_of_the_frame(desk: Workspace) -> None:
    mine = pd.DataFrame({"attr": ["x", "y"]})
    assert answered(desk, "select attr from mine, contacts limit 1", frames={"mine": mine}) == [("x",)]


def test_only_the_tables_whose_attributes_are_named_are_asked_about(begin: Begin) -> None:
    _, ws = begin()
    ws.sql("select c.attr.plan from contacts c, companies k, conversations v")
    assert (
        ws.plan("select c.attr.plan from contacts c, companies k")["note"]
        .iloc[0]
        .startswith("definitions of contacts.attr:")
    )
    assert told(ws.sql("select k.attr.account_tier from companies k", fresh="session"))["requests"] == 1


def test_a_limit_reads_on_past_values_that_do_not_fit(begin: Begin) -> None:
    documents = [{"x": {"nested": 1}}] * 300 + [{"x": "a"}] * 2
    _, ws = begin(records=of_contacts([defined("x", "string")], *documents))
    assert len(ws.sql("select id from contacts where attr.x <> 'b' order by created_at limit 2")) == 2
    assert len(ws.sql("select id from contacts where attr.x <> 'b' limit 2", fresh="refetch")) == 2


def test_a_join_on_an_attribute_called_like_a_column_is_not_taken_for_the_column() -> None:
    attributes = (Attribute("id", "string"), Attribute("contact_id", "string"), Attribute("open", "boolean"))
    for query in (
        "select 1 from contacts c join conversations v on v.contact_id = c.attr.id",
        "select 1 from contacts c join conversations v on v.attr.contact_id = c.id",
        "select 1 from (select attr.* from contacts) c join conversations v on v.contact_id = c.id",
    ):
        assert planned(query, *attributes).edges == []
    found = planned("select 1 from conversations where attr.open and not (attr.open and open)", *attributes)
    assert [test for scan in found.scans for test in predicates.tests(scan.predicate)] == []


def test_joins_beside_an_attribute_restrict_what_is_fetched() -> None:
    query = (
        "select e.event_name from contacts c join events e on e.intercom_user_id = c.id where c.attr.plan = 'Growth'"
    )
    found = planned(query, Attribute("plan", "string"))
    assert [(edge.scan.table, edge.source.table) for edge in found.edges if edge.scan.table == "events"] == [
        ("events", "contacts")
    ]
    (people,) = [scan for scan in found.scans if scan.table == "contacts"]
    assert people.predicate == predicates.Test("custom_attributes", "=", "Growth", "plan")


# --- results -----------------------------------------------------------------------------------------


def test_a_star_shows_the_column_only_if_the_query_names_it_whole(desk: Workspace) -> None:
    columns = [column.name for column in TABLES["contacts"].columns]
    one = desk.sql("select * from contacts where attr.plan is not null order by attr.seats, id")
    assert list(one) == columns
    assert rows_of(one) == answered(
        desk,
        "select * from contacts where custom_attributes->>'plan' is not null "
        "order by (custom_attributes->>'seats')::bigint, id",
    )
    assert list(desk.sql("select *, attr as whole from contacts")) == [*columns, "attr", "whole"]
    both = "select * from contacts c join companies k on k.id = c.company_ids[1]"
    assert list(desk.sql(f"{both} where c.attr.plan <> k.attr.account_tier")) == list(desk.sql(both))


def test_attr_star_has_a_column_for_each_attribute(desk: Workspace) -> None:
    assert set(desk.sql("select attr.* from contacts")) == {
        "plan",
        "job_role",
        "seats",
        "trial_ends_at",
        "legacy_score",
    }


def test_the_views_of_conversations_still_read_them(desk: Workspace) -> None:
    query = (
        "select t.tag_id from conversation_tags t join conversations v on v.id = t.conversation_id where {} = 'Billing'"
    )
    assert answered(desk, query.format('v.attr."Topic"')) == answered(
        desk, query.format("(v.custom_attributes->>'Topic')")
    )


def test_explain_and_pivot_may_name_attributes(desk: Workspace) -> None:
    assert "custom_attributes" in desk.sql("explain select attr.plan from contacts")["explain_value"].iloc[0]
    wide = desk.sql("pivot (select attr.plan, role from contacts) on role in ('user', 'lead') using count(*)")
    assert set(wide) == {"plan", "user", "lead"}


def test_two_workspaces_with_different_definitions_do_not_mix(begin: Begin) -> None:
    _, text = begin(records=of_contacts([defined("x", "string")], {"x": "007"}))
    _, number = begin(records=of_contacts([defined("x", "integer"), defined("y", "string")], {"x": "007", "y": "z"}))
    for options in ({}, {"apart": MEMORY}):
        for _ in range(2):
            assert answered(text, "select attr.x from contacts", **options) == [("007",)]
            assert answered(number, "select attr.x from contacts", **options) == [(7,)]
            with pytest.raises(BadQueryError, match="no attribute y"):
                text.sql("select attr.y from contacts", **options)


def test_a_planner_of_a_closed_session_keeps_no_attributes(begin: Begin) -> None:
    records = of_contacts([defined("x", "string")], {"x": "a"})
    _, first = begin(records=records)
    first.sql("select attr.x from contacts")
    first.close()
    _, second = begin(records=of_contacts([], {"x": "a"}))
    with pytest.raises(BadQueryError, match="defines no attributes of contacts"):
        second.sql("select attr.x from contacts")


# --- what cannot be answered ------------------------------------------------------------------------


def test_an_unknown_attribute_is_met_with_the_nearest_and_its_place(desk: Workspace) -> None:
    for options in ({}, {"apart": MEMORY}):
        with pytest.raises(BadQueryError, match=r"contacts have no attribute plann \(line 1, column 12\): .*'plan'\?"):
            desk.sql("select id, c.attr.plann from contacts c", **options)
    with pytest.raises(BadQueryError, match="no attribute plann"):
        desk.plan("select c.attr.plan from contacts c where attr.plann = 'x'")
    with pytest.raises(BadQueryError, match="Ambiguous reference to column name"):
        desk.sql("select attr.plan from contacts a join contacts b on a.id < b.id")


def test_a_lacking_scope_is_told_with_what_works_without_it(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = tuple(
        each._replace(scope=TAGS if each.template == "/data_attributes" else each.scope) for each in ENDPOINTS
    )
    monkeypatch.setattr("intercom_kit.sandbox.app.ENDPOINTS", endpoints)
    _, ws = begin(missing_scopes=["read_tags"])
    with pytest.raises(BadQueryError, match=r"does not list the attributes of contacts: .*custom_attributes->>'name'"):
        ws.sql("select attr.plan from contacts")


def test_masked_attributes_are_text_and_left_out_ones_are_refused(begin: Begin) -> None:
    sandbox, _ = begin()
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="masked") as ws:
        assert set(map(str, ws.sql("select attr.seats, attr.plan from contacts").dtypes)) == {"str"}
        with pytest.raises(BadQueryError, match="masked"):
            ws.sql("select id from contacts where attr.plan = 'Growth'")
    with (
        connect(sandbox.token, base_url=sandbox.base_url, privacy="none") as ws,
        pytest.raises(BadQueryError, match="contacts have no attr"),
    ):
        ws.sql("select attr.plan from contacts")


def test_the_schema_lists_attributes_once_they_are_known(begin: Begin) -> None:
    described = [{**defined("Plan tier", "list"), "label": "Tier", "description": "what they pay for"}]
    _, ws = begin(records=of_contacts(described, {"Plan tier": "gold"}))
    before = ws.schema("contacts")
    assert "attr.name" in before.set_index("column").loc["custom_attributes", "meaning"]
    ws.sql('select attr."plan tier" from contacts')
    (row,) = ws.schema("contacts").iloc[len(before) :].to_dict("records")
    assert row == {
        "column": 'attr."Plan tier"',
        "type": "VARCHAR",
        "unit": "",
        "meaning": "Tier: what they pay for",
        "filter": "",
    }
