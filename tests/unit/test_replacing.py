"""Files take the places of others together, once all are whole; what fails or is killed leaves the old ones."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from intercom_kit import BadRequestError
from intercom_kit.replacing import replacing

ROOT = Path(__file__).parents[2]
WRITER = """
import sys, time
from pathlib import Path
from intercom_kit.replacing import replacing
with replacing(Path(sys.argv[1])) as new:
    (new / "a.txt").write_text("half of it")
    print("writing", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files in it."""
    (tmp_path / "a.txt").write_text("old a")
    (tmp_path / "b.txt").write_text("old b")
    return tmp_path


def inside(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() if each.is_file() else "a folder" for each in folder.iterdir()}


OLD = {"a.txt": "old a", "b.txt": "old b"}


def test_what_is_written_is_in_its_place_afterwards(folder: Path) -> None:
    with replacing(folder) as new:
        (new / "a.txt").write_text("new a")
        (new / "c.txt").write_text("new c")
        assert {name: text for name, text in inside(folder).items() if name != new.name} == OLD
    assert inside(folder) == {"a.txt": "new a", "b.txt": "old b", "c.txt": "new c"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_breaks_off_leaves_the_old_files_and_nothing_else(folder: Path, error: type[BaseException]) -> None:
    def broken() -> None:
        with replacing(folder) as new:
            (new / "a.txt").write_text("new a")
            raise error

    with pytest.raises(error):
        broken()
    assert inside(folder) == OLD


def test_a_full_disk_does_too_and_is_told(folder: Path) -> None:
    def full() -> None:
        with replacing(folder) as new:
            (new / "a.txt").write_text("new a")
            raise OSError(28, "No space left on device")

    with pytest.raises(BadRequestError, match=r"\(No space left on device\).* as before: make room there"):
        full()
    assert inside(folder) == OLD


def test_a_place_that_is_taken_by_a_folder_leaves_all_of_them(folder: Path) -> None:
    (folder / "z.txt").mkdir()

    def taken() -> None:
        with replacing(folder) as new:
            (new / "a.txt").write_text("new a")
            (new / "z.txt").write_text("new z")

    with pytest.raises(BadRequestError, match=r"z\.txt there is a folder"):
        taken()
    assert inside(folder) == OLD | {"z.txt": "a folder"}


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    def nowhere() -> None:
        with replacing(folder / "a.txt" / "more"):
            pass

    with pytest.raises(BadRequestError, match=r"a\.txt/more' cannot be written to"):
        nowhere()


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_a_link_in_its_place_is_replaced_and_not_written_through(folder: Path) -> None:
    (folder / "c.txt").symlink_to(folder / "b.txt")
    with replacing(folder) as new:
        (new / "c.txt").write_text("new c")
    assert inside(folder) == OLD | {"c.txt": "new c"}
    assert not (folder / "c.txt").is_symlink()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="programs are not killed so here")
def test_what_a_killed_program_left_is_swept_but_not_what_one_is_writing(folder: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as program:
        assert program.stdout is not None
        try:
            assert program.stdout.readline() == b"writing\n"
            with replacing(folder) as new:
                (new / "b.txt").write_text("new b")
            assert len(inside(folder)) == 3
        finally:
            program.kill()
    assert len(inside(folder)) == 3
    with replacing(folder):
        pass
    assert inside(folder) == {"a.txt": "old a", "b.txt": "new b"}


def test_many_at_once_do_not_harm_each_other(tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(20):
                with replacing(tmp_path) as new:
                    (new / f"{number}.txt").write_text(f"{turn}")
                    (new / "all.txt").write_text("whole")
        except BaseException as error:  # noqa: BLE001 - it is looked at
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert inside(tmp_path) == {f"{number}.txt": "19" for number in range(6)} | {"all.txt": "whole"}
