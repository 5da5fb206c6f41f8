"""A lake is read without asking Intercom: SQL as over live rows, with a receipt that says as of when."""

import contextlib
import shutil
import threading
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import BadLakeError, BadQueryError, MemoryLimitError, Workspace
from intercom_kit.lake import manifest, opened, separate
from intercom_kit.lake.opened import Lake

QUERIES = [
    "select state, count(*) as n, median(time_to_admin_reply) as m from conversations group by state order by state",
    "select t.name, count(*) as n from conversations c join teams t on t.id = c.team_assignee_id group by 1 order by 1",
    "select tag_name, count(*) as n from conversation_tags group by 1 order by 1",
    "select custom_attributes->>'plan' as plan, count(*) as n from contacts group by 1 order by 1",
    "select part_type, count(*) as n from ticket_parts group by 1 order by 1",
    "select date_trunc('week', created_at) as week, count(*) as n from conversations group by 1 order by 1",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_answered_as_over_live_rows(ws: Workspace, lake: Lake, query: str) -> None:
    expected = ws.sql(query, fresh="session")
    assert len(expected)
    pd.testing.assert_frame_equal(pd.DataFrame(lake.sql(query)), pd.DataFrame(expected))


def test_it_costs_no_request(ws: Workspace, lake: Lake) -> None:
    before = ws.budget["requests"]
    answer = lake.sql("select * from conversations")
    assert answer.attrs["intercom"]["requests"] == 0
    assert ws.budget["requests"] == before


def test_the_receipt_is_as_of_the_export(lake: Lake) -> None:
    told = lake.sql("select count(*) from contacts").attrs["intercom"]["at"]
    assert pd.Timestamp(told) == lake.held.set_index("table")["as_of"]["contacts"]


def test_own_frames_join(lake: Lake) -> None:
    mine = pd.DataFrame({"state": ["open"], "label": ["still open"]})
    answer = lake.sql("select distinct label from conversations join mine using (state)", frames={"mine": mine})
    assert answer["label"].tolist() == ["still open"]


def test_a_table_that_was_not_exported_is_no_empty_one(lake: Lake) -> None:
    with pytest.raises(BadQueryError, match=r"This lake has no contact_tags: export them"):
        lake.sql("select * from contact_tags")


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_parquet('/etc/passwd')",
        "copy conversations to 'x.csv'",
        "drop view conversations",
        "attach 'other.db'",
    ],
)
def test_sql_reaches_no_files_and_changes_nothing(lake: Lake, query: str) -> None:
    with pytest.raises(BadQueryError):
        lake.sql(query)


def test_a_misspelt_column_is_met_with_the_nearest(lake: Lake) -> None:
    with pytest.raises(BadQueryError, match="created_at"):
        lake.sql("select creatd_at from conversations")


def test_a_folder_without_a_lake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLakeError, match="holds no lake"):
        ik.open(tmp_path)


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / manifest.NAME).write_text('{"format": 1, "tables": {')
    with pytest.raises(BadLakeError, match="damaged"):
        ik.open(tmp_path)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / manifest.NAME).write_text('{"format": 99}')
    with pytest.raises(BadLakeError, match="update intercom_kit"):
        ik.open(tmp_path)


def test_columns_that_old_files_lack_are_null(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "old")
    old = manifest.read(tmp_path / "old")
    old.tables["teams"].columns.remove("name")
    old.write()
    with ik.open(tmp_path / "old") as lake:
        assert lake.sql("select count(name) as named, count(*) as n from teams").iloc[0].tolist() == [0, 5]


