"""A workspace's timezone by whatever name Intercom tells it, or by none."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from intercom_kit import Workspace, charts, connect
from intercom_kit.sandbox import serve
from tests.conftest import NOW

# Begun on Wednesday, 18 November 2026, at half past eleven in the evening, UTC.
LATE = {"type": "conversation", "id": "1", "created_at": 1_795_044_600, "updated_at": NOW, "state": "open"}
SPAN = {"since": "2026-11-15", "until": "2026-11-21"}

Named = Callable[[Any], Workspace]


@pytest.fixture
def named() -> Iterator[Named]:
    """Connect to a workspace whose timezone Intercom calls so."""
    with ExitStack() as stack:

        def begun(timezone: Any) -> Workspace:
            sandbox = stack.enter_context(serve(records={"conversations": [LATE]}, now=NOW))
            sandbox.workspace.timezone = timezone
            return stack.enter_context(connect(sandbox.token, base_url=sandbox.base_url))

        yield begun


@pytest.mark.parametrize(
    ("said", "meant", "day"),
    [
        ("Europe/Edinburgh", "Europe/London", 18),
        ("Pacific Time (US & Canada)", "America/Los_Angeles", 18),
        ("Abu Dhabi", "Asia/Muscat", 19),
        ("europe/london", "Europe/London", 18),
    ],
)
def test_another_name_is_read_and_the_receipts_say_as_what(named: Named, said: str, meant: str, day: int) -> None:
    ws = named(said)
    frame = ws.metric("conversations", definition="calendar", period="day", **SPAN)
    assert frame.loc[frame["n"] == 1, "period"].dt.day.tolist() == [day]
    assert frame.attrs["intercom"]["metric"]["timezone"] == meant == ws.identity.timezone
    words = f"The workspace's timezone, {said!r}, is read as {meant}"
    assert f"{words}." in frame.attrs["intercom"]["metric"]["notes"]
    assert words in frame.receipt
    assert words in ws.conversations(**SPAN).receipt
    assert words not in ws.conversations(state="open").receipt  # no time was meant


@pytest.mark.parametrize("said", ["Mars/Phobos", "PST", "", None])
def test_an_unknown_name_is_never_utc_in_silence(named: Named, said: object) -> None:
    ws = named(said)
    frame = ws.metric("conversations", definition="calendar", **SPAN)
    (note,) = [each for each in frame.attrs["intercom"]["metric"]["notes"] if "timezone" in each]
    assert "UTC" in note
    assert str(said or "does not tell") in note
    assert note.removesuffix(".") in frame.receipt
    assert note.removesuffix(".") in ws.conversations(**SPAN).receipt
    assert frame.attrs["intercom"]["metric"]["timezone"] == "UTC"


def test_a_chart_says_how_the_timezone_was_read(named: Named) -> None:
    ws = named("Europe/Edinburgh")
    frame = ws.metric("conversations", definition="calendar", period="day", **SPAN)
    figure = charts.volume(frame)
    said = " ".join(note.text for note in figure.layout.annotations)
    assert re.search(r"'Europe/Edinburgh', is\W+(<br>)?read as Europe/London", said.replace("<br>", " "))


def test_a_name_of_tzdatas_needs_no_word(named: Named) -> None:
    ws = named("Asia/Calcutta")
    assert ws.identity.note == ""
    assert ws.identity.timezone == "Asia/Calcutta"
