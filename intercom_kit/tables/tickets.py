"""The tables `tickets`, `ticket_parts`, `ticket_types` and `ticket_states`.

A ticket is a conversation of the same id. Intercom has no list of tickets, only a search, whose results hold the parts
of each ticket, of which it returns the 500 most recent.

UNCONFIRMED [ticket-updated]: whether each new part moves `updated_at`, by which cached tickets are brought up to date.
UNCONFIRMED [deleted-tickets]: whether deleted tickets are listed anywhere, so that only reading all of them again
reveals them.
"""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Key, Listing, Paging, Table

CATEGORIES = ("Customer", "Back-office", "Tracker")
STATES = ("submitted", "in_progress", "waiting_on_customer", "resolved")

TICKET_PARTS = Table(
    name="ticket_parts",
    row="one message, note, change of state, assignment or other step in a ticket",
    key="id",
    changed="updated_at",
    order="ticket_id, created_at, id",
    keys=(Key("ticket_id", "ticket", every="tickets"),),
    example="tickets t join ticket_parts p on p.ticket_id = t.id where t.open",
    listing=Listing("/tickets/{id}", "ticket_parts.ticket_parts", Paging.WHOLE),
    main=("created_at", "part_type", "state", "author_type", "author_name", "body", "assigned_to_id"),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("ticket_id", Kind.ID, "id of the ticket", "^id"),
        Column("created_at", Kind.TIME, "when it happened"),
        Column("updated_at", Kind.TIME, "when it last changed"),
        Column("part_type", Kind.TEXT, "comment, note, assignment, ticket_state_updated_by_admin …"),
        Column("state", Kind.TEXT, "state after this part, if it set one", "ticket_state", values=STATES),
        Column("previous_state", Kind.TEXT, "state before it", "previous_ticket_state", values=STATES),
        Column("author_type", Kind.TEXT, "user, lead, admin, bot or team", "author.type"),
        Column("author_id", Kind.ID, "id of the author", "author.id"),
        Column("author_name", Kind.TEXT, "name of the author", "author.name", personal="name"),
        Column("author_email", Kind.TEXT, "email of the author", "author.email", personal="email"),
        Column("body", Kind.TEXT, "the message, HTML; missing if it is empty", personal="text", body=True),
        Column("assigned_to_type", Kind.TEXT, "admin or team", "assigned_to.type"),
        Column("assigned_to_id", Kind.ID, "id of who is in charge now", "assigned_to.id", names=("admins", "teams")),
        Column("attribute_id", Kind.ID, "id of the attribute that it changed", "updated_attribute_data.attribute.id"),
        Column("attribute_name", Kind.TEXT, "name of that attribute", "updated_attribute_data.attribute.label"),
        Column(
            "attribute_value",
            Kind.JSON,
            "what it was set to: a text, or a list of names for files",
            "updated_attribute_data.value.label",
            personal="attributes",
        ),
        Column("external_id", Kind.TEXT, "your own id for the part"),
        Column("redacted", Kind.BOOLEAN, "its text was removed"),
        Column("app_package_code", Kind.TEXT, "code of the app that made it, if one did"),
        Column("attachment_urls", Kind.TEXTS, "addresses of attached files", "attachments[].url", personal="address"),
    ),
)

