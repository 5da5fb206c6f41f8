"""What is answered in a process apart is what the session itself would answer, within bounds that hold."""

import math
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import SimpleQueue

import psutil
import pytest

from intercom_kit import Workspace, apart, connect
from intercom_kit.apart.exchange import Exchange
from intercom_kit.apart.process import Process
from intercom_kit.apart.processes import Processes
from intercom_kit.concurrency.stopping import Stop, Stopped, stoppable
from intercom_kit.errors import BadQueryError, BadRequestError, IntercomError, MemoryLimitError, QueryTimeoutError
from tests.attack.shots import ENDLESS
from tests.conftest import Begin

from .known import KNOWN, Known
from .queries import SHAPES, Inventor
from .test_fuzz import hash_of
from .test_known_queries import filled
from .whole import Whole, difference, rows_of

MEMORY = "600MB"


def idle() -> list[Process]:
    """Give the processes that wait for a query."""
    return apart.within(MEMORY)._idle


@pytest.mark.timeout(3_000)
def test_random_queries_are_answered_as_over_all_data(
    live: Workspace, whole: Whole, request: pytest.FixtureRequest
) -> None:
    for shape in SHAPES:
        inventor = Inventor(whole, hash_of(shape) + request.config.getoption("--mix-seed"))
        for number in range(math.ceil(request.config.getoption("--fuzz") / len(SHAPES) / 4)):
            query = inventor.query(shape)
            answer = live.sql(query, apart=MEMORY, fresh="live" if number % 4 == 3 else "session")
            differs = difference(whole.rows(query), rows_of(answer))
            assert not differs, f"{query}\n{differs}"


@pytest.mark.parametrize("known", [each for each in KNOWN.values() if "wanted" not in each.query])
def test_the_known_queries_are_answered_alike(live: Workspace, whole: Whole, known: Known) -> None:
    query = filled(known.query, whole)
    here = live.sql(query, known.parameters or None, fresh="session")
    there = live.sql(query, known.parameters or None, fresh="session", apart=MEMORY)
    assert list(here.columns) == list(there.columns)
    assert list(map(str, here.dtypes)) == list(map(str, there.dtypes))
    assert not difference(rows_of(here), rows_of(there))


@pytest.mark.parametrize(
    "query",
    [
        "select * from conversations",
        "from contacts",
        "select c from conversations c",
        "select list(created_at order by id) as several, map(['a'], [max(updated_at)]) as one from contacts",
        "select count(*) from conversations",
        "select columns('.*_at') from contacts where role = 'lead'",
        "select * exclude (title) from conversations natural join (select id from conversations where open)",
        "describe conversations",
        "describe select id, created_at from contacts",
        "show tables",
        "summarize select id, state, rating from conversations",
        "explain select id from conversations where state = 'open'",
        "pivot conversations on state using count(*) group by priority",
        "select 1 as one",
        "select * from conversations where false",
        "select tag_name, count(*) from conversation_tags group by all order by all",
    ],
)
def test_every_way_to_ask_is_answered_alike(live: Workspace, query: str) -> None:
    here, there = live.sql(query), live.sql(query, apart=MEMORY)
    assert list(here.columns) == list(there.columns)
    assert list(map(str, here.dtypes)) == list(map(str, there.dtypes))
    assert not difference(rows_of(here), rows_of(there))
    assert there.attrs["intercom"]["complete"]
    assert there.receipt.startswith(here.receipt[:10])


@pytest.mark.parametrize(
    "query",
    [
        "select nothing from conversations",
        "selct 1",
        "delete from contacts",
        "select * from 'file.csv'",
        "show http_proxy",
        "select getenv('HOME')",
        "select 1; select 2",
        "select 1::varchar::date",
        "select id::integer from conversations",
    ],
)
def test_what_cannot_be_asked_is_refused_in_the_same_words(live: Workspace, query: str) -> None:
    def refusal(within: str | None) -> tuple[type, str]:
        with pytest.raises(BadQueryError) as refused:
            live.sql(query, apart=within)
        return type(refused.value), str(refused.value)

    assert refusal(None) == refusal(MEMORY)


def test_an_answer_may_be_cut_at_some_rows(live: Workspace) -> None:
    frame = live.sql("select id from conversations", apart=MEMORY, max_rows=10)
    assert len(frame) == 10
    assert not frame.attrs["intercom"]["complete"]


