"""The caller's own frames are joined like tables: what they hold tells which rows to ask for."""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.sandbox import serve

from .whole import Whole, difference, rows_of

# Each query, and at most how many requests it takes for the four contacts of the frame.
JOINED = {
    "events by external id": (
        "select m.customer, e.id from mine m join events e on e.user_id = m.customer",
        5,  # one finds the contacts, since leads have no events by external ids
    ),
    "contacts": ("select k.id, m.plan from mine m join contacts k on k.external_id = m.customer", 1),
    "a list": ("select id from contacts where id in (select contact from mine)", 1),
    "only some of them": (
        "select k.id from mine m join contacts k on k.id = m.contact where m.plan = 'gold' and k.role = 'user'",
        1,
    ),
    "their events, or none": (
        "select k.id, count(e.id) from mine m join contacts k on k.external_id = m.customer "
        "left join events e on e.intercom_user_id = k.id group by 1",
        5,
    ),
    "their conversations": (
        "select m.plan, count(*) from mine m join conversations c on c.contact_id = m.contact group by 1",
        1,
    ),
    "through a query": (
        "with gold as (select * from mine where plan = 'gold') "
        "select t.* from gold g join contact_tags t on t.contact_id = g.contact",
        2,
    ),
}


@pytest.fixture(scope="module")
def mine(whole: Whole) -> Iterator[pd.DataFrame]:
    """Four users, two of a plan, and one whom Intercom does not know; plain DuckDB has them, too."""
    frame = whole.database.execute(
        "select id as contact, external_id as customer, if(row_number() over (order by id) > 2, 'gold', 'free') "
        "as plan from contacts where role = 'user' and external_id is not null order by id limit 4"
    ).df()
    frame = pd.concat([frame, pd.DataFrame([{"contact": "nobody", "customer": None, "plan": "free"}])])
    whole.database.register("mine", frame)
    yield frame
    whole.database.unregister("mine")


@pytest.fixture
def ws(live: Workspace) -> Iterator[Workspace]:
    """A session that holds nothing."""
    with connect(live._credential.token.reveal(), base_url=live._session.transport.base_url) as workspace:
        assert workspace.identity
        yield workspace


@pytest.mark.parametrize(("query", "most"), JOINED.values(), ids=JOINED)
def test_what_a_frame_holds_is_asked_for_alone(
    ws: Workspace, whole: Whole, mine: pd.DataFrame, query: str, most: int
) -> None:
    answer = ws.sql(query, frames={"mine": mine})
    assert not difference(whole.rows(query), rows_of(answer))
    assert answer.attrs["intercom"]["requests"] <= most + (" contact_tags" in query)  # for the one who is not known


def test_a_plan_says_that_a_frame_tells_which_rows_and_how_many(ws: Workspace, mine: pd.DataFrame) -> None:
    ws.forget()
    plan = ws.plan(JOINED["events by external id"][0], frames={"mine": mine})
    assert plan["depends"].tolist() == ["user_id in mine.customer"]
    one_to_find_the_contacts = 1
    assert plan["requests"].tolist() == [mine["customer"].nunique() + one_to_find_the_contacts]


def test_rows_that_a_frame_keeps_need_no_partner(ws: Workspace, whole: Whole, mine: pd.DataFrame) -> None:
    query = "select m.contact, k.name from mine m left join contacts k on k.id = m.contact"
    assert not difference(whole.rows(query), rows_of(ws.sql(query, frames={"mine": mine})))


def test_rows_that_no_frame_restricts_are_all_asked_for(ws: Workspace, whole: Whole, mine: pd.DataFrame) -> None:
    query = "select k.id, m.plan from contacts k left join mine m on k.id = m.contact"
    assert not difference(whole.rows(query), rows_of(ws.sql(query, frames={"mine": mine})))


