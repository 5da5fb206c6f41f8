"""The fields that Intercom can search, with their types and their paths in the JSON."""

from dataclasses import dataclass
from typing import Literal

from intercom_kit.sandbox.contents.record import Record

FieldType = Literal["text", "tokens", "number", "date", "boolean", "ids", "tag", "any"]


@dataclass(frozen=True)
class Field:
    """One searchable field; in `path`, dots separate keys and `[]` stands for each member of a list."""

    name: str
    type: FieldType
    path: str


def read_path(record: object, path: str) -> object:
    """Return the value, or the list of values, at a path; None if there is none."""
    head, _, rest = path.partition(".")
    if head.endswith("[]"):
        members = record.get(head[:-2]) if isinstance(record, dict) else None
        if not isinstance(members, list):
            return []
        return [read_path(member, rest) for member in members] if rest else members
    value = record.get(head) if isinstance(record, dict) else None
    return read_path(value, rest) if rest else value


# A search of tickets has other words for the categories than its answer.
CATEGORY_WORDS = {"Customer": "request", "Back-office": "task", "Tracker": "tracker"}
TICKET_ATTRIBUTE = "ticket_attribute"


def read_field(record: Record, field: Field) -> object:
    """Return a field of a JSON object, also those that objects have in searches only."""
    owner, _, attribute = field.name.partition(".")
    if owner == TICKET_ATTRIBUTE:
        return _ticket_attribute(record, attribute)
    if owner == "custom_attributes":  # their names may contain dots and brackets
        attributes = record.get(owner)
        return attributes.get(attribute) if isinstance(attributes, dict) else None
    value = read_path(record, field.path)
    if value is None and field.name == "email_domain" and isinstance(record.get("email"), str):
        return record["email"].partition("@")[2] or None
    if field.name == "category":
        return CATEGORY_WORDS.get(str(value), value)
    return value


def _ticket_attribute(ticket: Record, id_: str) -> object:
    """Return the value of a ticket's attribute, searched by the id that it has in the ticket's type."""
    type_ = ticket.get("ticket_type")
    listing = type_.get("ticket_type_attributes") if isinstance(type_, dict) else None
    values = ticket.get("ticket_attributes")
    if not isinstance(listing, dict) or not isinstance(values, dict):
        return None
    attributes = listing.get("data") or listing.get("ticket_type_attributes") or []
    names = [each.get("name") for each in attributes if isinstance(each, dict) and str(each.get("id")) == id_]
    return values.get(names[0]) if names else None


def _declare(paths: dict[str, str], **types: str) -> dict[str, Field]:
    fields = {}
    for field_type, names in types.items():
        for name in names.split():
            fields[name] = Field(name, field_type, paths.get(name, name))  # type: ignore[arg-type]
    return fields


_STATISTICS_DATES = (
    "statistics.first_contact_reply_at statistics.first_assignment_at statistics.first_admin_reply_at "
    "statistics.first_close_at statistics.last_assignment_at statistics.last_assignment_admin_reply_at "
    "statistics.last_contact_reply_at statistics.last_admin_reply_at statistics.last_close_at"
)
_STATISTICS_NUMBERS = (
    "statistics.time_to_assignment statistics.time_to_admin_reply statistics.time_to_first_close "
    "statistics.time_to_last_close statistics.median_time_to_reply statistics.count_reopens "
    "statistics.count_assignments statistics.count_conversation_parts"
)

CONTACT_FIELDS = _declare(
    {
        "avatar": "avatar.image_url",
        "tag_id": "tags.data[].id",
        "segment_id": "segments.data[].id",
    },
    text="id role name avatar owner_id email email_domain phone formatted_phone external_id language_override browser "
    "browser_language os location.country location.region location.city ios_app_version ios_device ios_app_device "
    "ios_os_version ios_app_name ios_sdk_version android_app_version android_device android_app_name "
    "andoid_sdk_version",
    date="created_at signed_up_at updated_at last_seen_at last_contacted_at last_replied_at last_email_opened_at "
    "last_email_clicked_at ios_last_seen_at android_last_seen_at",
    boolean="unsubscribed_from_emails marked_email_as_spam has_hard_bounced",
    ids="segment_id",
    tag="tag_id",
)

CONVERSATION_FIELDS = _declare(
    {
        "contact_ids": "contacts.contacts[].id",
        "teammate_ids": "teammates.admins[].id",
        "tag_ids": "tags.tags[].id",
        "channel_initiated": "channel.initial",
        "conversation_rating.score": "conversation_rating.rating",
        "conversation_rating.requested_at": "conversation_rating.created_at",
        "conversation_rating.replied_at": "conversation_rating.updated_at",
        "conversation_rating.contact_id": "conversation_rating.contact.id",
        "conversation_rating.admin_d": "conversation_rating.teammate.id",
    },
    text="id source.type source.id source.delivered_as source.author.id source.author.type source.author.name "
    "source.author.email source.url state priority channel_initiated statistics.last_closed_by_id "
    "conversation_rating.remark conversation_rating.contact_id conversation_rating.admin_d ai_agent.resolution_state "
    "ai_agent.last_answer_type ai_agent.rating_remark ai_agent.source_type ai_agent.source_title",
    tokens="source.body source.subject",
    date="created_at updated_at waiting_since snoozed_until conversation_rating.requested_at "
    f"conversation_rating.replied_at {_STATISTICS_DATES}",
    number=f"admin_assignee_id team_assignee_id conversation_rating.score ai_agent.rating {_STATISTICS_NUMBERS}",
    boolean="open read ai_agent_participated",
    ids="contact_ids teammate_ids tag_ids",
)

TICKET = Field("ticket", "text", "ticket")  # not searchable at Intercom, for internal use

# That `state` is searched by the words of its categories only is UNCONFIRMED [ticket-state-words].
TICKET_FIELDS = _declare(
    {
        "contact_ids": "contacts.contacts[].id",
        "teammate_ids": "teammates.admins[].id",
        "title": "ticket_attributes._default_title_",
        "description": "ticket_attributes._default_description_",
        "ticket_type_id": "ticket_type.id",
        "state": "ticket_state.category",
    },
    text="id title category ticket_type_id state",
    tokens="description",
    date="created_at updated_at snoozed_until",
    number="admin_assignee_id team_assignee_id",
    boolean="open",
    ids="contact_ids teammate_ids",
)

# In 2.16, 0 means that nobody is assigned; older versions have null instead, also in searches.
ZERO_IS_NOBODY = frozenset({"admin_assignee_id", "team_assignee_id"})
