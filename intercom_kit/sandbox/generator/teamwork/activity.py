"""The log of teammates' activity: availability that agrees with their replies, logins, and changes of settings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.organisation import AWAY_ADMIN, TIMEZONE, Admin, Organisation
from intercom_kit.sandbox.generator.seeded import Dice, dice_for, uuid
from intercom_kit.sandbox.generator.teamwork.away_reasons import BREAK, DONE, LEAVE, LUNCH, AwayReason
from intercom_kit.sandbox.generator.teamwork.presence import DAY, HOUR, MINUTE, Span, actions, available

CHANGES_EVERY = 12 * DAY  # on average
NEW_TYPE = "admin_focus_mode_change"  # not documented: types are added from time to time
# Event type, description and metadata of changes of the workspace.
CHANGES: tuple[tuple[str, str, Record | None], ...] = (
    ("role_change", "changed the role Support", {"before": {"name": "Agent"}, "after": {"name": "Support"}}),
    ("seat_change", "changed a teammate's seat", None),
    (
        "app_team_membership_modification",
        "changed the members of Billing",
        {"team": {"id": 5077837, "name": "Billing"}},
    ),
    ("office_hours_change", "changed the office hours", {"before": {"hours": "9-17"}, "after": {"hours": "9-18"}}),
    ("macro_creation", "created the macro Refund sent", None),
    ("bulk_export", "exported 250 users", None),
    ("ruleset_creation", "created a workflow", None),
    (NEW_TYPE, "turned on focus mode", {"enabled": True}),
)


@dataclass(frozen=True)
class _Away:
    """A change of a teammate's availability."""

    at: int
    away: bool
    reason: AwayReason | None = None


def activity_records(
    seed: int, organisation: Organisation, conversations: Iterable[Conversation], start: int, now: int
) -> list[Record]:
    """Return the log, newest first."""
    acts = actions(conversations)
    records = [*_changes(dice_for(seed, "changes"), organisation, start, now)]
    for admin in organisation.admins:
        dice = dice_for(seed, "activity", admin.id)
        spans = available(dice, TIMEZONE, start, now, acts.get(admin.id, []))
        stays_away = admin is organisation.admins[AWAY_ADMIN]
        records += _availability(dice, organisation, admin, spans, stays_away=stays_away)
    return sorted(records, key=lambda record: -record["created_at"])


def _availability(
    dice: Dice, organisation: Organisation, admin: Admin, spans: list[Span], *, stays_away: bool
) -> Iterator[Record]:
    for change in _away_changes(dice, spans, stays_away=stays_away):
        lead = organisation.admins[0] if change.away and dice.chance(0.03) else admin
        yield _away_record(dice, admin, change, lead)
        if not change.away and dice.chance(0.15):
            yield _record(dice, admin, change.at - 30, "admin_login_success", "successfully logged in", None)


def _away_changes(dice: Dice, spans: list[Span], *, stays_away: bool) -> Iterator[_Away]:
    """Yield the changes in order; who is not away now did not say so at the end."""
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        if dice.chance(0.01):
            yield _Away(span.start - 3, away=True)  # recorded: set twice, a few seconds before the return
        yield _Away(span.start, away=False)
        if following is not None:
            yield _Away(span.end, away=True, reason=_reason(dice, following.start - span.end))
        elif stays_away:
            yield _Away(span.end, away=True, reason=LEAVE)


def _reason(dice: Dice, seconds: int) -> AwayReason | None:
    if dice.chance(0.1):
        return None
    if seconds < 3 * HOUR:
        return LUNCH if seconds > 30 * MINUTE else BREAK
    return DONE if seconds < 4 * DAY else LEAVE


def _away_record(dice: Dice, admin: Admin, change: _Away, by: Admin) -> Record:
    """Return the entry; `performed_by` is whose state changed, `update_by` who changed it (UNCONFIRMED [away-by])."""
    automatic = change.away and by is admin and dice.chance(0.1)
    metadata = {
        "away_mode": change.away,
        "away_status_reason": change.reason.text if change.reason else None,
        "reassign_conversations": change.away and change.reason is LEAVE,
        "source": "inactivity" if automatic else f"admin update from web - Admin id: {by.id}",
        "auto_changed": str(automatic).lower(),
        "update_by": by.id,
        "update_by_name": by.name,
    }
    done = f"changed their status to {'away' if change.away else 'active'}"
    return _record(dice, admin, change.at, "admin_away_mode_change", done, metadata)


def _changes(dice: Dice, organisation: Organisation, start: int, now: int) -> Iterator[Record]:
    """Yield changes of the workspace; each kind occurs at least once."""
    count = max(len(CHANGES), (now - start) // CHANGES_EVERY)
    for number in range(count):
        kind, done, metadata = CHANGES[number % len(CHANGES)]
        at = start + int((now - start) * (number + dice.random()) / count)
        yield _record(dice, dice.pick(organisation.admins[:3]), at, kind, done, metadata)


def _record(dice: Dice, admin: Admin, at: int, kind: str, done: str, metadata: Record | None) -> Record:
    return {
        "id": uuid(dice),
        "performed_by": {
            "type": "admin",
            "id": str(admin.id),
            "email": admin.email,
            "ip": f"198.51.100.{admin.id % 250}",
        },
        "metadata": metadata,
        "created_at": at,
        "activity_type": kind,
        "activity_description": f"{admin.name} {done}.",
    }
