"""Several programs keep profiles in one file: none loses what another wrote, and none waits for another for ever."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from intercom_kit import CredentialStoreBusyError
from intercom_kit.api.behaviours import Findings
from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth import storage
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.profiles import findings, forget, keep_findings, load, profiles, renew, save
from intercom_kit.locking import locked

ROOT = Path(__file__).parents[2]
TOKEN = "a-token"
TODAY = date.today().isoformat()
WRITER = """
import sys
from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.profiles import keep_findings, save
who = sys.argv[1]
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    name = f"{who}-{number}"
    save(Credential(Secret(name), "http://127.0.0.1:1", "us"), Identity(name, name), name)
    keep_findings("common", {f"sort {name}": ["honoured", sys.argv[2]]})
"""
HOLDER = """
import time
from pathlib import Path
from intercom_kit.auth import storage
with storage.alone():
    (storage.location().parent / ".profiles-half").write_text("a token")
    print("holding", flush=True)
    time.sleep(600)
"""

pytestmark = pytest.mark.usefixtures("no_keyring")


def credential(token: str = TOKEN, workspace: str = "acme") -> Credential:
    return Credential(Secret(token), "http://127.0.0.1:1", "us", identity=Identity(workspace, workspace))


@contextmanager
def program(text: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a program until the block ends."""
    command = [sys.executable, "-c", text, *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=ROOT, **pipes) as running:  # type: ignore[call-overload]
        try:
            assert running.stdout.readline().strip() in ("ready", "holding")
            yield running
        finally:
            running.kill()


@pytest.fixture
def unfinished(home: Path) -> Path:
    """What a program that was killed left: a new file that bears a token, beside a profile that is stored."""
    save(credential())
    left = home / ".profiles-x1y2z3"
    left.write_text("a token")
    return left


def test_what_three_programs_write_at_once_is_all_there() -> None:
    save(credential(), name="common")
    with program(WRITER, "a", TODAY) as a, program(WRITER, "b", TODAY) as b, program(WRITER, "c", TODAY) as c:
        for each in (a, b, c):
            each.communicate("go\n", timeout=120)
            assert each.returncode == 0
    names = {f"{who}-{number}" for who in "abc" for number in range(25)}
    assert {each.name for each in profiles()} == names | {"common"}
    assert {name: load(name).token.reveal() for name in names} == {name: name for name in names}
    assert set(findings("common")) == {f"sort {name}" for name in names}


