"""An instant is read for what it is, however it is spelt and however far away; what is none is counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

import intercom_kit as ik
from intercom_kit import Workspace

from ..conftest import NOW, Begin
from .truth import told

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 12, 31, tzinfo=UTC)
START = datetime(1, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


READ: list[tuple[Any, datetime]] = [
    (1_600_000_000, at(1_600_000_000)),
    ("1600000000", at(1_600_000_000)),
    (1_600_000_000.25, at(1_600_000_000.25)),
    (1_600_000_000_250, at(1_600_000_000.25)),
    ("1600000000250", at(1_600_000_000.25)),
    (0, EPOCH),
    (-86_400, at(-86_400)),
    (99_999, at(99_999)),
    (2_738_966_400, at(2_738_966_400)),  # the year 2056
    (64_654_125_776, at(64_654_125_776)),  # as in an example of Intercom's
    (102_200_000_000, at(102_200_000_000)),  # the year 5208, not 1973
    (253_402_214_400, END),  # "no end", not 1978
    (253_402_300_799, END + timedelta(days=1, seconds=-1)),
    (253_402_214_400_000, END),
    (-62_135_596_800, START),
    (1_290_000_000_000, at(1_290_000_000)),
    ("2020-01-02T03:04:05Z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ("2020-01-02T03:04:05", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ("2020-01-02 03:04:05 UTC", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ("2020-01-02T03:04:05.678+02:00", datetime(2020, 1, 2, 1, 4, 5, 678_000, tzinfo=UTC)),
    ("2020-01-02", datetime(2020, 1, 2, tzinfo=UTC)),
    ("9999-12-31T00:00:00Z", END),
    ("0001-01-01T00:00:00Z", START),
]

# Microseconds and nanoseconds, what is before year 1 or after 9999, milliseconds before Intercom, and no time at all.
COUNTED: list[Any] = [
    1_600_000_000_000_000,
    1_600_000_000_000_000_000,
    253_402_300_800,
    253_402_300_800_000,
    -62_135_596_801,
    -62_135_596_800_000,
    1_289_999_999_999,
    2**63,
    "99999-01-01",
    "10000-01-01T00:00:00Z",
    "0000-01-01",
    "9999-12-31T23:59:59-02:00",
    "0001-01-01T00:00:00+02:00",
    "2020-01-02 (BC)",
    "2020-02-30",
    "infinity",
    "nan",
    "soon",
    "",
    True,
    {},
]


def contacts(values: list[Any]) -> dict[str, Any]:
    made = enumerate(values)
    return {
        "contacts": [
            {"id": f"c{number}", "created_at": NOW, "updated_at": NOW, "signed_up_at": value} for number, value in made
        ]
    }


def signed_up(ws: Workspace) -> dict[str, Any]:
    frame = ws.contacts()
    return dict(zip(frame["id"], frame["signed_up_at"], strict=True))


def test_every_spelling_is_read(begin: Begin) -> None:
    _, ws = begin(records=contacts([value for value, _ in READ]))
    found = signed_up(ws)
    assert {READ[int(id[1:])][0]: moment.to_pydatetime() for id, moment in found.items()} == dict(READ)
    assert told(ws.contacts())["misfits"] == {}


def test_what_is_no_instant_is_missing_and_counted(begin: Begin) -> None:
    _, ws = begin(records=contacts(COUNTED))
    assert {COUNTED[int(id[1:])]: moment for id, moment in signed_up(ws).items() if moment is not pd.NaT} == {}
    assert told(ws.contacts())["misfits"] == {"signed_up_at": len(COUNTED)}


@pytest.mark.parametrize("sentinel", [253_402_214_400, -62_135_596_800])
def test_frames_show_sort_and_compare_the_ends_of_the_calendar(begin: Begin, sentinel: int) -> None:
    _, ws = begin(records=contacts([sentinel, 1_600_000_000, None]))
    moment = at(sentinel)
    for frame in (ws.contacts(), ws.sql("select * from contacts")):
        for shown in (repr(frame[["signed_up_at"]]), frame[["signed_up_at"]].to_html()):
            assert f"{moment:%m-%d}" in shown
            assert f"{moment.year:04}" in shown
        assert set(frame["signed_up_at"].dropna()) == {moment, at(1_600_000_000)}
        assert moment in (frame["signed_up_at"].min(), frame["signed_up_at"].max())
        assert frame.describe(include="all").loc["count", "signed_up_at"] == 2
    found = ws.sql("select id from contacts where signed_up_at = $moment", {"moment": moment})
    assert found["id"].tolist() == ["c0"]


def test_the_ends_of_the_calendar_are_filtered_by(begin: Begin) -> None:
    _, ws = begin(records=contacts([253_402_214_400, 1_600_000_000, -62_135_596_800]))
    assert ws.contacts(signed_up_since="2030-01-01")["id"].tolist() == ["c0"]
    assert ws.contacts(signed_up_until="1900-01-01")["id"].tolist() == ["c2"]


def test_metrics_and_charts_take_instants_of_the_far_future(begin: Begin) -> None:
    now = int(datetime.now(UTC).timestamp())
    waiting = [
        {
            "id": str(number),
            "created_at": now - 86_400,
            "updated_at": now,
            "state": "open",
            "open": True,
            "waiting_since": 253_402_214_400,
            "snoozed_until": 253_402_214_400,
            "source": {"type": "email", "delivered_as": "customer_initiated"},
            "statistics": {"first_contact_reply_at": now - 86_400, "first_close_at": 253_402_214_400},
        }
        for number in range(1, 31)
    ]
    _, ws = begin(records={"contacts": [], "conversations": waiting})
    assert ws.metric("conversations", since="9d", period="week")["n"].sum() == 30
    for name in ("waiting_now", "backlog", "time_to_first_close"):
        assert "Europe/Dublin" in ws.metric(name, since="9d").receipt
    assert ik.charts.volume(ws.metric("conversations", since="9d", period="week")).data