def test_parameters_have_values_of_every_kind(live: Workspace) -> None:
    query = "select $text as a, $number as b, $many as c"
    given = {"text": "it's\n\U0001f600", "number": 2, "many": ["x", "y"]}
    assert rows_of(live.sql(query, given, apart=MEMORY)) == rows_of(live.sql(query, given))


def test_the_allowance_of_requests_holds(begin: Begin) -> None:
    ws = begin(conversations=2_000)[1]
    with pytest.raises(BadQueryError, match="max_requests=3"):
        ws.sql("select count(*) from conversations", apart=MEMORY, max_requests=3)


def test_frames_are_refused(live: Workspace) -> None:
    with pytest.raises(BadRequestError, match="leave frames= out"):
        live.sql("from mine", frames={"mine": live.teams()}, apart=MEMORY)


@pytest.mark.parametrize("memory", ["much", "10MB", "", 7])
def test_a_memory_that_is_none_is_refused(live: Workspace, memory: object) -> None:
    with pytest.raises(BadRequestError, match=r"500MB|400MB"):
        live.sql("select 1", apart=memory)  # type: ignore[arg-type]


# --- bounds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [ENDLESS, " union all ".join(["select id from conversations"] * 20_000)])
def test_time_bounds_planning_too(live: Workspace, query: str) -> None:
    live.sql("select 1", apart=MEMORY)
    began = time.monotonic()
    with pytest.raises(BadQueryError):
        live.sql(query, apart=MEMORY, timeout=1)
    assert time.monotonic() - began < 2.5


def test_the_words_say_what_was_allowed(live: Workspace) -> None:
    with pytest.raises(QueryTimeoutError, match=r"longer than timeout=0\.7 seconds"):
        live.sql(ENDLESS, apart=MEMORY, timeout=0.7)
    with pytest.raises(MemoryLimitError, match=r"more memory than it may use \(600 MB\)"):
        live.sql("select list(i) from range(900000000) t(i)", apart=MEMORY, timeout=60)


def test_other_calls_do_not_wait(live: Workspace) -> None:
    live.sql("select 1", apart=MEMORY)
    endings: list[Exception] = []

    def endless() -> None:
        try:
            live.sql(ENDLESS, apart=MEMORY, timeout=12)
        except IntercomError as error:
            endings.append(error)

    thread = threading.Thread(target=endless)
    thread.start()
    time.sleep(0.5)
    assert len(live.sql("select id from conversations where open", apart=MEMORY)) > 0
    assert len(live.sql("select 1")) == 1
    assert len(live.teams()) > 0
    assert thread.is_alive()  # they are answered, and it is not
    thread.join()
    assert isinstance(endings[0], QueryTimeoutError)


def test_a_query_waits_for_others_no_longer_than_patience() -> None:
    busy = Processes(600_000_000, apart.shared().folder)
    busy._free = SimpleQueue()
    with pytest.raises(QueryTimeoutError, match=r"none finished within 0\.3 seconds"), busy.one(0.3):
        raise AssertionError("no process is free")


def test_a_stop_ends_the_process_at_once(live: Workspace) -> None:
    stop, ended = Stop(), []

    def endless() -> None:
        with stoppable(stop):
            try:
                live.sql(ENDLESS, apart=MEMORY, timeout=60)
            except Stopped:
                ended.append(time.monotonic())

    thread = threading.Thread(target=endless)
    thread.start()
    time.sleep(1.5)
    asked = time.monotonic()
    stop.ask()
    thread.join(10)
    assert ended[0] - asked < 1
    assert rows_of(live.sql("select 1 as one", apart=MEMORY)) == [(1.0,)]


def test_a_process_that_was_killed_is_replaced(live: Workspace) -> None:
    live.sql("select 1", apart=MEMORY)
    for process in list(idle()):
        process._child.kill()
        process._child.wait()
    assert rows_of(live.sql("select 1 as one", apart=MEMORY)) == [(1.0,)]


def test_a_process_that_ends_for_another_reason_than_memory_says_so(live: Workspace) -> None:
    live.sql("select 1", apart=MEMORY)
    waiting = idle().copy()
    threading.Timer(0.3, lambda: [process._child.terminate() for process in waiting]).start()
    with pytest.raises(IntercomError, match=r"ended without an answer \(Terminated\)"):
        live.sql(ENDLESS, apart=MEMORY, timeout=20)
    assert rows_of(live.sql("select 1 as one", apart=MEMORY)) == [(1.0,)]


