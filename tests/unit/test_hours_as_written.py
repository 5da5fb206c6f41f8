"""Office hours as analysts write them: what is understood, how it is shown again, and what is refused with the form."""

import copy
import dataclasses
import pickle
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercom_kit import BadTimeError, OfficeHours

ZONE = "Europe/Dublin"


@pytest.mark.parametrize(
    ("weekly", "shown"),
    [
        ("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-17:00"),
        ("mon - fri 9:00 \u2013 17:00", "Mon-Fri 09:00-17:00"),
        ("Monday, Tuesday, wed 09:00-17:00", "Mon-Wed 09:00-17:00"),
        ("Mon, Wed 09:00-17:00", "Mon 09:00-17:00, Wed 09:00-17:00"),
        (
            "Mon-Thu 09:00-17:00, Fri 09:00-13:00 14:00-16:00, Sat 22:00-02:00",
            "Mon-Thu 09:00-17:00, Fri 09:00-13:00 14:00-16:00, Sat 22:00-02:00",
        ),
        ("Fri 14:00-16:00, 09:00-13:00", "Fri 09:00-13:00 14:00-16:00"),
        ("Sat-Mon 00:00-24:00", "Mon 00:00-24:00, Sat-Sun 00:00-24:00"),
        ("Sat 22:00-00:00", "Sat 22:00-24:00"),
        ("24/7", "24/7"),
        ("Mon-Sun 00:00-24:00", "24/7"),
        (
            {"Mon-Thu": "09:00-17:00", "Fri": ["09:00-13:00", "14:00-16:00"]},
            "Mon-Thu 09:00-17:00, Fri 09:00-13:00 14:00-16:00",
        ),
        ({"Mon": "09:00-17:00", "Sat": "closed", "Sun": None}, "Mon 09:00-17:00"),
    ],
)
def test_the_hours_of_a_week_are_read_and_shown_in_one_form(weekly: Any, shown: str) -> None:
    assert OfficeHours(ZONE, weekly).weekly == shown


@pytest.mark.parametrize(
    ("holidays", "shown"),
    [
        (["2026-12-25", date(2026, 12, 26), datetime(2027, 1, 1)], ["2026-12-25", "2026-12-26", "2027-01-01"]),
        ([pd.Timestamp("2026-12-25"), np.datetime64("2026-12-26")], ["2026-12-25", "2026-12-26"]),
        (pd.to_datetime(pd.Series(["2026-12-26", "2026-12-25"])), ["2026-12-25", "2026-12-26"]),
        ({"2026-12-24": "10:00-12:00", date(2026, 12, 25): None}, ["2026-12-24 10:00-12:00", "2026-12-25"]),
        ("12-25, 2026-12-24 10:00-12:00, 13:00-14:00", ["2026-12-24 10:00-12:00 13:00-14:00", "12-25"]),
        (["12-25", "2026-12-24 10:00-12:00 13:00-14:00"], ["2026-12-24 10:00-12:00 13:00-14:00", "12-25"]),
        ("2026-12-25, 12-26", ["2026-12-25", "12-26"]),
        (["2026-12-25 closed", "02-29"], ["2026-12-25", "02-29"]),
        (None, []),
        (date(2026, 12, 25), ["2026-12-25"]),
    ],
)
def test_holidays_are_dates_days_of_every_year_and_days_with_hours_of_their_own(holidays: Any, shown: Any) -> None:
    assert OfficeHours(ZONE, "24/7", holidays).holidays == shown


