"""Links between tickets and conversations, shown at both ends."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.seeded import Dice
from intercom_kit.sandbox.generator.tickets.catalogue import BUG
from intercom_kit.sandbox.generator.tickets.ticket import Link

DAY = 86_400
TRACKED = {"Bug": 6, "Outage": 6}  # topics whose conversations a tracker collects
NEAR = 4 * DAY
Links = dict[str, list[Link]]


def link_tickets(dice: Dice, conversations: list[Conversation]) -> Links:
    """Link each tracker with tickets and conversations of its days, and back-office tickets with one conversation.

    A conversation has at most one tracker. `conversations` are in order of creation, tickets among them.
    """
    starts = [conversation.created_at for conversation in conversations]
    links: Links = {}
    tracked: set[str] = set()
    for place, conversation in enumerate(conversations):
        category = conversation.ticket.type.category if conversation.ticket else None
        if category == "Tracker":
            low, high = bisect_left(starts, starts[place] - NEAR), bisect_right(starts, starts[place] + NEAR)
            for member in _affected(dice, conversations[low:high], tracked):
                _link(links, conversation, member)
        elif category == "Back-office":
            origin = next(_plain_before(conversations, place), None)
            if origin is not None:
                _link(links, conversation, origin)
    return links


def _affected(dice: Dice, near: list[Conversation], tracked: set[str]) -> Iterator[Conversation]:
    """Yield bugs of these days, and conversations about them, that no tracker has yet."""
    for member in near:
        bug = member.ticket.type is BUG if member.ticket else member.topic.name in TRACKED
        if bug and member.id not in tracked and dice.chance(0.6):
            tracked.add(member.id)
            yield member


def _plain_before(conversations: list[Conversation], place: int) -> Iterator[Conversation]:
    return (each for each in reversed(conversations[max(0, place - 20) : place]) if each.ticket is None)


def _link(links: Links, ticket: Conversation, member: Conversation) -> None:
    links.setdefault(ticket.id, []).append(_to(member))
    links.setdefault(member.id, []).append(_to(ticket))


def _to(conversation: Conversation) -> Link:
    if conversation.ticket is None:
        return Link("conversation", conversation.id, None)
    return Link("ticket", conversation.id, conversation.ticket.type.category)
