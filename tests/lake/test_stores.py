"""A lake in an object store is as one in a folder, and two programs never write to it at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

import intercom_kit as ik
from intercom_kit import BadLakeError, BadRequestError, Workspace, connect
from intercom_kit.cli import main
from intercom_kit.lake import manifest
from intercom_kit.lake.stores import store_at
from intercom_kit.lake.stores.store import LOCK
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW

from . import buckets, changing
from .buckets import Buckets
from .comparing import difference, rows

pytest.importorskip("fsspec", reason="lakes in object stores need the extra `stores`")

SIZE = {"conversations": 12, "contacts": 6, "companies": 2, "tickets": 0}
TABLES = ["conversations", "teams"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buckets]:
    """A local server that speaks S3, which programs started here find, too."""
    with buckets.served(tmp_path_factory.mktemp("s3") / "log") as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def small() -> Iterator[Sandbox]:
    """A sandbox with little data, that nobody changes."""
    with serve(**SIZE, seed=7, now=NOW, rate_limit=100_000_000) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ws(small: Sandbox) -> Iterator[Workspace]:
    with connect(small.token, base_url=small.base_url) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def written(store: Buckets, ws: Workspace) -> str:
    """The URL of a lake that nobody changes."""
    url = store.place()
    ws.export(url, TABLES, parts=True, storage_options=store.options)
    return url


@pytest.mark.parametrize("table", [*TABLES, "conversation_parts"])
def test_its_rows_are_those_that_sql_reads(ws: Workspace, written: str, table: str) -> None:
    with ik.open(written) as lake:
        expected = rows(ws, table, whole=["conversation_parts"], fresh="session")
        assert expected
        assert not difference(rows(lake, table), expected)


def test_it_tells_what_it_holds(store: Buckets, written: str) -> None:
    with ik.open(written, storage_options=store.options) as lake:
        held = lake.held.set_index("table")
        assert held["rows"]["conversations"] == 12
        assert (held["megabytes"] > 0).all()
        assert written in repr(lake)


def test_metrics_are_computed_over_it(ws: Workspace, written: str) -> None:
    with ik.open(written) as lake:
        assert lake.metric("first_response_time", since="365d")["n"].sum() > 0


@pytest.mark.parametrize(
    "query",
    [
        "from read_text('lake://lake.json')",
        "from read_text('lake://../secret.parquet')",
        "from read_parquet('s3://bucket-1/years/lake/x.parquet')",
        "from read_text('/etc/hostname')",
        "copy (select 1) to 'lake://teams/x.parquet'",
    ],
)
def test_even_sql_that_the_guard_would_let_through_reaches_nothing_else(written: str, query: str) -> None:
    store_at(written.rpartition("/")[0]).put_text("secret.parquet", "not the lake's")
    found = []
    with ik.open(written) as lake, lake._engine.views.database.cursor() as cursor, suppress(duckdb.Error):
        found = cursor.execute(query).fetchall()
    assert not found


def test_an_update_is_as_a_new_lake(store: Buckets) -> None:
    later = [0.0]
    with serve(**SIZE, seed=7, rate_limit=100_000_000, clock=lambda: NOW + later[0]) as sandbox:
        first, second = store.place(), store.place()
        changing.export(sandbox.token, sandbox.base_url, first)
        later[0] = 40_000
        changing.change(sandbox, 12, 3)
        changing.export(sandbox.token, sandbox.base_url, first)
        changing.export(sandbox.token, sandbox.base_url, second)
    with ik.open(first) as one, ik.open(second) as other:
        for table in ("conversations", "contacts", "conversation_parts"):
            assert not difference(rows(one, table), rows(other, table))


def test_a_killed_export_goes_on(store: Buckets, tmp_path: Path) -> None:
    with serve(**SIZE, seed=7, now=NOW, rate_limit=100_000_000, latency=0.05) as sandbox:
        url = store.place()
        words = [sys.executable, "-m", "tests.lake.changing", sandbox.token, sandbox.base_url, url]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as program:
            until = time.monotonic() + 60
            while not manifest.is_lake(url) and time.monotonic() < until:
                time.sleep(0.05)
            time.sleep(0.3)
            program.kill()
        assert store_at(url).stamp(LOCK) is not None  # nobody has released it
        changing.export(sandbox.token, sandbox.base_url, url)
        changing.export(sandbox.token, sandbox.base_url, tmp_path / "whole")
    assert store_at(url).stamp(LOCK) is None
    with ik.open(url) as one, ik.open(tmp_path / "whole") as other:
        for table in ("conversations", "conversation_parts"):
            assert not difference(rows(one, table), rows(other, table))
    named = {file for table in manifest.read(url).tables.values() for file in (*table.files, *table.keys)}
    assert set(store_at(url).sizes(["conversations", "conversation_parts"])) <= named


def test_a_writer_on_another_computer_is_not_disturbed(store: Buckets, ws: Workspace) -> None:
    url = store.place()
    store_at(url).put_text(LOCK, '{"who": "reports-2, process 41", "since": "2026-11-29T19:00:00", "token": "theirs"}')
    with pytest.raises(BadLakeError, match=r"writing to this lake: reports-2, process 41, since 2026.*delete the obj"):
        ws.export(url, "teams")
    assert "theirs" in store_at(url).text(LOCK)
    store_at(url).delete([LOCK])
    ws.export(url, "teams")


def test_a_second_writer_on_this_computer_is_refused(store: Buckets, ws: Workspace) -> None:
    url = store.place()
    with store_at(url).locked(), pytest.raises(BadLakeError, match="Another program on this computer is writing"):
        ws.export(url, "teams")


def test_the_lock_is_released_where_an_export_fails(store: Buckets, ws: Workspace) -> None:
    url = store.place()
    with pytest.raises(BadRequestError, match="more than max_requests=1"):
        ws.export(url, TABLES, parts=True, max_requests=1)
    assert store_at(url).stamp(LOCK) is None


def test_a_store_that_cannot_keep_two_writers_apart_is_refused(
    store: Buckets, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place: Any = store_at(store.place())
    put = place._files.pipe_file
    monkeypatch.setattr(place._files, "pipe_file", lambda key, text, **_: put(key, text))
    with pytest.raises(BadLakeError, match="two programs could write at once"), place.locked():
        pass
    assert place.stamp(LOCK) is None


def test_deleting_it_leaves_other_objects(store: Buckets, ws: Workspace) -> None:
    url = store.place()
    beside = store_at(url.rpartition("/")[0])
    ws.export(url, "teams")
    beside.put_text("lake-of-others/notes.txt", "mine")
    with ik.open(url) as lake:
        lake.delete(sure=True)
    assert not manifest.is_lake(url)
    assert list(beside.sizes(["lake", "lake-of-others"])) == ["lake-of-others/notes.txt"]


def test_a_place_with_other_objects_is_left_alone(store: Buckets, ws: Workspace) -> None:
    url = store.place()
    store_at(url).put_text("thesis.txt", "mine")
    with pytest.raises(BadLakeError, match=r"holds other files, such as 'thesis\.txt'"):
        ws.export(url, "teams")


def test_a_bucket_that_is_not_there_is_told(store: Buckets, ws: Workspace) -> None:
    with pytest.raises(BadLakeError, match=r"cannot be reached or written .*check the URL"):
        ws.export("s3://missing/lake", "teams")
    with pytest.raises(BadLakeError, match=r"cannot be reached or written .*check the URL"):
        ik.open("s3://missing/lake")


def test_a_protocol_whose_package_is_missing_names_it(ws: Workspace) -> None:
    with pytest.raises(BadLakeError, match=r"Lakes at .*:// need one more package: .*install"):
        ws.export("dropbox://lake", "teams")


def test_cached_tables_are_not_written_there(ws: Workspace) -> None:
    with pytest.raises(BadRequestError, match="name tables= too"):
        ws.export("s3://bucket/lake")


def test_a_folder_takes_no_options(tmp_path: Path) -> None:
    with pytest.raises(BadLakeError, match="is a local folder: omit them"):
        ik.open(tmp_path, storage_options={"key": "x"})


def test_it_works_from_a_terminal(store: Buckets, small: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", small.token)
    monkeypatch.setenv("INTERCOM_BASE_URL", small.base_url)
    url = store.place()
    exported = CliRunner().invoke(main, ["export", url, "--tables", "teams"])
    assert exported.exit_code == 0, exported.output
    answered = CliRunner().invoke(main, ["sql", "--lake", url, "--csv", "select count(*) as n from teams"])
    assert answered.output.split() == ["n", "5"]
    assert not (Path(os.curdir) / "s3:").exists()