def test_so_is_what_threads_write_at_once() -> None:
    names = [f"n{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: save(credential(name, name), name=name), names))
    assert {name: load(name).token.reveal() for name in names} == {name: name for name in names}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_programs_that_are_killed_lose_and_damage_nothing_and_leave_no_token(
    request: pytest.FixtureRequest, home: Path
) -> None:
    rounds, seed = request.config.getoption("--kills"), request.config.getoption("--mix-seed")
    command = [sys.executable, "-m", "tests.auth.killing", str(rounds), str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120 + 2 * rounds, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class TestWaiting:
    def test_for_a_program_that_does_not_come_to_an_end_is_bounded_and_loses_nothing(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save(credential())
        monkeypatch.setattr(storage, "PATIENCE", 0.2)
        monkeypatch.setattr("intercom_kit.auth.profiles._PATIENCE_OF_FETCHES", 0.1)
        changes: list[Callable[[], object]] = [
            lambda: save(credential("another")),
            lambda: renew(load()),
            lambda: keep_findings("acme", {"sort contacts": ["ignored", TODAY]}),
            forget,
        ]
        with locked(home / "profiles.lock", 0):
            for change in changes:
                begun = time.monotonic()
                with pytest.raises(CredentialStoreBusyError, match=r"Another program .*keyring.* try again"):
                    change()
                assert time.monotonic() - begun < 5
            assert load().token.reveal() == TOKEN  # to read needs no lock
        save(credential("another"))
        assert load().token.reveal() == "another"

    def test_ends_at_once_where_the_other_program_is_killed(self, home: Path) -> None:
        save(credential())
        with program(HOLDER) as holder:
            holder.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
            holder.wait()
            begun = time.monotonic()
            save(credential("another"))
            assert time.monotonic() - begun < 5
        assert load().token.reveal() == "another"
        assert {each.name for each in home.iterdir()} == {"profiles.json", "profiles.lock"}

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
    def test_of_a_forked_child_ends_with_the_parents_change(self) -> None:
        save(credential())
        with storage.alone():
            child = os.fork()
            if child == 0:
                try:
                    save(credential("of the child"))
                finally:
                    os._exit(0)
            time.sleep(0.1)
            assert load().token.reveal() == TOKEN
        os.waitpid(child, 0)
        assert load().token.reveal() == "of the child"


class TestWhatKilledProgramsLeft:
    @pytest.mark.parametrize("begin", [profiles, load, lambda: save(credential("b", "beta")), forget])
    def test_is_swept_by_whatever_comes_next(self, unfinished: Path, begin: Callable[[], object]) -> None:
        begin()
        assert not unfinished.exists()

    def test_stays_while_somebody_writes(self, unfinished: Path, home: Path) -> None:
        with locked(home / "profiles.lock", 0):
            assert len(profiles()) == 1
            assert unfinished.exists()
        assert len(profiles()) == 1
        assert not unfinished.exists()

    @pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
    def test_is_not_followed_where_it_is_a_link(self, unfinished: Path, tmp_path: Path) -> None:
        theirs = tmp_path / "theirs"
        theirs.write_text("of somebody else")
        unfinished.unlink()
        unfinished.symlink_to(theirs)
        assert len(profiles()) == 1
        assert theirs.read_text() == "of somebody else"

    def test_that_cannot_be_deleted_harms_nothing(self, unfinished: Path) -> None:
        unfinished.unlink()
        (unfinished / "more").mkdir(parents=True)
        save(credential("another"))
        assert load().token.reveal() == "another"


class TestAnotherProgramMeanwhile:
    def test_what_it_found_stays_beside_what_is_found_here(self) -> None:
        save(credential())
        here, there = Findings(findings("acme")), Findings(findings("acme"))
        there.learn("sort", "ignored", "contacts")
        keep_findings("acme", there.as_plain())
        here.learn("search-days", "utc", "conversations")
        keep_findings("acme", here.as_plain())
        assert findings("acme") == {"sort contacts": ["ignored", TODAY], "search-days conversations": ["utc", TODAY]}

    def test_what_was_read_before_it_found_otherwise_does_not_undo_that(self) -> None:
        save(credential())
        keep_findings("acme", {"sort contacts": ["ignored", TODAY]})
        here = Findings(findings("acme"))
        keep_findings("acme", {"sort contacts": ["honoured", TODAY]})
        here.learn("search-days", "utc", "contacts")
        keep_findings("acme", here.as_plain())
        assert findings("acme")["sort contacts"] == ["honoured", TODAY]

    @pytest.mark.parametrize(("first", "then"), [("1500", "900"), ("900", "1500")])
    def test_the_longest_lag_stays(self, first: str, then: str) -> None:
        save(credential())
        for seconds in (first, then):
            keep_findings("acme", {"index-lag contacts": [seconds, TODAY]})
        assert findings("acme") == {"index-lag contacts": ["1500", TODAY]}

    def test_what_nobody_relies_on_any_more_and_what_cannot_be_read_goes(self) -> None:
        save(credential())
        document = storage.read()
        old = {"sort contacts": ["ignored", "2020-01-01"], "sort companies": "?", "search-days contacts": [1, 2]}
        document["profiles"]["acme"]["findings"] = {"2.14": old, "2.15": old}
        storage.write(document)
        assert Findings(findings("acme")).items() == []
        keep_findings("acme", {"sort conversations": ["ignored", TODAY]})
        assert findings("acme") == {"sort conversations": ["ignored", TODAY]}

    def test_a_login_anew_keeps_what_was_found(self) -> None:
        save(credential())
        keep_findings("acme", {"sort contacts": ["ignored", TODAY]})
        save(credential("another"))
        assert findings("acme") == {"sort contacts": ["ignored", TODAY]}

    def test_a_name_that_now_stands_for_another_workspace_gets_neither_token_nor_findings(self) -> None:
        save(credential(), name="work")
        old = load("work")
        forget("work")
        save(credential("of beta", "beta"), name="work")
        renew(replace(old, token=Secret("renewed")))
        keep_findings("work", {"sort contacts": ["ignored", TODAY]}, old.workspace_id)
        assert load("work").token.reveal() == "of beta"
        assert findings("work") == {}

    def test_what_it_forgot_is_not_brought_back(self) -> None:
        save(credential())
        old = load()
        forget()
        renew(replace(old, token=Secret("renewed")))
        keep_findings("acme", {"sort contacts": ["ignored", TODAY]})
        assert profiles() == []