def test_office_hours_are_a_value_that_shows_how_to_write_it() -> None:
    hours = OfficeHours(ZONE, "Mon-Fri 9:00-17:00", holidays=["12-25", "2026-12-24 10:00-12:00"])
    expected = "OfficeHours('Europe/Dublin', 'Mon-Fri 09:00-17:00', holidays=['2026-12-24 10:00-12:00', '12-25'])"
    assert repr(hours) == expected
    assert str(hours) == "Europe/Dublin Mon-Fri 09:00-17:00; 2026-12-24 10:00-12:00, 12-25"
    same = OfficeHours(ZONE, {"Mon-Fri": "09:00-17:00"}, {"2026-12-24": "10:00-12:00", "12-25": "closed"})
    assert hours == same
    assert {hours: 1}[same] == 1
    assert pickle.loads(pickle.dumps(hours)) == copy.deepcopy(hours) == hours  # noqa: S301
    assert repr(OfficeHours("Asia/Tokyo", "24/7")) == "OfficeHours('Asia/Tokyo', '24/7')"
    with pytest.raises(dataclasses.FrozenInstanceError):
        hours.zone = "Asia/Tokyo"  # type: ignore[misc]


minutes = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda each: each[0] != each[1] % 1440)


def clocked(span: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["Mon", "Tue-Thu", "Fri", "Sat-Sun"]), st.lists(minutes, min_size=1), min_size=1),
    st.dictionaries(st.dates(), st.lists(minutes, max_size=2)),
)
def test_their_text_means_the_same(weekly: dict[str, Any], holidays: dict[date, Any]) -> None:
    days = {day: list(map(clocked, spans)) for day, spans in holidays.items()}
    hours = OfficeHours(ZONE, {day: list(map(clocked, spans)) for day, spans in weekly.items()}, days)
    assert OfficeHours.read(str(hours)) == hours == OfficeHours(hours.zone, hours.weekly, hours.holidays)


@pytest.mark.parametrize(
    "weekly",
    [
        "", "always", "Mon", "09:00-17:00", "Mon 9-17", "Mon 9am-5pm", "Mon 09:00-09:00", "Mon 09:00-25:00",
        "Mon 24:00-02:00", "Mon 09:60-17:00", "Mo 09:00-17:00", "Mon-Wed-Fri 09:00-17:00", "Mon 09:00-17:00, Tue",
        "Mon-Fri 24/7", {}, {"Mon": None}, {"Mon": 9}, {7: "09:00-17:00"}, None, 7, ["Mon"],
    ],
)  # fmt: skip
def test_a_week_that_cannot_be_read_is_refused_with_the_form(weekly: Any) -> None:
    with pytest.raises(BadTimeError, match="give text such as 'Mon-Thu 09:00-17:00, Fri 09:00-13:00 14:00-16:00"):
        OfficeHours(ZONE, weekly)


@pytest.mark.parametrize(
    "holidays",
    [
        ["25.12.2026"], ["2026-02-30"], ["02-30"], ["2026-13-01"], ["Christmas"], ["10:00-12:00"], 25, [None],
        ["2026-12-24 10:00"], ["2026-12-24 closed 10:00-12:00"], {"2026-12-24": "10-12"},
        ["2026-12-24", "2026-12-24 10:00-12:00"], ["2026-12-24 10-12"], {"2026-12-24": "10:00-12:00 closed"},
    ],
)  # fmt: skip
def test_a_holiday_that_cannot_be_read_is_refused_with_the_form(holidays: Any) -> None:
    with pytest.raises(BadTimeError, match="give '2026-12-25' or a date, '12-25' for every year"):
        OfficeHours(ZONE, "24/7", holidays)


@pytest.mark.parametrize(("zone", "nearest"), [("Europe/Dublim", "Europe/Dublin"), ("", ""), (None, ""), (["UTC"], "")])
def test_an_unknown_timezone_is_refused_with_the_nearest(zone: Any, nearest: str) -> None:
    with pytest.raises(BadTimeError, match=f"There is no timezone .*{nearest}"):
        OfficeHours(zone, "24/7")


def test_times_with_a_zone_are_the_dates_that_they_show() -> None:
    assert OfficeHours(ZONE, "24/7", [datetime(2026, 12, 25, 23, tzinfo=UTC)]).holidays == ["2026-12-25"]
