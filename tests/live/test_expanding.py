"""Attributes as columns: each of its declared type, and what does not fit is counted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadFilterError
from intercom_kit.frames.frame import Frame
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.sandbox.endpoints import ENDPOINTS, TAGS
from intercom_kit.tables import TABLES
from intercom_kit.tables.privacy import may_be_masked

from ..conftest import NOW, Begin
from .truth import told, values

COLUMN = {
    "contacts": "custom_attributes",
    "companies": "custom_attributes",
    "conversations": "custom_attributes",
    "tickets": "attributes",
}
TYPES = {
    "string": "str",
    "list": "str",
    "integer": "Int64",
    "float": "float64",
    "decimal": "float64",
    "boolean": "boolean",
    "date": "datetime64[us, UTC]",
    "datetime": "datetime64[us, UTC]",
    "relationship": "object",
    "files": "str",
}
MODELS = {"contact": "contacts", "company": "companies", "conversation": "conversations", "ticket": "tickets"}


@pytest.fixture(scope="module")
def desk_sandbox() -> Iterator[Sandbox]:
    """A sandbox with tickets that nobody changes."""
    with serve(conversations=80, contacts=60, companies=10, tickets=160, now=NOW, rate_limit=1_000_000) as running:
        yield running


@pytest.fixture(scope="module")
def desk(desk_sandbox: Sandbox) -> Iterator[Workspace]:
    with connect(desk_sandbox.token, base_url=desk_sandbox.base_url) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def masked(desk_sandbox: Sandbox) -> Iterator[Workspace]:
    with connect(desk_sandbox.token, base_url=desk_sandbox.base_url, privacy="masked") as workspace:
        yield workspace


def expanded(ws: Workspace, table: str, **options: Any) -> Frame:
    frame: Frame = getattr(ws, table)(expand=COLUMN[table], **options)
    return frame


def added(frame: pd.DataFrame) -> dict[str, str]:
    """Give the names and types of the columns of attributes."""
    return {name: str(frame[name].dtype) for name in frame if "." in name}


def plainly(data_type: str, value: Any) -> Any:
    """Give a generated value as its column should hold it, worked out without DuckDB."""
    match data_type:
        case "integer":
            return None if value is None else int(value)
        case "boolean":
            return {"true": True, "false": False}.get(value, value)
        case "date" | "datetime":
            if value is None:
                return None
            return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else datetime.fromisoformat(value)
        case "relationship":
            return None if value is None else [each["id"] for each in value["instances"]]
        case "files":
            return None if value is None else json.loads(json.dumps(value))
        case "any":
            return None if value is None else str(value)
    return value


# --- the sandbox's own attributes --------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_every_active_attribute_has_a_column_of_its_declared_type(desk: Workspace, model: str) -> None:
    table = MODELS[model]
    frame = expanded(desk, table, limit=None)
    defined = desk.attributes().query("model == @model and custom")
    kinds = defined.groupby("full_name")["data_type"].agg(lambda types: {TYPES[each] for each in types})
    whole = {f"{COLUMN[table]}.{name.removeprefix('custom_attributes.')}": kind for name, kind in kinds.items()}
    active = {name.removeprefix("custom_attributes.") for name in defined[~defined["archived"]]["full_name"]}
    for name, dtype in added(frame).items():
        assert {dtype} == (whole[name] if len(whole[name]) == 1 else {"str"})
    assert {f"{COLUMN[table]}.{name}" for name in active} <= set(added(frame))


@pytest.mark.parametrize("model", MODELS)
def test_the_columns_hold_what_the_json_holds(desk: Workspace, model: str) -> None:
    table = MODELS[model]
    frame = expanded(desk, table, limit=None)
    documents = [json.loads(text) for text in frame[COLUMN[table]]]
    types = desk.attributes().query("model == @model").groupby("full_name")["data_type"].unique()
    compared = 0
    for full_name, declared in types.items():
        name = full_name.removeprefix("custom_attributes.")
        data_type = declared[0] if len({TYPES[each] for each in declared}) == 1 else "any"
        if f"{COLUMN[table]}.{name}" in frame:
            found = values(frame, f"{COLUMN[table]}.{name}")
            if data_type == "files":
                found = [None if text is None else json.loads(text) for text in found]
            assert found == [plainly(data_type, document.get(name)) for document in documents], name
            compared += sum(value is not None for value in found)
    assert compared
    assert told(frame)["misfits"] == {}


@pytest.mark.parametrize("table", COLUMN)
def test_the_other_columns_stay_as_they_are(desk: Workspace, table: str) -> None:
    frame, without = expanded(desk, table, limit=20), getattr(desk, table)(20)
    pd.testing.assert_frame_equal(pd.DataFrame(frame[without.columns]), pd.DataFrame(without), check_flags=False)


def test_declared_columns_never_have_the_name_of_an_attribute() -> None:
    assert not [column.name for table in TABLES.values() for column in table.columns if "." in column.name]


@pytest.mark.parametrize("table", [table for table in COLUMN if table != "companies"])
def test_an_empty_frame_has_the_columns_of_every_active_attribute(begin: Begin, table: str) -> None:
    _, ws = begin(tickets=20)
    empty, full = (expanded(ws, table, limit=None, **when) for when in ({"since": "2035-01-01"}, {}))
    assert empty.empty
    archived = {f"{COLUMN[table]}.{name}" for name in ("Browser", "Old reason", "custom_attributes.legacy_score")}
    assert added(empty) == {name: kind for name, kind in added(full).items() if name not in archived}


def test_no_companies_have_the_same_columns(begin: Begin) -> None:
    records = {"data_attributes": [{**defined("tier", "list"), "model": "company"}]}
    _, ws = begin(records=records)
    assert added(expanded(ws, "companies")) == {"custom_attributes.tier": "str"}


def test_searches_expand_too(desk: Workspace) -> None:
    assert added(desk.search_contacts("a", expand="custom_attributes")) == added(expanded(desk, "contacts"))
    found = desk.search_conversations("the", expand=["custom_attributes"], limit=5)
    assert "custom_attributes.Topic" in found
    assert found["custom_attributes.Topic"].tolist() == [
        json.loads(text).get("Topic") for text in found["custom_attributes"]
    ]


def test_the_definitions_cost_one_request_a_session(begin: Begin) -> None:
    _, ws = begin()
    without = told(ws.contacts(3))["requests"]
    assert told(expanded(ws, "contacts", limit=3))["requests"] == without + 1
    assert told(expanded(ws, "contacts", limit=3))["requests"] == without
    assert told(ws.search_contacts(expand="custom_attributes", limit=3))["requests"] == without
    ws.forget()
    assert told(expanded(ws, "contacts", limit=3))["requests"] == without + 1


@pytest.mark.parametrize("table", COLUMN)
def test_any_other_column_is_refused_before_anything_is_fetched(begin: Begin, table: str) -> None:
    _, ws = begin()
    ws.contacts(1)
    before = len(ws.fetches)
    with pytest.raises(BadFilterError, match=f"cannot expand 'metadata': only '{COLUMN[table]}'"):
        getattr(ws, table)(expand="metadata")
    assert len(ws.fetches) == before


def test_a_lacking_scope_is_declared_and_leaves_the_frame_as_it_is(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    scopes = {"/data_attributes": TAGS}
    endpoints = tuple(each._replace(scope=scopes.get(each.template, each.scope)) for each in ENDPOINTS)
    monkeypatch.setattr("intercom_kit.sandbox.app.ENDPOINTS", endpoints)
    _, ws = begin(missing_scopes=["read_tags"])
    frame = expanded(ws, "contacts", limit=5)
    assert list(frame) == list(ws.contacts(5))
    assert told(frame)["requests"] == told(ws.contacts(5))["requests"] + 1
    (note,) = [note for note in told(frame)["notes"] if "not expanded" in note]
    assert note.startswith(
        "custom_attributes is not expanded, since Intercom does not list the attributes of contacts: "
    )
    assert "Tick it in the Developer Hub" in note


def test_an_api_version_without_the_list_is_declared(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.api.transport.API_VERSION", "2.15")
    _, ws = begin()
    frame = expanded(ws, "conversations", limit=5)
    assert (len(frame), added(frame)) == (5, {})
    assert any("not expanded" in note and "current API version" in note for note in told(frame)["notes"])


# --- masked ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", COLUMN)
def test_masked_columns_are_the_text_of_the_masked_json(masked: Workspace, table: str) -> None:
    frame = expanded(masked, table, limit=30)
    documents = [json.loads(text) for text in frame[COLUMN[table]]]
    assert set(added(frame).values()) == {"str"}
    for name in added(frame):
        key = name.removeprefix(f"{COLUMN[table]}.")
        expected = [document.get(key) for document in documents]
        expected = [str(value).lower() if isinstance(value, bool) else value for value in expected]
        assert values(frame, name) == expected
        assert all(value in (None, "true", "false") or may_be_masked(value) for value in values(frame, name))
    assert any("values are masked" in note for note in told(frame)["notes"])


def test_what_is_left_out_cannot_be_expanded(desk_sandbox: Sandbox) -> None:
    with (
        connect(desk_sandbox.token, base_url=desk_sandbox.base_url, privacy="none") as ws,
        pytest.raises(BadFilterError, match="contacts have no custom_attributes to expand"),
    ):
        ws.contacts(expand="custom_attributes")


# --- records made by hand ----------------------------------------------------------------------------


def defined(name: str, data_type: str, *, archived: bool = False) -> dict[str, Any]:
    return {
        "model": "contact",
        "name": name,
        "full_name": f"custom_attributes.{name}",
        "label": name,
        "data_type": data_type,
        "custom": True,
        "archived": archived,
    }


def of_contacts(definitions: list[dict[str, Any]], *documents: Any) -> dict[str, Any]:
    contacts = [
        {"id": f"c{number}", "role": "user", "created_at": NOW + number, "custom_attributes": document}
        for number, document in enumerate(documents)
    ]
    return {"contacts": contacts, "data_attributes": definitions}


FITS = [
    ("string", ["Growth", "", "5", 5, 2.5, True], ["Growth", "", "5", "5", "2.5", "true"]),
    ("list", ["Pro"], ["Pro"]),
    ("integer", [3, -1, "7", 3.0, 9_007_199_254_740_993], [3, -1, 7, 3, 9_007_199_254_740_993]),
    ("float", [1.5, 2, "2.5", -0.0], [1.5, 2.0, 2.5, 0.0]),
    ("boolean", [True, False, "true", "false"], [True, False, True, False]),
    (
        "date",
        [
            1_600_000_000,
            "1600000000",
            "2020-09-13",
            "2020-09-13T12:26:40Z",
            1_600_000_000_000,
            "2020-09-13T14:26:40+02:00",
        ],
        [1_600_000_000, 1_600_000_000, 1_599_955_200, 1_600_000_000, 1_600_000_000, 1_600_000_000],
    ),
    ("datetime", ["2020-09-13T12:26:40.5Z"], [1_600_000_000.5]),
    (
        "relationship",
        [{"type": "order.list", "instances": [{"id": "a"}, {"id": 5}]}, {"type": "order.list", "instances": []}],
        [["a", "5"], []],
    ),
    ("files", [[], [{"name": "a.txt"}]], ["[]", '[{"name":"a.txt"}]']),
    ("of tomorrow", ["x", 5, {"a": [1]}, [2]], ["x", "5", '{"a":[1]}', "[2]"]),
]


@pytest.mark.parametrize(("data_type", "given", "expected"), FITS, ids=[each[0] for each in FITS])
def test_values_that_fit(begin: Begin, data_type: str, given: list[Any], expected: list[Any]) -> None:
    documents = [*({"x": value} for value in given), {"x": None}, {}]
    _, ws = begin(records=of_contacts([defined("x", data_type)], *documents))
    frame = expanded(ws, "contacts")
    found = values(frame, "custom_attributes.x")
    found = [value.timestamp() if isinstance(value, datetime) else value for value in found]
    assert found == [*expected, None, None]
    assert told(frame)["misfits"] == {}


MISFITS = [
    ("string", [{"a": 1}, ["b"]]),
    ("integer", [1.5, "many", "", True, [1], "9" * 30]),
    ("decimal", ["many", "nan", "inf", True, {"a": 1}]),
    ("boolean", ["maybe", 7, [True]]),
    ("date", ["soon", "", True, 1e20, {"at": 1_600_000_000}, "2020-02-30"]),
    ("relationship", ["a", 5, ["a"], {"instances": 5}, {"instances": [{"name": "no id"}]}, {}]),
    ("files", ["a.txt", 5, {"name": "a.txt"}]),
]


@pytest.mark.parametrize(("data_type", "given"), MISFITS, ids=[each[0] for each in MISFITS])
def test_values_that_do_not_fit_are_missing_and_counted(begin: Begin, data_type: str, given: list[Any]) -> None:
    documents = [{"x": value} for value in given]
    _, ws = begin(records=of_contacts([defined("x", data_type)], *documents))
    frame = expanded(ws, "contacts")
    assert values(frame, "custom_attributes.x") == [None] * len(given)
    assert told(frame)["misfits"] == {"custom_attributes.x": len(given)}
    assert [json.loads(text) for text in frame["custom_attributes"]] == documents
    assert f"custom_attributes.x ({len(given)})" in frame.receipt


HOSTILE = [
    "plan", "Plan", "PLAN", "a.b", "A.B", "a", "it's", 'say "x"', "a/b~c", "~1", "", " ", "0", "$", "*", "a[0]",
    "back\\slash", "'); drop table contacts; --", "{values}", "%s", "ümlaut", "日本", "new\nline", "$pointers", "id",
]  # fmt: skip


def test_any_name_names_its_own_column(begin: Begin) -> None:
    definitions = [defined(name, "string") for name in HOSTILE]
    document = {name: f"value {number}" for number, name in enumerate(HOSTILE)} | {"b": {"a": "nested"}}
    _, ws = begin(records=of_contacts([*definitions, defined("b", "string")], document, {"a": {"b": "inside"}}))
    frame = expanded(ws, "contacts")
    for number, name in enumerate(HOSTILE):
        assert values(frame, f"custom_attributes.{name}") == [f"value {number}", None], name
    assert told(frame)["misfits"] == {"custom_attributes.a": 1, "custom_attributes.b": 1}
    assert not [note for note in told(frame)["notes"] if "not defined" in note]


def test_an_attribute_defined_twice_has_one_column(begin: Begin) -> None:
    _, ws = begin(records=of_contacts([defined("x", "integer"), defined("x", "integer")], {"x": 1}))
    assert added(expanded(ws, "contacts")) == {"custom_attributes.x": "Int64"}


def test_archived_attributes_come_only_with_values(begin: Begin) -> None:
    archived = [defined("old", "integer", archived=True), defined("gone", "integer", archived=True)]
    _, ws = begin(records=of_contacts([*archived, defined("new", "string")], {"old": 3, "gone": None}, {}))
    frame = expanded(ws, "contacts")
    assert added(frame) == {"custom_attributes.new": "str", "custom_attributes.old": "Int64"}
    assert values(frame, "custom_attributes.old") == [3, None]


def test_keys_that_are_not_defined_are_counted_in_a_note(begin: Begin) -> None:
    documents = [{"x": 1, "lost": 2, "Other": "a"}, {"lost": 3, "never": None}, {"lost": 4}]
    _, ws = begin(records=of_contacts([defined("x", "integer")], *documents))
    frame = expanded(ws, "contacts")
    assert added(frame) == {"custom_attributes.x": "Int64"}
    assert (
        "2 keys are not defined as attributes, and only in the JSON of custom_attributes: 'lost' (3 values), "
        "'Other' (1 value)"
    ) in told(frame)["notes"]


def test_a_note_stays_one_short_line_whatever_the_keys_are(begin: Begin) -> None:
    _, ws = begin(records=of_contacts([], {"two\nlines": 1, "long" * 1_000: 2}))
    frame = expanded(ws, "contacts")
    assert "\n" not in frame.receipt
    assert len(frame.receipt) < 500


def test_without_definitions_there_are_only_the_note_and_the_json(begin: Begin) -> None:
    _, ws = begin(records=of_contacts([], {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}))
    frame = expanded(ws, "contacts")
    assert added(frame) == {}
    assert any("5 keys are not defined" in note and note.endswith(" and 2 more") for note in told(frame)["notes"])


@pytest.mark.parametrize("document", [None, [1], "text", 5, {}])
def test_attributes_that_are_no_object_have_no_values(begin: Begin, document: Any) -> None:
    _, ws = begin(records=of_contacts([defined("0", "string"), defined("x", "integer")], document, {"x": 2}))
    frame = expanded(ws, "contacts")
    assert values(frame, "custom_attributes.0") == [None, None]
    assert values(frame, "custom_attributes.x") == [None, 2]


def test_types_of_tickets_that_differ_about_an_attribute_make_it_text(begin: Begin) -> None:
    def attribute(name: str, data_type: str) -> dict[str, Any]:
        return {"name": name, "data_type": data_type, "archived": False, "default": False}

    declared = [("Bug", "integer", "list"), ("Ask", "string", "string")]
    types = [
        {"id": name, "name": name, "ticket_type_attributes": {"data": [attribute("n", n), attribute("s", s)]}}
        for name, n, s in declared
    ]
    tickets = [
        {"id": str(number), "created_at": NOW, "ticket": {"ticket_attributes": {"n": n, "_default_title_": "T"}}}
        for number, n in enumerate((5, "five"), 1)
    ]
    _, ws = begin(records={"ticket_types": types, "conversations": tickets})
    frame = expanded(ws, "tickets").sort_values("id")
    assert added(frame) == {"attributes.n": "str", "attributes.s": "str"}
    assert values(frame, "attributes.n") == ["5", "five"]
    assert told(frame)["notes"][-1] == "Text, since types of tickets declare them differently: 'n'"


def test_many_rows_are_read_a_few_columns_at_a_time_in_their_order(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intercom_kit.frames.frame._MANY_ROWS", 10)
    names = [f"n{number}" for number in range(20)]
    documents = [{name: row * 100 + place for place, name in enumerate(names)} for row in range(300)]
    _, ws = begin(records=of_contacts([defined(name, "integer") for name in names], *documents))
    frame = expanded(ws, "contacts")
    for place, name in enumerate(names):
        assert frame[f"custom_attributes.{name}"].tolist() == [row * 100 + place for row in range(300)]
