"""The table `attributes`: what contacts, companies, conversations and tickets may carry, a list for each model.

UNCONFIRMED [ticket-type-key]: the key under which a type of tickets lists its attributes, so both are read.
UNCONFIRMED [list-options]: how an attribute of tickets shows its options, so none are read.
"""

from dataclasses import replace

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Listing, Paging, Table

MODELS = ("contact", "company", "conversation", "ticket")

_DECLARED = Table(
    name="attributes",
    row="one attribute of contacts, companies, conversations or one type of tickets, archived ones too",
    pair=("model", "ticket_type_id", "full_name"),
    order="model, ticket_type_id, full_name, id",
    main=("model", "ticket_type_name", "full_name", "label", "data_type", "options", "custom", "archived"),
    columns=(
        Column("model", Kind.TEXT, "contact, company, conversation or ticket", values=MODELS),
        Column("id", Kind.ID, "Intercom's id; missing for what Intercom itself defines"),
        Column("name", Kind.TEXT, "name; several attributes of companies may have the same"),
        Column("full_name", Kind.TEXT, "name with what it is part of, such as custom_attributes.plan or plan.name"),
        Column("label", Kind.TEXT, "what teammates see"),
        Column("description", Kind.TEXT, "description"),
        Column("data_type", Kind.TEXT, "string, integer, float or decimal, boolean, date or datetime, list, files …"),
        Column("options", Kind.TEXTS, "the values to choose from, archived ones too; unknown for tickets", "options[]"),
        Column("custom", Kind.BOOLEAN, "your workspace defined it, not Intercom"),
        Column("archived", Kind.BOOLEAN, "it cannot be set any more"),
        Column("required", Kind.BOOLEAN, "teammates have to set it; only for conversations and tickets"),
        Column("api_writable", Kind.BOOLEAN, "the API can set it; only for contacts and companies"),
        Column("ui_writable", Kind.BOOLEAN, "teammates can set it; only for contacts and companies"),
        Column("messenger_writable", Kind.BOOLEAN, "the Messenger can set it; only for contacts and companies"),
        Column("ticket_type_id", Kind.ID, "id of the type of tickets that has it"),
        Column("ticket_type_name", Kind.TEXT, "name of that type"),
        Column("admin_id", Kind.ID, "id of the admin who made it", names=("admins",)),
        Column("created_at", Kind.TIME, "when it was made"),
        Column("updated_at", Kind.TIME, "when it last changed"),
    ),
)

_WITH_ARCHIVED = {"include_archived": "true"}


def _of_people(model: str) -> Table:
    query = {"model": model, **_WITH_ARCHIVED}
    return _DECLARED.as_listed(Listing("/data_attributes", "data", Paging.WHOLE, query=query), model=f"={model}")


_OF_CONVERSATIONS = _DECLARED.as_listed(
    Listing("/conversations/attributes", "data", Paging.WHOLE, query=_WITH_ARCHIVED),
    model="=conversation",
    full_name="name",
    label="name",
    options="options[].label",
    custom="=true",
)

_MEMBERS = ("ticket_type_attributes.data", "ticket_type_attributes.ticket_type_attributes")
_OF_TICKETS = _DECLARED.as_listed(
    Listing("/ticket_types", "data", Paging.WHOLE, members=_MEMBERS),
    model="=ticket",
    full_name="name",
    label="name",
    custom="default",
    required="required_to_create",
    ticket_type_id="^id",
    ticket_type_name="^name",
)
# Tickets tell the opposite: which attributes Intercom itself defines.
_NEGATED = {"true": "false", "false": "true"}
_OF_TICKETS = replace(
    _OF_TICKETS,
    columns=tuple(replace(each, renamed=_NEGATED) if each.name == "custom" else each for each in _OF_TICKETS.columns),
)

ATTRIBUTES = replace(
    _DECLARED, listed_by=(_of_people("contact"), _of_people("company"), _OF_CONVERSATIONS, _OF_TICKETS)
)
