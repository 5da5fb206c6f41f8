"""The tables `events` and `event_summaries`: what contacts did in your product. Both are listed per contact."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Key, Listing, Paging, Table

# Intercom's own id comes first: an external id finds events of users only, an email address those of one contact only.
_KEYS = (
    Key("intercom_user_id", "contact", "intercom_user_id", every="contacts"),
    Key("user_id", "contact", "user_id", of_contact="external_id"),
    Key("email", "contact", "email", of_contact="email"),
)

# UNCONFIRMED [events-page]: the largest page of events; 150 is the largest of any list that is documented.
EVENTS = Table(
    name="events",
    row="one thing that one contact did, in the last 90 days",
    key="id",
    changed="created_at",
    order="created_at desc, id",
    keys=_KEYS,
    example="contacts c join events e on e.user_id = c.external_id where c.last_seen_at > now() - interval 7 day",
    listing=Listing("/events", "events", Paging.ADDRESS, 150, query={"type": "user"}),
    main=("created_at", "event_name", "user_id", "metadata"),
    notes=("Intercom lists events of the last 90 days only; event_summaries() count all.",),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("event_name", Kind.TEXT, "what was done"),
        Column("created_at", Kind.TIME, "when it was done"),
        Column("user_id", Kind.TEXT, "the contact's external id"),
        Column("intercom_user_id", Kind.ID, "the contact's Intercom id"),
        Column("email", Kind.TEXT, "the contact's email address", personal="email"),
        Column("metadata", Kind.JSON, "what your app sent with the event, a JSON object", personal="attributes"),
    ),
)

EVENT_SUMMARIES = Table(
    name="event_summaries",
    row="one kind of event of one contact, over all time",
    order="intercom_user_id, name",
    pair=("intercom_user_id", "name"),
    keys=_KEYS,
    example="contacts c join event_summaries s on s.intercom_user_id = c.id where c.role = 'user'",
    listing=Listing("/events", "events", Paging.WHOLE, query={"type": "user", "summary": "true"}),
    columns=(
        Column("user_id", Kind.TEXT, "the contact's external id", "^user_id"),
        Column("intercom_user_id", Kind.ID, "the contact's Intercom id", "^intercom_user_id"),
        Column("email", Kind.TEXT, "the contact's email address", "^email", personal="email"),
        Column("name", Kind.TEXT, "what was done"),
        Column("count", Kind.INTEGER, "how often"),
        Column("first", Kind.TIME, "when for the first time"),
        Column("last", Kind.TIME, "when for the last time"),
        Column("description", Kind.TEXT, "what the event means, as the workspace describes it"),
    ),
)
