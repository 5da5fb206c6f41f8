"""Office hours: schedules and exceptions as intervals."""

from typing import Any

import pytest

from intercom_kit import PlanRestrictedError, Workspace
from intercom_kit.frames.frame import Frame

from ..conftest import Begin
from .truth import Truth, told, values

PATH = "/office_hours_schedules"
MINUTES = ("start_minute", "end_minute")


@pytest.fixture(scope="module")
def frame(ws: Workspace) -> Frame:
    return ws.office_hours()


def test_the_intervals_of_every_week_are_those_of_the_schedules(frame: Frame, truth: Truth) -> None:
    weekly = frame[frame["exception_id"].isna()]
    expected = [
        (each["id"], each["name"], each["time_zone_name"], span["day_of_week"], *(span[name] for name in MINUTES))
        for each in truth.get(PATH)["data"]
        for span in each["time_intervals"]
    ]
    columns = ["schedule_id", "schedule_name", "zone", "weekday", *MINUTES]
    assert list(weekly[columns].itertuples(index=False, name=None)) == expected
    assert weekly["exception_date"].isna().all()


def test_exceptions_have_their_dates_and_the_zone_of_their_schedule(frame: Frame, truth: Truth) -> None:
    (schedule, *_) = truth.get(PATH)["data"]
    records = truth.get(f"{PATH}/{schedule['id']}/office_hours_exceptions")["data"]
    rows = frame[frame["exception_id"].notna()]
    assert values(rows, "exception_id") == [each["id"] for each in records]
    assert values(rows, "exception_date") == [each["exception_date"] for each in records]
    assert values(rows, "exception_type") == [each["exception_type"] for each in records]
    assert values(rows, "exception_name") == [each["name"] for each in records]
    assert values(rows, "recurring_annually") == [each["recurring_annually"] for each in records]
    assert values(rows, "start_minute") == [(each["time_intervals"] or [{}])[0].get("start_minute") for each in records]
    assert set(rows["zone"]) == {schedule["time_zone_name"]}


def test_the_receipt_counts_the_lists_and_so_does_a_plan(ws: Workspace, frame: Frame) -> None:
    assert (told(frame)["complete"], told(frame)["requests"], told(frame)["misfits"]) == (True, 4, {})
    assert ws.plan("from office_hours")["requests"].tolist() == [4]
    assert ws.sql("select count(*) as n from office_hours")["n"].tolist() == [len(frame)]


def test_a_schedule_around_the_clock_is_a_row_without_minutes(begin: Begin) -> None:
    schedule: dict[str, Any] = {"name": "All", "time_zone_name": "Asia/Tokyo", "time_intervals": []}
    _, ws = begin(records={"office_hours_schedules": [{**schedule, "id": "1", "twenty_four_seven": True}]})
    (row,) = ws.office_hours().to_dict("records")
    assert (row["zone"], row["twenty_four_seven"]) == ("Asia/Tokyo", True)
    assert ws.office_hours()[[*MINUTES, "weekday"]].isna().all(axis=None)


def test_without_schedules_the_frame_is_empty_and_has_its_types(begin: Begin, frame: Frame) -> None:
    _, ws = begin(records={})
    empty = ws.office_hours()
    assert (len(empty), told(empty)["complete"]) == (0, True)
    assert empty.dtypes.equals(frame.dtypes)


def test_a_plan_or_a_version_without_office_hours_is_told_as_that(begin: Begin) -> None:
    _, ws = begin(missing_features=["office_hours"])
    for ask in (ws.office_hours, lambda: ws.sql("from office_hours"), lambda: ws.plan("from office_hours")):
        with pytest.raises(PlanRestrictedError, match="include office hours"):
            ask()
