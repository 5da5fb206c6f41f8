"""Times are read the way analysts write them, in the workspace's timezone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from intercom_kit.errors import BadTimeError
from intercom_kit.values.times import instant

DUBLIN = ZoneInfo("Europe/Dublin")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30d", datetime(2026, 10, 23, 12, tzinfo=UTC)),
        ("12h", datetime(2026, 11, 22, 0, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 8, 12, tzinfo=UTC)),
        ("7 days ago", datetime(2026, 11, 15, 12, tzinfo=UTC)),
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
        *("soon", "30 moons", "", "2026-13-01", 30, None, 1.5, "99999999999d"),
        *(pd.NaT, pd.NA, np.datetime64("NaT"), np.datetime64("99999-01-01"), pd.Series(["2026-07-01"]), np.int64(3)),
    ],
)
def test_anything_else_is_refused_with_the_spellings_that_are_valid(written: object) -> None:
    with pytest.raises(BadTimeError, match="'30d'"):
        instant(written, DUBLIN, NOW)