def test_a_process_is_used_again_and_holds_nothing_meanwhile(live: Workspace) -> None:
    live.sql("select * from conversations", apart=MEMORY)
    before = [process._child.pid for process in idle()]
    assert rows_of(live.sql("select count(*) from conversations where false", apart=MEMORY)) == [(0.0,)]
    assert before == [process._child.pid for process in idle()]
    assert list(apart.shared().folder().iterdir()) == []


def test_rows_that_find_no_room_are_told(live: Workspace) -> None:
    apart.shared().folder().rmdir()
    with pytest.raises(MemoryLimitError, match="no room for the rows"):
        live.sql("select id from teams", apart=MEMORY)
    apart.shared().close()
    assert len(live.sql("select id from teams", apart=MEMORY)) == len(live.teams())


def test_a_small_folder_in_memory_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.apart.exchange._ROOM", 10**18)
    assert Exchange().path.parent == Path(tempfile.gettempdir())


def test_a_process_that_cannot_begin_is_told(live: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(IntercomError, match="none can be started"):
        live.sql("select 1", apart="800MB")


# --- secrets -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows what a process was given")
def test_a_process_is_given_no_token_and_no_proxy(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    ws = begin()[1]
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "dG9rOmEtc2VjcmV0")
    monkeypatch.setenv("https_proxy", "http://user:a-secret@proxy.example")
    with apart.within("700MB").one(10) as process:
        given = Path(f"/proc/{process._child.pid}/environ").read_bytes()
        told = " ".join(psutil.Process(process._child.pid).cmdline())
    assert b"PATH=" in given
    assert b"secret" not in given
    assert b"INTERCOM" not in given
    assert "secret" not in told
    ws.close()


@pytest.mark.skipif(os.name == "nt", reason="folders have no mode on Windows")
def test_the_folder_of_rows_is_ours_alone() -> None:
    assert stat.S_IMODE(apart.shared().folder().stat().st_mode) == 0o700


def test_folders_of_programs_that_were_killed_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = [tmp_path / f"intercom_kit-apart-{gone.pid}-{each}" for each in ("old", "new")]
    alive, other = tmp_path / f"intercom_kit-apart-{os.getpid()}-old", tmp_path / "intercom_kit-apart-other"
    for folder in (*left, alive, other):
        folder.mkdir()
        (folder / "rows.parquet").touch()
    for folder in (left[0], alive, other):
        os.utime(folder, (0, 0))
    monkeypatch.setattr("intercom_kit.apart.exchange._IN_MEMORY", tmp_path)
    own = Exchange()
    own.folder()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        [own.path.name, left[1].name, alive.name, other.name]
    )
    own.close()
    assert not own.path.exists()


# --- how a program ends, and divides -----------------------------------------------------------------------------

PROGRAM = """
import os, sys
from intercom_kit import connect
from intercom_kit import apart
ws = connect(sys.argv[1], base_url=sys.argv[2])
ws.sql("select count(*) from teams", apart="500MB")
if hasattr(os, "fork"):
    child = os.fork()
    if not child:
        answer = ws.sql("select count(*) as n from teams", apart="500MB")
        os._exit(0 if answer["n"][0] else 1)
    assert os.waitpid(child, 0)[1] == 0
print(apart.shared().path, *(each._child.pid for each in apart.within("500MB")._idle))
if "killed" in sys.argv:
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("how", ["ends", "killed"])
def test_nothing_is_left_when_a_program_ends(live: Workspace, begin: Begin, how: str) -> None:
    sandbox, _ = begin()
    command = [sys.executable, "-c", PROGRAM, sandbox.token, sandbox.base_url, how]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=how == "ends").stdout.split()
    folder, processes = Path(told[0]), [int(each) for each in told[1:]]
    until = time.monotonic() + 5
    while any(map(psutil.pid_exists, processes)) and time.monotonic() < until:
        time.sleep(0.05)
    assert processes
    assert not any(map(psutil.pid_exists, processes))
    assert folder.exists() is (how == "killed")
    assert not folder.exists() or list(folder.iterdir()) == []
    if folder.exists():
        folder.rmdir()


def test_a_workspace_that_is_closed_answers_nothing_more(begin: Begin) -> None:
    sandbox, _ = begin()
    ws = connect(sandbox.token, base_url=sandbox.base_url)
    ws.close()
    with pytest.raises(IntercomError, match="closed"):
        ws.sql("select 1", apart=MEMORY)
