"""Kaplan and Meier's estimate against exact fractions: a half is a half, whatever floats make of a product."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intercom_kit import charts
from intercom_kit.frames.receipt import plain
from intercom_kit.metrics import ask, find
from intercom_kit.zones import zone
from tests.metrics.world import World

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BEGUN = NOW - timedelta(days=5)
WORLD = World("UTC", NOW)

Lives = list[tuple[int, bool]]  # seconds, and whether the wait was over then
anything = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
lives = st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=40)


def exact(lives: Lives) -> dict[int, Fraction]:
    """Return the share that still waits after each time."""
    left, curve = Fraction(1), {}
    for seconds in sorted({seconds for seconds, _ in lives}):
        at_risk = sum(each >= seconds for each, _ in lives)
        left *= 1 - Fraction(sum(each == seconds and over for each, over in lives), at_risk)
        curve[seconds] = left
    return curve


def answer(lives: Lives) -> Any:
    """Ask it of conversations that were answered, or closed without an answer, after so many seconds."""
    talks = []
    for number, (seconds, over) in enumerate(lives):
        talk = {"id": str(number), "created_at": BEGUN, "first_contact_reply_at": BEGUN, "state": "closed"}
        moment = BEGUN + timedelta(seconds=seconds)
        talks.append(talk | {"first_admin_reply_at" if over else "last_close_at": moment, "count_reopens": 0})
    WORLD.hold("UTC", NOW, conversations=talks)
    return WORLD.frame("first_response_survival", BEGUN)


@anything
@given(lives)
@example([(number, True) for number in range(1, 25)])
@example([(number, True) for number in range(1, 31)])
@example([(1, True), (2, False), (3, True), (4, True)])
def test_the_median_is_when_half_are_done(lives: Lives) -> None:
    frame, curve = answer(lives), exact(lives)
    half = min((seconds for seconds, left in curve.items() if left <= Fraction(1, 2)), default=None)
    assert {plain(each) for each in frame["median"].astype(object).where(frame["median"].notna(), None)} == {half}


@anything
@given(lives)
@example([(number, True) for number in range(1, 101)])
def test_a_row_stands_for_every_percent_that_is_lost(lives: Lives) -> None:
    frame, curve = answer(lives), exact(lives)
    percents, shown = {}, {}
    for seconds, left in curve.items():
        percents.setdefault(left * 100 // 1, seconds)
    for seconds, value in zip(frame["seconds"], frame["value"], strict=True):
        shown[round(value * 100, 6) // 1] = seconds
        assert value == pytest.approx(float(curve[seconds]), abs=1e-9)
    assert shown == percents


@anything
@given(lives)
def test_what_is_exact_in_a_float_is_shown_exactly(lives: Lives) -> None:
    curve = exact(lives)
    for seconds, value in zip(*(answer(lives)[name] for name in ("seconds", "value")), strict=True):
        if curve[seconds] in (0, 1, Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)):
            assert value == float(curve[seconds])


def test_the_chart_says_the_same_median() -> None:
    frame = answer([(60 * number, True) for number in range(1, 25)])
    question = ask(find("first_response_survival"), since=BEGUN, now=NOW, zone=zone("UTC"))
    frame.attrs["intercom"]["metric"] = plain(question.metadata({"rows": 24}))
    notes = [note.text for note in charts.answered_within(frame).layout.annotations if note.name == "half"]
    assert notes == ["half within 12 min"]
