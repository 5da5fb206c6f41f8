"""`attr` over a lake is that over live rows, by the definitions as of the export."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import BadQueryError, Workspace, connect
from intercom_kit.lake import manifest
from intercom_kit.lake.opened import Lake
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.sandbox.endpoints import ENDPOINTS, TAGS
from intercom_kit.tables.privacy import Privacy
from tests.conftest import NOW, Begin
from tests.live.test_expanding import MISFITS, defined, of_contacts

QUERIES = [
    "select id, attr.plan, attr.seats from contacts where attr.plan = 'Growth' order by id",
    "select attr from contacts order by id",
    "select c.attr.account_tier as tier, count(*) as n from companies c group by 1 order by 1",
    'select attr."Contract value" + 1 as v, attr."Renewal at risk" as r from conversations order by id',
    'select id, attr."Seats affected" as n from tickets order by id',
    "select * from contacts where attr.seats > 3 order by id",
    "select a.attr.plan, t.attr from contacts a join tickets t on t.contact_ids[1] = a.id order by t.id",
]
APART = "500MB"


@pytest.mark.parametrize("query", QUERIES)
def test_values_and_types_are_as_over_live_rows(ws: Workspace, lake: Lake, query: str) -> None:
    expected = ws.sql(query, fresh="session")
    assert len(expected)
    for options in ({}, {"apart": APART}):
        found = lake.sql(query, **options)  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))
        assert found.attrs["intercom"]["misfits"] == expected.attrs["intercom"]["misfits"]
        assert found.attrs["intercom"]["requests"] == 0


def test_the_schema_shows_them(ws: Workspace, lake: Lake) -> None:
    for table in ("contacts", "companies", "conversations", "tickets"):
        ws.sql(f"select attr from {table} limit 1", fresh="session")
        pd.testing.assert_frame_equal(lake.schema(table), ws.schema(table))
        assert lake.schema(table)["column"].str.startswith("attr.").any()


@pytest.mark.parametrize(("data_type", "given"), MISFITS[:2], ids=[each[0] for each in MISFITS[:2]])
def test_values_that_do_not_fit_are_counted(begin: Begin, tmp_path: Path, data_type: str, given: list[Any]) -> None:
    _, ws = begin(records=of_contacts([defined("x", data_type)], *({"x": value} for value in given), {"x": None}))
    ws.export(tmp_path / "lake", "contacts")
    with ik.open(tmp_path / "lake") as lake:
        for options in ({}, {"apart": APART}):
            found = lake.sql("select id from contacts where attr.x is not null", **options)  # type: ignore[arg-type]
            assert (len(found), found.attrs["intercom"]["misfits"]) == (0, {"contacts.attr.x": len(given)})


def test_an_attribute_that_is_not_defined_is_refused_with_the_nearest(lake: Lake) -> None:
    with pytest.raises(BadQueryError, match="contacts have no attribute plam"):
        lake.sql("select attr.plam from contacts")


def test_an_older_lake_says_how_to_bring_it_up_to_date(ws: Workspace, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    held = manifest.read(tmp_path / "lake")
    del held.tables["attributes"]
    held.write()
    with ik.open(tmp_path / "lake") as lake:
        assert not lake.schema("contacts")["column"].str.startswith("attr.").any()
        for options in ({}, {"apart": APART}):
            with pytest.raises(BadQueryError, match=r"without the definitions of attributes: ws\.export\("):
                lake.sql("select attr.plan from contacts", **options)  # type: ignore[arg-type]
        ws.export(tmp_path / "lake", ["contacts"])
        assert lake.sql("select count(attr.plan) as n from contacts")["n"][0] > 0


def test_a_refused_list_of_attributes_stops_no_export(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoints = tuple(
        each._replace(scope=TAGS if each.template == "/data_attributes" else each.scope) for each in ENDPOINTS
    )
    monkeypatch.setattr("intercom_kit.sandbox.app.ENDPOINTS", endpoints)
    _, ws = begin(missing_scopes=["read_tags"])
    ws.export(tmp_path / "lake", ["contacts", "conversations"])
    with ik.open(tmp_path / "lake") as lake:
        assert len(lake.sql("select * from contacts")) == 30
        assert lake.held.set_index("table")["complete"].to_dict() == {
            "contacts": True,
            "conversations": True,
            "attributes": False,
        }
        assert lake.sql("select attr from conversations").attrs["intercom"]["complete"]
        with pytest.raises(BadQueryError, match=r"contacts\.attr cannot be read, since Intercom does not list"):
            lake.sql("select attr.plan from contacts")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with serve(conversations=20, contacts=20, companies=5, tickets=10, now=NOW) as running:
        yield running


@pytest.mark.parametrize("privacy", ["masked", "none"])
def test_personal_attributes_are_hidden_as_live(sandbox: Sandbox, tmp_path: Path, privacy: Privacy) -> None:
    query = "select id, attr.plan, attr.seats from contacts order by id"
    with connect(sandbox.token, base_url=sandbox.base_url, privacy=privacy) as ws:
        ws.export(tmp_path / "lake", ["contacts"])
        for options in ({}, {"apart": APART}):
            with ik.open(tmp_path / "lake") as lake:
                if privacy == "none":
                    with pytest.raises(BadQueryError, match="contacts have no attr: their custom_attributes are left"):
                        lake.sql(query, **options)  # type: ignore[arg-type]
                    continue
                found, expected = lake.sql(query, **options), ws.sql(query)  # type: ignore[arg-type]
                pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))
                assert found["plan"].dropna().str.startswith("attributes-").all()
                assert "are text, since their values are masked" in str(found.attrs["intercom"]["notes"])
                with pytest.raises(BadQueryError, match="masked here"):
                    lake.sql("select id from contacts where attr.plan = 'Growth'", **options)  # type: ignore[arg-type]