def test_a_frame_without_the_keys_is_refused_as_without_it(ws: Workspace) -> None:
    with pytest.raises(BadQueryError, match="only for a given"):
        ws.sql("select e.id from mine m, events e where m.a = 1", frames={"mine": pd.DataFrame({"a": [1]})})


def test_a_frame_without_rows_asks_for_none(ws: Workspace, mine: pd.DataFrame) -> None:
    answer = ws.sql(JOINED["events by external id"][0], frames={"mine": mine.astype("str").head(0)})
    assert (len(answer), answer.attrs["intercom"]["requests"]) == (0, 0)


# An id of the frame's own, or of contacts: the frame's ids are users of other addresses than its own.
IDS = {
    "of the frame": (
        "select c.id, k.id from mine m join contacts k on k.email = m.email join conversations c on c.contact_id = m.id"
    ),
    "of contacts": (
        "select c.id, m.id from mine m join contacts k on k.email = m.email join conversations c on c.contact_id = k.id"
    ),
    "of both": (
        "select e.id, k.name from mine m join contacts k on k.id = m.id join events e on e.intercom_user_id = k.id"
    ),
    "of the frame, or none": (
        "select e.id, k.name from mine m left join contacts k on k.id = m.id and k.role = 'lead' "
        "join events e on e.intercom_user_id = m.id"
    ),
}


@pytest.mark.parametrize("query", IDS.values(), ids=IDS)
def test_a_frames_ids_are_not_taken_for_those_of_contacts(
    ws: Workspace, whole: Whole, mine: pd.DataFrame, query: str
) -> None:
    customers = whole.database.execute(
        "select id, lead(email, 20) over (order by id) as email from contacts where role = 'user' order by id limit 8"
    ).df()
    whole.database.execute("create temp table ours as select * from customers")
    answer = ws.sql(query, frames={"mine": customers})
    expected = whole.rows(query.replace("mine m", "ours m"))
    whole.database.execute("drop table ours")
    assert expected
    assert not difference(expected, rows_of(answer))


def test_ids_that_may_be_the_frames_or_those_of_contacts_are_no_keys(ws: Workspace) -> None:
    customers = pd.DataFrame({"id": ["1"], "email": ["ann@example.com"]})
    with pytest.raises(BadQueryError, match="only for a given"):
        ws.sql(
            "select e.id, k.id from mine m join contacts k on k.email = m.email "
            "join events e on e.intercom_user_id = m.id",
            frames={"mine": customers},
        )


@pytest.mark.parametrize("name", ["order", "user", "Kunden", "größe", "given"])
def test_a_frame_may_have_any_plain_name(ws: Workspace, mine: pd.DataFrame, name: str) -> None:
    query = 'select t.tag_name from "{}" m join contact_tags t on t.contact_id = m.contact'
    expected = rows_of(ws.sql(query.format("mine"), frames={"mine": mine}))
    assert not difference(expected, rows_of(ws.sql(query.format(name), frames={name: mine})))


def test_a_column_of_several_words_has_keys_too(ws: Workspace, mine: pd.DataFrame) -> None:
    query = 'select m."Customer ID", e.id from mine m join events e on e.user_id = m."Customer ID"'
    answer = ws.sql(query, frames={"mine": mine.rename(columns={"customer": "Customer ID"})})
    assert not difference(rows_of(ws.sql(JOINED["events by external id"][0], frames={"mine": mine})), rows_of(answer))


# Plans print names without quotes, so that these could be read as conditions on other columns.
NAMES = {
    "not gold": 'm."not gold"',
    "gold or free": "m.\"gold or free\" = 'free'",
    "plan) is null or (gold": "m.\"plan) is null or (gold\" = 'free'",
    "true": 'not m."true"',
    "gold\nfree": 'm."gold\nfree"',
}


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_column_is_not_read_as_a_condition(
    ws: Workspace, whole: Whole, mine: pd.DataFrame, name: str
) -> None:
    ours = mine.assign(gold=mine["plan"] == "gold", free=True)
    ours[name] = mine["plan"] if "or" in name else mine["plan"] != "gold"
    query = f"select k.id from mine m join contacts k on k.id = m.contact where {NAMES[name]}"
    whole.database.register("ours", ours)
    expected = whole.rows(query.replace("mine m", "ours m"))
    whole.database.unregister("ours")
    assert expected
    assert not difference(expected, rows_of(ws.sql(query, frames={"mine": ours})))


