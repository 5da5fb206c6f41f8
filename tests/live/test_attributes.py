"""Which attributes there are: one table that several lists hold together."""

import json
from dataclasses import replace
from typing import Any

import pytest

from intercom_kit import ScopeMissingError, Workspace
from intercom_kit.api.heads import read_page
from intercom_kit.fetch.members import pages_of_rows
from intercom_kit.frames.frame import Frame
from intercom_kit.tables import ATTRIBUTES, Listing, Paging
from intercom_kit.tables.misfits import NO_OBJECTS

from ..conftest import Begin
from .truth import Record, Truth, told


@pytest.fixture(scope="module")
def records(truth: Truth) -> list[Record]:
    """Every attribute, as the lists show it, with the model and type that has it."""
    found = []
    for model in ("contact", "company"):
        found += truth.get("/data_attributes", model=model, include_archived="true")["data"]
    for each in truth.get("/conversations/attributes", include_archived="true")["data"]:
        options = [option["label"] for option in each["options"]] if "options" in each else None
        found.append({**each, "model": "conversation", "full_name": each["name"], "options": options})
    for type_ in truth.get("/ticket_types")["data"]:
        for each in type_["ticket_type_attributes"]["data"]:
            found.append({**each, "model": "ticket", "full_name": each["name"], "ticket_type_name": type_["name"]})
    return found


def keys(rows: list[Record]) -> list[tuple[str, str, str]]:
    return sorted((row["model"], str(row.get("ticket_type_id") or ""), row["full_name"]) for row in rows)


@pytest.fixture(scope="module")
def frame(ws: Workspace) -> Frame:
    return ws.attributes()


def test_attributes_of_all_models_come_in_one_table(frame: Frame, records: list[Record]) -> None:
    rows = frame.assign(ticket_type_id=frame["ticket_type_id"].fillna("")).to_dict("records")
    assert keys(rows) == keys(records)
    assert set(frame["model"]) == {"contact", "company", "conversation", "ticket"}
    assert not frame.duplicated(list(ATTRIBUTES.pair)).any()
    assert (told(frame)["complete"], told(frame)["requests"], told(frame)["misfits"]) == (True, 4, {})


@pytest.mark.parametrize("model", ["contact", "company", "conversation", "ticket"])
def test_an_attribute_has_the_type_and_options_of_its_list(frame: Frame, records: list[Record], model: str) -> None:
    for record in (each for each in records if each["model"] == model):
        same = (frame["model"] == model) & (frame["full_name"] == record["full_name"])
        if model == "ticket":
            same &= frame["ticket_type_id"] == str(record["ticket_type_id"])
        (row,) = frame[same].to_dict("records")
        assert (row["data_type"], row["archived"]) == (record["data_type"], record["archived"])
        assert row["custom"] == record.get("custom", not record.get("default", False))
        assert (row["options"] if isinstance(row["options"], list) else None) == record.get("options")
        assert row["label"] == record.get("label", record["name"])
        assert model != "ticket" or row["ticket_type_name"] == record["ticket_type_name"]


def test_sql_reads_the_same_rows_and_a_plan_counts_the_lists(begin: Begin) -> None:
    _, ws = begin()
    assert ws.plan("from attributes")["requests"].tolist() == [4]
    counted = ws.sql("select model, count(*) as n from attributes group by all")
    assert told(counted)["requests"] == 4
    assert dict(zip(counted["model"], counted["n"], strict=True)) == ws.attributes()["model"].value_counts().to_dict()
    assert told(ws.sql("select count(*) from attributes", fresh="session"))["requests"] == 0


@pytest.mark.parametrize("key", ["data", "own"])
def test_either_key_of_a_ticket_types_attributes_is_read(begin: Begin, key: str) -> None:
    _, ws = begin(behaves=f"ticket-type-key={key}")
    assert "Severity" in set(ws.attributes().query("model == 'ticket'")["name"])


def test_a_list_that_the_plan_lacks_is_named_and_the_others_come(begin: Begin) -> None:
    _, ws = begin(missing_features=["tickets"])
    frame = ws.attributes()
    assert set(frame["model"]) == {"contact", "company", "conversation"}
    assert not told(frame)["complete"]
    assert "include tickets" in told(frame)["why"]
    assert list(told(frame)["failures"]) == ["/ticket_types"]
    assert "/ticket_types" in told(ws.sql("select count(*) from attributes"))["why"]


def test_without_any_list_the_error_says_why(begin: Begin) -> None:
    _, ws = begin(missing_scopes=["read_users_and_companies", "read_conversations", "read_tickets"])
    with pytest.raises(ScopeMissingError):
        ws.attributes()


def test_values_that_do_not_fit_are_counted_over_all_lists(begin: Begin) -> None:
    odd = {"id": 1, "name": "Odd", "archived": "maybe", "options": 5}
    attributes = [{**odd, "model": model, "full_name": "odd"} for model in ("contact", "company")]
    types = [{"id": "1", "name": "T", "ticket_type_attributes": {"data": [{**odd, "default": "never"}, 7]}}]
    _, ws = begin(records={"data_attributes": attributes, "conversation_attributes": [odd], "ticket_types": types})
    frame = ws.attributes()
    assert len(frame) == 4
    found = {"archived": 4, "options": 4, "custom": 1, NO_OBJECTS: 1}
    assert told(frame)["misfits"] == found
    told_by_sql = told(ws.sql("from attributes"))["misfits"]
    assert told_by_sql == {f"attributes.{name}": count for name, count in found.items()}


def test_entries_that_are_no_objects_are_kept_apart_to_be_counted() -> None:
    listing = Listing("/types", "data", Paging.WHOLE, members=("attributes.data",), outer=True)
    page = read_page(
        json.dumps({"data": [{"id": 1, "attributes": {"data": [{"name": "a"}]}}, None, {"id": 2}]}), "data"
    )
    pages = [json.loads(each.text) for each in pages_of_rows(page, listing)]
    assert [each["rows"] for each in pages] == [[{"name": "a"}], [{}], [None]]


@pytest.mark.parametrize("change", [{"name": "others"}, {"columns": ATTRIBUTES.columns[:-1]}], ids="; ".join)
def test_a_table_is_listed_by_tables_of_its_own_name_and_columns(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="another name or other columns"):
        replace(ATTRIBUTES, listed_by=(replace(ATTRIBUTES, listed_by=(), **change),))
