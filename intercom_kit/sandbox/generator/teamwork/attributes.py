"""The definitions of attributes."""

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.people.customers import PLANS
from intercom_kit.sandbox.generator.seeded import Dice, dice_for, uuid
from intercom_kit.sandbox.generator.text import OUTAGE, TOPICS
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


OPTIONS = {"plan": tuple(PLANS), "account_tier": ("active", "churned")}
ARCHIVED_ATTRIBUTES = names("contact:legacy_score:integer,company:old_region:string")
FIRST_ID, FIRST_ARCHIVED_ID = 13_878_831, 13_878_731


def data_attribute_records(founded: int, admin_id: int) -> list[Record]:
    """Return the contact, company and conversation attributes; as at Intercom, built-in ones have no id."""
    records = [_attribute(attribute) for attribute in BUILT_IN_ATTRIBUTES]
    extras = {"created_at": founded, "updated_at": founded, "admin_id": str(admin_id)}
    for number, attribute in enumerate(CUSTOM_ATTRIBUTES):
        records.append({"id": FIRST_ID + number, **_attribute(attribute, custom=True), **extras})
    for number, attribute in enumerate(ARCHIVED_ATTRIBUTES):
        archived = _attribute(attribute, custom=True, archived=True)
        records.append({"id": FIRST_ARCHIVED_ID + number, **archived, **extras})
    return records


def _attribute(attribute: str, *, custom: bool = False, archived: bool = False) -> Record:
    model, full_name, data_type = attribute.split(":")
    options = {"options": list(OPTIONS[full_name])} if custom and full_name in OPTIONS else {}
    return {
        "type": "data_attribute",
        "name": full_name.rsplit(".", 1)[-1],
        "full_name": f"custom_attributes.{full_name}" if custom else full_name,
        "label": full_name.replace("_", " ").replace(".", " ").capitalize(),
        "description": "",
        "data_type": data_type,
        **options,
        "api_writable": True,
        "ui_writable": custom,
        "messenger_writable": custom,
        "custom": custom,
        "archived": archived,
        "model": model,
    }


# name:type; conversations also carry attributes of Intercom's own, which are not in this list.
CONVERSATION_ATTRIBUTES = names(
    "Topic:list,Seats at risk:integer,Contract value:decimal,Callback at:datetime,Renewal at risk:boolean,"
    "Orders:relationship,Old reason:string"
)
ARCHIVED_CONVERSATION_ATTRIBUTE = "Old reason"


def conversation_attribute_records(founded: int, admin_id: int) -> list[Record]:
    """Return the custom attributes of conversations; only tickets have values of all but the topic."""
    dice = dice_for("conversation attributes", founded)
    return [
        {
            "type": "conversation_attribute",
            "id": number,
            "name": name,
            "description": "",
            "data_type": data_type,
            "required": False,
            "visible_to_team_ids": [],
            "archived": name == ARCHIVED_CONVERSATION_ATTRIBUTE,
            "created_at": founded,
            "updated_at": founded,
            "admin_id": str(admin_id),
            **_settings(dice, data_type),
        }
        for number, (name, data_type) in enumerate((each.split(":") for each in CONVERSATION_ATTRIBUTES), 1)
    ]


def _settings(dice: Dice, data_type: str) -> Record:
    """Return the keys that only one data type has."""
    match data_type:
        case "string":
            return {"multiline": False}
        case "list":
            labels = [*(topic.name for topic in (*TOPICS, OUTAGE)), "Other"]
            return {"options": [{"id": uuid(dice), "label": label, "archived": label == "Other"} for label in labels]}
        case "relationship":
            return {"reference": {"type": "many", "object_type_id": "order"}}
    return {}
