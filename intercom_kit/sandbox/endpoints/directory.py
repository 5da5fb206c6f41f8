"""The endpoints of the small lists: me, segments, teams, admins, tags and data attributes."""

from intercom_kit.sandbox import versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.workspace import SEGMENT_IDS
from intercom_kit.sandbox.errors import ApiError, not_found

STAND_IN = {"id": "1", "email": "owner@northwind.example", "name": "Workspace owner"}


def me(call: Call) -> Record:
    """Return the admin who owns the token, and the workspace with its region."""
    admin = next(call.workspace.simple["admins"].records(), STAND_IN)
    workspace = call.workspace
    return {
        "type": "admin",
        "id": admin["id"],
        "email": admin.get("email"),
        "name": admin.get("name"),
        "email_verified": admin.get("email_verified", True),
        "app": {
            "type": "app",
            "id_code": workspace.id_code,
            "name": workspace.name,
            "created_at": 1_661_876_617,
            "secure": True,
            "identity_verification": True,
            "timezone": workspace.timezone,
            "region": workspace.region.upper(),
        },
        "avatar": {"type": "avatar", "image_url": None},
        "has_inbox_seat": bool(admin.get("has_inbox_seat", True)),
    }


def list_segments(call: Call) -> Record:
    """Return segments of people, or of companies with the undocumented type=company that other clients use."""
    companies = call.query.get("type") == "company"
    segments = [
        segment for segment in call.workspace.simple["segments"].records() if _of_companies(call, segment) == companies
    ]
    counted = call.query.get("include_count") == "true"
    return {"type": "segment.list", "segments": [_segment(call, segment, counted=counted) for segment in segments]}


def _of_companies(call: Call, segment: Record) -> bool:
    """Return whether a segment contains companies; recorded: `person_type` does not show it."""
    companies = call.workspace.simple["companies"].records()
    return any(
        member.get("id") == segment["id"]
        for company in companies
        if isinstance(company.get("segments"), dict)
        for member in company["segments"].get("segments", [])
    )


def show_segment(call: Call) -> Record:
    segment = _find(call, "segments")
    return _segment(call, segment, counted=call.query.get("include_count") == "true")


def _segment(call: Call, segment: Record, *, counted: bool) -> Record:
    shown = versions.without(segment, ("count",))
    if not counted:
        return shown
    members = len(call.workspace.contacts.texts(SEGMENT_IDS).rows_with(str(segment["id"])))
    return {**shown, "count": members or segment.get("count", 0)}


def list_teams(call: Call) -> Record:
    """Return all teams on one page; per_page has no effect."""
    teams = call.workspace.simple["teams"].records()
    return {"type": "team.list", "teams": [versions.team_as(call.version, team) for team in teams]}


def show_team(call: Call) -> Record:
    team = _find(call, "teams", "Team not found", "team_not_found")
    return versions.team_as(call.version, team)


def list_admins(call: Call) -> Record:
    """Return all admins, including the bot, on one page; per_page has no effect."""
    admins = call.workspace.simple["admins"].records()
    avatars = call.query.get("display_avatar") == "true"
    return {"type": "admin.list", "admins": [_admin(call, admin, avatars=avatars) for admin in admins]}


def show_admin(call: Call) -> Record:
    admin = _find(call, "admins", "Admin not found", "admin_not_found")
    return _admin(call, admin, avatars=False)


def _admin(call: Call, admin: Record, *, avatars: bool) -> Record:
    admin = versions.admin_as(call.version, admin)
    # The spec has a URL from 2.12 on, an object before: UNCONFIRMED [admin-avatar].
    return {"avatar": None, **admin} if avatars else admin


def list_tags(call: Call) -> Record:
    return {"type": "list", "data": list(call.workspace.simple["tags"].records())}


def show_tag(call: Call) -> Record:
    return _find(call, "tags")


def _find(call: Call, kind: str, message: str = "Resource Not Found", code: str = "not_found") -> Record:
    record = call.workspace.simple[kind].get(call.path["id"])
    if record is None:
        raise not_found(message, code)
    return record


def list_data_attributes(call: Call) -> Record:
    """Return the attributes of contacts and companies; those of conversations have another endpoint since 2.16."""
    model = call.query.get("model")
    if model == "conversation" and call.version >= (2, 16):
        message = "model=conversation is no longer supported. Use GET /conversations/attributes instead"
        raise ApiError(422, "parameter_invalid", message)
    attributes = [
        attribute
        for attribute in call.workspace.data_attributes
        if attribute.get("model") == model
        or (model is None and (call.version < (2, 16) or attribute.get("model") != "conversation"))
    ]
    return {"type": "list", "data": _unarchived(call, attributes)}


def _unarchived(call: Call, attributes: list[Record]) -> list[Record]:
    if call.query.get("include_archived") == "true":
        return attributes
    return [attribute for attribute in attributes if not attribute.get("archived")]


def list_conversation_attributes(call: Call) -> Record:
    """Return the attributes of conversations on one page; Intercom's own ones are not among them."""
    versions.require(call.version, (2, 16))
    attributes = list(call.workspace.simple["conversation_attributes"].records())
    return {"type": "list", "data": _unarchived(call, attributes)}


def show_conversation_attribute(call: Call) -> Record:
    versions.require(call.version, (2, 16))
    message = "Conversation attribute not found"
    return _find(call, "conversation_attributes", message, "conversation_attribute_not_found")