def test_deleting_it_asks_first(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    monkeypatch.setattr("builtins.input", lambda _: "n")
    lake = ik.open(tmp_path / "lake")
    lake.delete()
    assert lake.sql("select count(*) from teams") is not None
    monkeypatch.setattr("builtins.input", lambda _: "y")
    lake.delete()
    assert not (tmp_path / "lake").exists()


def test_where_nobody_can_be_asked_it_stays(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: str) -> str:
        raise EOFError

    shutil.copytree(folder, tmp_path / "lake")
    monkeypatch.setattr("builtins.input", nobody)
    with ik.open(tmp_path / "lake") as lake, pytest.raises(BadLakeError, match="sure=True"):
        lake.delete()
    assert manifest.is_lake(tmp_path / "lake")


def test_what_was_spilled_is_deleted_at_the_end(folder: Path) -> None:
    lake = ik.open(folder)
    spill = lake._engine.views.spill
    assert spill.is_dir()
    lake.close()
    assert not spill.exists()


def test_what_does_not_fit_into_memory_is_spilled_and_the_answer_is_the_same(folder: Path) -> None:
    query = """
        select count(*) as n, sum(rank * length(text)) as total
        from (
            select text, row_number() over (partition by state order by text) as rank
            from (select state, md5(id || i) || repeat('x', 60) as text from conversations, range(2000) as copies(i))
        )"""
    with ik.open(folder) as lake:
        expected = lake.sql(query)
    with ik.open(folder, memory_limit="64MB") as lake, Watched(lake._engine.views.spill) as watched:
        found = lake.sql(query)
    assert watched.bytes > 10e6
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))


class Watched:
    """A folder, and the most bytes that its files have had together during the block."""

    def __init__(self, folder: Path) -> None:
        self.bytes = 0
        self._folder = folder
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.01):
            with contextlib.suppress(FileNotFoundError):
                sizes = [file.stat().st_size for file in self._folder.rglob("*")]
                self.bytes = max(self.bytes, sum(sizes))


def test_what_does_not_fit_into_memory_even_so_is_told(folder: Path) -> None:
    with ik.open(folder, memory_limit="100MB") as lake, pytest.raises(MemoryLimitError, match="memory_limit="):
        lake.sql("select list(repeat('x', 1000) || i) as it from range(1000000) as numbers(i)")


@pytest.mark.parametrize(
    ("options", "place", "name"),
    [({}, opened, "receipt_for"), ({"apart": "500MB"}, separate, "receipt_for")],
    ids=["here", "apart"],
)
def test_files_that_are_replaced_while_a_query_is_read_are_looked_for_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Any, place: Any, name: str
) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    held, read, versions = manifest.read(tmp_path / "lake"), getattr(place, name), iter(range(3))

    def replaced_meanwhile(*asked: Any) -> Any:
        if (version := next(versions, None)) is not None:  # an update replaces files in each of its steps
            (old,), new = held.tables["teams"].files, f"teams/new-{version}.parquet"
            (tmp_path / "lake" / old).rename(tmp_path / "lake" / new)
            held.tables["teams"].files = {new: 5}
            held.write()
        return read(*asked)

    with ik.open(tmp_path / "lake") as lake:
        monkeypatch.setattr(place, name, replaced_meanwhile)
        assert lake.sql("select count(name) as n from teams", **options)["n"][0] == 5
        assert next(versions, None) is None
        assert lake.held.set_index("table")["megabytes"]["teams"] > 0


def test_a_lake_is_opened_while_another_program_replaces_its_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    once, read = [True], manifest.read

    def replaced_meanwhile(where: Any) -> Any:
        held = read(where)
        if once and once.pop():
            (old,) = held.tables["teams"].files
            (tmp_path / "lake" / old).rename(tmp_path / "lake" / "teams" / "new.parquet")
            written = read(where)
            written.tables["teams"].files = {"teams/new.parquet": 5}
            written.write()
        return held

    monkeypatch.setattr(manifest, "read", replaced_meanwhile)
    with ik.open(tmp_path / "lake") as lake:
        assert lake.sql("select count(name) as n from teams")["n"][0] == 5


def test_a_lake_that_lacks_a_file_is_not_opened(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    (tmp_path / "lake" / next(iter(manifest.read(folder).tables["teams"].files))).unlink()
    with pytest.raises((BadLakeError, BadQueryError), match="teams"):
        ik.open(tmp_path / "lake")


def test_a_file_that_is_lost_is_no_empty_table(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    with ik.open(tmp_path / "lake") as lake:
        (tmp_path / "lake" / next(iter(lake._manifest.tables["teams"].files))).unlink()
        for options in ({}, {"apart": "500MB"}):
            with pytest.raises(BadQueryError, match="teams"):
                lake.sql("select count(name) from teams", **options)  # type: ignore[arg-type]
