"""A workspace of eight weeks whose numbers are level, but for what a test plants in the last whole one."""

from collections.abc import Callable
from typing import Any

from ..conftest import NOW

HOUR, DAY = 3_600, 86_400
MONDAY = NOW - 6 * DAY - NOW % DAY  # of the week that ends on this Sunday
TEAMS = ("Billing", "Support", "Technical")
WEEKS, EACH_WEEK = 9, 40

Record = dict[str, Any]
Change = Callable[[int, Record], None]


def _conversation(number: int, week: int) -> Record:
    """Return one conversation of a week: one in four of the first team, answered within minutes."""
    place = number % EACH_WEEK
    began = MONDAY - 7 * DAY * week + place * 4 * HOUR
    team = TEAMS[0 if place % 4 == 0 else 1 + place % 2]
    reply = 60 * (20 + 7 * place % 30)
    return {
        "type": "conversation",
        "id": str(1_000 + number),
        "title": f"Question {number}",
        "created_at": began,
        "updated_at": began + HOUR,
        "state": "closed",
        "team_assignee_id": str(TEAMS.index(team) + 1),
        "source": {"type": "email", "delivered_as": "customer_initiated", "author": {"type": "user", "id": "u1"}},
        "contacts": {"contacts": [{"type": "contact", "id": f"c{place % 5}"}]},
        "tags": {"tags": []},
        "statistics": {"time_to_admin_reply": reply, "first_contact_reply_at": began, "count_reopens": 0},
    }


def records(change: Change | None = None, more: int = 0) -> dict[str, list[Record]]:
    """Return the workspace; a test may change each conversation of the last whole week, or add some to the first team.

    The change is called with the place of a conversation in its week.
    """
    level = [_conversation(week * EACH_WEEK + place, week) for week in range(1, WEEKS) for place in range(EACH_WEEK)]
    last = [each for each in level if each["created_at"] >= MONDAY - 7 * DAY]
    if change:
        for place, each in enumerate(last):
            change(place, each)
    new = [{**_conversation(4 * place, 1), "id": f"9{place:03d}", "team_assignee_id": "1"} for place in range(more)]
    contacts = [
        {"type": "contact", "id": f"c{place}", "role": "user", "created_at": NOW - 300 * DAY, "updated_at": NOW - DAY}
        for place in range(5)
    ]
    teams = [{"type": "team", "id": str(place), "name": name} for place, name in enumerate(TEAMS, 1)]
    return {"conversations": level + new, "teams": teams, "contacts": contacts, "companies": []}
