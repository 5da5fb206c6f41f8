"""Durations in office hours, asked of a sandbox: whose hours, what the answer says of them, and what is behind it."""

from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from intercom_kit import BadMetricError, BadRequestError, BadTimeError, OfficeHours, PlanRestrictedError, Workspace
from intercom_kit.frames.frame import Frame
from tests.conftest import Begin
from tests.metrics.restated import wrote
from tests.metrics.restated_hours import Schedule

SPAN = {"since": "2026-09-20", "until": "2026-10-31"}
OFFICE: dict[str, Any] = {"definition": "office", **SPAN}
DURATIONS = {
    "first_response_time": ("first_admin_reply_at", "time_to_admin_reply"),
    "time_to_first_close": ("first_close_at", "time_to_first_close"),
    "time_to_close": ("last_close_at", "time_to_last_close"),
}


def told(frame: Frame) -> dict[str, Any]:
    described: dict[str, Any] = frame.attrs["intercom"]["metric"]
    return described


def note(frame: Frame) -> str:
    (only,) = told(frame)["notes"]
    assert only in frame.attrs["intercom"]["notes"]
    return str(only)


@pytest.fixture(scope="module")
def right(ws: Workspace) -> OfficeHours:
    """The hours by which the sandbox's statistics count, which leave out no exceptions."""
    return OfficeHours(ws.identity.timezone, "Mon-Fri 09:00-18:00")


@pytest.mark.parametrize("name", [*DURATIONS, "response_time", "new_lead_response"])
def test_with_the_right_hours_all_equal_the_statistics(ws: Workspace, right: OfficeHours, name: str) -> None:
    found = ws.metric(name, hours=right, **OFFICE)
    assert "(100 %)" in note(found)
    if name in (*DURATIONS, "new_lead_response"):
        own = ws.metric(name, definition="intercom", **SPAN)
        pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(own))


@pytest.mark.parametrize("name", DURATIONS)
def test_with_the_schedules_exceptions_those_differ_that_touch_them(ws: Workspace, name: str) -> None:
    until, statistic = DURATIONS[name]
    weekly = {day: [(9 * 60, 18 * 60)] for day in ("Mon", "Tue", "Wed", "Thu", "Fri")}
    exceptions = ws.office_hours().dropna(subset="exception_date")
    dated = {
        row["exception_date"]: [] if pd.isna(row["start_minute"]) else [(row["start_minute"], row["end_minute"])]
        for row in exceptions.to_dict("records")
        if not row["recurring_annually"]
    }
    assert len(dated) == 2
    schedule = Schedule(ws.identity.timezone, weekly, {"12-25": []}, dated)
    rows = pd.DataFrame(ws.conversations(limit=None, **SPAN)).astype(object)
    rows = rows.where(rows.notna(), None)
    equal = compared = 0
    for row in rows.to_dict("records"):
        since, ended = wrote(row), row[until]
        if since is not None and ended is not None and row[statistic] is not None:
            compared += 1
            equal += schedule.seconds(_python(since), _python(ended)) == row[statistic]
    assert 0 < equal < compared
    assert f"for {equal} of {compared} conversations" in note(ws.metric(name, hours="Support hours", **OFFICE))


def _python(moment: Any) -> datetime:
    found: datetime = moment.to_pydatetime()
    return found


def test_other_hours_are_told_by_a_low_share(ws: Workspace) -> None:
    frame = ws.metric("first_response_time", hours="Weekend on call", **OFFICE)
    assert told(frame)["hours"] == "office hours of America/New_York, Fri 22:00-02:00, Sat 10:00-14:00"
    assert "(0 %)" in note(frame)


