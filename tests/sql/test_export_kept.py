"""An export that fails, by a full disk or otherwise, leaves the one that is there as it was."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import intercom_kit as ik
from intercom_kit.sandbox import Sandbox

ROOT = Path(__file__).parents[2]

# The system refuses to write on, as where a disk is full.
FULL = """
import resource, sys
import intercom_kit as ik
with ik.connect() as ws:
    ws.sql("select * from tags")
    ws.sql("select * from contacts")
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))
    try:
        ws.export(sys.argv[1])
    except ik.BadRequestError as error:
        print(error)
"""


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A folder with tags and contacts of before."""
    for name in ("tags.parquet", "contacts.parquet", "contents.json"):
        (tmp_path / name).write_text(f"old {name}")
    return tmp_path


def seen(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() if each.is_file() else b"a folder" for each in folder.iterdir()}


@pytest.mark.skipif(os.name == "nt", reason="a process has no such limit there")
def test_a_full_disk_is_told_and_leaves_every_old_file(
    exported: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
    monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)
    before = seen(exported)
    command = [sys.executable, "-c", FULL, str(exported)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "cannot be written to" in done.stdout
    assert "what was in it is as before" in done.stdout
    assert seen(exported) == before


def test_a_place_that_is_taken_by_a_folder_does_too(ws: ik.Workspace, tmp_path: Path) -> None:
    ws.sql("select * from tags")
    ws.sql("select * from teams")
    ws.export(tmp_path)
    (tmp_path / "teams.parquet").unlink()
    (tmp_path / "teams.parquet").mkdir()
    before = seen(tmp_path)
    with pytest.raises(ik.BadRequestError, match=r"teams\.parquet there is a folder"):
        ws.export(tmp_path)
    assert seen(tmp_path) == before


def test_nothing_but_the_export_is_there_afterwards_also_of_earlier_versions(ws: ik.Workspace, tmp_path: Path) -> None:
    (tmp_path / "contacts.part").write_text("half of it")
    (tmp_path / "my own.part").write_text("mine")
    ws.sql("select * from tags")
    paths = ws.export(tmp_path)
    assert {*paths} | {tmp_path / "my own.part"} == {*tmp_path.iterdir()}
    assert [each["table"] for each in json.loads((tmp_path / "contents.json").read_text())] == [
        path.stem for path in paths[:-1]
    ]
