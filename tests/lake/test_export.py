"""An export writes whole tables, in steps, and tells before it starts what it costs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import intercom_kit as ik
from intercom_kit import BadLakeError, BadRequestError, Workspace, connect
from intercom_kit.cli import main
from intercom_kit.lake import files, manifest
from intercom_kit.lake.opened import Lake
from intercom_kit.lake.stores.store import LOCK
from intercom_kit.locking import locked
from intercom_kit.sandbox import Sandbox
from intercom_kit.tables import CONVERSATION_PARTS, TABLES
from tests.conftest import Begin

from .comparing import difference, rows
from .conftest import KEYED

WHOLE = [name for name, table in TABLES.items() if not table.keys and not table.is_bounded]


@pytest.mark.parametrize("table", [*WHOLE, "ticket_parts"])
def test_a_table_in_the_lake_is_the_one_that_sql_reads(ws: Workspace, lake: Lake, table: str) -> None:
    assert not difference(rows(lake, table), rows(ws, table, fresh="session"))


@pytest.mark.parametrize("table", ["conversation_parts", "events"])
def test_what_is_fetched_key_by_key_is_too(ws: Workspace, lake: Lake, table: str) -> None:
    expected = rows(ws, table, whole=[table], fresh="session", max_requests=10_000)
    assert expected
    assert not difference(rows(lake, table), expected)


def test_links_of_contacts_are_too(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", ["contacts", "companies", "segments", *KEYED], max_requests=10_000)
    with ik.open(tmp_path / "lake") as lake:
        for table in KEYED:
            expected = rows(ws, table, whole=[table], fresh="session", max_requests=10_000)
            assert expected
            assert not difference(rows(lake, table), expected)


def test_files_hold_the_rows_of_one_month(folder: Path) -> None:
    held = manifest.read(folder)
    for name in ("conversations", "events"):
        for file in held.tables[name].files:
            month = files.month_of(file)
            with ik.open(folder) as lake, lake._engine.views.database.cursor() as cursor:
                query = f"select distinct {files.MONTH} from {files.reading(held, [file])}"
                assert cursor.execute(query).fetchall() == [(month,)]


def test_nothing_is_fetched_before_the_plan_is_allowed(begin: Begin, tmp_path: Path) -> None:
    sandbox, ws = begin()
    with pytest.raises(
        BadRequestError, match=r"needs about \d+ requests, more than max_requests=5: .*conversation parts"
    ):
        ws.export(tmp_path / "lake", ["conversations"], parts=True, max_requests=5)
    assert all(entry.body["pagination"]["per_page"] == 1 for entry in sandbox.log if entry.path.endswith("/search"))
    assert not list((tmp_path / "lake").rglob("*.parquet"))


def test_the_plan_is_what_it_costs(begin: Begin, tmp_path: Path) -> None:
    _, ws = begin()
    with pytest.raises(BadRequestError) as refused:
        ws.export(tmp_path / "lake", ["conversations"], parts=True, max_requests=1)
    planned = int(str(refused.value).split(" requests")[0].rpartition(" ")[2].replace(",", ""))
    before = ws.budget["requests"] or 0
    ws.export(tmp_path / "lake", ["conversations"], parts=True)
    assert planned == (ws.budget["requests"] or 0) - before


def test_since_leaves_out_what_was_created_before_and_says_so(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", "conversations", since="2026-10-01")
    with ik.open(tmp_path / "lake") as lake:
        expected = ws.sql("select count(*) as n from conversations where created_at >= '2026-10-01'", fresh="session")
        answer = lake.sql("select count(*) as n from conversations")
        assert answer["n"][0] == expected["n"][0] > 0
        assert "only conversations created since 2026-09-30 23:00 UTC are in the lake" in answer.receipt  # Dublin's day
    with pytest.raises(BadLakeError, match="begin later than since= asks for"):
        ws.export(tmp_path / "lake", "conversations", since="2026-09-01")


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ("conversation", "did you mean 'conversations'"),
        (["events"], "export contacts, too"),
        (
            "activity_logs",
            r"only since a given time: say since when, as in ws\.export\(folder, 'activity_logs', since=",
        ),
    ],
)
def test_tables_that_cannot_be_exported_so_are_refused(
    ws: Workspace, tmp_path: Path, tables: str | list[str], told: str
) -> None:
    with pytest.raises(BadRequestError, match=told):
        ws.export(tmp_path / "lake", tables)


def test_a_folder_with_other_files_is_left_alone(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BadLakeError, match=r"holds other files, such as 'thesis\.txt'"):
        ws.export(tmp_path, "teams")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_second_writer_is_refused(ws: Workspace, folder: Path) -> None:
    with locked(folder / LOCK, patience=1), pytest.raises(BadLakeError, match="Another program is writing"):
        ws.export(folder, "teams")


def test_the_lake_of_another_workspace_is_refused(begin: Begin, folder: Path) -> None:
    _, other = begin()
    read = manifest.read(folder)
    assert read.identity.workspace_id == other.identity.workspace_id  # sandboxes are one workspace
    text = (folder / manifest.NAME).read_text()
    told = json.loads(text) | {"identity": {**json.loads(text)["identity"], "workspace_id": "another"}}
    (folder / manifest.NAME).write_text(json.dumps(told))
    try:
        with pytest.raises(BadLakeError, match="is of the workspace"):
            other.export(folder, "teams")
    finally:
        (folder / manifest.NAME).write_text(text)


def test_the_lake_of_another_version_is_read_but_not_gone_on_with(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", "teams")
    old = manifest.read(tmp_path / "lake")
    old.tables["teams"].columns.remove("name")
    old.write()
    with ik.open(tmp_path / "lake") as lake:
        assert lake.sql("select count(*) as n from teams")["n"][0] == 5
    with pytest.raises(BadLakeError, match="written by another version"):
        ws.export(tmp_path / "lake", "teams")


def test_files_of_ones_own_beside_the_tables_stay(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", "teams")
    (tmp_path / "lake" / "mine").mkdir()
    (tmp_path / "lake" / "mine" / "own.parquet").write_bytes(b"mine")
    ws.export(tmp_path / "lake", "teams")
    assert (tmp_path / "lake" / "mine" / "own.parquet").exists()


@pytest.mark.parametrize("privacy", ["masked", "none"])
def test_personal_data_is_hidden_where_rows_land(served: Sandbox, tmp_path: Path, privacy: str) -> None:
    with connect(served.token, base_url=served.base_url, privacy=privacy) as ws:  # type: ignore[arg-type]
        ws.export(tmp_path / "lake", ["contacts", "conversations"])
    emails = [contact["email"] for contact in _all(served, "contacts") if contact.get("email")]
    written = b"".join(file.read_bytes() for file in (tmp_path / "lake").rglob("*") if file.is_file())
    assert emails
    assert not any(email.encode() in written for email in emails)
    with connect(served.token, base_url=served.base_url) as full, pytest.raises(BadLakeError, match="privacy="):
        full.export(tmp_path / "lake", ["contacts"])


def _all(sandbox: Sandbox, kind: str) -> list[dict[str, str]]:
    collection = sandbox.workspace.collection(kind)
    return [collection.record(place) for place in range(len(collection))]


CONTINUED = """
import sys
from intercom_kit import connect
with connect(sys.argv[1], base_url=sys.argv[2], privacy="masked") as ws:
    ws.export(sys.argv[3], "contacts")
