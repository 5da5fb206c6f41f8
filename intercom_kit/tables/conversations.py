"""The tables `conversations`, with the statistics that Intercom computes for each, and `conversation_parts`."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Key, Listing, Paging, Table


def _duration(name: str, meaning: str, *, searchable: bool = True) -> Column:
    """Return the column of a duration among the statistics, which Intercom counts in office hours only."""
    return Column(
        name,
        Kind.INTEGER,
        f"{meaning}, office hours only",
        f"statistics.{name}",
        unit="seconds",
        search=f"statistics.{name}" if searchable else "",
    )


def _moment(name: str, meaning: str) -> Column:
    """Return the column of an instant among the statistics."""
    return Column(name, Kind.TIME, meaning, f"statistics.{name}", search=f"statistics.{name}")


def _count(name: str, meaning: str) -> Column:
    """Return the column of a count among the statistics."""
    return Column(name, Kind.INTEGER, meaning, f"statistics.{name}", search=f"statistics.{name}")


_WHO_AND_WHEN = (
    Column("id", Kind.ID, "Intercom's id", search="id"),
    Column("created_at", Kind.TIME, "when the conversation started", search="created_at"),
    Column("updated_at", Kind.TIME, "when it last changed", search="updated_at"),
    Column("state", Kind.TEXT, "open, closed or snoozed", search="state", values=("open", "closed", "snoozed")),
    Column("open", Kind.BOOLEAN, "not closed: open or snoozed", search="open"),
    Column("read", Kind.BOOLEAN, "a teammate has read the last message", search="read"),
    Column("waiting_since", Kind.TIME, "since when the contact waits for an answer", search="waiting_since"),
    Column("snoozed_until", Kind.TIME, "when a snoozed conversation comes back", search="snoozed_until"),
    Column("title", Kind.TEXT, "title, if one was given", personal="text"),
    Column(
        "priority",
        Kind.TEXT,
        "none, low, medium, high or urgent",
        search="priority",
        values=("none", "low", "medium", "high", "urgent"),
        renamed={"not_priority": "none", "priority": "high"},
    ),
    Column(
        "admin_assignee_id",
        Kind.ID,
        "id of the admin in charge",
        search="admin_assignee_id",
        names=("admins",),
    ),
    Column("team_assignee_id", Kind.ID, "id of the team in charge", search="team_assignee_id", names=("teams",)),
    Column("contact_id", Kind.ID, "id of the first contact", "contacts.contacts[0].id", search="contact_ids"),
    Column(
        "contact_ids",
        Kind.TEXTS,
        "ids of all contacts taking part",
        "contacts.contacts[].id",
        search="contact_ids",
    ),
    Column(
        "teammate_ids",
        Kind.TEXTS,
        "ids of admins taking part",
        "teammates.admins[].id",
        search="teammate_ids",
        names=("admins",),
    ),
    Column("tag_ids", Kind.TEXTS, "ids of tags", "tags.tags[].id", search="tag_ids"),
    Column("tag_names", Kind.TEXTS, "names of tags", "tags.tags[].name"),
    Column("company_id", Kind.ID, "Intercom's id of the company it belongs to", "company.id"),
)

_SOURCE = (
    Column(
        "source_type",
        Kind.TEXT,
        "channel: conversation, email, whatsapp …",
        "source.type",
        search="source.type",
    ),
    Column("source_id", Kind.ID, "id of the opening message", "source.id", search="source.id"),
    Column(
        "source_delivered_as",
        Kind.TEXT,
        "who began: customer_initiated, admin_initiated, automated …",
        "source.delivered_as",
        search="source.delivered_as",
    ),
    Column(
        "source_subject",
        Kind.TEXT,
        "subject of the opening message",
        "source.subject",
        search="source.subject",
        personal="text",
    ),
    Column(
        "source_body",
        Kind.TEXT,
        "opening message, HTML; missing where it is empty",
        "source.body",
        search="source.body",
        personal="text",
        body=True,
    ),
    Column("source_url", Kind.TEXT, "page on which it began", "source.url", search="source.url", personal="address"),
    Column(
        "source_author_type",
        Kind.TEXT,
        "user, lead, admin or bot",
        "source.author.type",
        search="source.author.type",
    ),
    Column("source_author_id", Kind.ID, "id of who began", "source.author.id", search="source.author.id"),
    Column(
        "source_author_name",
        Kind.TEXT,
        "name of who began",
        "source.author.name",
        search="source.author.name",
        personal="name",
    ),
    Column(
        "source_author_email",
        Kind.TEXT,
        "email of who began",
        "source.author.email",
        search="source.author.email",
        personal="email",
    ),
    Column("channel_initial", Kind.TEXT, "channel on which it began", "channel.initial"),
    Column("channel_current", Kind.TEXT, "channel on which it goes on", "channel.current"),
)

_STATISTICS = (
    _duration("time_to_assignment", "to the last assignment before the first admin reply"),
    _duration("time_to_admin_reply", "to the first admin reply"),
    _duration("time_to_first_close", "to the first close"),
    _duration("time_to_last_close", "to the last close"),
    _duration("median_time_to_reply", "median of all admin replies"),
    _duration("handling_time", "from assignment to close", searchable=False),
    _duration("adjusted_handling_time", "actively spent by teammates", searchable=False),
    _moment("first_contact_reply_at", "first message of the contact; counts and durations begin here"),
    _moment("first_assignment_at", "first assignment"),
    _moment("first_admin_reply_at", "first reply of a teammate"),
    _moment("first_close_at", "first close"),
    _moment("last_assignment_at", "last assignment"),
    _moment("last_assignment_admin_reply_at", "admin reply that belongs to the last assignment"),
    _moment("last_contact_reply_at", "last message of the contact"),
    _moment("last_admin_reply_at", "last reply of a teammate"),
    _moment("last_close_at", "last close"),
    Column(
        "last_closed_by_id",
        Kind.ID,
        "id of the admin who closed last",
        "statistics.last_closed_by_id",
        search="statistics.last_closed_by_id",
        names=("admins",),
    ),
    _count("count_reopens", "times reopened after the first message of the contact"),
    _count("count_assignments", "times assigned after the first message of the contact"),
    _count("count_conversation_parts", "parts of all kinds, the opening message included"),
)

# States before API version 2.15 had other names.
_RESOLUTIONS = {"abandoned": "negative_feedback", "routed_to_team": "escalated"}

_OUTCOME = (
    Column(
        "rating",
        Kind.INTEGER,
        "rating, 1 to 5",
        "conversation_rating.rating",
        search="conversation_rating.score",
    ),
    Column(
        "rating_remark",
        Kind.TEXT,
        "what the contact wrote with it",
        "conversation_rating.remark",
        search="conversation_rating.remark",
        personal="text",
    ),
    Column(
        "rating_requested_at",
        Kind.TIME,
        "when the rating was requested",
        "conversation_rating.created_at",
        search="conversation_rating.requested_at",
    ),
    Column(
        "rating_teammate_id",
        Kind.ID,
        "id of the rated admin",
        "conversation_rating.teammate.id",
        names=("admins",),
    ),
    Column("sla_name", Kind.TEXT, "service level agreement", "sla_applied.sla_name"),
    Column("sla_status", Kind.TEXT, "hit, missed, cancelled or active", "sla_applied.sla_status"),
    Column("ai_agent_participated", Kind.BOOLEAN, "Intercom's AI agent took part", search="ai_agent_participated"),
    Column(
        "ai_agent_resolution_state",
        Kind.TEXT,
        "how the AI agent's part ended",
        "ai_agent.resolution_state",
        search="ai_agent.resolution_state",
        renamed=_RESOLUTIONS,
    ),
    Column(
        "ai_agent_last_answer_type",
        Kind.TEXT,
        "ai_answer or custom_answer",
        "ai_agent.last_answer_type",
        search="ai_agent.last_answer_type",
    ),
    Column("ai_agent_rating", Kind.INTEGER, "rating of the AI agent", "ai_agent.rating", search="ai_agent.rating"),
    Column("custom_attributes", Kind.JSON, "your own attributes, a JSON object", personal="attributes"),
)

# Removes rows from the cache; it is not a table that can be queried.
DELETED_CONVERSATIONS = Table(
    name="deleted_conversations",
    row="one conversation that was deleted",
    key="id",
    order="deleted_at desc, id",
    listing=Listing("/conversations/deleted", "conversations", Paging.NUMBER, 60),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("deleted_at", Kind.TIME, "when it was deleted"),
    ),
)

CONVERSATIONS = Table(
    name="conversations",
    row="one conversation; its messages are in conversation_parts",
    key="id",
    changed="updated_at",
    order="created_at desc, id desc",
    search=Listing("/conversations/search", "conversations", Paging.SEARCH, 150, "POST"),
    deletions=DELETED_CONVERSATIONS,
    one="/conversations/{id}",
    main=(
        *("id", "created_at", "state", "source_type", "title", "source_subject", "source_body", "source_author_name"),
        *("contact_id", "admin_assignee_id", "team_assignee_id", "priority", "tag_names", "waiting_since"),
        *("time_to_admin_reply", "time_to_last_close", "rating"),
    ),
    columns=_WHO_AND_WHEN + _SOURCE + _STATISTICS + _OUTCOME,
)

CONVERSATION_PARTS = Table(
    name="conversation_parts",
    row="one message, note, assignment or other step in a conversation; the opening message is not a part",
    key="id",
    changed="updated_at",
    order="conversation_id, created_at, id",
    keys=(Key("conversation_id", "conversation", every="conversations"),),
    example="conversations c join conversation_parts p on p.conversation_id = c.id where c.open",
    listing=Listing("/conversations/{id}", "conversation_parts.conversation_parts", Paging.WHOLE),
    main=("created_at", "part_type", "author_type", "author_name", "body", "assigned_to_id"),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("conversation_id", Kind.ID, "id of the conversation", "^id"),
        Column("created_at", Kind.TIME, "when it happened"),
        Column("updated_at", Kind.TIME, "when it last changed, such as by an edit"),
        Column("notified_at", Kind.TIME, "when the contact was notified"),
        Column("part_type", Kind.TEXT, "comment, note, assignment, close, open, snoozed …"),
        Column("author_type", Kind.TEXT, "user, lead, admin, bot or team", "author.type"),
        Column("author_id", Kind.ID, "id of the author", "author.id"),
        Column("author_name", Kind.TEXT, "name of the author", "author.name", personal="name"),
        Column("author_email", Kind.TEXT, "email of the author", "author.email", personal="email"),
        Column("from_ai_agent", Kind.BOOLEAN, "written by Intercom's AI agent", "author.from_ai_agent"),
        Column("is_ai_answer", Kind.BOOLEAN, "an answer of the AI agent", "author.is_ai_answer"),
        Column(
            "body",
            Kind.TEXT,
            "the message, as plain text or HTML, whichever was requested; missing if it is empty",
            personal="text",
            body=True,
        ),
        Column("state", Kind.TEXT, "state of the conversation after this part"),
        Column("assigned_to_type", Kind.TEXT, "admin, team, bot or nobody_admin", "assigned_to.type"),
        Column("assigned_to_id", Kind.ID, "id of who is in charge now", "assigned_to.id", names=("admins", "teams")),
        Column("external_id", Kind.TEXT, "your own id for the part"),
        Column("redacted", Kind.BOOLEAN, "its text was removed"),
        Column("attachment_urls", Kind.TEXTS, "addresses of attached files", "attachments[].url", personal="address"),
    ),
)
