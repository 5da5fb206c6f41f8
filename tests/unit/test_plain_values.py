"""What pandas and NumPy hold becomes what Python holds, and whole floats the numbers and ids that they stand for."""

from collections import deque
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from intercom_kit.errors import BadRequestError
from intercom_kit.values.plain import id_text, plain, whole_number

LARGEST = 2**53


class State(StrEnum):
    OPEN = "open"


SCALARS = [
    (np.int64(5), 5),
    (np.uint64(2**64 - 1), 2**64 - 1),
    (np.float64(2.5), 2.5),
    (np.True_, True),
    (np.str_("a"), "a"),
    (np.array(7), 7),
    (np.array(np.datetime64("2026-01-31")), datetime(2026, 1, 31)),
    (State.OPEN, "open"),
    (5.0, 5),
    (-0.0, 0),
    (Decimal("12"), 12),
    (Decimal("12.5"), 12.5),
    (Fraction(4, 2), 2),
    (pd.Timestamp("2026-01-31 12:00", tz="UTC"), datetime(2026, 1, 31, 12, tzinfo=UTC)),
    (pd.Timestamp("2026-01-31 12:00:00.123456789"), datetime(2026, 1, 31, 12, 0, 0, 123456)),
    (np.datetime64("2026-01-31T12:00", "ns"), datetime(2026, 1, 31, 12)),
    (np.datetime64("2026-01"), datetime(2026, 1, 1)),
    (date(2026, 1, 31), date(2026, 1, 31)),
]


@pytest.mark.parametrize(("held", "meant"), SCALARS, ids=[repr(held) for held, _ in SCALARS])
def test_a_scalar_becomes_pythons_own(held: Any, meant: Any) -> None:
    assert plain(held) == meant
    assert type(plain(held)) is type(meant)


@pytest.mark.parametrize(
    "held",
    [
        *(None, np.nan, float("nan"), np.float32("nan"), Decimal("NaN"), Decimal("sNaN"), pd.NA, pd.NaT),
        *(np.datetime64("NaT"), np.timedelta64("NaT"), np.ma.masked, np.array(np.nan)),
    ],
)
def test_what_is_missing_is_none(held: Any) -> None:
    assert plain(held) is None


SEVERAL = {
    "Series": pd.Series([1, 2]),
    "Series of floats": pd.Series([1.0, 2.0]),
    "Series of float32": pd.Series([1.0, 2.0], dtype="float32"),
    "Series of Int64": pd.Series([1, 2], dtype="Int64"),
    "Series of objects": pd.Series([1, np.int8(2)], dtype=object),
    "Series with gaps in its index": pd.Series([9, 1, 2])[1:],
    "Index": pd.Index([1, 2]),
    "array": np.array([1, 2]),
    "extension array": pd.array([1, 2]),
    "categorical": pd.Categorical([1, 2]),
    "Series of categories": pd.Series([1, 2], dtype="category"),
    "tuple": (1, 2),
    "set": {1, 2},
    "frozenset": frozenset({1, 2}),
    "generator": (number for number in (1, 2)),
    "map": map(int, "12"),
    "keys": {1: "a", 2: "b"}.keys(),
    "values": {"a": 1, "b": 2}.values(),
    "range": range(1, 3),
    "deque": deque([1, 2]),
}


@pytest.mark.parametrize("held", SEVERAL.values(), ids=SEVERAL)
def test_several_become_a_list(held: Any) -> None:
    assert plain(held) == [1, 2]
    assert {type(each) for each in plain(SEVERAL["Series"])} == {int}


@pytest.mark.parametrize(
    "held",
    [
        pd.Series(["a", None]),
        pd.Series(["a", None], dtype="string"),
        pd.Series(["a", np.nan], dtype=object),
        pd.Series(["a", None], dtype="category"),
        np.ma.array(["a", "b"], mask=[False, True]),
        ["a", pd.NA],
    ],
)
def test_what_is_missing_among_several_is_none(held: Any) -> None:
    assert plain(held) == ["a", None]


def test_mappings_keep_their_names() -> None:
    assert plain({np.str_("plan"): pd.Series(["a"]), "n": np.int64(1)}) == {"plan": ["a"], "n": 1}


def test_floats_stay_floats_where_whole_numbers_are_not_asked_for() -> None:
    assert [type(each) for each in plain(pd.Series([1.0, 2.5]), whole=False)] == [float, float]
    assert plain(Decimal("12"), whole=False) == Decimal("12")


@pytest.mark.parametrize("held", [LARGEST + 2.0, 1e300, np.float32(2**24 + 2), np.float16(4096), float("inf"), 0.5])
def test_a_float_that_may_have_been_another_number_stays_a_float(held: Any) -> None:
    assert isinstance(plain(held), float)


@pytest.mark.parametrize(
    "held", [b"x", 1j, pd.Period("2026-01"), pd.Timedelta(1, "D"), np.timedelta64(1, "D"), np.datetime64("99999-01-01")]
)
def test_what_is_of_no_such_type_comes_back_for_the_door_to_refuse(held: Any) -> None:
    assert plain(held) == held


def test_a_time_beyond_pythons_calendar_is_no_datetime() -> None:
    beyond = pd.Timestamp(np.datetime64("99999-01-01", "s"))
    assert not isinstance(plain(beyond), datetime)


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(BadRequestError, match="not valid Unicode"):
        plain(["fine", "half \ud800"])


@pytest.mark.parametrize(("held", "meant"), [(5, 5), (np.int8(5), 5), (5.0, 5), (True, None), (2.5, None), ("5", None)])
def test_whole_numbers(held: Any, meant: int | None) -> None:
    assert whole_number(held) == meant


IDS = [
    ("63aa", "63aa"),
    (" 12 ", "12"),
    (215474207061545, "215474207061545"),
    (215474207061545.0, "215474207061545"),
    (np.float64(12), "12"),
    (float(LARGEST), str(LARGEST)),
    (LARGEST + 1, str(LARGEST + 1)),
    (pd.array([LARGEST + 1, None])[0], str(LARGEST + 1)),
    (Decimal("12"), "12"),
    ("215474207061545.0", "215474207061545"),
    ("12.00", "12"),
    ("12.5", "12.5"),
    ("v1.0", "v1.0"),
    (None, None),
    (np.nan, None),
    ("  ", None),
]


@pytest.mark.parametrize(("held", "meant"), IDS, ids=[repr(held) for held, _ in IDS])
def test_an_id_is_text_also_where_it_became_a_float(held: Any, meant: str | None) -> None:
    assert id_text(held) == meant


def test_ids_of_your_own_count_as_they_are_written() -> None:
    assert id_text("12.0", as_written=True) == "12.0"
    assert id_text(" ann ", as_written=True) == " ann "
    assert id_text("  ", as_written=True) is None
    assert id_text(12.0, as_written=True) == "12"


@pytest.mark.parametrize("held", [float(LARGEST + 2), 1e17, np.float32(2**30), 12.5, float("inf")])
def test_a_float_that_is_no_id_is_refused_with_the_way_to_read_ids(held: Any) -> None:
    with pytest.raises(BadRequestError, match="dtype=str"):
        id_text(held)


def test_zones_are_kept() -> None:
    moment = plain(pd.Timestamp("2026-07-01 12:00", tz="Europe/Dublin"))
    assert moment == datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Dublin"))
