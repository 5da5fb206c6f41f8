"""Since, until and during mean the same in lists, metrics, events, logs and the command line."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pandas as pd
import pytest
from click.testing import CliRunner

import intercom_kit as ik
from intercom_kit.cli import main
from intercom_kit.errors import BadTimeError
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.zones import zone
from tests.conftest import NOW

HOURS = 24 * 20
LAST = datetime.fromtimestamp(NOW // 3600 * 3600, zone("UTC"))
BEGAN = [LAST - timedelta(hours=number) for number in range(HOURS)]  # a conversation each hour
DAY, DAY_AFTER = "2026-11-17", "2026-11-18"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A workspace in Dublin to which somebody wrote in each hour of twenty days."""
    talks = [
        {
            "type": "conversation",
            "id": str(number),
            "created_at": int(moment.timestamp()),
            "updated_at": int(moment.timestamp()),
            "state": "open",
            "source": {
                "type": "conversation",
                "delivered_as": "customer_initiated",
                "author": {"type": "user", "id": "1"},
            },
        }
        for number, moment in enumerate(BEGAN, 1)
    ]
    with serve(records={"conversations": talks}, now=NOW) as served:
        yield served


@pytest.fixture(scope="module")
def ws(sandbox: Sandbox) -> Iterator[ik.Workspace]:
    with ik.connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        yield workspace


def on(day: str, clock: str = "Europe/Dublin") -> int:
    """Return how many conversations began on a day by a clock."""
    return sum(moment.astimezone(zone(clock)).date().isoformat() == day for moment in BEGAN)


def test_until_a_day_includes_that_day(ws: ik.Workspace) -> None:
    found = ws.conversations(None, since=DAY, until=DAY)
    assert len(found) == on(DAY) == 24
    assert set(found["created_at"].dt.tz_convert("Europe/Dublin").dt.date.astype(str)) == {DAY}


def test_during_a_day_is_since_and_until_that_day(ws: ik.Workspace) -> None:
    assert (
        ws.conversations(None, during=DAY)["id"].tolist() == ws.conversations(None, since=DAY, until=DAY)["id"].tolist()
    )


def test_another_clock_has_other_days(ws: ik.Workspace) -> None:
    found = ws.conversations(None, during=DAY, timezone="Asia/Tokyo")
    assert set(found["created_at"].dt.tz_convert("Asia/Tokyo").dt.date.astype(str)) == {DAY}
    assert len(found) == on(DAY, "Asia/Tokyo") == 24


def test_a_metric_counts_what_the_list_has(ws: ik.Workspace) -> None:
    for span in ({"during": DAY}, {"since": DAY, "until": DAY}, {"during": DAY, "timezone": "Asia/Tokyo"}):
        assert ws.metric("conversations", **span)["n"].tolist() == [len(ws.conversations(None, **span))]


def test_a_metric_by_day_begins_its_days_on_the_clock_that_it_names(ws: ik.Workspace) -> None:
    days = ws.metric("conversations", period="day", during=DAY, timezone="Asia/Tokyo")
    assert days["period"].tolist() == [pd.Timestamp(DAY, tz="Asia/Tokyo")]
    assert days["n"].tolist() == [24]
    assert days.attrs["intercom"]["metric"]["timezone"] == "Asia/Tokyo"


def test_the_rows_behind_a_day_of_another_clock_are_those_of_that_day(ws: ik.Workspace) -> None:
    days = ws.metric("conversations", period="day", during=DAY, timezone="Asia/Tokyo")
    assert sorted(ws.behind(days, 0)["id"]) == sorted(ws.conversations(None, during=DAY, timezone="Asia/Tokyo")["id"])


def test_filters_of_other_times_include_the_day_that_they_end_on(ws: ik.Workspace) -> None:
    since, until = ws.conversations(None, updated_since=DAY), ws.conversations(None, updated_until=DAY)
    assert len(since) + len(until) == HOURS + 24
    counted = ws.metric("conversations", since="2026-10-01", updated_until=DAY)["n"].tolist()
    assert counted == [len(until)]


def test_a_week_that_began_before_since_says_so(ws: ik.Workspace) -> None:
    def notes(**span: str) -> list[str]:
        frame = ws.metric("conversations", period="week", **span)
        return [note for note in frame.attrs["intercom"]["metric"]["notes"] if "counted whole" in note]

    (note,) = notes(since="2026-11-18", until=DAY_AFTER)
    assert note == "The first week is counted whole: it began on 2026-11-16 at 00:00, before since."
    assert notes(since="2026-11-16", until=DAY_AFTER) == notes(during="2026-W47") == notes() == []


def test_a_proof_an_event_and_a_log_take_the_same_words(ws: ik.Workspace) -> None:
    for ask in (ws.events, ws.activity_logs, ws.away_periods):
        with pytest.raises(BadTimeError, match="leave since and until out"):
            ask(**({"contacts": "1"} if ask == ws.events else {}), since="1d", during="last week")
    with pytest.raises(BadTimeError, match="an instant"):
        ws.prove("csat", during="2026-11-01T10:00")


def test_the_command_line_reads_the_same_words(sandbox: Sandbox) -> None:
    environment = {"INTERCOM_ACCESS_TOKEN": sandbox.token, "INTERCOM_BASE_URL": sandbox.base_url}
    asked = ["metric", "conversations", "--during", DAY, "--timezone", "Asia/Tokyo", "--csv"]
    result = CliRunner().invoke(main, asked, env=environment)
    assert result.stdout.splitlines()[1].split(",")[0] == "24.0"
