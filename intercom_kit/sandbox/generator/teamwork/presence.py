"""When each teammate was available: in office hours but for lunch and leave, and whenever they did something."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from intercom_kit.sandbox.contents import zones
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.seeded import Dice

MINUTE, HOUR, DAY = 60, 3600, 86_400
LEAVE_EVERY, LEAVE_DAYS = 90, 7


class Span(NamedTuple):
    """A span of time, in Unix seconds."""

    start: int
    end: int


def actions(conversations: Iterable[Conversation]) -> dict[int, list[int]]:
    """Return the times of everything that teammates did in conversations, by admin."""
    found: dict[int, list[int]] = {}
    for conversation in conversations:
        if isinstance(conversation.opened_by, int):
            found.setdefault(conversation.opened_by, []).append(conversation.created_at)
        for part in conversation.parts:
            if part.by_admin and isinstance(part.author, int):
                found.setdefault(part.author, []).append(part.at)
    return found


def available(dice: Dice, timezone: str, start: int, now: int, acts: list[int]) -> list[Span]:
    """Return the spans in which a teammate was available, in order and apart; none of their actions is outside."""
    around = [Span(at - dice.whole(MINUTE, 10 * MINUTE), at + dice.whole(MINUTE, 15 * MINUTE)) for at in acts]
    merged: list[Span] = []
    for span in sorted([*_planned(dice, timezone, start, now), *around]):
        begins, ends = max(span.start, start), min(span.end, now)
        if begins >= ends:
            continue
        if merged and begins <= merged[-1].end + MINUTE:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, ends))
        else:
            merged.append(Span(begins, ends))
    return merged


def _planned(dice: Dice, timezone: str, start: int, now: int) -> Iterator[Span]:
    """Yield the spans of the working days."""
    day = datetime.fromtimestamp(start, zones.zone(timezone)).replace(hour=0, minute=0, second=0)
    number, leave = 0, dice.whole(0, LEAVE_EVERY)
    while day.timestamp() < now:
        if day.weekday() < 5 and (number - leave) % LEAVE_EVERY >= LEAVE_DAYS:
            yield from _working_day(dice, day)
        day, number = day + timedelta(days=1), number + 1


def _working_day(dice: Dice, day: datetime) -> Iterator[Span]:
    begins = int(day.replace(hour=9).timestamp()) + dice.whole(-20 * MINUTE, 25 * MINUTE)
    ends = int(day.replace(hour=18).timestamp()) + dice.whole(-40 * MINUTE, 30 * MINUTE)
    if dice.chance(0.3):
        yield Span(begins, ends)
        return
    lunch = int(day.replace(hour=12).timestamp()) + dice.whole(0, 90 * MINUTE)
    yield Span(begins, lunch)
    yield Span(lunch + dice.whole(20 * MINUTE, 70 * MINUTE), ends)
