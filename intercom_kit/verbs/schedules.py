"""Office hours for a metric: those of the user, or of a schedule of the workspace."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from intercom_kit.errors import BadMetricError, BadRequestError, RefusedError
from intercom_kit.frames.frame import receipt_of
from intercom_kit.frames.receipt import Receipt
from intercom_kit.hints import hint
from intercom_kit.live.memory import Fresh
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.metrics.office_hours import GIVE, GIVE_OWN
from intercom_kit.values.office_hours import DAY, WEEKDAYS, OfficeHours, clock
from intercom_kit.zone_names import standard
from intercom_kit.zones import names

_ALL = "select * from office_hours order by schedule_id, exception_date nulls first, exception_id, start_minute"
_REQUESTS = 200  # two, and one per schedule


def office_hours(queries: Queries, given: Any, fresh: Fresh) -> tuple[OfficeHours, Receipt | None]:
    """Return the office hours of an argument `hours`, and the receipt of the schedules if these were needed.

    The argument is OfficeHours, its text, a mapping of its arguments, or the name or id of a schedule; None is the only
    schedule. Raises BadMetricError if there is none such, or more than one, and BadTimeError for a wrong text.
    """
    if isinstance(given, OfficeHours):
        return given, None
    if isinstance(given, Mapping):
        return _from_mapping(given), None
    if isinstance(given, str) and _is_written(given):
        return OfficeHours.read(given), None
    if given is not None and (isinstance(given, bool) or not isinstance(given, str | int)):
        raise BadMetricError(f"Office hours cannot be {given!r}: {GIVE}")
    try:
        rows = queries.sql(QueryCall(_ALL, max_requests=_REQUESTS, fresh=fresh))
    except (RefusedError, BadRequestError) as error:
        error.args = (f"{error.args[0]} For hours that you know yourself, {GIVE_OWN}.", *error.args[1:])
        raise
    return _of_schedule(rows, None if given is None else str(given)), receipt_of(rows)


def _is_written(text: str) -> bool:
    """Return whether a text is a timezone and hours, and not the name of a schedule."""
    zone, _, rest = text.strip().partition(" ")
    return zone in names() and any(letter.isdigit() for letter in rest)


def _from_mapping(given: Mapping[str, Any]) -> OfficeHours:
    known = ("zone", "weekly", "holidays")
    if unknown := [name for name in given if name not in known]:
        raise BadMetricError(f"Office hours have no {unknown[0]!r}: {hint(unknown[0], known)}")
    if missing := [name for name in known[:2] if name not in given]:
        raise BadMetricError(f"Office hours lack {' and '.join(missing)}: {GIVE}")
    return OfficeHours(**given)


def _of_schedule(rows: pd.DataFrame, wanted: str | None) -> OfficeHours:
    """Return the hours of the schedule with a name or id, or of the only one."""
    ids = rows["schedule_id"].astype(str)
    schedules = dict(zip(ids, rows["schedule_name"].astype(str), strict=True))
    return _hours(rows[ids == _chosen(schedules, wanted)])


def _chosen(schedules: Mapping[str, str], wanted: str | None) -> str:
    """Return the id of the schedule that is meant; `schedules` are names by id."""
    if not schedules:
        raise BadMetricError(f"The workspace has no schedule of office hours: {GIVE}")
    found = {id: name for id, name in schedules.items() if wanted is None or wanted in (id, name)}
    if not found:
        raise BadMetricError(f"There is no schedule {wanted!r}: {hint(wanted, schedules.values())}")
    if len(found) > 1:
        listed = ", ".join(f"{name!r} (id {id})" for id, name in found.items())
        means = "the name or id" if wanted is None else "the id"
        raise BadMetricError(f"There are {len(found)} schedules, {listed}: give {means} of one as hours=.")
    return next(iter(found))


def _hours(own: pd.DataFrame) -> OfficeHours:
    """Return the hours of the rows of one schedule."""
    name, written = own["schedule_name"].iloc[0], own["zone"].iloc[0]
    zone = standard(str(written))
    if zone is None:
        raise BadMetricError(f"The timezone {written!r} of the schedule {name!r} is unknown: {GIVE}")
    weekly = own[own["exception_id"].isna() & own["start_minute"].notna()]
    if own["twenty_four_seven"].fillna(False).astype(bool).any():
        week: Any = "24/7"
    elif weekly.empty:
        raise BadMetricError(f"The schedule {name!r} has no hours: {GIVE}")
    else:
        week = _by_day(weekly[["start_minute", "end_minute"]].itertuples(index=False), 7)
    return OfficeHours(zone, week, _exceptions(own[own["exception_id"].notna()]))


def _exceptions(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the hours of each exceptional date, or day of every year; none if it is closed."""
    found: dict[str, list[str]] = {}
    for row in rows.to_dict("records"):
        day, minutes = str(row["exception_date"]), (row["start_minute"], row["end_minute"])
        yearly = not pd.isna(row["recurring_annually"]) and bool(row["recurring_annually"])
        hours = found.setdefault(day[5:] if yearly else day, [])
        if row["exception_type"] != "closed" and not pd.isna(minutes[0]):
            hours += [each for some in _by_day([minutes], 1).values() for each in some]
    return found


def _by_day(spans: Iterable[Any], days: int) -> dict[str, list[str]]:
    """Return spans of minutes as text, by the day on which each begins; a day or more is split at midnight."""
    found: dict[str, list[str]] = {}
    for start, end in spans:
        opens, closes = int(start), int(end)
        closes += days * DAY if closes <= opens else 0
        while opens < closes:
            day = opens // DAY
            end_of_piece = min(closes, (day + 1) * DAY) if closes - opens >= DAY else closes
            piece = f"{clock(opens - day * DAY)}-{clock(end_of_piece - day * DAY)}"
            found.setdefault(WEEKDAYS[day % 7], []).append(piece)
            opens = end_of_piece
    return found