def test_a_name_of_two_lines_is_not_taken_for_two_columns(ws: Workspace, whole: Whole, mine: pd.DataFrame) -> None:
    ours = mine.assign(**{"the\ncontact": mine["contact"], "contact": "nobody"})
    query = 'select k.id from mine m join contacts k on k.id = m."the\ncontact"'
    expected = whole.rows("select k.id from mine m join contacts k on k.id = m.contact")
    assert expected
    assert not difference(expected, rows_of(ws.sql(query, frames={"mine": ours})))


def test_two_frames_of_one_name_in_other_cases_are_refused(ws: Workspace, mine: pd.DataFrame) -> None:
    with pytest.raises(BadQueryError, match="'MINE'"):
        ws.sql("select * from mine", frames={"mine": mine, "MINE": mine})


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(), pd.DataFrame({"month": pd.period_range("2026-01", periods=2, freq="M")})]
)
def test_a_frame_that_can_be_no_table_is_refused(ws: Workspace, frame: pd.DataFrame) -> None:
    with pytest.raises(BadQueryError, match="The frame 'mine' cannot be a table"):
        ws.sql("select 1 from mine", frames={"mine": frame})


def test_frames_are_gone_after_the_query_also_where_it_fails(ws: Workspace, mine: pd.DataFrame) -> None:
    with pytest.raises(BadQueryError):
        ws.sql("select nothing from mine", frames={"mine": mine})
    with pytest.raises(BadQueryError, match="no table mine"):
        ws.sql("select * from mine")
    assert ws.held.empty


def test_frames_come_by_their_names(ws: Workspace, mine: pd.DataFrame) -> None:
    with pytest.raises(BadRequestError, match="by the names"):
        ws.sql("select * from mine", frames=mine)


NOW = int(time.time())
LARGE = 215474207061545
NUMBERED = {
    "contacts": [
        {"id": f"63aa{number}", "external_id": external_id, "created_at": NOW - 9, "updated_at": NOW - 9}
        for number, external_id in enumerate(["ann", "1001", "1002"])
    ],
    "conversations": [
        {"id": str(LARGE + number), "created_at": NOW - 9, "updated_at": NOW - 9, "state": "open"}
        for number in range(2)
    ],
    "events": [
        {"id": f"e{number}", "event_name": "seen", "created_at": NOW - 5, "user_id": f"100{number}"}
        for number in (1, 2)
    ],
}

# What pandas makes of a column of ids as soon as one is missing, and others that are no text.
HELD = {
    "floats": lambda ids: pd.Series([*map(float, ids), None]),
    "integers": pd.Series,
    "nullable integers": lambda ids: pd.Series([*ids, None], dtype="Int64"),
    "objects": lambda ids: pd.Series([*ids, None], dtype=object),
    "decimals": lambda ids: pd.Series([Decimal(each) for each in ids]),
}

# Queries with the numbers that the frame holds, and what they find.
COMPARED = {
    "conversations": ("select c.id from conversations c join mine m on c.id = m.key", [LARGE], [str(LARGE)]),
    "contacts": ("select k.id from contacts k join mine m on k.external_id = m.key", [1001], ["63aa1"]),
    "events": ("select e.id from events e join mine m on e.user_id = m.key", [1001, 1002], ["e1", "e2"]),
    "a list": ("select id from conversations where id in (select key from mine)", [LARGE + 1], [str(LARGE + 1)]),
    "of a query": (
        "with mine2 as (select key as k from mine where key is not null) "
        "select c.id from mine2 join conversations c on c.id = mine2.k",
        [LARGE],
        [str(LARGE)],
    ),
    "or none": (
        "select m.key as id from mine m left join conversations c on c.id = m.key where m.key is not null",
        [7],
        ["7"],
    ),
}


