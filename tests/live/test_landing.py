"""Pages land in a table of their own, each object once, and become or join the session's table of that name."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from intercom_kit.api.heads import read_page
from intercom_kit.database import open_database
from intercom_kit.fetch.landing import Landing
from intercom_kit.fetch.staging import Staging
from intercom_kit.frames.receipt import Receipt
from intercom_kit.search.filters import Selection
from intercom_kit.tables import CONTACTS, TABLES, TICKET_PARTS, TICKETS, Table

EVENTS = TABLES["events"]


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database() as opened:
        for table in (CONTACTS, EVENTS):
            create(opened, table)
        yield opened


def create(database: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
    database.execute(f'create table "{table.name}" ({columns})')


@pytest.fixture
def staging(database: duckdb.DuckDBPyConnection) -> Staging:
    return Staging(database)


def landed(staging: Staging, *records: dict[str, Any], table: Table = CONTACTS) -> Landing:
    """Land records, each in a page of its own."""
    landing = Landing(staging, table, "data", poured=True)
    for record in records:
        landing.add(read_page(json.dumps({"data": [record]}), "data"))
    return landing


def poured(staging: Staging, *records: dict[str, Any], table: Table = CONTACTS) -> Receipt:
    landing, receipt = landed(staging, *records, table=table), Receipt(table.name)
    landing.pour(receipt)
    landing.close()
    return receipt


def ann(name: str, updated_at: int) -> dict[str, Any]:
    return {"id": "ann", "name": name, "updated_at": updated_at}


def held(database: duckdb.DuckDBPyConnection, query: str = "select id, name from contacts order by id") -> list[Any]:
    return database.execute(query).fetchall()


def tables(database: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in database.execute("select table_name from duckdb_tables()").fetchall()}


BOTH = [ann("Ann", 20), ann("Annie", 10)]


@pytest.mark.parametrize("records", [BOTH, BOTH[::-1]], ids=["newer first", "older first"])
def test_of_several_answers_about_one_object_the_newest_counts(
    database: duckdb.DuckDBPyConnection, staging: Staging, records: list[dict[str, Any]]
) -> None:
    assert landed(staging, *records).frame(Receipt("contacts"), Selection())["name"].tolist() == ["Ann"]
    assert poured(staging, *records).rows == 1
    assert held(database) == [("ann", "Ann")]


def test_of_answers_that_are_equally_new_the_last_counts(database: duckdb.DuckDBPyConnection, staging: Staging) -> None:
    poured(staging, ann("Annie", 10), ann("Ann", 10))
    assert held(database) == [("ann", "Ann")]


def test_a_frame_keeps_its_order_where_older_answers_stood_between(staging: Staging) -> None:
    records = [
        {"id": id_, "name": id_, "created_at": second} for id_, second in [("c", 3), ("a", 1), ("c", 3), ("b", 2)]
    ]
    frame = landed(staging, *records).frame(Receipt("contacts"), Selection())
    assert frame[["id", "name"]].to_numpy().tolist() == [["a", "a"], ["b", "b"], ["c", "c"]]


def test_what_lands_first_becomes_the_sessions_table(database: duckdb.DuckDBPyConnection, staging: Staging) -> None:
    landing = landed(staging, ann("Ann", 1))
    landing.pour(Receipt("contacts"))
    assert held(database) == [("ann", "Ann")]
    assert tables(database) == {"contacts", "events"}
    names = [name for (name,) in held(database, "select column_name from (describe contacts)")]
    assert names == [column.name for column in CONTACTS.columns]


def test_what_lands_later_takes_the_place_of_what_has_its_key(
    database: duckdb.DuckDBPyConnection, staging: Staging
) -> None:
    poured(staging, ann("Ann", 1), {"id": "bob", "name": "Bob"})
    poured(staging, ann("Anna", 2), {"id": "cid", "name": "Cid"})
    assert held(database) == [("ann", "Anna"), ("bob", "Bob"), ("cid", "Cid")]


def test_rows_without_a_key_are_the_same_where_all_their_values_are(
    database: duckdb.DuckDBPyConnection, staging: Staging
) -> None:
    seen = {"event_name": "seen", "created_at": 1, "intercom_user_id": "ann"}
    poured(staging, seen, seen, {**seen, "created_at": 2}, table=EVENTS)
    assert held(database, "select count(*) from events") == [(2,)]


def test_landings_at_the_same_time_keep_their_rows_apart(staging: Staging) -> None:
    one, other = landed(staging, ann("Ann", 1)), landed(staging, {"id": "bob"}, {"id": "cid"})
    assert (one.rows(), other.rows()) == (1, 2)


def test_closing_leaves_nothing_behind_and_frees_the_name(
    database: duckdb.DuckDBPyConnection, staging: Staging
) -> None:
    first = landed(staging, ann("Ann", 1))
    (name,) = tables(database) - {"contacts", "events"}
    assert first.rows() == 1
    first.close()
    assert tables(database) == {"contacts", "events"}
    assert landed(staging, ann("Ann", 1)).rows() == 1
    assert tables(database) == {"contacts", "events", name}


def test_what_will_not_be_poured_goes_with_its_cursor(database: duckdb.DuckDBPyConnection, staging: Staging) -> None:
    landing = Landing(staging, CONTACTS, "data")
    landing.add(read_page(json.dumps({"data": [ann("Ann", 1)]}), "data"))
    assert landing.rows() == 1
    del landing
    assert tables(database) == {"contacts", "events"}


def test_a_session_that_was_closed_meanwhile_is_no_matter(
    database: duckdb.DuckDBPyConnection, staging: Staging
) -> None:
    landing = landed(staging, ann("Ann", 1))
    database.close()
    landing.close()


def test_a_batch_whose_carried_rows_did_not_load_is_loaded_again_as_a_whole(
    staging: Staging, database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For lack of memory, say: no ticket may stand there without its parts."""
    create(database, TICKETS)
    create(database, TICKET_PARTS)
    parts = [{"id": str(number), "created_at": 1_700_000_000 + number} for number in (1, 2, 3)]
    ticket = {"id": "7", "ticket_parts": {"ticket_parts": parts, "total_count": 3}}
    landing, insert, failures = landed(staging, ticket, table=TICKETS), Landing._insert, [duckdb.OutOfMemoryException()]

    def failing(self: Landing, *args: Any, **options: Any) -> None:
        if self.table is TICKET_PARTS and failures:
            raise failures.pop()
        insert(self, *args, **options)

    monkeypatch.setattr(Landing, "_insert", failing)
    with pytest.raises(duckdb.OutOfMemoryException):
        landing.rows()
    receipt = Receipt("tickets")
    landing.pour(receipt)
    landing.close()
    assert held(database, "select count(*), count(distinct id) from ticket_parts where ticket_id = '7'") == [(3, 3)]
    assert held(database, "select id, part_count from tickets") == [("7", 3)]
