"""Segments, teams, admins and tags, the account of fetches, and what the tables are said to hold."""

import itertools

import pandas as pd
import pytest

from intercom_kit import BadRequestError, Workspace
from intercom_kit.sandbox import Sandbox
from intercom_kit.tables import TABLES

from ..conftest import Begin
from .truth import Truth, ids, moments, told, values

LISTS = {"segments": "segments", "teams": "teams", "admins": "admins", "tags": "data"}


@pytest.mark.parametrize("verb", LISTS)
def test_a_list_is_all_there_by_name(ws: Workspace, truth: Truth, sandbox: Sandbox, verb: str) -> None:
    records = sorted(truth.get(f"/{verb}")[LISTS[verb]], key=lambda record: (record["name"], record["id"]))
    before = sandbox.requests.total()
    frame = getattr(ws, verb)()
    assert sandbox.requests.total() - before == told(frame)["requests"] == 1
    assert list(frame["id"]) == ids(records)
    assert list(frame["name"]) == [record["name"] for record in records]
    assert told(frame)["complete"]


def test_segments_have_counts_on_request_only(ws: Workspace, truth: Truth) -> None:
    counts = {each["id"]: each["count"] for each in truth.get("/segments", include_count="true")["segments"]}
    frame = ws.segments(include_count=True)
    assert dict(zip(frame["id"], frame["count"], strict=True)) == counts
    assert ws.segments()["count"].isna().all()


def test_teams_name_their_admins_by_the_ids_that_admins_have(ws: Workspace) -> None:
    members = {admin for admins in ws.teams()["admin_ids"] for admin in admins}
    assert members
    assert members <= set(ws.admins()["id"])


def test_an_admins_values_are_those_that_intercom_holds(ws: Workspace, truth: Truth) -> None:
    records = {record["id"]: record for record in truth.get("/admins")["admins"]}
    frame = ws.admins()
    for column in ("email", "job_title", "away_mode_enabled", "has_inbox_seat"):
        assert values(frame, column) == [records[id_].get(column) for id_ in frame["id"]], column
    assert values(frame, "team_ids") == [[str(team) for team in records[id_]["team_ids"]] for id_ in frame["id"]]


def test_segments_say_when_they_were_made(ws: Workspace, truth: Truth) -> None:
    records = {record["id"]: record for record in truth.get("/segments")["segments"]}
    frame = ws.segments()
    assert moments(frame, "created_at") == [records[id_]["created_at"] for id_ in frame["id"]]


EMPTY = {"contacts", "companies", "segments", "teams", "admins", "tags", "conversations"}


@pytest.mark.parametrize("verb", sorted(EMPTY))
def test_an_empty_frame_has_the_columns_and_types_of_a_full_one(begin: Begin, ws: Workspace, verb: str) -> None:
    _, nothing = begin(records={})
    empty, full = getattr(nothing, verb)(), getattr(ws, verb)()
    assert len(empty) == 0
    assert len(full) > 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)
    url = ["url"] if TABLES[verb].opens else []
    assert list(empty.columns) == [column.name for column in TABLES[verb].columns] + url
    assert (told(empty)["rows"], told(empty)["complete"]) == (0, True)


def test_asking_nobody_for_events_or_parts_gives_an_empty_frame_of_the_same_types(ws: Workspace) -> None:
    someone, something = ws.contacts(3), ws.conversations(3)
    for full, empty in (
        (ws.events(ws.contacts(12)), ws.events(someone.head(0))),
        (ws.event_summaries(ws.contacts(12)), ws.event_summaries([])),
        (ws.conversation_parts(something), ws.conversation_parts([])),
        (ws.contacts(include=["companies", "tags", "segments"]), None),
    ):
        assert len(full) > 0
        if empty is not None:
            assert len(empty) == 0
            pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_inclusions_do_not_depend_on_there_being_contacts(begin: Begin, ws: Workspace) -> None:
    _, nothing = begin(records={})
    wanted = ["companies", "tags", "segments"]
    pd.testing.assert_series_equal(nothing.contacts(include=wanted).dtypes, ws.contacts(include=wanted).dtypes)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_schema_names_the_columns_that_frames_have(ws: Workspace, table: str) -> None:
    schema = ws.schema(table)
    schema = schema[~schema["column"].str.startswith("attr.")]  # known once a query named some
    assert list(schema["column"]) == [column.name for column in TABLES[table].columns]
    assert schema["meaning"].ne("").all()


@pytest.mark.parametrize("table", ["contacts", "conversations"])
def test_intercom_takes_every_filter_that_the_schema_names(ws: Workspace, table: str) -> None:
    example = {"TIMESTAMPTZ": "2026-01-01", "BIGINT": 1, "BOOLEAN": True, "VARCHAR": "1", "VARCHAR[]": "1"}
    filters = {
        name: next(iter(TABLES[table].column(column.column).values), example[column.type])
        for column in ws.schema(table).itertuples()
        for name in filter(None, column.filter.split(", "))
    }
    assert len(filters) > 30
    remaining = iter(filters.items())
    while few := dict(itertools.islice(remaining, 15)):  # the most that one search takes
        getattr(ws, table)(1, **few)


def test_the_schema_of_an_unknown_table_is_refused_with_those_that_are(ws: Workspace) -> None:
    with pytest.raises(BadRequestError, match="contacts, companies"):
        ws.schema("users")
    assert set(ws.schema()["table"]) == set(TABLES)


def test_every_fetch_is_kept_account_of(begin: Begin) -> None:
    sandbox, ws = begin()
    assert ws.fetches.empty
    sandbox.requests.clear()
    ws.contacts(2)
    ws.teams()
    fetches = ws.fetches
    assert list(fetches["table"]) == ["contacts", "teams"]
    assert list(fetches["complete"]) == [False, True]
    assert fetches["requests"].sum() == sandbox.requests.total()
    assert (fetches["seconds"] >= 0).all()
    assert str(fetches["at"].dtype) == "datetime64[us, UTC]"


def test_a_frame_says_in_its_repr_what_it_holds(ws: Workspace) -> None:
    assert "contacts: 2 rows of 200 · not complete: limit=2 · 1 request" in repr(ws.contacts(2))
    assert "contacts: 200 rows · complete" in ws.contacts()._repr_html_()


def test_what_is_computed_from_a_frame_says_of_how_many_rows_it_is(ws: Workspace) -> None:
    assert "1 of 5 rows, filtered here · not complete: limit=5" in repr(ws.contacts(5).head(1))
