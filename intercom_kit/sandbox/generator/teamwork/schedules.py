"""Office hours as schedules with exceptions; the first schedule is the one by which statistics count."""

from datetime import date, datetime, timedelta

from intercom_kit.sandbox.contents import zones
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.office_hours import CLOSES, OPENS
from intercom_kit.sandbox.generator.organisation import TIMEZONE

MINUTES = 24 * 60
FRIDAY, SATURDAY = 4, 5
SUPPORT, ON_CALL = "4101", "4102"


def schedule_records(founded: int) -> list[Record]:
    """Return the schedules; minutes count from Monday at midnight, and an interval may end on the next day."""
    working_days = [(day, OPENS * 60, CLOSES * 60) for day in range(5)]
    on_call = [(FRIDAY, 22 * 60, 26 * 60), (SATURDAY, 10 * 60, 14 * 60)]
    return [
        _schedule(SUPPORT, "Support hours", TIMEZONE, working_days, founded),
        _schedule(ON_CALL, "Weekend on call", "America/New_York", on_call, founded),
    ]


def _schedule(id_: str, name: str, timezone: str, days: list[tuple[int, int, int]], founded: int) -> Record:
    return {
        "type": "office_hours_schedule",
        "id": id_,
        "name": name,
        "time_zone_name": timezone,
        "time_intervals": [
            {"start_minute": day * MINUTES + opens, "end_minute": day * MINUTES + closes, "day_of_week": day}
            for day, opens, closes in days
        ],
        "twenty_four_seven": False,
        "created_at": founded,
        "updated_at": founded,
    }


def exception_records(founded: int, now: int) -> list[Record]:
    """Return a day that is closed, one with its own hours, and one that is closed every year.

    Statistics do not leave them out: whether Intercom's do is UNCONFIRMED [office-exceptions].
    """
    today = datetime.fromtimestamp(now, zones.zone(TIMEZONE)).date()
    closed, short = _weekday(today - timedelta(days=60)), _weekday(today - timedelta(days=30))
    half = [{"start_minute": 10 * 60, "end_minute": 13 * 60, "day_of_week": short.weekday()}]
    christmas = date(today.year, 12, 25)
    return [
        _exception("51", closed, "Company day", None, founded),
        _exception("52", short, None, half, founded),
        _exception("53", christmas, "Christmas Day", None, founded, yearly=True),
    ]


def _weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - FRIDAY))


def _exception(
    id_: str, day: date, name: str | None, intervals: list[Record] | None, founded: int, *, yearly: bool = False
) -> Record:
    return {
        "type": "office_hours_exception",
        "id": id_,
        "office_hours_schedule_id": SUPPORT,
        "exception_date": day.isoformat(),
        "exception_type": "custom_hours" if intervals else "closed",
        "name": name,
        "time_intervals": intervals,
        "recurring_annually": yearly,
        "created_at": founded,
        "updated_at": founded,
    }
