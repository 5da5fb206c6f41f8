"""A lake goes on: after it was killed, with what is new, and where a fetch failed; no row is lost, doubled or stale."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import connect
from intercom_kit.errors import IntercomError
from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.gathering import Gathering, Work
from intercom_kit.lake import keyed, manifest, steps
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.tables import Key, Table
from tests.conftest import NOW
from tests.mixes import mix

from . import changing
from .comparing import difference, digest, rows

COMPARED = ["conversations", "contacts", "tickets", "ticket_parts", "conversation_parts", "teams"]
SIZE = {"conversations": 60, "contacts": 30, "companies": 10, "tickets": 12}


class Later:
    """The sandbox's time, which can be moved on."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> float:
        return NOW + self.ahead


@contextmanager
def served(**options: object) -> Iterator[Sandbox]:
    with serve(**{**SIZE, "seed": 7, "rate_limit": 100_000_000, "now": NOW, **options}) as sandbox:  # type: ignore[arg-type]
        yield sandbox


def exported(sandbox: Sandbox, folder: Path) -> None:
    changing.export(sandbox.token, sandbox.base_url, folder)


def compared(one: Path, other: Path) -> str:
    """Say how two lakes differ."""
    with ik.open(one) as first, ik.open(other) as second:
        tables = [table for table in COMPARED if {table} & {*first.held["table"], *second.held["table"]}]
        different = [table for table in tables if digest(first, table) != digest(second, table)]
        return "; ".join(f"{table}: {difference(rows(first, table), rows(second, table))}" for table in different)