"""


def test_pseudonyms_of_two_programs_are_not_mixed(served: Sandbox, tmp_path: Path) -> None:
    with connect(served.token, base_url=served.base_url, privacy="masked") as ws:
        ws.export(tmp_path / "lake", "contacts")
    words = [sys.executable, "-c", CONTINUED, served.token, served.base_url, str(tmp_path / "lake")]
    other = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert "pseudonyms of another program run" in other.stderr


def test_conversations_with_more_parts_than_intercom_returns_make_parts_incomplete(
    begin: Begin, tmp_path: Path
) -> None:
    _, ws = begin(conversations=400)
    ws.export(tmp_path / "lake", "conversations", parts=True)
    counts = ws.conversations(None)["count_conversation_parts"]
    with ik.open(tmp_path / "lake") as lake:
        held = lake.held.set_index("table")
        assert held["complete"][CONVERSATION_PARTS.name] == (counts.max() <= 500)


def test_it_works_from_a_terminal(served: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", served.token)
    monkeypatch.setenv("INTERCOM_BASE_URL", served.base_url)
    folder = str(tmp_path / "lake")
    exported = CliRunner().invoke(main, ["export", folder, "--tables", "teams, conversations"])
    assert exported.exit_code == 0, exported.output
    assert "conversations" in exported.output
    answered = CliRunner().invoke(main, ["sql", "--lake", folder, "--csv", "select count(*) as n from teams"])
    assert answered.output.split() == ["n", "5"]
    refused = CliRunner().invoke(main, ["export", folder, "--tables", "conversation"])
    assert "did you mean 'conversations'" in refused.output