@pytest.mark.parametrize(
    "hours",
    [
        "Support hours",
        "4101",
        4101,
        "Europe/Dublin Mon-Fri 09:00-18:00; 2026-09-24, 2026-10-23 10:00-13:00, 12-25",
        {"zone": "Europe/Dublin", "weekly": "Mon-Fri 09:00-18:00", "holidays": ["12-25"]},
    ],
    ids=["name", "id", "number", "text", "mapping"],
)
def test_hours_may_be_given_in_many_ways(ws: Workspace, hours: Any) -> None:
    frame = ws.metric("first_response_time", hours=hours, fresh="session", **OFFICE)
    assert told(frame)["options"]["hours"].startswith("Europe/Dublin Mon-Fri 09:00-18:00; ")
    assert told(frame)["filters"] == told(frame)["options"]


def test_groups_periods_filters_and_comparison_are_those_of_any_metric(ws: Workspace, right: OfficeHours) -> None:
    asked = {"by": "team", "period": "month", "compare": "previous", "channel": ["email", "conversation"], **SPAN}
    own = ws.metric("first_response_time", definition="intercom", **asked)
    ours = ws.metric("first_response_time", definition="office", hours=right, **asked)
    pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(own))


def test_what_is_behind_a_number_is_found_by_the_same_hours(ws: Workspace) -> None:
    frame = ws.metric("response_time", by="team", hours="Support hours", definition="office", since="2026-11-10")
    place = int(frame["n"].argmax())
    for count in ("n", "total"):
        assert len(ws.behind(frame, place, count=count)) == frame[count].iloc[place]


def test_the_sql_is_explained_with_the_hours(ws: Workspace) -> None:
    query = ws.explain_metric("first_response_time", hours="Support hours", **OFFICE)
    assert "office hours of Europe/Dublin, Mon-Fri 09:00-18:00 and 3" in " ".join(query.replace("--", "").split())
    found = ws.sql(query, fresh="session")
    expected = ws.metric("first_response_time", hours="Support hours", fresh="session", **OFFICE)
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))


def test_the_receipt_counts_the_requests_for_the_schedules(ws: Workspace, right: OfficeHours) -> None:
    ws.office_hours()
    known = ws.metric("first_response_time", hours=right, fresh="session", **OFFICE)
    assert known.attrs["intercom"]["requests"] == 0
    fetched = ws.metric("first_response_time", hours="Support hours", fresh="refetch", **OFFICE)
    again = ws.metric("first_response_time", hours=right, fresh="refetch", **OFFICE)
    assert fetched.attrs["intercom"]["requests"] == again.attrs["intercom"]["requests"] + 4


# --- refusals ---


