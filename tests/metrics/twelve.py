"""A dozen conversations, written out, in Dublin: clocks go forward on Sunday, 29 March 2026, at 1:00.

Office hours are Monday to Friday, 9 to 18. Columns that Intercom computes within them are worked out in comments.
"""

from datetime import datetime
from typing import Any

from tests.metrics.world import Row, World, at

ZONE = "Europe/Dublin"
MONDAY = at(ZONE, "2026-03-23")
NOW = at(ZONE, "2026-03-31T12:00")  # a Tuesday


def _(text: str) -> datetime:
    """Return a time of March 2026, such as "23 09:00"."""
    day, clock = text.split()
    return at(ZONE, f"2026-03-{day}T{clock}")


def conversation(id: str, created: str, **more: Any) -> Row:
    """Return a conversation begun by a customer, who writes at once; statistics are named in `more`."""
    row = {
        "id": id,
        "created_at": _(created),
        "first_contact_reply_at": _(created),
        "state": "closed",
        "source_type": "conversation",
        "source_delivered_as": "customer_initiated",
        "source_author_type": "user",
        "count_reopens": 0,
        "count_assignments": 0,
        "teammate_ids": [],
        "tag_names": [],
        **more,
    }
    # An only close is the first and the last.
    return {
        "last_close_at": row.get("first_close_at"),
        "time_to_last_close": row.get("time_to_first_close"),
        "median_time_to_reply": row.get("time_to_admin_reply"),
        **row,
    }


# One teammate, one close; the customer says thanks afterwards.
C1 = conversation(
    "c1",
    "23 09:00",
    source_type="email",
    first_admin_reply_at=_("23 09:10"),
    time_to_admin_reply=600,
    first_close_at=_("23 10:00"),
    time_to_first_close=3600,
    first_assignment_at=_("23 09:01"),
    time_to_assignment=60,
    count_assignments=1,
    handling_time=3000,
    team_assignee_id="1",
    admin_assignee_id="11",
    last_closed_by_id="11",
    teammate_ids=["11"],
    tag_names=["refund"],
    rating=5,
    rating_requested_at=_("23 10:00"),
    sla_status="hit",
)
# Reopened a day later: the last close is 24 hours after the start, 9 of them (10 to 18 and 9 to 10) in the office.
C2 = conversation(
    "c2",
    "23 10:00",
    first_admin_reply_at=_("23 10:30"),
    time_to_admin_reply=1800,
    first_close_at=_("23 12:00"),
    time_to_first_close=7200,
    last_close_at=_("24 10:00"),
    time_to_last_close=32400,
    first_assignment_at=_("23 10:01"),
    time_to_assignment=120,
    count_assignments=2,
    count_reopens=1,
    handling_time=5000,
    team_assignee_id="1",
    admin_assignee_id="12",
    last_closed_by_id="12",
    teammate_ids=["11", "12"],
    tag_names=["refund", "bug"],
    rating=3,
    rating_requested_at=_("23 12:00"),
    sla_status="missed",
)
# Over night: answered after 15.5 hours, 30 minutes of the office (17:50 to 18 and 9 to 9:20); closed after 16 h 10 min.
C3 = conversation(
    "c3",
    "24 17:50",
    source_type="email",
    first_admin_reply_at=_("25 09:20"),
    time_to_admin_reply=1800,
    first_close_at=_("25 10:00"),
    time_to_first_close=4200,
    handling_time=900,
    team_assignee_id="2",
    admin_assignee_id="12",
    last_closed_by_id="12",
    teammate_ids=["12"],
    tag_names=["bug"],
    rating_requested_at=_("25 10:00"),
)
# Over the change of clocks: 23:30 to 3:00 is 2.5 hours, and to 9:00 on Monday 32.5; none of them in the office.
C4 = conversation(
    "c4",
    "28 23:30",
    first_admin_reply_at=_("29 03:00"),
    time_to_admin_reply=0,
    first_close_at=_("30 09:00"),
    time_to_first_close=0,
    team_assignee_id="1",
    admin_assignee_id="11",
    last_closed_by_id="11",
    teammate_ids=["11"],
    rating=4,
    rating_requested_at=_("30 09:00"),
)
# Nobody has answered.
C5 = conversation("c5", "30 09:00", state="open", waiting_since=_("30 09:00"))
# Outbound, and never answered by the customer: its statistics hold no moments.
C6 = conversation(
    "c6",
    "25 12:00",
    source_delivered_as="automated",
    source_author_type="bot",
    first_contact_reply_at=None,
    count_reopens=None,
    count_assignments=None,
    count_conversation_parts=2,
    updated_at=_("26 12:00"),
)
# Outbound, answered by the customer four days later, on Monday at 10:00.
C7 = conversation(
    "c7",
    "26 09:00",
    source_delivered_as="automated",
    source_author_type="bot",
    first_contact_reply_at=_("30 10:00"),
    first_admin_reply_at=_("30 10:20"),
    time_to_admin_reply=1200,
    first_close_at=_("30 11:00"),
    time_to_first_close=3600,
    admin_assignee_id="12",
    last_closed_by_id="12",
    teammate_ids=["12"],
)
# Fin settles it.
C8 = conversation(
    "c8",
    "27 11:00",
    first_close_at=_("27 11:10"),
    time_to_first_close=600,
    ai_agent_participated=True,
    ai_agent_resolution_state="confirmed_resolution",
)
# Fin hands it on.
C9 = conversation(
    "c9",
    "27 12:00",
    source_author_type="lead",
    first_admin_reply_at=_("27 14:00"),
    time_to_admin_reply=7200,
    first_close_at=_("27 15:00"),
    time_to_first_close=10800,
    admin_assignee_id="11",
    last_closed_by_id="11",
    teammate_ids=["11"],
    ai_agent_participated=True,
    ai_agent_resolution_state="escalated",
    rating=2,
    rating_requested_at=_("27 15:00"),
    sla_status="hit",
)
# It contradicts itself: answered and closed before it began, rated 7 unasked, by a deleted teammate of an unknown team.
C10 = conversation(
    "c10",
    "30 12:00",
    first_admin_reply_at=_("30 11:00"),
    time_to_admin_reply=-3600,
    first_close_at=_("30 11:30"),
    time_to_first_close=-1800,
    team_assignee_id="99",
    admin_assignee_id="98",
    last_closed_by_id="98",
    teammate_ids=["98"],
    rating=7,
)
C11 = conversation(
    "c11",
    "30 13:00",
    state="snoozed",
    first_admin_reply_at=_("30 13:05"),
    time_to_admin_reply=300,
    admin_assignee_id="12",
    teammate_ids=["12"],
    sla_status="active",
)
# A lead who wrote a minute ago.
C12 = conversation(
    "c12", "31 11:59", state="open", source_type="email", source_author_type="lead", waiting_since=_("31 11:59")
)


