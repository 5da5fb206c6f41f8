"""A process that is forked from one with open workspaces works there too, by connections and a DuckDB of its own."""

import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import intercom_kit
from intercom_kit import Workspace, connect
from intercom_kit.concurrency import forking, loop
from intercom_kit.sandbox import Sandbox

SECONDS = 60

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def in_child(work: Callable[[], Any], kind: str = "fork") -> Any:
    """Do some work in a child process, and give what it gives; an error comes as its text."""
    context: Any = multiprocessing.get_context(kind)
    told, tell = context.Pipe(duplex=False)

    def run() -> None:
        try:
            tell.send(work())
        except BaseException as error:  # noqa: BLE001 - it is told, whatever it is
            tell.send(f"{type(error).__name__}: {error}")

    child = context.Process(target=run)
    child.start()
    tell.close()  # so that a child that dies is seen at once
    try:
        assert told.poll(SECONDS), "the child hangs"
        return told.recv()
    except EOFError:
        child.join()
        pytest.fail(f"the child died, with exit code {child.exitcode}")
    finally:
        child.kill()
        child.join()
        told.close()


@pytest.fixture
def own(sandbox: Sandbox) -> Iterator[Workspace]:
    """A workspace of one's own, which has fetched and asked."""
    with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        workspace.teams()
        workspace.sql("select count(*) from contacts")
        yield workspace


def test_a_workspace_opened_before_answers_in_the_child_and_still_in_the_parent(own: Workspace) -> None:
    teams, contacts = len(own.teams()), own.sql("select count(*) as n from contacts")["n"][0]
    assert in_child(lambda: len(own.teams())) == teams
    assert in_child(lambda: int(own.sql("select count(*) as n from contacts")["n"][0])) == contacts
    assert len(own.teams()) == teams
    assert own.sql("select count(*) as n from contacts", fresh="session")["n"][0] == contacts


def test_the_child_holds_nothing_of_what_the_parent_fetched(own: Workspace) -> None:
    assert own.held["rows"].sum() > 0
    assert in_child(lambda: int(own.held["rows"].sum())) == 0


def test_closing_in_the_child_leaves_the_parent_connected(own: Workspace) -> None:
    assert in_child(own.close) is None
    assert len(own.teams()) > 0


def test_connecting_in_the_child_works_as_anywhere(own: Workspace, sandbox: Sandbox) -> None:
    def anew() -> int:
        with connect(sandbox.token, base_url=sandbox.base_url) as workspace:
            return len(workspace.teams())

    assert in_child(anew) == len(own.teams())


def test_a_child_of_a_child_works_too(own: Workspace) -> None:
    assert in_child(lambda: in_child(lambda: len(own.teams()))) == len(own.teams())


def test_forks_while_other_threads_fetch_do_not_hang(own: Workspace) -> None:
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            own.sql("select count(*) from conversations", fresh="refetch")

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    teams = len(own.teams())
    try:
        for _ in range(4):
            assert in_child(lambda: len(own.teams())) == teams
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_what_the_parent_left_to_be_collected_is_not_collected_in_the_child(own: Workspace) -> None:
    teams = len(own.teams())

    def collected() -> int:
        gc.collect()  # closing a DuckDB here would wait for threads that only the parent has
        return len(own.teams())

    gc.disable()
    try:
        lost: list[Any] = [duckdb.connect()]
        lost[0].execute("create table numbers as from range(1000000)")
        lost.append(lost)
        del lost
        assert in_child(collected) == teams
        assert in_child(gc.isenabled) is False
    finally:
        gc.enable()
    assert in_child(gc.isenabled) is True


def test_a_closed_workspace_stays_closed_in_the_child(sandbox: Sandbox) -> None:
    workspace = connect(sandbox.token, base_url=sandbox.base_url)
    workspace.close()
    assert "NotConnectedError" in in_child(workspace.teams)


ENDING = """
import os, sys
import intercom_kit as ik
ws = ik.connect(sys.argv[1], base_url=sys.argv[2])
ws.sql("select count(*) from contacts")
child = os.fork()
print(len(ws.teams()), flush=True)
if child:
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))
"""

SPAWNING = """
import multiprocessing, sys
import intercom_kit as ik
def teams(token, base_url):
    with ik.connect(token, base_url=base_url) as ws:
        return len(ws.teams())
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(*pool.starmap(teams, [sys.argv[1:]] * 2))
"""


@pytest.mark.parametrize("program", [ENDING, SPAWNING], ids=["forked", "spawned"])
def test_processes_that_end_by_themselves_end_well(program: str, sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(program)
    ours = {**os.environ, "PYTHONPATH": str(Path(intercom_kit.__file__).parents[1])}
    command = [sys.executable, str(path), sandbox.token, sandbox.base_url]
    run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=ours, check=False)
    assert run.returncode == 0, run.stderr
    counts = {int(count) for count in run.stdout.split()}
    assert len(counts) == 1
    assert counts != {0}


def test_a_spawned_process_is_told_to_connect_itself(own: Workspace) -> None:
    with pytest.raises(TypeError, match="connect again where it is needed"):
        pickle.dumps(own)  # as spawning does with what a process is given


def test_without_fork_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork")
    assert forking.in_child(loop._begin_anew) is loop._begin_anew
