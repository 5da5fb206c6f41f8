"""Eight tickets, written out, in Dublin: clocks go forward on Sunday, 29 March 2026, at 1:00.

It is Tuesday, 31 March, at 12:00.
"""

from typing import Any

from tests.metrics.twelve import NOW, ZONE, _
from tests.metrics.world import Row, World

Move = tuple[str, str, str]  # when, by whom, and into which state


def ticket(id: str, created: str, *moves: Move, **more: Any) -> Row:
    """Return a ticket that is in the state of its last move."""
    state = moves[-1][2] if moves else "submitted"
    row = {"id": id, "created_at": _(created), "updated_at": NOW, "state": state, "part_count": len(moves) + 1}
    return {**row, "ticket_type_id": "1", "ticket_type_name": "Bug", "category": "Customer", **more}


def part(ticket_id: str, number: int, moment: str, part_type: str, author_type: str = "admin", **more: Any) -> Row:
    """Return a part."""
    return {
        "id": f"{ticket_id}{number}",
        "ticket_id": ticket_id,
        "created_at": _(moment),
        "part_type": part_type,
        "author_type": author_type,
        **more,
    }


def parts(ticket_id: str, created: str, *moves: Move) -> list[Row]:
    """Return the parts of moves from one state to the next, after that with which every ticket begins."""
    before, found = "submitted", []
    for number, (moment, author, state) in enumerate([(created, "bot", "submitted"), *moves]):
        kind = "ticket_state_updated_by_admin"
        found.append(part(ticket_id, number, moment, kind, author, previous_state=before, state=state))
        before = state
    return found


# Resolved after 29 hours, 24 of which it waited for the customer; assigned twice.
T1 = [
    ("23 10:00", "admin", "in_progress"),
    ("23 12:00", "admin", "waiting_on_customer"),
    ("24 12:00", "bot", "in_progress"),  # as the customer replies
    ("24 14:00", "admin", "resolved"),
]
# Resolved by a bot after 2 hours, back after 48 more, and resolved by a teammate 51 hours after it was created.
T2 = [
    ("23 13:00", "admin", "in_progress"),
    ("23 14:00", "bot", "resolved"),
    ("25 14:00", "user", "in_progress"),
    ("25 15:00", "admin", "resolved"),
]
# Over the change of clocks: 23:30 to 3:00 is 2.5 hours. The customer resolves it.
T3 = [("29 00:30", "admin", "in_progress"), ("29 03:00", "user", "resolved")]
# It waits since 11:00, 25 hours.
T5 = [("30 11:00", "admin", "waiting_on_customer")]
# Its beginning is unknown: created a day before the first part that Intercom returns.
T6 = (
    part("t6", 1, "25 12:00", "comment"),
    part("t6", 2, "26 12:00", "ticket_state_updated_by_admin", previous_state="in_progress", state="resolved"),
)
# Half of the hour until it was resolved it waited; back two days later, it waits again.
T8 = [
    ("24 09:05", "admin", "in_progress"),
    ("24 09:15", "admin", "waiting_on_customer"),
    ("24 09:45", "bot", "in_progress"),
    ("24 10:00", "lead", "resolved"),
    ("26 09:00", "bot", "in_progress"),
    ("26 10:00", "admin", "waiting_on_customer"),
]

TICKETS = [
    ticket("t1", "23 09:00", *T1, team_assignee_id="1", company_id="a", contact_id="u", attributes='{"Level": "High"}'),
    ticket("t2", "23 12:00", *T2, ticket_type_name="Refund", team_assignee_id="2"),
    ticket("t3", "28 23:30", *T3),
    ticket("t4", "30 09:00"),  # nobody has begun
    ticket("t5", "30 10:00", *T5, ticket_type_name="Refund"),
    ticket("t6", "24 12:00", state="resolved", part_count=600, team_assignee_id="99"),
    ticket("t7", "27 12:00", state="resolved"),  # of which no part tells
    ticket("t8", "24 09:00", *T8),
]
PARTS = [
    *parts("t1", "23 09:00", *T1),
    part("t1", 7, "23 09:30", "assignment", assigned_to_type="team", assigned_to_id="1"),
    part("t1", 8, "23 09:40", "assignment", assigned_to_type="admin", assigned_to_id="11", body="Mine."),
    *parts("t2", "23 12:00", *T2),
    part("t2", 9, "23 12:30", "default_assignment", "bot"),
    *parts("t3", "28 23:30", *T3),
    # from one custom state in progress to another
    part("t3", 9, "29 02:30", "ticket_state_updated_by_admin", previous_state="in_progress", state="in_progress"),
    *parts("t4", "30 09:00"),
    *parts("t5", "30 10:00", *T5),
    *T6,
    part("t6", 3, "25 13:00", "assignment"),
    part("t7", 1, "27 13:00", "comment"),
    *parts("t8", "24 09:00", *T8),
]


def eight() -> World:
    """Put them into tables, with the teams, companies and contacts that there are."""
    return World(
        ZONE,
        NOW,
        tickets=TICKETS,
        ticket_parts=PARTS,
        teams=[{"id": "1", "name": "Billing"}, {"id": "2", "name": "Technical"}],
        companies=[{"id": "a", "name": "Acme", "industry": "Media", "plan_name": "Pro"}],
        contacts=[{"id": "u", "role": "user", "location_country": "Peru"}],
    )
