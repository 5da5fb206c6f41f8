"""Whatever shape a record has, no row is lost, and each value is in the frame or counted as one that did not fit."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit import Workspace
from intercom_kit.api.heads import read_page
from intercom_kit.fetch.landing import NULLS, Landing
from intercom_kit.fetch.staging import Staging
from intercom_kit.frames.frame import Frame
from intercom_kit.frames.receipt import Receipt
from intercom_kit.search.filters import Selection
from intercom_kit.tables import TABLES, Kind, Table
from intercom_kit.tables.misfits import NO_OBJECTS

from ..conftest import NOW, Begin
from .expected import broken, misfits
from .truth import Record, Truth, told

pytestmark = pytest.mark.sampled(4)

UNICODE = "characters that are no Unicode"
# The tables whose records are objects of their own; links and summaries are read from parts of others.
OWN = sorted(name for name, table in TABLES.items() if table.key)

often = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=6),  # lone surrogates and NUL included
    st.sampled_from(["", "\x00", "\ud800", "a\udfffb", "😀", "\u202e", "'", '"', "\\", "null", "$.id", "é", " "]),
)
WORDS = st.sampled_from(["word", "12", "-7", "12.5", "1e3", "2026-01-31", "2026-07-01T10:00:00.123+02:00", "true", "0"])
NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.integers(10**14, 10**15 - 1),
    st.integers(1_600_000_000, 2_800_000_000),
    st.integers(1_600_000_000_000, 1_900_000_000_000),
    st.sampled_from([2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63), 10**17]),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, TEXT)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2), max_leaves=4
)


def records_of(table: Table) -> st.SearchStrategy[Record]:
    """Draw records that mostly look like the table's objects, with anything anywhere in them."""
    shape: Record = {}
    for column in table.columns:
        if not column.path.startswith(("^", "@")):
            place(shape, column.steps, ANYTHING if column.kind is Kind.JSON else SCALARS)
    return drawn(shape, surely=table.key)


def place(node: Record, steps: tuple[str, ...], leaf: Any) -> None:
    key, *rest = steps
    if not rest:
        node.setdefault(key, leaf)
    elif rest[0].startswith("["):
        members = node.setdefault(key, [{}])
        if len(rest) == 1:
            members[0] = leaf
        else:
            place(members[0], tuple(rest[1:]), leaf)
    else:
        place(node.setdefault(key, {}), tuple(rest), leaf)


