"""A conversation's statistics, computed from its parts by Intercom's published definitions.

Durations count office hours only. Everything is measured from the anchor, `first_contact_reply_at`: the opening message
if the customer started the conversation, otherwise the customer's first message.
"""

from intercom_kit.sandbox.generator.conversation import Conversation, Part, Statistics
from intercom_kit.sandbox.generator.office_hours import OfficeHours

SECONDS_PER_REPLY = 240  # how long a teammate has the conversation on screen per reply


def summarise(conversation: Conversation, hours: OfficeHours) -> Statistics:
    """Return the statistics; as at Intercom, they are null until a contact has written."""
    statistics = Statistics(count_conversation_parts=len(conversation.parts) + 1)
    anchor = _anchor(conversation)
    if anchor is None:
        return statistics
    statistics.first_contact_reply_at = statistics.last_contact_reply_at = anchor
    parts = [part for part in conversation.parts if part.at >= anchor]
    last_before_reply = None
    for part in parts:
        _count(part, statistics)
        if statistics.first_admin_reply_at is None and part.part_type == "assignment":
            last_before_reply = part.at
    since = hours.passed(anchor)
    statistics.time_to_assignment = _elapsed(hours, since, last_before_reply)
    statistics.time_to_admin_reply = _elapsed(hours, since, statistics.first_admin_reply_at)
    statistics.time_to_first_close = _elapsed(hours, since, statistics.first_close_at)
    statistics.time_to_last_close = _elapsed(hours, since, statistics.last_close_at)
    statistics.median_time_to_reply = _median_reply(parts, anchor, hours)
    if statistics.last_close_at is not None:
        _measure_handling(parts, statistics, hours)
    return statistics


def _anchor(conversation: Conversation) -> int | None:
    if conversation.delivered_as == "customer_initiated":
        return conversation.created_at
    return next((part.at for part in conversation.parts if part.by_contact and part.body), None)


def _elapsed(hours: OfficeHours, since: int, moment: int | None) -> int | None:
    return None if moment is None else hours.passed(moment) - since


def _count(part: Part, statistics: Statistics) -> None:
    kind, at = part.part_type, part.at
    if kind == "assignment":
        statistics.first_assignment_at = statistics.first_assignment_at or at
        statistics.last_assignment_at = at
        statistics.last_assignment_admin_reply_at = None
        statistics.count_assignments += 1
        if part.to_team:
            statistics.team_responses.append((part.to_team, at, 0))
    elif kind == "close":
        statistics.first_close_at = statistics.first_close_at or at
        statistics.last_close_at = at
        statistics.last_closed_by_id = part.author if isinstance(part.author, int) else None
    elif kind == "open":
        statistics.count_reopens += 1
    if part.body and part.by_contact:
        statistics.last_contact_reply_at = at
    elif kind == "comment" and part.by_admin:
        _count_reply(at, statistics)


def _count_reply(at: int, statistics: Statistics) -> None:
    statistics.first_admin_reply_at = statistics.first_admin_reply_at or at
    statistics.last_admin_reply_at = at
    if statistics.last_assignment_at and statistics.last_assignment_admin_reply_at is None:
        statistics.last_assignment_admin_reply_at = at
    # A reply counts for the team that is assigned when it is sent.
    if statistics.team_responses and not statistics.team_responses[-1][2]:
        team, assigned_at, _ = statistics.team_responses[-1]
        statistics.team_responses[-1] = (team, assigned_at, at)


def _median_reply(parts: list[Part], anchor: int, hours: OfficeHours) -> int | None:
    waiting_since: int | None = anchor
    waits = []
    for part in parts:
        if part.by_contact and part.body:
            waiting_since = waiting_since or part.at
        elif part.part_type == "comment" and part.by_admin and waiting_since is not None:
            waits.append(hours.between(waiting_since, part.at))
            waiting_since = None
    if not waits:
        return None
    waits.sort()
    middle = len(waits) // 2
    return waits[middle] if len(waits) % 2 else (waits[middle - 1] + waits[middle]) // 2


def _measure_handling(parts: list[Part], statistics: Statistics, hours: OfficeHours) -> None:
    """Set the handling times: office time while it was open, not snoozed and assigned to a teammate."""
    handled, since, assigned = 0, None, False
    for part in parts:
        if part.part_type == "assignment" and part.to_admin:
            assigned = True
        if since is not None and part.part_type in ("close", "snoozed"):
            handled += hours.between(since, part.at)
            since = None
        elif since is None and assigned and part.part_type in ("assignment", "open", "timer_unsnooze"):
            since = part.at
    if assigned:
        replies = sum(part.by_admin and part.part_type in ("comment", "note") for part in parts)
        statistics.handling_time = handled
        statistics.adjusted_handling_time = min(handled, SECONDS_PER_REPLY * replies)