@pytest.mark.parametrize(
    ("hours", "error", "said"),
    [
        (None, BadMetricError, r"2 schedules, 'Support hours' \(id 4101\), 'Weekend on call' \(id 4102\): give"),
        ("Suport hours", BadMetricError, "no schedule 'Suport hours': did you mean 'Support hours'"),
        ("Europe/Dublin Mon-Fri 9am", BadTimeError, "'9am' in 'Mon-Fri 9am' is neither a day nor a time: give"),
        ("Europe/Dublin 24/7; Christmas", BadTimeError, "'Christmas' is no day of the calendar: give '2026-12-25'"),
        ({"zone": "UTC"}, BadMetricError, "lack weekly: give hours=ik"),
        ({"zone": "UTC", "weekly": "24/7", "holliday": []}, BadMetricError, "no 'holliday': did you mean 'holidays'"),
        (True, BadMetricError, "cannot be True: give hours=ik"),
        (["Support hours"], BadMetricError, "cannot be .'Support hours'.: give hours=ik"),
    ],
)  # fmt: skip
def test_hours_that_are_none_are_refused(ws: Workspace, hours: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        ws.metric("first_response_time", hours=hours, fresh="session", **OFFICE)


def test_hours_are_refused_where_they_would_not_count(ws: Workspace) -> None:
    with pytest.raises(BadMetricError, match="uses hours= with definition='office' only"):
        ws.metric("first_response_time", hours="Support hours", **SPAN)
    with pytest.raises(BadMetricError, match="csat has no definition 'office'"):
        ws.metric("csat", definition="office", hours="Support hours", **SPAN)


def test_a_plan_without_office_hours_is_told_with_the_way_to_give_them(begin: Begin, right: OfficeHours) -> None:
    _, ws = begin(missing_features=["office_hours"])
    with pytest.raises(PlanRestrictedError, match=r"include office hours.* hours=ik\.OfficeHours\('Europe/Dublin'"):
        ws.metric("first_response_time", definition="office")
    assert len(ws.metric("first_response_time", definition="office", hours=right)) == 1


def test_an_older_version_is_told_with_the_way_to_give_them(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intercom_kit.api.transport.API_VERSION", "2.15")
    _, ws = begin()
    with pytest.raises(BadRequestError, match=r"current API version.* hours=ik\.OfficeHours\('Europe/Dublin'"):
        ws.metric("first_response_time", definition="office")


# --- schedules as Intercom may have them ---


def schedule(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": "Hours", "time_zone_name": "Asia/Tokyo", "time_intervals": [], **more}


def minutes(start: int, end: int) -> dict[str, int]:
    return {"start_minute": start, "end_minute": end, "day_of_week": start // 1440}


def hours_of(begin: Begin, *schedules: dict[str, Any], exceptions: Any = ()) -> str:
    """Return the office hours by which a metric counts if none are given."""
    _, ws = begin(records={"office_hours_schedules": list(schedules), "office_hours_exceptions": list(exceptions)})
    return str(told(ws.metric("first_response_time", definition="office"))["options"]["hours"])


def test_the_only_schedule_is_taken(begin: Begin) -> None:
    spans = [minutes(9 * 60, 17 * 60), minutes(5 * 1440 + 22 * 60, 6 * 1440 + 120), minutes(6 * 1440 + 1380, 60)]
    found = hours_of(begin, schedule("1", time_intervals=spans))
    assert found == "Asia/Tokyo Mon 09:00-17:00, Sat 22:00-02:00, Sun 23:00-01:00"


def test_an_interval_of_days_is_divided_at_midnight(begin: Begin) -> None:
    found = hours_of(begin, schedule("1", time_intervals=[minutes(12 * 60, 3 * 1440 + 60)]))
    assert found == "Asia/Tokyo Mon 12:00-24:00, Tue-Wed 00:00-24:00, Thu 00:00-01:00"


def test_around_the_clock_needs_no_intervals_and_zones_may_be_those_of_rails(begin: Begin) -> None:
    assert hours_of(begin, schedule("1", twenty_four_seven=True, time_zone_name="Edinburgh")) == "Europe/London 24/7"


def test_exceptions_are_closed_or_have_hours_once_or_every_year(begin: Begin) -> None:
    def exception(id: str, day: str, spans: Any, yearly: bool = False) -> dict[str, Any]:
        kind = "custom_hours" if spans else "closed"
        own = {"id": id, "office_hours_schedule_id": "1", "exception_date": day, "exception_type": kind}
        return {**own, "time_intervals": spans, "recurring_annually": yearly}

    found = hours_of(
        begin,
        schedule("1", twenty_four_seven=True),
        exceptions=[
            exception("1", "2026-12-25", None, yearly=True),
            exception("2", "2026-12-24", [minutes(600, 720), minutes(780, 840)]),
            exception("3", "2026-11-30", None),
        ],
    )
    assert found == "Asia/Tokyo 24/7; 2026-11-30, 2026-12-24 10:00-12:00 13:00-14:00, 12-25"


@pytest.mark.parametrize(
    ("schedules", "said"),
    [
        ([], "has no schedule of office hours: give hours=ik"),
        ([schedule("1")], "schedule 'Hours' has no hours: give hours=ik"),
        (
            [schedule("1", twenty_four_seven=True, time_zone_name="Mars")],
            "timezone 'Mars' of the schedule 'Hours' is unkn",
        ),
        ([schedule("1"), schedule("2")], r"2 schedules, 'Hours' \(id 1\), 'Hours' \(id 2\): give the name or id"),
    ],
)
def test_schedules_that_give_no_hours_are_refused(begin: Begin, schedules: Any, said: str) -> None:
    with pytest.raises(BadMetricError, match=said):
        hours_of(begin, *schedules)