def drawn(shape: Any, surely: str = "") -> st.SearchStrategy[Any]:
    if isinstance(shape, st.SearchStrategy):
        return shape
    if isinstance(shape, list):
        return st.one_of(st.lists(drawn(shape[0]), max_size=3), st.lists(ANYTHING, max_size=2), SCALARS)
    keys = {key: drawn(inner) for key, inner in shape.items() if key != surely}
    unknown = st.dictionaries(TEXT.filter(lambda key: key not in shape), ANYTHING, max_size=1)

    @st.composite
    def few(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Record:
        # A handful of keys at a time: a record with every key odd takes long to draw and shows no more.
        wanted = draw(st.lists(st.sampled_from(sorted(keys)), max_size=8, unique=True)) if keys else []
        return {**draw(unknown), **{key: draw(keys[key]) for key in wanted}}

    objects: st.SearchStrategy[Any] = few()
    if not surely:
        return st.one_of(objects, objects, objects, ANYTHING)
    return objects


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set global TimeZone = 'UTC'")
        yield connection


def landed(database: duckdb.DuckDBPyConnection, table: Table, records: list[Any]) -> Frame:
    """Land records as one page, as a listing does."""
    page = read_page(json.dumps({"items": records}), "items")
    landing, receipt = Landing(Staging(database), table, "items"), Receipt(table.name)
    try:
        landing.add(page)
        return landing.frame(receipt, Selection())
    finally:
        landing.close()


def in_order(frame: Frame, table: Table, records: list[Record]) -> Any:
    """Put the rows of a frame into the order of their records."""
    return frame.set_index(table.key, drop=False).loc[[record[table.key] for record in records]]


@pytest.mark.parametrize("name", OWN)
def test_nothing_is_lost_or_reported_without_cause(database: duckdb.DuckDBPyConnection, name: str) -> None:
    table = TABLES[name]

    @often
    @given(st.lists(records_of(table), min_size=1, max_size=8))
    def holds(drawn: list[Record]) -> None:
        records = [{**record, table.key: f"id{number}"} for number, record in enumerate(drawn)]
        frame = landed(database, table, records)
        assert len(frame) == len(records)
        reported = dict(told(frame)["misfits"])
        assert bool(reported.pop(UNICODE, 0)) == broken(records)
        assert reported.pop(NULLS, 0) == str(records).count("\\x00")
        assert reported == misfits(table, in_order(frame, table, records), records)

    holds()


@pytest.mark.parametrize("name", OWN)
def test_records_without_an_id_are_kept_and_counted(database: duckdb.DuckDBPyConnection, name: str) -> None:
    nameless: list[Any] = [{}, {"id": None}, {"id": 0}]
    frame = landed(database, TABLES[name], [*nameless, {"id": "a"}, {"id": ""}])
    assert len(frame) == len(nameless) + 2
    assert told(frame)["misfits"] == {"id": len(nameless)}


@pytest.mark.parametrize("name", OWN)
def test_what_is_no_record_is_counted_and_makes_no_row(database: duckdb.DuckDBPyConnection, name: str) -> None:
    frame = landed(database, TABLES[name], [None, {"id": "a"}, 5, "x", {}, [], [1], True, {"id": "b"}, None])
    assert set(frame["id"].dropna()) == {"a", "b"}
    assert len(frame) == 3
    assert told(frame)["misfits"] == {NO_OBJECTS: 7, "id": 1}


@pytest.mark.parametrize("name", OWN)
def test_an_id_may_be_any_number_of_digits(database: duckdb.DuckDBPyConnection, name: str) -> None:
    given_ids = [215474207061545, "215474207061546", 2**53 + 1, 2**63 + 1, 10**25 + 1]
    frame = landed(database, TABLES[name], [{"id": each} for each in given_ids])
    assert set(frame["id"]) == {str(each) for each in given_ids}
    assert told(frame)["misfits"] == {}


def test_a_value_that_does_not_fit_is_named_in_the_repr(database: duckdb.DuckDBPyConnection) -> None:
    frame = landed(database, TABLES["contacts"], [{"id": "a", "created_at": "long ago"}, {"id": "b", "location": "x"}])
    assert told(frame)["misfits"] == {"created_at": 1, "location": 1}
    assert "values that did not fit: created_at (1), location (1)" in repr(frame)


def test_an_empty_body_is_none(database: duckdb.DuckDBPyConnection) -> None:
    bodies = {"a": "", "b": None, "c": " ", "d": "<p></p>"}
    parts = landed(database, TABLES["conversation_parts"], [{"id": id, "body": body} for id, body in bodies.items()])
    records = [{"id": id, "source": {"body": body, "subject": body}} for id, body in bodies.items()]
    conversations = landed(database, TABLES["conversations"], records).set_index("id")
    assert parts.set_index("id")["body"].dropna().to_dict() == {"c": " ", "d": "<p></p>"}
    assert conversations["source_body"].dropna().to_dict() == {"c": " ", "d": "<p></p>"}
    assert conversations.loc["a", "source_subject"] == ""
    assert told(parts)["misfits"] == {}


def test_keys_that_differ_in_case_only_are_other_keys(database: duckdb.DuckDBPyConnection) -> None:
    frame = landed(database, TABLES["contacts"], [{"id": "a", "Name": "x", "NAME": "y", "name": "z", "ID": "b"}])
    assert list(frame[["id", "name"]].iloc[0]) == ["a", "z"]


def test_nothing_that_the_sandbox_makes_is_reported(ws: Workspace) -> None:
    contacts, conversations = ws.contacts(include=["companies", "tags", "segments"]), ws.conversations(None)
    some = contacts.head(30)
    frames = [contacts, conversations, ws.companies(), ws.segments(include_count=True), ws.teams(), ws.admins()]
    frames += [ws.tags(), ws.events(some), ws.event_summaries(some), ws.conversation_parts(conversations.head(30))]
    frames += [ws.conversation(conversations["id"][0]), ws.contact(contacts["id"][0])]
    for frame in frames:
        assert told(frame)["misfits"] == {}
        assert len(frame) > 0


def test_every_value_that_the_sandbox_makes_is_in_the_frames(ws: Workspace, truth: Truth) -> None:
    pairs = [
        ("contacts", ws.contacts(), truth.contacts()),
        ("companies", ws.companies(), truth.companies()),
        ("conversations", ws.conversations(None), truth.conversations()),
        ("segments", ws.segments(), truth.get("/segments")["segments"]),
        ("teams", ws.teams(), truth.get("/teams")["teams"]),
        ("admins", ws.admins(), truth.get("/admins")["admins"]),
        ("tags", ws.tags(), truth.get("/tags")["data"]),
    ]
    for name, frame, records in pairs:
        assert misfits(TABLES[name], in_order(frame, TABLES[name], records), records) == {}


ODD: list[Record] = [
    {"id": "1", "created_at": NOW, "name": "\ud800 half", "tags": "none", "location": ["x"]},
    {"id": 215474207061545, "created_at": NOW * 1000, "name": {"first": "x"}, "companies": {"total_count": "many"}},
    {"id": "3", "created_at": "2026-01-31T00:00:00Z", "has_hard_bounced": "perhaps", "unknown": [[[]]]},
    {"id": "4", "created_at": None, "custom_attributes": [1, None], "email": "a\x00b"},
]


@pytest.mark.parametrize("beside", ["", '"\\ud800", '])
def test_what_is_nested_too_deep_to_be_read_is_no_answer(beside: str) -> None:
    with pytest.raises(ValueError, match="no object with a list"):
        read_page(f'{{"items": [{beside}{"[" * 100_000}{"]" * 100_000}]}}', "items")


def test_odd_records_arrive_over_http_as_well(begin: Begin) -> None:
    _, ws = begin(records={"contacts": ODD})
    for frame in (ws.contacts(), ws.contacts(role=None)):
        records = {str(record["id"]): record for record in ODD}
        assert set(frame["id"]) == set(records)
        reported = dict(told(frame)["misfits"])
        assert reported.pop(UNICODE) == 1
        assert reported.pop(NULLS) == 1
        assert reported == misfits(TABLES["contacts"], frame, [records[id_] for id_ in frame["id"]])
        assert set(reported) == {"tags", "location", "company_count", "has_hard_bounced"}


def test_a_record_without_a_usable_id_comes_once_however_often_the_list_is_read(begin: Begin) -> None:
    _, ws = begin(records={"contacts": [{"id": 0, "created_at": 1, "name": "x"}, {"id": "2", "created_at": 2}]})
    frame = ws.contacts()
    assert len(frame) == 2
    assert told(frame)["misfits"] == {"id": 1}
