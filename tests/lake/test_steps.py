"""Steps are fetched side by side and written in their order; before they begin, an export tells what it takes."""

from pathlib import Path

import pytest

import intercom_kit as ik
from intercom_kit import BadRequestError, Workspace, connect
from intercom_kit.errors import IntercomError
from intercom_kit.fetch.gathering import Gathering
from intercom_kit.fetch.meter import Meter, telling
from intercom_kit.fetch.staging import Staging
from intercom_kit.lake import manifest, planning
from intercom_kit.lake.manifest import TopUp
from intercom_kit.lake.progress import ExportMeter
from intercom_kit.lake.steps import AHEAD, Step, Steps
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.tables import CONVERSATIONS, TEAMS
from tests.conftest import NOW


def steps_of(ws: Workspace) -> Steps:
    return Steps(ws._session, Staging(ws._session.database), ExportMeter(), lambda: None)


async def nothing(_: Gathering) -> None:
    """Fetch nothing."""


async def failing(_: Gathering) -> None:
    raise IntercomError("it failed")


def test_the_steps_before_one_that_fails_are_written_and_no_others(ws: Workspace) -> None:
    written: list[int] = []
    works = [nothing, nothing, failing, nothing]
    with pytest.raises(IntercomError, match="it failed"):
        steps_of(ws).run(Step(TEAMS, work, lambda _, n=n: written.append(n)) for n, work in enumerate(works))  # type: ignore[misc]
    assert written == [0, 1]


def test_the_next_steps_are_fetched_before_the_first_is_written(ws: Workspace) -> None:
    begun: list[int] = []
    seen: list[list[int]] = []

    def step(number: int) -> Step:
        begun.append(number)
        return Step(TEAMS, nothing, lambda _: seen.append(list(begun)))

    steps_of(ws).run(map(step, range(4)))
    assert seen[0] == list(range(AHEAD + 1))
    assert seen[-1] == list(range(4))


def test_the_plan_tells_about_how_many_bytes_it_makes(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match=r"; about a megabyte or less of files, estimated\. Allow"):
        ws.export(tmp_path / "lake", "conversations", max_requests=1)


def test_bytes_are_as_those_of_the_rows_that_are_there() -> None:
    assert planning.bytes_of(CONVERSATIONS, 1_000_000, 0, 0) == 1_000_000_000
    assert planning.bytes_of(CONVERSATIONS, 1_000_000, 500, 100_000) == 200_000_000


def test_progress_is_told_in_steps_and_requests(served: Sandbox, tmp_path: Path) -> None:
    told: list[tuple[str, int | None, int | None]] = []

    def listen(meter: Meter) -> None:
        told.append((meter.label, *meter.steps))

    slow = serve(conversations=300, contacts=12, companies=2, tickets=0, now=NOW, latency=0.15)
    with slow as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as ws, telling(listen):
        ws.export(tmp_path / "lake", ["conversations", "teams"], max_requests=1_000)
    running = [each for each in told if "step " in each[0]]
    assert running[0][0].startswith("conversations: step 1 of ")

    assert all(done <= total for _, done, total in running)


def test_an_update_that_goes_on_after_a_failed_step_is_not_told_as_complete(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", "conversations")
    killed = manifest.read(tmp_path / "lake")
    known = killed.tables["conversations"]
    assert known.as_of
    before, known.as_of = known.as_of, known.as_of - 1_000
    known.top_up, known.missing = TopUp(known.as_of, before, []), {"changed 1-2": "it failed"}
    killed.write()
    ws.export(tmp_path / "lake", "conversations")
    with ik.open(tmp_path / "lake") as lake:
        assert "it failed" in lake.held["why"][0]
        assert lake.as_of is not None
        assert lake.as_of.timestamp() == before - 1_000
    ws.export(tmp_path / "lake", "conversations")
    with ik.open(tmp_path / "lake") as lake:
        assert lake.held["complete"][0]
        assert lake.as_of is not None
        assert lake.as_of.timestamp() > before - 1_000
