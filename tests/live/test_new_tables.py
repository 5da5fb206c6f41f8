"""A table that is only declared can be listed, queried, planned, and looked up, by people and by assistants."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from intercom_kit import BadQueryError, Workspace, connect
from intercom_kit.fetch.by_key import by_key
from intercom_kit.mcp.analysis import Analysis
from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.mcp.declaring import ToolCall
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.mcp.results import Result
from intercom_kit.mcp.shaping import shaped
from intercom_kit.sandbox import serve_in_child
from intercom_kit.tables import CONTACTS, TABLES, Column, Key, Kind, Listing, Paging, Table
from intercom_kit.tables.structure import ASKED
from intercom_kit.verbs.lists import listed

ATTRIBUTES = Table(
    name="data_attributes",
    row="one attribute that contacts, companies or conversations may have",
    pair=("model", "full_name"),
    order="model, full_name",
    listing=Listing("/data_attributes", "data", Paging.WHOLE),
    columns=(
        Column("model", Kind.TEXT, "contact, company or conversation"),
        Column("full_name", Kind.TEXT, "name, with the attributes that it belongs to"),
        Column("data_type", Kind.TEXT, "string, integer, boolean …"),
    ),
)

COMPANY_SEGMENTS = Table(
    name="company_segments",
    row="one segment that one company is in",
    pair=("company_id", "segment_id"),
    order="company_id, segment_id",
    keys=(Key("company_id", "company", every="companies"),),
    example="companies co join company_segments cs on cs.company_id = co.id where co.name = 'Acme Corp'",
    listing=Listing("/companies/{id}/segments", "data", Paging.WHOLE),
    columns=(
        Column("company_id", Kind.ID, "Intercom's id of the company", ASKED),
        Column("segment_id", Kind.ID, "id of the segment", "id"),
        Column("segment_name", Kind.TEXT, "name of the segment", "name"),
    ),
)


@pytest.fixture
def ws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace that has the tables above as well."""
    for table in (ATTRIBUTES, COMPANY_SEGMENTS):
        monkeypatch.setitem(TABLES, table.name, table)
    with (
        serve_in_child(conversations=20, contacts=60, companies=12, seed=7, rate_limit=100_000) as served,
        connect(served.token, base_url=served.base_url) as workspace,
    ):
        yield workspace


def test_a_list_has_a_verb_sql_and_a_plan(ws: Workspace) -> None:
    attributes = listed(ws._session, ATTRIBUTES)
    assert {"contact", "company"} <= set(attributes["model"])
    assert attributes.attrs["intercom"]["complete"]
    counted = ws.sql("select model, count(*) as n from data_attributes group by all order by all")
    assert dict(zip(counted["model"], counted["n"], strict=True)) == attributes.groupby("model").size().to_dict()
    ws.forget()
    assert ws.plan("from data_attributes")["requests"].tolist() == [1]


def test_a_table_by_key_has_a_verb_and_joins(ws: Workspace) -> None:
    companies = ws.companies()
    key = COMPANY_SEGMENTS.every_key
    segments = ws._session.fetch(COMPANY_SEGMENTS, by_key(COMPANY_SEGMENTS, key, list(companies["id"])))
    assert 0 < segments["company_id"].nunique() <= len(companies)
    joined = ws.sql("select cs.* from companies co join company_segments cs on cs.company_id = co.id order by all")
    assert list(joined["segment_id"]) == list(segments.sort_values(["company_id", "segment_id"])["segment_id"])
    assert joined.attrs["intercom"]["requests"] >= len(companies)


def test_a_table_by_key_is_refused_without_keys_unless_every_key_is_allowed(ws: Workspace) -> None:
    with pytest.raises(BadQueryError, match=r"cs\.company_id = co\.id"):
        ws.sql("from company_segments")
    assert len(ws.sql("from company_segments", whole=["company_segments"])) > 0


@pytest.mark.parametrize("table", [ATTRIBUTES, COMPANY_SEGMENTS], ids=lambda table: table.name)
def test_what_its_columns_mean_is_told_to_people_and_assistants(ws: Workspace, table: Table) -> None:
    described = ws.schema(table.name)
    assert list(described["column"]) == [column.name for column in table.columns]
    assert table.row in set(ws.schema()["row"])
    told = Analysis(LiveDesk(lambda: ws)).intercom_describe(table=table.name).known
    assert told is not None
    assert list(told["meaning"]) == [column.meaning for column in table.columns]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"pair": ()}, "neither a key nor a pair"),
        ({"pair": ("company_id", "segment")}, "declares no column segment"),
        ({"keys": ()}, "declares no keys to put into that"),
        ({"example": ""}, "no example"),
        ({"keys": (Key("company_id", "company"),)}, "no table that has all of them"),
        ({"main": ("company_id", "segment")}, "declares no column segment, which is among the main ones"),
    ],
)
def test_a_declaration_that_lacks_something_says_so_at_once(changes: dict[str, object], complaint: str) -> None:
    declared = {name: getattr(COMPANY_SEGMENTS, name) for name in COMPANY_SEGMENTS.__dataclass_fields__}
    with pytest.raises(ValueError, match=complaint):
        Table(**declared | changes)  # type: ignore[arg-type]


def test_a_column_with_names_in_another_table_is_named_for_ids() -> None:
    with pytest.raises(ValueError, match="neither in _id nor _ids"):
        Column("owner", Kind.ID, "who owns it", names=("admins",))


def test_the_names_of_ids_are_in_tables_that_have_names() -> None:
    named = {name for table in TABLES.values() for column in table.columns for name in column.names}
    assert named == {"admins", "teams"}
    assert all({"id", "name"} <= {column.name for column in TABLES[name].columns} for name in named)


def test_a_table_that_is_listed_without_a_key_has_a_verb_of_its_name() -> None:
    assert all(callable(getattr(Workspace, table.name)) for table in TABLES.values() if not table.keys)


def test_columns_that_a_verb_adds_are_declared(ws: Workspace) -> None:
    added = list(ws.contacts(5, include=["companies", "tags", "segments"]))
    assert added == [*(column.name for column in CONTACTS.columns), "url", *CONTACTS.included]


@pytest.mark.parametrize(
    ("main", "shown"),
    [
        (("segment_id",), ["segment_id", "segment"]),
        ((), ["company_id", "segment_id", "segment", "segment_name"]),
    ],
    ids=["the main columns", "all without main columns"],
)
def test_an_assistant_sees_the_main_columns_and_names_beside_ids(
    ws: Workspace, main: tuple[str, ...], shown: list[str]
) -> None:
    columns = tuple(
        replace(column, names=("segments",)) if column.name == "segment_id" else column
        for column in COMPANY_SEGMENTS.columns
    )
    table = replace(COMPANY_SEGMENTS, columns=columns, main=main)
    segments = ws.sql("from company_segments", whole=["company_segments"])
    of_ids = dict(zip(segments["segment_id"], segments["segment_name"], strict=True))
    names = {("segments", id): name for id, name in of_ids.items()}
    answer = shaped(Result("", "", ToolCall(PageRequest(), table=table), segments), 0, PageRequest(), lambda: names)
    assert answer.columns == shown
    id, name = shown.index("segment_id"), shown.index("segment")
    assert [row[name] for row in answer.rows] == [of_ids[row[id]] for row in answer.rows]