def part(conversation_id: str, moment: str, part_type: str, author_type: str, body: str | None = None) -> Row:
    """Return a part."""
    return {
        "id": f"{conversation_id} {moment} {part_type}",
        "conversation_id": conversation_id,
        "created_at": _(moment),
        "part_type": part_type,
        "author_type": author_type,
        "body": body,
    }


PARTS = [
    part("c1", "23 09:01", "assignment", "bot"),
    part("c1", "23 09:10", "comment", "admin", "It is on its way."),
    part("c1", "23 10:00", "close", "admin"),
    part("c1", "23 10:05", "comment", "user", "Thanks!"),
    part("c2", "23 10:01", "assignment", "bot"),
    part("c2", "23 10:02", "default_assignment", "bot"),
    part("c2", "23 10:30", "comment", "admin", "Which one?"),
    part("c2", "23 10:40", "note", "admin", "He means the first."),
    part("c2", "23 11:00", "comment", "user", "The first."),
    part("c2", "23 11:10", "comment", "admin", "Done."),
    part("c2", "23 12:00", "close", "admin"),
    part("c2", "24 09:00", "open", "user", "It is not."),
    part("c2", "24 09:30", "comment", "admin", "Now it is."),
    part("c2", "24 10:00", "close", "admin"),
    part("c3", "25 09:20", "comment", "admin", "Try again."),
    part("c3", "25 10:00", "close", "admin"),
    part("c4", "29 03:00", "comment", "admin", "Still awake?"),
    part("c4", "30 09:00", "close", "admin"),
    part("c6", "26 12:00", "close", "bot"),
    part("c7", "30 10:00", "comment", "user", "Tell me more."),
    part("c7", "30 10:20", "comment", "admin", "Gladly."),
    part("c7", "30 11:00", "close", "admin"),
    part("c8", "27 11:01", "comment", "bot", "I am Fin."),
    part("c8", "27 11:10", "close", "bot"),
    part("c9", "27 12:01", "comment", "bot", "I am Fin."),
    part("c9", "27 12:30", "comment", "lead", "A person, please."),
    part("c9", "27 14:00", "comment", "admin", "Here I am."),
    part("c9", "27 15:00", "close", "admin"),
    part("c10", "30 11:00", "comment", "admin", "Too early."),
    part("c10", "30 11:30", "close", "admin"),
    part("c11", "30 13:05", "comment", "admin", "On Friday."),
    part("c11", "30 13:06", "snoozed", "admin"),
]


def twelve() -> World:
    """Put them into tables, with the teams and admins that there are."""
    return World(
        ZONE,
        NOW,
        conversations=[C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12],
        conversation_parts=PARTS,
        teams=[{"id": "1", "name": "Billing"}, {"id": "2", "name": "Technical"}],
        admins=[{"id": "11", "name": "Ann"}, {"id": "12", "name": "Bo"}],
    )
