"""Activity logs in a lake: from a time on, in steps, and topped up with those that came since."""

from pathlib import Path
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import BadLakeError, BadQueryError, BadRequestError, Workspace
from intercom_kit.lake import manifest
from intercom_kit.lake.opened import Lake
from intercom_kit.lake.writing import Writer
from intercom_kit.sandbox import Sandbox
from tests.conftest import NOW, Begin

from .comparing import difference, rows

SINCE = "2026-09-20"  # in Dublin


def log(number: int, at: int, description: str = "went away") -> dict[str, Any]:
    """Return an entry of the log."""
    return {
        "id": f"log-{number:04}",
        "created_at": at,
        "activity_type": "admin_away_mode_change",
        "activity_description": description,
        "performed_by": {"type": "admin", "id": "a", "email": "ann@example.com", "ip": "192.0.2.1"},
        "metadata": {"away_mode": number % 2 == 0},
    }


def exported(ws: Workspace, folder: Path, since: str | None = SINCE) -> dict[str, str]:
    """Export the log, and return the description of each entry in the lake by its id."""
    ws.export(folder, "activity_logs", since=since)
    with ik.open(folder) as lake:
        found = lake.sql("select id, description from activity_logs")
        assert found.attrs["intercom"]["complete"]
        assert not found["id"].duplicated().any()
    return dict(zip(found["id"], found["description"], strict=True))


@pytest.fixture(scope="module")
def logs(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with the log of two months."""
    folder = tmp_path_factory.mktemp("logs") / "lake"
    ws.export(folder, ["activity_logs", "admins"], since=SINCE)
    return ik.open(folder)


def test_they_are_those_that_a_live_query_finds(ws: Workspace, logs: Lake) -> None:
    (since,) = logs.sql("select min(created_at) as at from activity_logs")["at"]
    expected = ws.sql("select count(*) as n from activity_logs where created_at >= $since", {"since": since})
    assert logs.sql("select count(*) as n from activity_logs")["n"][0] == expected["n"][0] > 120  # rows of a step
    whole = {"fresh": "session"}

    class Since:
        def sql(self, query: str, /) -> Any:
            return ws.sql(query + " where created_at >= $since", {"since": since}, **whole)  # type: ignore[arg-type]

    assert not difference(rows(logs, "activity_logs"), rows(Since(), "activity_logs"))


def test_they_come_in_steps_and_lie_by_month(logs: Lake) -> None:
    held = manifest.read(logs.folder).tables["activity_logs"]
    assert len(held.done) == len(held.plan) > 1
    assert len({file.split("/")[1] for file in held.files}) >= 2
    assert all(file.startswith("activity_logs/month=20") for file in held.files)


def test_the_receipt_says_since_when(logs: Lake) -> None:
    assert (
        "only activity_logs created since 2026-09-19 23:00 UTC"
        in logs.sql("select count(*) from activity_logs").receipt
    )


def test_the_consent_counts_their_pages(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match="activity logs"):
        ws.export(tmp_path / "lake", "activity_logs", since=SINCE, max_requests=1)


def test_a_later_call_adds_what_came_since_and_the_newest_version_wins(begin: Begin, tmp_path: Path) -> None:
    sandbox, ws = begin(records={"activity_logs": [log(n, NOW - 40 * 86_400 + n * 3_600) for n in range(300)]})
    assert len(exported(ws, tmp_path / "lake")) == 300
    now = int(sandbox.clock())
    held = manifest.read(tmp_path / "lake")
    held.tables["activity_logs"].as_of = NOW - 30 * 86_400  # as if the export were a month old
    held.write()
    late = NOW - 30 * 86_400 - 3_600  # listed only after the export
    for entry in (log(1_000, now - 60), log(1_001, late), log(239, NOW - 30 * 86_400 - 3_600, "came back")):
        sandbox.workspace.activity_logs.upsert(entry)
    before = ws.budget["requests"] or 0
    found = exported(ws, tmp_path / "lake", since=None)
    assert len(found) == 302
    assert (found["log-1000"], found["log-1001"], found["log-0239"]) == ("went away", "went away", "came back")
    assert (ws.budget["requests"] or 0) - before <= 3
    assert found == exported(ws, tmp_path / "anew")
    assert exported(ws, tmp_path / "lake") == found


def test_they_cannot_begin_earlier_later(ws: Workspace, logs: Lake) -> None:
    with pytest.raises(BadLakeError, match="begin later than since= asks for"):
        ws.export(logs.folder, "activity_logs", since="2026-09-01")


def test_an_interrupted_export_goes_on(
    ws: Workspace, logs: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, note = [], Writer._note

    def interrupted(writer: Writer, *step: Any) -> None:
        note(writer, *step)
        steps.append(step[1])
        if len(steps) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Writer, "_note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ws.export(tmp_path / "lake", "activity_logs", since=SINCE)
    with ik.open(tmp_path / "lake") as lake:
        assert "rows are still to be exported" in lake.sql("select count(*) from activity_logs").receipt
    exported(ws, tmp_path / "lake", since=None)
    assert len(steps) == len(set(steps))
    with ik.open(tmp_path / "lake") as lake:
        there = lake.sql("select count(*) as n from activity_logs")["n"][0]
    assert 0 <= there - logs.sql("select count(*) as n from activity_logs")["n"][0] <= 1


def test_a_metric_that_lacks_them_says_how_to_export_them(ws: Workspace, tmp_path: Path) -> None:
    ws.export(tmp_path / "lake", "admins")
    with ik.open(tmp_path / "lake") as lake:
        with pytest.raises(BadQueryError, match="This lake has no activity_logs") as lacking:
            lake.metric("away_share")
        call = str(lacking.value).split("as in ws.export(")[1].split("). It has")[0]
        assert call.endswith("tables=['admins', 'activity_logs'], since='365d'")
        ws.export(tmp_path / "lake", tables=["admins", "activity_logs"], since="2026-11-15")
        assert len(lake.metric("away_share", since="2026-11-16"))


def test_all_tables_are_without_them(served: Sandbox, tmp_path: Path) -> None:
    with ik.connect(served.token, base_url=served.base_url) as ws:
        ws.export(tmp_path / "lake", "all", max_requests=10_000)
    assert "activity_logs" not in manifest.read(tmp_path / "lake").exported
