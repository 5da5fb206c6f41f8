"""A long search is cut into spans of time that leave nothing out."""

import itertools
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from intercom_kit.live.bounds import wider
from intercom_kit.live.spans import DAY, Span

seconds = st.integers(1_500_000_000, 1_800_000_000)


@given(oldest=seconds, length=st.integers(0, 400 * DAY), count=st.integers(1, 40), grain=st.sampled_from([1, DAY]))
def test_parts_follow_each_other_without_a_gap(oldest: int, length: int, count: int, grain: int) -> None:
    parts = Span(None, None).parts(count, oldest, oldest + length, grain)
    assert 1 <= len(parts) <= count
    assert parts[0].first is None
    assert parts[-1].last is None
    for before, after in itertools.pairwise(parts):
        assert before.last is not None
        assert after.first == before.last + 1


def test_a_part_is_asked_for_a_second_too_widely_since_bounds_may_be_left_out() -> None:
    values = [condition["value"] for condition in Span(100, 200).conditions(None)]
    assert values == [99, 201]


def test_an_open_span_asks_for_everything() -> None:
    assert Span(None, None).conditions(None) == []


@given(second=seconds, zone=st.sampled_from(["UTC", "Europe/Dublin", "Asia/Tokyo", "America/Los_Angeles"]))
def test_whole_days_are_named_so_that_the_second_is_found_whichever_days_are_meant(second: int, zone: str) -> None:
    workspace = ZoneInfo(zone)
    for days in (workspace, ZoneInfo("UTC")):
        assert day(wider(second, ">", workspace), days) < day(second, days)
        assert day(wider(second, "<", workspace), days) > day(second, days)


def day(second: int, zone: ZoneInfo) -> object:
    from datetime import datetime

    return datetime.fromtimestamp(second, zone).date()
