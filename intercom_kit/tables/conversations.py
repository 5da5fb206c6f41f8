"""The tables `conversations` and `conversation_parts`."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.statistics import STATISTICS
from intercom_kit.tables.table import Key, Listing, Paging, Table

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

_LINKS = (
    Column("linked_ids", Kind.TEXTS, "ids of linked conversations and tickets", "linked_objects.data[].id"),
    Column(
        "linked_count",
        Kind.INTEGER,
        "how many are linked, of which Intercom returns at most 1,000",
        "linked_objects.total_count",
    ),
    Column("ticket_id", Kind.ID, "its own id if it is a ticket, else missing", "ticket.id"),
    Column("ticket_type_id", Kind.ID, "id of the ticket's type", "ticket.ticket_type.id"),
    Column("ticket_category", Kind.TEXT, "Customer, Back-office or Tracker", "ticket.category"),
    Column(
        "ticket_state",
        Kind.TEXT,
        "submitted, in_progress, waiting_on_customer or resolved",
        "ticket.ticket_state.category",
    ),
    Column(
        "external_references",
        Kind.JSON,
        "its records in another helpdesk, a JSON list of objects with type and id",
    ),
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
    Column(
        "ai_agent_rating_remark",
        Kind.TEXT,
        "what the contact wrote with that",
        "ai_agent.rating_remark",
        search="ai_agent.rating_remark",
        personal="text",
    ),
    Column("ai_agent_rated_at", Kind.TIME, "when the AI agent was rated", "ai_agent.created_at"),
    Column("ai_agent_rating_updated_at", Kind.TIME, "when that rating last changed", "ai_agent.updated_at"),
    Column(
        "ai_agent_source_titles",
        Kind.TEXTS,
        "titles of what the AI agent's answers used",
        "ai_agent.content_sources.content_sources[].title",
    ),
    Column(
        "ai_agent_source_urls",
        Kind.TEXTS,
        "addresses of these sources, in the same order",
        "ai_agent.content_sources.content_sources[].url",
    ),
    Column(
        "ai_agent_source_types",
        Kind.TEXTS,
        "article, content_snippet, file, external_content or workflow_connector_action, in the same order",
        "ai_agent.content_sources.content_sources[].content_type",
    ),
    Column(
        "sales_agent_outcome",
        Kind.TEXT,
        "how the sales agent's part ended: qualified, disqualified, escalated_to_support …",
        "sales_agent.outcome",
    ),
    Column("custom_attributes", Kind.JSON, "your own attributes as JSON; in SQL also attr.name", personal="attributes"),
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
    opens="conversation",
    main=(
        *("id", "created_at", "state", "source_type", "title", "source_subject", "source_body", "source_author_name"),
        *("contact_id", "admin_assignee_id", "team_assignee_id", "priority", "tag_names", "waiting_since"),
        *("time_to_admin_reply", "time_to_last_close", "rating"),
    ),
    columns=_WHO_AND_WHEN + _LINKS + _SOURCE + STATISTICS + _OUTCOME,
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
        Column(
            "event_details",
            Kind.JSON,
            "what an action, a workflow, or a change of an attribute or of tags did, a JSON object",
            personal="attributes",
        ),
        Column("tags_added", Kind.JSON, "tags that it added, a JSON list of objects", "event_details->tags_added"),
        Column(
            "tags_removed", Kind.JSON, "tags that it removed, a JSON list of objects", "event_details->tags_removed"
        ),
        Column("app_package_code", Kind.TEXT, "code of the app that made it, if one did"),
        Column("attachment_urls", Kind.TEXTS, "addresses of attached files", "attachments[].url", personal="address"),
    ),
)
