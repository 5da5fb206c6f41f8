"""Older API versions: records are stored as in 2.16 and converted for the response."""

from collections.abc import Callable

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.errors import ApiError
from intercom_kit.sandbox.ticket_versions import ticket_as

Version = tuple[int, int]

LATEST: Version = (2, 16)
PREVIEW: Version = (99, 0)
_KNOWN = {f"1.{minor}" for minor in range(5)} | {f"2.{minor}" for minor in range(17)}

STATISTICS_2_12 = ("assigned_team_first_response_time",)
STATISTICS_2_13 = ("assigned_team_first_response_time_in_office_hours", "handling_time", "adjusted_handling_time")
PART_2_13 = ("email_message_metadata", "state", "tags", "event_details", "app_package_code")
CONVERSATION_2_16 = ("channel", "sales_agent_participated", "sales_agent", "external_references")
OLD_RESOLUTIONS = {
    "negative_feedback": "abandoned",
    "escalated": "routed_to_team",
    "procedure_handoff": "routed_to_team",
}


def read_version(header: str | None) -> Version:
    """Return the version that the Intercom-Version header requests; the default is the app's version, here 2.16."""
    if header is None:
        return LATEST
    if header in ("Preview", "Unstable"):
        return PREVIEW
    if header not in _KNOWN:
        raise ApiError(400, "intercom_version_invalid", "The requested version could not be found")
    major, minor = header.split(".")
    return int(major), int(minor)


def require(version: Version, since: Version) -> None:
    """Raise an error if an endpoint is newer than the requested version."""
    if version < since:
        message = "Requested resource is not available in current API version."
        raise ApiError(400, "intercom_version_invalid", message)


def without(record: Record, names: tuple[str, ...]) -> Record:
    return {key: value for key, value in record.items() if key not in names}


def contact_as(version: Version, record: Record) -> Record:
    """Return a contact as in a version: owners were integers before 2.16."""
    owner = record.get("owner_id")
    if version < (2, 16) and isinstance(owner, str) and owner.isdecimal():
        return {**record, "owner_id": int(owner)}
    return record


def company_as(version: Version, record: Record) -> Record:
    """Return a company as in a version: notes were added in 2.15."""
    return without(record, ("notes",)) if version < (2, 15) else record


def admin_as(version: Version, record: Record) -> Record:
    """Return an admin as in a version: the away reason was added in 2.14, roles in 2.16."""
    if version < (2, 16):
        record = without(record, ("role",))
    return without(record, ("away_status_reason_id",)) if version < (2, 14) else record


def team_as(version: Version, record: Record) -> Record:
    """Return a team as in a version: assignment limit and distribution method were added in 2.14."""
    return without(record, ("assignment_limit", "distribution_method")) if version < (2, 14) else record


def conversation_as(version: Version, record: Record) -> Record:
    """Return a conversation as in a version; changes are undone from the newest on."""
    if version < LATEST and record.get("ticket") is not None:
        record = {**record, "ticket": ticket_as(version, record["ticket"])}
    for since, change in _CONVERSATION_CHANGES:
        if version < since:
            record = change(dict(record))
    return record


def _conversation_before_2_16(record: Record) -> Record:
    record = without(record, CONVERSATION_2_16)
    for assignee in ("admin_assignee_id", "team_assignee_id"):
        record[assignee] = record.get(assignee) or None
    if "priority" in record:
        record["priority"] = "priority" if record["priority"] in ("high", "urgent") else "not_priority"
    return record


def _conversation_before_2_15(record: Record) -> Record:
    agent = record.get("ai_agent")
    if isinstance(agent, dict):
        state = agent.get("resolution_state")
        record["ai_agent"] = {**agent, "resolution_state": OLD_RESOLUTIONS.get(str(state), state)}
    return without(record, ("company",))


def _conversation_before_2_14(record: Record) -> Record:
    _drop_inside(record, "conversation_rating", ("updated_at",))
    _drop_inside(record, "ai_agent", ("created_at", "updated_at"))
    return _parts_without(record, ("metadata",), author=("from_ai_agent", "is_ai_answer"))


def _conversation_before_2_13(record: Record) -> Record:
    _drop_inside(record, "statistics", STATISTICS_2_13)
    return _parts_without(record, PART_2_13)


def _conversation_before_2_12(record: Record) -> Record:
    _drop_inside(record, "statistics", STATISTICS_2_12)
    return record


def _drop_inside(record: Record, key: str, names: tuple[str, ...]) -> None:
    if isinstance(record.get(key), dict):
        record[key] = without(record[key], names)


def _parts_without(record: Record, names: tuple[str, ...], author: tuple[str, ...] = ()) -> Record:
    listing = record.get("conversation_parts")
    if isinstance(listing, dict) and isinstance(listing.get("conversation_parts"), list):
        parts = [without(part, names) for part in listing["conversation_parts"]]
        for part in parts:
            _drop_inside(part, "author", author)
        record["conversation_parts"] = {**listing, "conversation_parts": parts}
    return record


_CONVERSATION_CHANGES: tuple[tuple[Version, Callable[[Record], Record]], ...] = (
    ((2, 16), _conversation_before_2_16),
    ((2, 15), _conversation_before_2_15),
    ((2, 14), _conversation_before_2_14),
    ((2, 13), _conversation_before_2_13),
    ((2, 12), _conversation_before_2_12),
)
