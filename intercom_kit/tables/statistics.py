"""The columns of the statistics that Intercom computes for each conversation."""

from intercom_kit.tables.columns import Column, Kind


def _duration(name: str, meaning: str, *, searchable: bool = True) -> Column:
    """Return the column of a duration among the statistics, which Intercom counts in office hours only."""
    return Column(
        name,
        Kind.INTEGER,
        f"{meaning}, office hours only",
        f"statistics.{name}",
        unit="seconds",
        search=f"statistics.{name}" if searchable else "",
    )


def _moment(name: str, meaning: str) -> Column:
    """Return the column of an instant among the statistics."""
    return Column(name, Kind.TIME, meaning, f"statistics.{name}", search=f"statistics.{name}")


def _count(name: str, meaning: str) -> Column:
    """Return the column of a count among the statistics."""
    return Column(name, Kind.INTEGER, meaning, f"statistics.{name}", search=f"statistics.{name}")


STATISTICS = (
    _duration("time_to_assignment", "to the last assignment before the first admin reply"),
    _duration("time_to_admin_reply", "to the first admin reply"),
    _duration("time_to_first_close", "to the first close"),
    _duration("time_to_last_close", "to the last close"),
    _duration("median_time_to_reply", "median of all admin replies"),
    _duration("handling_time", "from assignment to close", searchable=False),
    _duration("adjusted_handling_time", "actively spent by teammates", searchable=False),
    _moment("first_contact_reply_at", "first message of the contact; counts and durations begin here"),
    _moment("first_assignment_at", "first assignment"),
    _moment("first_admin_reply_at", "first reply of a teammate"),
    _moment("first_close_at", "first close"),
    _moment("last_assignment_at", "last assignment"),
    _moment("last_assignment_admin_reply_at", "admin reply that belongs to the last assignment"),
    _moment("last_contact_reply_at", "last message of the contact"),
    _moment("last_admin_reply_at", "last reply of a teammate"),
    _moment("last_close_at", "last close"),
    Column(
        "last_closed_by_id",
        Kind.ID,
        "id of the admin who closed last",
        "statistics.last_closed_by_id",
        search="statistics.last_closed_by_id",
        names=("admins",),
    ),
    _count("count_reopens", "times reopened after the first message of the contact"),
    _count("count_assignments", "times assigned after the first message of the contact"),
    _count("count_conversation_parts", "parts of all kinds, the opening message included"),
    # The view conversation_team_responses has a row for each of their members.
    Column(
        "team_first_responses",
        Kind.JSON,
        "first response of each team that was in charge, in seconds around the clock, a JSON list",
        "statistics.assigned_team_first_response_time",
    ),
    Column(
        "team_first_responses_in_office_hours",
        Kind.JSON,
        "the same in seconds of office hours, a JSON list",
        "statistics.assigned_team_first_response_time_in_office_hours",
    ),
)