@pytest.fixture(scope="module")
def numbered() -> Iterator[Workspace]:
    with serve(records=NUMBERED, now=NOW) as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        yield workspace


@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
@pytest.mark.parametrize(("query", "keys", "found"), COMPARED.values(), ids=COMPARED)
def test_numbers_that_are_compared_with_ids_are_ids(
    numbered: Workspace, held: Callable[[list[int]], pd.Series], query: str, keys: list[int], found: list[str]
) -> None:
    answer = numbered.sql(query, frames={"mine": pd.DataFrame({"key": held(keys)})})
    assert sorted(answer["id"]) == found


def test_ids_that_are_numbers_tell_which_rows_to_ask_for(numbered: Workspace) -> None:
    mine = pd.DataFrame({"key": [1001.0, None], "spent": [3.0, 4.0]})
    query = "select e.id from events e join mine m on e.user_id = m.key"
    assert numbered.plan(query, frames={"mine": mine})["requests"].tolist() == [1]
    assert numbered.sql(query, frames={"mine": mine}).attrs["intercom"]["requests"] <= 2


def test_numbers_that_are_compared_with_none_stay_numbers(numbered: Workspace) -> None:
    mine = pd.DataFrame({"key": [1001.0, None], "spent": [3.0, 4.0]})
    query = "select m.spent, m.spent / 2 as half from mine m left join contacts k on k.external_id = m.key order by 1"
    answer = numbered.sql(query, frames={"mine": mine})
    assert answer.to_numpy().tolist() == [[3.0, 1.5], [4.0, 2.0]]
    assert answer["spent"].dtype == "float64"


@pytest.mark.parametrize("key", [1e17, 2.0**53 + 2])
def test_floats_too_large_to_be_exact_ids_are_refused(numbered: Workspace, key: float) -> None:
    query = "select c.id from conversations c join mine m on c.id = m.key"
    with pytest.raises(BadQueryError, match="dtype=str"):
        numbered.sql(query, frames={"mine": pd.DataFrame({"key": [key]})})
    assert len(numbered.sql("select key from mine", frames={"mine": pd.DataFrame({"key": [key]})})) == 1


@pytest.mark.parametrize(
    "column", ["Kunden-Nr.", 'the "id"', "Customer\nID", "not churned", "a or b", "user", "1", "📈"]
)
def test_a_column_of_any_name_has_keys_and_conditions(ws: Workspace, mine: pd.DataFrame, column: str) -> None:
    name = '"' + column.replace('"', '""') + '"'
    query = (
        "select m.contact, e.id from mine m join events e on e.user_id = m.{0} where m.{0} <> 'nobody' and m.{0} > ''"
    )
    expected = rows_of(ws.sql(query.format("customer"), frames={"mine": mine}))
    answer = ws.sql(query.format(name), frames={"mine": mine.rename(columns={"customer": column})})
    assert expected
    assert not difference(expected, rows_of(answer))


@pytest.mark.parametrize("column", ["x = 1 or y", "not x", "x", "false"])
def test_the_name_of_a_column_is_no_condition(ws: Workspace, mine: pd.DataFrame, column: str) -> None:
    also = mine.assign(x=True, y=False).rename(columns={"x": column})
    query = f'select t.tag_name from mine m join contact_tags t on t.contact_id = m.contact where m."{column}" = true'
    expected = rows_of(
        ws.sql("select t.tag_name from mine m join contact_tags t on t.contact_id = m.contact", frames={"mine": mine})
    )
    assert not difference(expected, rows_of(ws.sql(query, frames={"mine": also})))
