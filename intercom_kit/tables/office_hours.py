"""The table `office_hours`: the intervals of schedules, and of the dates on which others hold.

UNCONFIRMED [office-exceptions]: whether Intercom's own statistics leave out exceptions. What a yearly exception of
29 February means in other years, and that intervals may run past midnight, is not confirmed either.
"""

from dataclasses import replace

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import OWNER, Listing, Paging, Table

_DECLARED = Table(
    name="office_hours",
    row="one interval of a schedule of office hours: of every week, or of one date that is an exception",
    pair=("schedule_id", "exception_id", "start_minute"),
    order="schedule_id, exception_date nulls first, exception_id, start_minute",
    notes=("Intercom does not tell which schedule is the workspace's, nor which team has which.",),
    columns=(
        Column("schedule_id", Kind.ID, "Intercom's id of the schedule"),
        Column("schedule_name", Kind.TEXT, "name of the schedule"),
        Column("zone", Kind.TEXT, "timezone of the schedule, such as Europe/Dublin"),
        Column("twenty_four_seven", Kind.BOOLEAN, "the schedule is around the clock; then it needs no intervals"),
        Column("weekday", Kind.INTEGER, "day on which the interval begins, 0 is Monday", "day_of_week"),
        Column(
            "start_minute", Kind.INTEGER, "minutes from Monday 00:00, or of an exception from 00:00; missing if closed"
        ),
        Column("end_minute", Kind.INTEGER, "the same for its end, which may be after midnight"),
        Column("exception_id", Kind.ID, "Intercom's id of the exception; missing for the hours of every week"),
        Column("exception_date", Kind.TEXT, "date of the exception, such as 2026-12-25"),
        Column("exception_type", Kind.TEXT, "closed or custom_hours", values=("closed", "custom_hours")),
        Column("exception_name", Kind.TEXT, "name of the exception"),
        Column("recurring_annually", Kind.BOOLEAN, "the exception holds on that day of every year"),
    ),
)

_SCHEDULES = Listing("/office_hours_schedules", "data", Paging.WHOLE)

_EVERY_WEEK = _DECLARED.as_listed(
    replace(_SCHEDULES, members=("time_intervals",), outer=True),
    schedule_id="^id",
    schedule_name="^name",
    zone="^time_zone_name",
    twenty_four_seven="^twenty_four_seven",
)

_EXCEPTIONS = _DECLARED.as_listed(
    Listing(
        "/office_hours_schedules/{id}/office_hours_exceptions",
        "data",
        Paging.WHOLE,
        members=("time_intervals",),
        outer=True,
        of_each=_SCHEDULES,
    ),
    schedule_id=f"^{OWNER}.id",
    schedule_name=f"^{OWNER}.name",
    zone=f"^{OWNER}.time_zone_name",
    twenty_four_seven=f"^{OWNER}.twenty_four_seven",
    exception_id="^id",
    exception_date="^exception_date",
    exception_type="^exception_type",
    exception_name="^name",
    recurring_annually="^recurring_annually",
)

OFFICE_HOURS = replace(_DECLARED, listed_by=(_EVERY_WEEK, _EXCEPTIONS))
