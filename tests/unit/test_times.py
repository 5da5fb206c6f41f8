"""Times are read the way analysts write them, in the workspace's timezone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from intercom_kit.errors import BadTimeError
from intercom_kit.values.times import clock, end, instant, span

DUBLIN = ZoneInfo("Europe/Dublin")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30d", datetime(2026, 10, 23, 12, tzinfo=UTC)),
        ("12h", datetime(2026, 11, 22, 0, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 8, 12, tzinfo=UTC)),
        ("7 days ago", datetime(2026, 11, 15, 12, tzinfo=UTC)),
        ("-7d", datetime(2026, 11, 15, 12, tzinfo=UTC)),
        ("last 7 days", datetime(2026, 11, 15, 12, tzinfo=UTC)),
        ("90min", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ("now", NOW),
        (1_790_000_000, datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        ("1790000000", datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        (np.int64(1_790_000_000), datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)),
        ("today", datetime(2026, 11, 22, 0, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 21, 0, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, 0, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 23, tzinfo=UTC)),  # summer time: Dublin's midnight is 23:00 UTC
        ("2026-07-01T10:00:00Z", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01T10:00+02:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 6, 30, 23, tzinfo=UTC)),
        (datetime(2026, 7, 1, 12), datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (pd.Timestamp("2026-07-01 12:00", tz="UTC"), datetime(2026, 7, 1, 12, tzinfo=UTC)),
        (pd.Timestamp("2026-07-01 12:00"), datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (np.datetime64("2026-07-01"), datetime(2026, 6, 30, 23, tzinfo=UTC)),
        (np.datetime64("2026-07-01T12:00", "ns"), datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (pd.Series(pd.to_datetime(["2026-07-01"]))[0], datetime(2026, 6, 30, 23, tzinfo=UTC)),
        (np.str_("2026-07-01"), datetime(2026, 6, 30, 23, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_an_instant(written: object, meant: datetime) -> None:
    assert instant(written, DUBLIN, NOW) == meant


def test_today_begins_at_midnight_in_the_workspace_not_in_utc() -> None:
    assert instant("today", ZoneInfo("Asia/Tokyo"), NOW) == datetime(2026, 11, 21, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        *("soon", "30 moons", "", "2026-13-01", 30, None, 1.5, "99999999999d", "99999999 months", True),
        *("5m", "2026-13", "2026-W60", "2026-Q5", "9999", "last decade", 1_790_000_000_000, float("nan"), float("inf")),
        *(pd.NaT, pd.NA, np.datetime64("NaT"), np.datetime64("99999-01-01"), pd.Series(["2026-07-01"]), np.int64(3)),
    ],
)
def test_anything_else_is_refused_with_the_spellings_that_are_valid(written: object) -> None:
    with pytest.raises(BadTimeError, match="'30d'"):
        instant(written, DUBLIN, NOW)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("today", "2026-11-22", "2026-11-23"),
        ("yesterday", "2026-11-21", "2026-11-22"),
        ("sunday", "2026-11-22", "2026-11-23"),  # NOW is a Sunday
        ("Mon", "2026-11-16", "2026-11-17"),
        ("this week", "2026-11-16", "2026-11-23"),
        ("Last  Week", "2026-11-09", "2026-11-16"),
        ("this month", "2026-11-01", "2026-12-01"),
        ("previous month", "2026-10-01", "2026-11-01"),
        ("this quarter", "2026-10-01", "2027-01-01"),
        ("last quarter", "2026-07-01", "2026-10-01"),
        ("this year", "2026-01-01", "2027-01-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-09", "2026-09-01", "2026-10-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-Q3", "2026-07-01", "2026-10-01"),
        ("q4 2025", "2025-10-01", "2026-01-01"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("september", "2026-09-01", "2026-10-01"),
        ("december", "2025-12-01", "2026-01-01"),
        ("Feb 2024", "2024-02-01", "2024-03-01"),
        ("2026-09-30", "2026-09-30", "2026-10-01"),
        ("20260930", "2026-09-30", "2026-10-01"),
        (date(2026, 9, 30), "2026-09-30", "2026-10-01"),
    ],
)
def test_a_named_period_begins_and_ends_at_midnights_of_the_workspace(written: object, first: str, last: str) -> None:
    midnights = [datetime.fromisoformat(day).replace(tzinfo=DUBLIN) for day in (first, last)]
    assert [instant(written, DUBLIN, NOW), end(written, DUBLIN, NOW)] == midnights
    assert list(span(None, None, DUBLIN, NOW, during=written)) == midnights


@pytest.mark.parametrize(
    "written", ["30d", "2026-07-01T10:00:00Z", datetime(2026, 7, 1, tzinfo=UTC), 1_790_000_000, "now"]
)
def test_an_age_or_an_instant_ends_where_it_begins(written: object) -> None:
    assert end(written, DUBLIN, NOW) == instant(written, DUBLIN, NOW)


def test_months_back_keep_the_clock_of_the_workspace_and_end_with_short_months() -> None:
    late = datetime(2026, 5, 31, 8, 30, tzinfo=UTC)  # 09:30 in Dublin
    assert instant("3 months", DUBLIN, late) == datetime(2026, 2, 28, 9, 30, tzinfo=UTC)
    assert instant("1 year ago", DUBLIN, late) == datetime(2025, 5, 31, 8, 30, tzinfo=UTC)
    assert instant("2 quarters", DUBLIN, late) == datetime(2025, 11, 30, 9, 30, tzinfo=UTC)


def test_a_day_of_25_hours_is_one_day() -> None:
    begins, ends = span("2026-10-25", "2026-10-25", DUBLIN, NOW)
    assert begins is not None
    assert ends is not None
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=25)


def test_a_span_of_the_last_days_ends_now() -> None:
    assert span(None, None, DUBLIN, NOW, during="last 7 days") == (NOW - timedelta(days=7), None)


def test_during_beside_since_or_until_is_refused() -> None:
    with pytest.raises(BadTimeError, match="leave since and until out"):
        span("2026-01-01", None, DUBLIN, NOW, during="last month")


def test_an_instant_is_no_period() -> None:
    with pytest.raises(BadTimeError, match="an instant, not a period"):
        span(None, None, DUBLIN, NOW, during="2026-07-01T10:00")


def test_a_clock_is_named_as_tzdata_names_it() -> None:
    assert clock("Asia/Tokyo").key == clock(ZoneInfo("Asia/Tokyo")).key == "Asia/Tokyo"
    with pytest.raises(BadTimeError, match="'America/New_York'"):
        clock("America/New York")
