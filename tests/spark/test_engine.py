"""Spark reads a lake as DuckDB does: the files of the manifest, within limits, with errors that say what to do."""

import _thread
import json
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import BadLakeError, BadQueryError, QueryTimeoutError
from intercom_kit.fetch import meter
from intercom_kit.lake import manifest
from intercom_kit.lake.engines.cluster import SparkSession
from intercom_kit.lake.opened import Lake
from tests.spark.servers import SETTINGS, Server, free_port

ENDLESS = "select sum(a.id + b.id) from range(3000000) as a cross join range(3000000) as b"


def running(server: Server) -> int:
    return sum(each["status"] == "RUNNING" for each in server.ask("jobs"))


def wait_until(is_so: object, seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.1)
    return bool(is_so())  # type: ignore[operator]


@pytest.mark.parametrize("table", ["conversations", "contacts", "events", "office_hours", "article_statistics"])
def test_rows_have_the_same_types_and_values(here: Lake, there: Lake, table: str) -> None:
    query = f"select * from {table} order by all nulls last"
    pd.testing.assert_frame_equal(pd.DataFrame(there.sql(query)), pd.DataFrame(here.sql(query)))


def test_sql_is_that_of_spark_and_the_receipt_says_so(there: Lake) -> None:
    answer = there.sql(
        "select max_by(id, created_at) as newest from conversations where state = :state", {"state": "open"}
    )
    assert "answered by Spark 4" in answer.receipt
    assert answer["newest"].notna().all()


def test_own_frames_join(there: Lake) -> None:
    mine = pd.DataFrame({"state": ["open"], "label": ["still open"]})
    answer = there.sql("select distinct label from conversations join mine using (state)", frames={"mine": mine})
    assert answer["label"].tolist() == ["still open"]


def test_links_of_conversations_are_there(here: Lake, there: Lake) -> None:
    query = "select tag_name, count(*) as n from conversation_tags group by 1 order by 1 nulls last"
    pd.testing.assert_frame_equal(pd.DataFrame(there.sql(query)), pd.DataFrame(here.sql(query)))


def test_more_rows_than_wanted_are_cut_and_the_receipt_says_so(there: Lake) -> None:
    answer = there.sql("select id from conversations", max_rows=5)
    assert len(answer) == 5
    assert "only the first 5 rows" in answer.receipt


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("drop view conversations", "one SELECT"),
        ("select 1; select 2", "one SELECT"),
        ("insert into teams values (1)", "one SELECT"),
        ("select * from parquet.`/etc/passwd`", "not a table of this lake"),
        ("select * from elsewhere", "There is no table elsewhere"),
        ("select creatd_at from conversations", "created_at"),
        ("select 1 / 0 from teams", "DIVIDE_BY_ZERO"),
        ("select epoch_us(created_at) from conversations", "epoch_us"),
        ("select * from calls", "This lake has no calls"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(there: Lake, query: str, said: str) -> None:
    with pytest.raises(BadQueryError, match=said):
        there.sql(query)


def test_a_query_that_takes_too_long_is_ended_on_the_cluster(there: Lake, server: Server) -> None:
    with pytest.raises(QueryTimeoutError):
        there.sql(ENDLESS, timeout=3)
    assert wait_until(lambda: running(server) == 0)


def test_ctrl_c_ends_the_work_of_the_cluster(there: Lake, server: Server) -> None:
    def press() -> None:
        wait_until(lambda: running(server) > 0)
        _thread.interrupt_main()

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        there.sql(ENDLESS, timeout=60)
    assert wait_until(lambda: running(server) == 0)
    assert there.sql("select count(*) as n from teams")["n"][0] > 0


def test_progress_is_shown_in_tasks(there: Lake) -> None:
    seen: list[tuple[str, int | None]] = []
    with meter.telling(lambda each: seen.append((each.unit, each.total))), pytest.raises(QueryTimeoutError):
        there.sql(ENDLESS, timeout=4)
    assert any(unit == "tasks" and total for unit, total in seen)


def test_without_a_server_the_error_comes_within_seconds(folder: Path) -> None:
    began = time.monotonic()
    with pytest.raises(
        BadLakeError, match=r"No Spark Connect server answers at sc://127.0.0.1:\d+ within 10 seconds"
    ) as met:
        ik.open(folder, engine="spark", remote=f"sc://127.0.0.1:{free_port()}/;token=secret")
    assert time.monotonic() - began < 15
    assert "secret" not in str(met.value)


def test_a_server_that_never_answers_is_no_server(folder: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        with pytest.raises(BadLakeError, match="No Spark Connect server answers"):
            ik.open(folder, engine="spark", remote=f"sc://127.0.0.1:{deaf.getsockname()[1]}")


@pytest.mark.parametrize("options", [{"engine": "spark"}, {"engine": "duck"}, {"remote": "sc://there:1"}])
def test_other_engines_are_refused(folder: Path, options: dict[str, str]) -> None:
    with pytest.raises(BadLakeError, match="remote="):
        ik.open(folder, **options)  # type: ignore[arg-type]


def test_an_address_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(BadLakeError, match="is no address of Spark Connect"):
        ik.open(folder, engine="spark", remote="http://127.0.0.1:15002")


def test_a_session_that_was_handed_over_stays_as_it_is(folder: Path, server: Server) -> None:
    session = SparkSession.builder.remote(server.remote).create()
    try:
        session.conf.set("spark.sql.session.timeZone", "Asia/Kathmandu")
        with ik.open(folder, engine="spark", session=session) as lake:
            assert lake.metric("conversations", since="60d")["value"][0] > 0
        assert session.conf.get("spark.sql.session.timeZone") == "Asia/Kathmandu"
        assert session.sql("show views").toArrow().num_rows == 0
        assert session.sql("select 1 as one").toArrow().to_pylist() == [{"one": 1}]
    finally:
        session.stop()


def test_a_session_with_a_jvm_of_its_own_is_used_too(here: Lake, folder: Path) -> None:
    python = Path("build/spark/server/bin/python").absolute()
    script = Path(__file__).with_name("handed_over.py")
    command = [python, "-W", "ignore", script, folder, json.dumps(SETTINGS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2_000:]
    told = json.loads(done.stdout.splitlines()[-1])
    expected = here.metric("first_response_time", by="team", since="60d")
    assert told["n"] == expected["n"].tolist()
    assert told["zone"] == "Asia/Kathmandu"
    assert told["views"] == []


def test_files_that_are_replaced_meanwhile_are_looked_for_again(folder: Path, tmp_path: Path, server: Server) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    held = manifest.read(tmp_path / "lake")
    with ik.open(tmp_path / "lake", engine="spark", remote=server.remote) as lake:
        before = lake.sql("select count(name) as n from teams")["n"][0]
        (old,) = held.tables["teams"].files
        held.store.path(old).rename(held.store.path("teams/new.parquet"))
        held.tables["teams"].files = {"teams/new.parquet": int(before)}
        held.write()
        assert lake.sql("select count(name) as n from teams")["n"][0] == before


def test_a_file_that_spark_does_not_see_is_an_error(folder: Path, tmp_path: Path, server: Server) -> None:
    shutil.copytree(folder, tmp_path / "lake")
    with ik.open(tmp_path / "lake", engine="spark", remote=server.remote) as lake:
        next((tmp_path / "lake" / "events").rglob("*.parquet")).unlink()
        with pytest.raises(BadLakeError, match="under the same path"):
            lake.sql("select count(*) from events")
