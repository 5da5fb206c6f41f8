"""The definitions of attributes."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.vocabulary import names

# model:name:type
BUILT_IN_ATTRIBUTES = names(
    "contact:name:string,contact:email:string,contact:owner_id:integer,contact:created_at:date,"
    "contact:last_seen_at:date,company:name:string,company:plan.name:string,company:monthly_spend:float,"
    "conversation:priority:string"
)
CUSTOM_ATTRIBUTES = names(
    "contact:plan:string,contact:seats:integer,contact:job_role:string,contact:trial_ends_at:date,"
    "company:account_tier:string,company:contract_ends_at:date,conversation:Copilot used:boolean"
)


def data_attribute_records(founded: int, admin_id: int) -> list[Record]:
    """Return the contact, company and conversation attributes; as at Intercom, built-in ones have no id."""
    records = [_attribute(attribute) for attribute in BUILT_IN_ATTRIBUTES]
    extras = {"created_at": founded, "updated_at": founded, "admin_id": str(admin_id)}
    for number, attribute in enumerate(CUSTOM_ATTRIBUTES):
        records.append({"id": 13878831 + number, **_attribute(attribute, custom=True), **extras})
    return records


def _attribute(attribute: str, *, custom: bool = False) -> Record:
    model, full_name, data_type = attribute.split(":")
    return {
        "type": "data_attribute",
        "name": full_name.rsplit(".", 1)[-1],
        "full_name": f"custom_attributes.{full_name}" if custom else full_name,
        "label": full_name.replace("_", " ").replace(".", " ").capitalize(),
        "description": "",
        "data_type": data_type,
        "api_writable": True,
        "ui_writable": custom,
        "messenger_writable": custom,
        "custom": custom,
        "archived": False,
        "model": model,
    }
