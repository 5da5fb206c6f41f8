"""What stands in the place of the profiles' file and is none, or another's, is refused in words, at once, untouched."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from intercom_kit import CredentialStoreError, IntercomError, connect
from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth import storage
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.profiles import findings, forget, keep_findings, load, profiles, renew, save

CREDENTIAL = Credential(
    Secret("a-token"), "http://127.0.0.1:1", "us", identity=Identity("acme", "acme"), profile="acme"
)
WAYS: dict[str, Callable[[], object]] = {
    "list": profiles,
    "load": load,
    "connect": connect,
    "save": lambda: save(CREDENTIAL),
    "renew": lambda: renew(CREDENTIAL),
    "find": lambda: findings("acme"),
    "keep": lambda: keep_findings("acme", {}),
    "forget": forget,
}
ROOT = 0
NOBODY = 65534

pytestmark = [
    pytest.mark.usefixtures("no_keyring"),
    pytest.mark.skipif(os.name == "nt", reason="there are no such things there"),
]


def pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


def folder(path: Path) -> None:
    path.mkdir()
    (path / "mine").write_text("mine")


def link(path: Path) -> None:
    """To a file of profiles that is in order, and elsewhere."""
    elsewhere = path.parent.parent / "elsewhere.json"
    elsewhere.write_text('{"version": 1, "used": null, "profiles": {}}')
    elsewhere.chmod(0o600)
    path.symlink_to(elsewhere)


def broken_link(path: Path) -> None:
    path.symlink_to(path.parent.parent / "nowhere.json")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def link_to_a_pipe(path: Path) -> None:
    pipe(path.parent.parent / "pipe")
    path.symlink_to(path.parent.parent / "pipe")


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        before = Path.cwd()
        os.chdir(path.parent)  # the address of a socket may have some hundred letters only
        try:
            opened.bind(path.name)
        finally:
            os.chdir(before)


THINGS = (pipe, folder, link, broken_link, link_to_itself, link_to_a_pipe, listening)


def seen(folder: Path) -> list[tuple[str, int, str]]:
    """What a folder holds, but for the lock."""
    found = [each for each in sorted(folder.rglob("*")) if each.name != "profiles.lock"]
    return [(str(each), each.lstat().st_mode, inside(each)) for each in found]


def inside(path: Path) -> str:
    return str(path.readlink()) if path.is_symlink() else path.read_text() if path.is_file() else ""


def refused(way: Callable[[], object]) -> str:
    """Give the words of a refusal, which must come within seconds; a thread that hangs ends with the tests."""
    caught: list[BaseException] = []

    def attempt() -> None:
        try:
            way()
        except BaseException as error:  # noqa: BLE001 - it is looked at
            caught.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive(), "it waits"
    (error,) = caught
    assert isinstance(error, CredentialStoreError)
    return str(error)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("put", THINGS)
def test_no_file_is_refused_and_left_alone(home: Path, put: Callable[[Path], None], way: str) -> None:
    home.mkdir(0o700)
    put(home / "profiles.json")
    before = seen(home.parent)
    words = refused(WAYS[way])
    assert str(home / "profiles.json") in words
    assert "is a link" in words if "link" in put.__name__ else "is not a file" in words
    assert seen(home.parent) == before


@pytest.mark.parametrize("put", [folder, link, broken_link, link_to_itself])
def test_nor_is_anything_locked_that_is_no_file(home: Path, put: Callable[[Path], None]) -> None:
    save(CREDENTIAL)
    (home / "profiles.lock").unlink()
    put(home / "profiles.lock")
    before = seen(home.parent)
    words = refused(WAYS["save"])
    assert "profiles.lock cannot be written" in words
    assert "INTERCOM_KIT_HOME" in words
    assert seen(home.parent) == before
    assert load().token.reveal() == "a-token"


@pytest.mark.parametrize("way", WAYS)
def test_a_file_of_another_user_is_refused_although_it_can_be_read(
    home: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(CREDENTIAL)
    before = (home / "profiles.json").read_bytes()
    if os.geteuid() == ROOT:
        os.chown(home / "profiles.json", NOBODY, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    words = refused(WAYS[way])
    assert "belongs to another user" in words
    assert "Delete it and connect again" in words
    assert (home / "profiles.json").read_bytes() == before


def test_one_that_is_too_large_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(CREDENTIAL)
    monkeypatch.setattr(storage, "LARGEST", 100)
    assert "damaged" in refused(WAYS["load"])


@pytest.mark.parametrize(
    "change",
    [
        ('"us"', "7"),
        ('"since": "2', '"since": "not 2'),
        ('"secrets": {', '"secrets": "x", "others": {'),
        ('"acme": {', '"acme": null, "beta": {'),
        ('"profiles": {', '"more": ' + "[" * 100_000 + '"profiles": {'),
        ('"version": 1', '"version": 1e999, "version": 1' + "0" * 5_000),
    ],
    ids=lambda change: change[1][:20],
)
def test_one_that_says_something_else_than_profiles_is_damaged_or_of_another_version(
    home: Path, change: tuple[str, str]
) -> None:
    save(CREDENTIAL)
    path = home / "profiles.json"
    assert change[0] in path.read_text()
    path.write_text(path.read_text().replace(*change))
    for way in WAYS.values():
        refused(way)


FULL = """
import resource, sys
from intercom_kit import CredentialStoreError
from intercom_kit.api.identity import Identity
from intercom_kit.api.secret import Secret
from intercom_kit.auth.credentials import Credential
from intercom_kit.auth.profiles import keep_findings, profiles, save
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))  # the system refuses to write on, as where a disk is full
stored = 0
try:
    for number in range(100):
        save(Credential(Secret("a-token"), "http://127.0.0.1:1", "us"), Identity(f"w{number}", "acme"), f"n{number}")
        stored += 1