TICKETS = Table(
    name="tickets",
    row="one ticket, a conversation of the same id; its steps are in ticket_parts",
    key="id",
    changed="updated_at",
    order="created_at desc, id desc",
    # Every ticket comes with its parts, so that pages are heavy: fewer fit than the 150 that Intercom allows.
    search=Listing("/tickets/search", "tickets", Paging.SEARCH, 50, "POST"),
    carries=TICKET_PARTS,
    carried_count="part_count",
    one="/tickets/{id}",
    main=(
        *("id", "number", "created_at", "updated_at", "ticket_type_name", "category", "state", "state_label", "open"),
        *("title", "contact_id", "company_id", "admin_assignee_id", "team_assignee_id", "linked_count", "part_count"),
    ),
    opens="conversation",
    columns=(
        Column("id", Kind.ID, "Intercom's id, which is also that of the conversation", search="id"),
        Column("number", Kind.TEXT, "number in the Inbox, #1390 there", "ticket_id"),
        Column("created_at", Kind.TIME, "when it was created", search="created_at"),
        Column("updated_at", Kind.TIME, "when it last changed", search="updated_at"),
        Column("category", Kind.TEXT, "Customer, Back-office or Tracker"),
        Column("ticket_type_id", Kind.ID, "id of its type", "ticket_type.id", search="ticket_type_id"),
        Column("ticket_type_name", Kind.TEXT, "name of its type", "ticket_type.name"),
        Column(
            "state",
            Kind.TEXT,
            "submitted, in_progress, waiting_on_customer or resolved",
            "ticket_state.category",
            search="state",
            values=STATES,
        ),
        Column("state_id", Kind.ID, "id of its custom state", "ticket_state.id"),
        Column("state_label", Kind.TEXT, "what teammates see as its state", "ticket_state.internal_label"),
        Column("external_state_label", Kind.TEXT, "what customers see as its state", "ticket_state.external_label"),
        Column("previous_state_id", Kind.ID, "id of the custom state before", "previous_ticket_state_id"),
        Column("open", Kind.BOOLEAN, "open in the Inbox, which does not depend on its state", search="open"),
        Column("snoozed_until", Kind.TIME, "when a snoozed ticket comes back", search="snoozed_until"),
        Column("is_shared", Kind.BOOLEAN, "customers can see it"),
        Column("title", Kind.TEXT, "its title", "ticket_attributes->_default_title_", personal="text"),
        Column(
            "description",
            Kind.TEXT,
            "its description, HTML; missing if it is empty",
            "ticket_attributes->_default_description_",
            personal="text",
            body=True,
        ),
        Column(
            "admin_assignee_id", Kind.ID, "id of the admin in charge", search="admin_assignee_id", names=("admins",)
        ),
        Column("team_assignee_id", Kind.ID, "id of the team in charge", search="team_assignee_id", names=("teams",)),
        Column("contact_id", Kind.ID, "id of the first contact", "contacts.contacts[0].id", search="contact_ids"),
        Column("contact_ids", Kind.TEXTS, "ids of all contacts", "contacts.contacts[].id", search="contact_ids"),
        Column("company_id", Kind.ID, "Intercom's id of the company, which is not documented"),
        Column("linked_ids", Kind.TEXTS, "ids of linked conversations and tickets", "linked_objects.data[].id"),
        Column(
            "linked_count",
            Kind.INTEGER,
            "how many are linked, of which Intercom returns at most 1,000",
            "linked_objects.total_count",
        ),
        Column("part_count", Kind.INTEGER, "how many parts it has", "ticket_parts.total_count"),
        Column(
            "attributes",
            Kind.JSON,
            "its attributes by name, as JSON; in SQL also attr.name",
            "ticket_attributes",
            personal="attributes",
        ),
    ),
)

TICKET_TYPES = Table(
    name="ticket_types",
    row="one type of ticket, archived ones too",
    key="id",
    order="name, id",
    listing=Listing("/ticket_types", "data", Paging.WHOLE),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("name", Kind.TEXT, "name"),
        Column("description", Kind.TEXT, "description"),
        Column("category", Kind.TEXT, "Customer, Back-office or Tracker", values=CATEGORIES),
        Column("is_internal", Kind.BOOLEAN, "only teammates see its tickets"),
        Column("archived", Kind.BOOLEAN, "no new tickets of it can be created"),
        Column("created_at", Kind.TIME, "when it was created"),
        Column("updated_at", Kind.TIME, "when it last changed"),
        Column("state_ids", Kind.TEXTS, "ids of its states", "ticket_states.data[].id"),
    ),
)

TICKET_STATES = Table(
    name="ticket_states",
    row="one custom state of tickets, archived ones too",
    key="id",
    order="category, internal_label, id",
    listing=Listing("/ticket_states", "data", Paging.WHOLE),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("category", Kind.TEXT, "submitted, in_progress, waiting_on_customer or resolved", values=STATES),
        Column("internal_label", Kind.TEXT, "what teammates see"),
        Column("external_label", Kind.TEXT, "what customers see"),
        Column("archived", Kind.BOOLEAN, "it cannot be chosen any more"),
        Column("ticket_type_ids", Kind.TEXTS, "ids of the types that have it", "ticket_types.data[].id"),
    ),
)
