"""The reasons that teammates may give for being away."""

from typing import NamedTuple

from intercom_kit.sandbox.contents.record import Record


class AwayReason(NamedTuple):
    """One reason; logs show it as text, teammates by its id."""

    id: int
    emoji: str
    label: str
    deleted: bool = False

    @property
    def text(self) -> str:
        return f"{self.emoji} {self.label}"


LUNCH = AwayReason(20_411, "🍽️", "At lunch")
BREAK = AwayReason(20_412, "☕", "On a break")
DONE = AwayReason(20_413, "🌙", "Done for today")
LEAVE = AwayReason(20_414, "🌴", "On leave")
TRAINING = AwayReason(20_415, "🎓", "In training", deleted=True)
REASONS = (LUNCH, BREAK, DONE, LEAVE, TRAINING)


def away_reason_records(founded: int) -> list[Record]:
    """Return all reasons, deleted ones too; their ids are texts, those in teammates numbers."""
    return [
        {
            "type": "away_status_reason",
            "id": str(reason.id),
            "label": reason.label,
            "emoji": reason.emoji,
            "order": order,
            "deleted": reason.deleted,
            "created_at": founded,
            "updated_at": founded,
        }
        for order, reason in enumerate(REASONS, 1)
    ]
