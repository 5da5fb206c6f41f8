"""The tables `contact_notes`, `company_notes`, `contact_subscriptions` and `subscription_types`."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.structure import ASKED
from intercom_kit.tables.table import Key, Listing, Paging, Table


def _notes(noun: str, every: str, example: str) -> Table:
    return Table(
        name=f"{noun}_notes",
        row=f"one note of a teammate about one {noun}",
        key="id",
        order=f"{noun}_id, created_at, id",
        keys=(Key(f"{noun}_id", noun, every=every),),
        example=example,
        listing=Listing(f"/{every}/{{id}}/notes", "data", Paging.NUMBER, 50),
        columns=(
            Column("id", Kind.ID, "Intercom's id"),
            Column(f"{noun}_id", Kind.ID, f"Intercom's id of the {noun}", ASKED),
            Column("created_at", Kind.TIME, "when it was written"),
            Column("author_id", Kind.ID, "id of the admin who wrote it", "author.id", names=("admins",)),
            Column("author_name", Kind.TEXT, "name of the author", "author.name", personal="name"),
            Column("author_email", Kind.TEXT, "email of the author", "author.email", personal="email"),
            Column("body", Kind.TEXT, "the note, HTML; missing if it is empty", personal="text", body=True),
        ),
    )


CONTACT_NOTES = _notes(
    "contact", "contacts", "contacts c join contact_notes n on n.contact_id = c.id where c.role = 'user'"
)
COMPANY_NOTES = _notes(
    "company", "companies", "companies co join company_notes n on n.company_id = co.id where co.name = 'Acme'"
)

_STATES, _CONSENTS = ("live", "draft", "archived"), ("opt_out", "opt_in")

SUBSCRIPTION_TYPES = Table(
    name="subscription_types",
    row="one type of messages that contacts can choose or leave, archived ones too",
    key="id",
    order="name, id",
    listing=Listing("/subscription_types", "data", Paging.WHOLE),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("name", Kind.TEXT, "name in the default language", "default_translation.name"),
        Column("description", Kind.TEXT, "description in that language", "default_translation.description"),
        Column("locale", Kind.TEXT, "the default language, such as en", "default_translation.locale"),
        Column("state", Kind.TEXT, "live, draft or archived", values=_STATES),
        Column("consent_type", Kind.TEXT, "opt_out: all get it who did not leave; opt_in", values=_CONSENTS),
        Column("content_types", Kind.TEXTS, "email, sms_message", "content_types[]"),
        Column("translations", Kind.JSON, "name and description in each language, a JSON list"),
    ),
)

CONTACT_SUBSCRIPTIONS = Table(
    name="contact_subscriptions",
    row="one type of messages that one contact left, if it is opt_out, or chose, if it is opt_in",
    pair=("contact_id", "subscription_type_id"),
    order="contact_id, subscription_type_id",
    keys=(Key("contact_id", "contact", every="contacts"),),
    example="contacts c join contact_subscriptions s on s.contact_id = c.id where c.role = 'user'",
    listing=Listing("/contacts/{id}/subscriptions", "data", Paging.WHOLE),
    notes=("Intercom lists only what contacts chose or left themselves, not what holds by default.",),
    columns=(
        Column("contact_id", Kind.ID, "Intercom's id of the contact", ASKED),
        Column("subscription_type_id", Kind.ID, "id of the type, see subscription_types", "id"),
        Column("name", Kind.TEXT, "name of the type", "default_translation.name"),
        Column("consent_type", Kind.TEXT, "opt_out: the contact left it; opt_in: chose it", values=_CONSENTS),
        Column("state", Kind.TEXT, "state of the type: live, draft or archived", values=_STATES),
    ),
)
