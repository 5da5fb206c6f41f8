"""A session says what it holds, writes it to a folder, and forgets it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import intercom_kit as ik
from intercom_kit import sandbox

OPEN = "select * from conversations where state = 'open' and created_at > now() - interval 60 day"


@pytest.fixture
def ws() -> Iterator[ik.Workspace]:
    with (
        sandbox.serve(conversations=300, contacts=100, companies=20, seed=5) as served,
        ik.connect(served.token, base_url=served.base_url) as workspace,
    ):
        yield workspace


def test_a_new_session_holds_nothing(ws: ik.Workspace) -> None:
    assert ws.held.empty


def test_what_a_query_brought_is_told_with_its_span_and_time(ws: ik.Workspace) -> None:
    found = ws.sql(OPEN)
    (told,) = ws.held.to_dict("records")
    assert (told["table"], told["rows"] >= len(found)) == ("conversations", True)
    assert told["span"].startswith("state = open and created since ")
    assert abs(datetime.now(UTC) - told["as_of"]) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("query", "span"),
    [
        ("select * from conversations", "every row"),
        ("select * from teams", "every row"),
        ("select p.id from conversations c join conversation_parts p on p.conversation_id = c.id", "of 300 "),
    ],
)
def test_lists_and_keys_are_told_too(ws: ik.Workspace, query: str, span: str) -> None:
    ws.sql(query)
    assert ws.held["span"].iloc[-1].startswith(span)


def test_what_was_forgotten_is_asked_for_again(ws: ik.Workspace) -> None:
    found = ws.sql(OPEN)
    ws.forget()
    assert ws.held.empty
    again = ws.sql(OPEN, fresh="session")
    assert len(again) == len(found)
    assert again.attrs["intercom"]["requests"] > 0


def test_export_writes_each_table_and_what_it_covers(ws: ik.Workspace, tmp_path: Path) -> None:
    people = ws.sql("select * from contacts order by created_at, id")
    ws.sql("select * from tags")
    paths = ws.export(tmp_path / "new" / "o'brien")
    assert [path.name for path in paths] == ["contacts.parquet", "tags.parquet", "contents.json"]
    with duckdb.connect() as plain:
        plain.execute("set TimeZone = 'UTC'")
        rows = plain.execute("select id, tag_ids, epoch(created_at) from read_parquet($1)", [str(paths[0])]).fetchall()
    assert [id for id, _, _ in rows] == people["id"].tolist()
    assert [tags for _, tags, _ in rows] == people["tag_ids"].tolist()
    assert [moment for _, _, moment in rows] == [each.timestamp() for each in people["created_at"]]
    contents = json.loads(paths[-1].read_text())
    assert next((each["table"], each["rows"], each["span"]) for each in contents) == ("contacts", 100, "every row")


def test_export_of_nothing_and_to_nowhere_are_refused(ws: ik.Workspace, tmp_path: Path) -> None:
    with pytest.raises(ik.BadRequestError, match="holds nothing"):
        ws.export(tmp_path)
    ws.sql("select * from tags")
    (tmp_path / "file").write_text("")
    with pytest.raises(ik.BadRequestError, match="cannot be written to"):
        ws.export(tmp_path / "file")
