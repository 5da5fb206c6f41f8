"""A long search is cut into spans of time that leave nothing out."""

import itertools
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercom_kit.search.bounds import DAY, SECONDS, UTC_DAYS, Days, start_of_day
from intercom_kit.search.spans import Search, Span

seconds = st.integers(1_500_000_000, 1_800_000_000)
DUBLIN = Days(zones=(ZoneInfo("Europe/Dublin"),))
UNKNOWN = Days(second=True, zones=(UTC, ZoneInfo("America/Los_Angeles")))


@given(
    oldest=seconds,
    length=st.integers(0, 400 * DAY),
    count=st.integers(1, 40),
    days=st.sampled_from([SECONDS, UTC_DAYS, DUBLIN, UNKNOWN]),
)
def test_parts_follow_each_other_without_a_gap(oldest: int, length: int, count: int, days: Days) -> None:
    parts = Span(None, None).parts(count, oldest, oldest + length, days)
    assert 1 <= len(parts) <= count
    assert parts[0].first is None
    assert parts[-1].last is None
    for before, after in itertools.pairwise(parts):
        assert before.last is not None
        assert after.first == before.last + 1


@given(oldest=seconds, count=st.integers(2, 40))
def test_where_whole_days_may_be_compared_each_part_begins_with_a_day(oldest: int, count: int) -> None:
    for part in Span(None, None).parts(count, oldest, oldest + 200 * DAY, UTC_DAYS)[1:]:
        assert part.first is not None
        assert part.first % DAY == 0


@pytest.mark.parametrize("days", [SECONDS, UTC_DAYS])
def test_a_part_of_whole_days_is_asked_for_alike_by_seconds_and_by_days_of_utc(days: Days) -> None:
    values = [condition["value"] for condition in Span(5 * DAY, 7 * DAY - 1).conditions(days)]
    assert values == [5 * DAY - 1, 7 * DAY]


def test_an_open_span_asks_for_everything() -> None:
    assert Span(None, None).conditions(SECONDS) == []


def test_what_changed_is_asked_for_beside_the_conditions_and_the_span() -> None:
    search = Search(({"field": "state", "operator": "=", "value": "open"},), Span(100, None), changed_since=500)
    assert [(each["field"], each["value"]) for each in search.asked(SECONDS)] == [
        ("state", "open"),
        ("updated_at", 499),
        ("created_at", 99),
    ]


@given(second=seconds, zone=st.sampled_from(["UTC", "Europe/Dublin", "Asia/Tokyo", "Pacific/Apia", "America/Havana"]))
def test_a_second_is_found_however_the_search_compares_dates(second: int, zone: str) -> None:
    workspace = ZoneInfo(zone)
    unknown = Days(second=True, zones=(UTC, workspace))
    after, before = unknown.wider(second, ">"), unknown.wider(second, "<")
    assert after < second < before
    for each in (UTC, workspace):
        assert start_of_day(after, each) < start_of_day(second, each) < start_of_day(before, each)


@given(second=seconds, zone=st.sampled_from(["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/Adak"]))
def test_where_nobody_knows_the_timezone_a_second_is_found_in_any(second: int, zone: str) -> None:
    anywhere, workspace = Days(second=True, zones=(UTC,), anywhere=True), ZoneInfo(zone)
    after, before = anywhere.wider(second, ">"), anywhere.wider(second, "<")
    assert start_of_day(after, workspace) < start_of_day(second, workspace) < start_of_day(before, workspace)