@pytest.mark.timeout(6_000)
@pytest.mark.parametrize("preset", ["documented", "measured"])
def test_a_killed_export_goes_on_and_ends_like_one_that_was_not(
    tmp_path: Path, preset: str, request: pytest.FixtureRequest
) -> None:
    dice = random.Random(request.config.getoption("--mix-seed"))  # noqa: S311 - tests are to be repeatable
    size, kills = request.config.getoption("--exported"), -(-request.config.getoption("--kills") // 8)
    with served(latency=0.02, behaves=[preset], conversations=size) as sandbox:
        sandbox.faults.set("500", 0.02)
        killed = sum(_killed(sandbox, tmp_path / "a", size, dice) for _ in range(kills))
        changing.export(sandbox.token, sandbox.base_url, tmp_path / "a", size)
        asked = Counter(entry.path for entry in sandbox.log if entry.path.startswith("/conversations/2"))
        sandbox.faults.clear()
        changing.export(sandbox.token, sandbox.base_url, tmp_path / "b", size)
        assert not compared(tmp_path / "a", tmp_path / "b")
    assert killed or size > SIZE["conversations"]  # a large one may end before the last kills
    again = sum(count - 1 for count in asked.values())
    # What a step had fetched is fetched again, and nothing else.
    assert again <= kills * keyed.KEYS_OF_A_STEP * (steps.AHEAD + 1) + 0.1 * len(asked)
    assert not [file for file in (tmp_path / "a").rglob("*") if file.name.endswith(".part") or ".spill" in file.name]


def _killed(sandbox: Sandbox, folder: Path, size: int, dice: random.Random) -> bool:
    """Begin an export, kill it at a random moment, and return whether it was still running."""
    words = [sys.executable, "-m", "tests.lake.changing", sandbox.token, sandbox.base_url, str(folder), str(size)]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as program:
        before = len(sandbox.log)
        while len(sandbox.log) < before + 3 and program.poll() is None:
            time.sleep(0.01)
        time.sleep(dice.random() * max(1, size / 20_000))
        running = program.poll() is None
        program.kill()
    return running


@pytest.mark.parametrize("behaves", ["measured", "a mix"])
def test_a_lake_brought_up_to_date_is_as_a_new_one(
    tmp_path: Path, behaves: str, request: pytest.FixtureRequest
) -> None:
    seed, later = request.config.getoption("--mix-seed"), Later()
    words, changes = mix(seed) if behaves == "a mix" else [behaves], request.config.getoption("--changes")
    with served(clock=later, behaves=words, conversations=max(SIZE["conversations"], changes)) as sandbox:
        exported(sandbox, tmp_path / "a")
        for number in range(2):
            later.ahead += 40_000
            changing.change(sandbox, changes, seed + number)
            exported(sandbox, tmp_path / "a")
        exported(sandbox, tmp_path / "b")
        assert not compared(tmp_path / "a", tmp_path / "b"), words


def test_parts_of_conversations_that_did_not_change_are_not_read_again(tmp_path: Path) -> None:
    later = Later()
    with served(clock=later) as sandbox:
        exported(sandbox, tmp_path / "a")
        later.ahead, begun = 40_000, len(sandbox.log)
        changed = sandbox.workspace.collection("conversations").record(3)["id"]
        sandbox.upsert("conversations", {"id": changed, "updated_at": int(later())})
        exported(sandbox, tmp_path / "a")
        paths = [entry.path for entry in list(sandbox.log)[begun:]]
        assert [path for path in paths if path.startswith("/conversations/2")] == [f"/conversations/{changed}"]


def test_parts_that_are_asked_for_later_are_those_of_all_conversations(tmp_path: Path) -> None:
    later = Later()
    with served(clock=later) as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        ws.export(tmp_path / "a", "conversations")
        later.ahead = 40_000
        changing.change(sandbox, 30, 1)
        ws.export(tmp_path / "a", "conversations")
        ws.export(tmp_path / "a", "conversations", parts=True)
        ws.export(tmp_path / "b", "conversations", parts=True)
        with ik.open(tmp_path / "a") as one, ik.open(tmp_path / "b") as other:
            assert not difference(rows(one, "conversation_parts"), rows(other, "conversation_parts"))


def test_events_that_intercom_forgets_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served() as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        ws.export(tmp_path / "a", "contacts", events=True)
        with ik.open(tmp_path / "a") as lake:
            before = rows(lake, "events")
        monkeypatch.setattr(keyed, "by_key", lambda *_, **__: nothing)
        ws.export(tmp_path / "a", "contacts", events=True)
        with ik.open(tmp_path / "a") as lake:
            assert before
            assert not difference(rows(lake, "events"), before)


async def nothing(_: Gathering) -> None:
    """Find no events."""


def test_what_failed_makes_the_lake_incomplete_until_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served() as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        ws.export(tmp_path / "a", "conversations")
        unlucky = sandbox.workspace.collection("conversations").record(5)["id"]
        monkeypatch.setattr(keyed, "by_key", failing_for(unlucky))
        ws.export(tmp_path / "a", "conversations", parts=True)
        with ik.open(tmp_path / "a") as lake:
            answer = lake.sql("select count(*) as n from conversation_parts")
            assert not answer.attrs["intercom"]["complete"]
            assert unlucky in answer.receipt
        monkeypatch.undo()
        ws.export(tmp_path / "a", "conversations", parts=True)
        with ik.open(tmp_path / "a") as lake:
            query = f"select count(*) as n from conversation_parts where conversation_id = '{unlucky}'"
            assert unlucky not in lake.sql(query).attrs["intercom"]["why"]
            assert lake.sql(query)["n"][0] == len(ws.conversation_parts(unlucky)) > 0


def test_deletions_that_are_not_all_told_make_the_lake_incomplete_until_they_are(tmp_path: Path) -> None:
    with served() as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        ws.export(tmp_path / "lake", ["conversations"])
        with ik.open(tmp_path / "lake") as lake:
            ids = lake.sql("select id from conversations where ticket_id is null order by id")["id"].tolist()
            for id in ids[:70]:  # more than a page
                sandbox.delete("conversations", id)
            sandbox.faults.set("total_high", 1)
            ws.export(tmp_path / "lake", ["conversations"])
            assert "what was deleted is not known" in lake.held["why"].tolist()[0]
            sandbox.faults.set("total_high", 0)
            ws.export(tmp_path / "lake", ["conversations"])
            assert lake.held["complete"].all()
            assert not set(ids[:70]) & set(lake.sql("select id from conversations")["id"])


def test_rows_of_a_key_that_failed_midway_come_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served() as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        unlucky = ws.events(ws.contacts())["intercom_user_id"][0]
        monkeypatch.setattr(keyed, "by_key", failing_for(unlucky, midway=True))
        ws.export(tmp_path / "a", "contacts", events=True)
        monkeypatch.undo()
        ws.export(tmp_path / "a", "contacts", events=True)
        expected = rows(ws, "events", whole=["events"])
        with ik.open(tmp_path / "a") as lake:
            assert not difference(rows(lake, "events"), expected)


def test_what_a_killed_step_had_put_in_place_is_not_doubled(tmp_path: Path) -> None:
    with served() as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        ws.export(tmp_path / "a", "conversations", parts=True)
        killed = manifest.read(tmp_path / "a")
        for file in list(killed.tables["conversation_parts"].keys)[::2]:
            del killed.tables["conversation_parts"].keys[file]
        killed.write()
        ws.export(tmp_path / "a", "conversations", parts=True)
        ws.export(tmp_path / "b", "conversations", parts=True)
        with ik.open(tmp_path / "a") as one, ik.open(tmp_path / "b") as other:
            assert not difference(rows(one, "conversation_parts"), rows(other, "conversation_parts"))


def failing_for(unlucky: str, *, midway: bool = False) -> Callable[..., Work]:
    """Return requests by key of which one fails, before any of its rows came or `midway`, after some did."""

    def work(table: Table, key: Key, values: list[str], **options: Any) -> Work:
        coming = by_key(table, key, [value for value in values if midway or value != unlucky], **options)

        async def gather(gathering: Gathering) -> None:
            await coming(gathering)
            if unlucky in values:
                gathering.receipt.failures[unlucky] = "it failed"
                gathering.receipt.cut(f"1 of {len(values)} {key.nouns} failed: {unlucky}")

        return gather

    return work


def test_a_reader_sees_what_another_program_wrote_meanwhile(tmp_path: Path) -> None:
    later = Later()
    with served(clock=later) as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws:
        ws.export(tmp_path / "a", "conversations")
        with ik.open(tmp_path / "a") as lake:
            before = lake.sql("select count(*) as n from conversations where state = 'open'")["n"][0]
            later.ahead = 40_000
            for place in range(20):
                record = sandbox.workspace.collection("conversations").record(place)
                sandbox.upsert("conversations", {"id": record["id"], "updated_at": int(later()), "state": "open"})
            ws.export(tmp_path / "a", "conversations")
            assert lake.sql("select count(*) as n from conversations where state = 'open'")["n"][0] > before


@pytest.mark.parametrize("fault", ["500", "truncate"])
@pytest.mark.usefixtures("quick")
def test_faults_lose_and_double_nothing(tmp_path: Path, fault: str) -> None:
    with served() as sandbox:
        exported(sandbox, tmp_path / "b")
        sandbox.faults.set(fault, 0.1)
        for _ in range(3):
            try:
                exported(sandbox, tmp_path / "a")
            except IntercomError:
                continue
        sandbox.faults.clear()
        exported(sandbox, tmp_path / "a")
        assert not compared(tmp_path / "a", tmp_path / "b")