except CredentialStoreError as error:
    print(error)
try:
    keep_findings("n0", {"sort contacts": ["x" * 4_000, "2099-01-01"]})
except CredentialStoreError as error:
    print(error)
assert len(profiles()) == stored > 1
"""

READ_ONLY = """
import os, sys
from pathlib import Path
import filelock
from intercom_kit import CredentialStoreError
from intercom_kit.auth.profiles import forget, load, profiles
home = Path(os.environ["INTERCOM_KIT_HOME"])
if os.geteuid() == 0:
    for each in (home, *home.iterdir()):
        os.chown(each, 65534, 65534)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
home.chmod(0o500)
assert [each.name for each in profiles()] == ["acme"]
assert load().token.reveal() == "a-token"
try:
    forget()
except CredentialStoreError as error:
    print(error)
assert load().token.reveal() == "a-token"
home.chmod(0o700)
"""


def ran(text: str) -> str:
    command = [sys.executable, "-c", text]
    here = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_is_told_and_the_old_file_stays(home: Path) -> None:
    words = ran(FULL).splitlines()
    assert len(words) == 2
    assert all("profiles.json cannot be written: File too large. Set INTERCOM_KIT_HOME" in each for each in words)
    assert {each.name for each in home.iterdir()} == {"profiles.json", "profiles.lock"}


@pytest.mark.parametrize("locked_before", [True, False])
def test_a_folder_that_may_only_be_read_is_enough_to_connect_and_named_where_something_changes(
    home: Path, tmp_path: Path, locked_before: bool
) -> None:
    save(CREDENTIAL)
    if not locked_before:
        (home / "profiles.lock").unlink()
    for each in (tmp_path, *tmp_path.parents[:3]):
        each.chmod(each.stat().st_mode | 0o011)  # where root plays another user, that one must get here
    assert "cannot be written: Permission denied. Set INTERCOM_KIT_HOME" in ran(READ_ONLY)
    assert "profiles.json" in {each.name for each in home.iterdir()}


def test_a_connection_that_nothing_can_be_kept_for_is_a_connection_still(home: Path) -> None:
    home.write_text("a file where the folder should be")
    with pytest.raises(IntercomError, match="there is no credential"):
        connect()
