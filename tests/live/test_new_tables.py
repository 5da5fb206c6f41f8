"""A table that is only declared can be listed, queried, planned, and looked up, by people and by assistants."""

from collections.abc import Iterator

import pytest

from intercom_kit import BadQueryError, Workspace, connect
from intercom_kit.fetch.by_key import by_key
from intercom_kit.mcp.analysis import Analysis
from intercom_kit.mcp.desk import Desk
from intercom_kit.sandbox import serve_in_child
from intercom_kit.tables import TABLES, Column, Key, Kind, Listing, Paging, Table
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
    told = Analysis(Desk(lambda: ws)).intercom_describe(table=table.name).known
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
    ],
)
def test_a_declaration_that_lacks_something_says_so_at_once(changes: dict[str, object], complaint: str) -> None:
    declared = {name: getattr(COMPANY_SEGMENTS, name) for name in COMPANY_SEGMENTS.__dataclass_fields__}
    with pytest.raises(ValueError, match=complaint):
        Table(**declared | changes)  # type: ignore[arg-type]
