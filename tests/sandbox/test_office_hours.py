"""Office hours: schedules with exceptions, of which the first is the one that statistics count by."""

from datetime import date
from typing import Any

import pytest

from .conftest import Client, Start
from .test_consistency import office_seconds

PATH = "/office_hours_schedules"
WEEK = 7 * 24 * 60


@pytest.fixture(scope="module")
def schedules(client: Client) -> list[Any]:
    listed: list[Any] = client.get(PATH)["data"]
    return listed


def exceptions(client: Client, schedule: Any) -> list[Any]:
    listed: list[Any] = client.get(f"{PATH}/{schedule['id']}/office_hours_exceptions")["data"]
    return listed


def test_two_schedules_stand_in_their_own_timezones(client: Client, schedules: list[Any]) -> None:
    assert [schedule["time_zone_name"] for schedule in schedules] == ["Europe/Dublin", "America/New_York"]
    for schedule in schedules:
        assert client.get(f"{PATH}/{schedule['id']}") == schedule
        for interval in schedule["time_intervals"]:
            assert 0 <= interval["start_minute"] < interval["end_minute"] <= WEEK
            assert interval["start_minute"] // 1440 == interval["day_of_week"]
            assert interval["start_minute"] % 15 == interval["end_minute"] % 15 == 0


def test_an_interval_may_run_past_midnight(schedules: list[Any]) -> None:
    intervals = schedules[1]["time_intervals"]
    assert any(each["start_minute"] // 1440 != (each["end_minute"] - 1) // 1440 for each in intervals)


def test_the_first_schedule_is_that_of_the_statistics(client: Client, schedules: list[Any]) -> None:
    hours = {(each["start_minute"] % 1440, each["end_minute"] % 1440) for each in schedules[0]["time_intervals"]}
    assert hours == {(9 * 60, 18 * 60)}
    assert [each["day_of_week"] for each in schedules[0]["time_intervals"]] == [0, 1, 2, 3, 4]
    checked = 0
    for row in client.get("/conversations", per_page=60)["conversations"]:
        statistics = row["statistics"] or {}
        if statistics.get("first_admin_reply_at"):
            span = statistics["first_contact_reply_at"], statistics["first_admin_reply_at"]
            assert statistics["time_to_admin_reply"] == office_seconds(*span)
            checked += 1
    assert checked > 20


def test_exceptions_are_a_closed_day_a_short_one_and_one_of_every_year(client: Client, schedules: list[Any]) -> None:
    closed, short, yearly = exceptions(client, schedules[0])
    assert (closed["exception_type"], closed["time_intervals"], closed["recurring_annually"]) == ("closed", None, False)
    assert (short["exception_type"], short["name"]) == ("custom_hours", None)
    assert (yearly["exception_type"], yearly["recurring_annually"]) == ("closed", True)
    for exception in (closed, short):
        assert date.fromisoformat(exception["exception_date"]).weekday() < 5
    assert all(0 <= each["start_minute"] < each["end_minute"] <= 1440 for each in short["time_intervals"])
    assert exceptions(client, schedules[1]) == []
    path = f"{PATH}/{schedules[0]['id']}/office_hours_exceptions/{short['id']}"
    assert client.get(path) == short


def test_what_is_not_there_is_not_found(client: Client, schedules: list[Any]) -> None:
    assert client.refused(f"{PATH}/0")[0] == 404
    assert client.refused(f"{PATH}/0/office_hours_exceptions")[0] == 404
    assert client.refused(f"{PATH}/{schedules[1]['id']}/office_hours_exceptions/51")[0] == 404


def test_older_versions_plans_and_tokens_may_lack_them(start: Start) -> None:
    _, older = start(headers={"Intercom-Version": "2.15"})
    assert older.refused(PATH) == (400, "intercom_version_invalid")
    _, client = start(missing_features=["office_hours"])
    assert client.refused(PATH) == (403, "api_plan_restricted")
    _, client = start(missing_scopes=["read_write_office_hours"])
    assert client.refused(PATH) == (401, "token_unauthorized")


def test_schedules_can_be_given(start: Start) -> None:
    schedule = {"id": "1", "time_zone_name": "Asia/Tokyo", "twenty_four_seven": True, "time_intervals": []}
    exception = {"id": "2", "office_hours_schedule_id": "1", "exception_date": "2026-01-01"}
    records = {"office_hours_schedules": [schedule], "office_hours_exceptions": [exception]}
    _, client = start(records=records)
    assert client.get(PATH)["data"] == [schedule]
    assert exceptions(client, schedule) == [exception]
