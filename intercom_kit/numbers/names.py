"""Values of Intercom's API as its inbox spells them; frames keep the values that the API has."""

from typing import Any

_CHANNELS = {
    "conversation": "Messenger",
    "email": "Email",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "phone_call": "Phone",
    "phone_switch": "Phone to Messenger",
    "push": "Push",
    "sms": "SMS",
    "twitter": "X (Twitter)",
    "whatsapp": "WhatsApp",
}
_STATES = {"open": "Open", "closed": "Closed", "snoozed": "Snoozed"}
_CATEGORIES = {
    "submitted": "Submitted",
    "in_progress": "In progress",
    "waiting_on_customer": "Waiting on customer",
    "resolved": "Resolved",
}
_SPELLED = {
    "channel": _CHANNELS,
    "source_type": _CHANNELS,
    "direction": {"inbound": "Inbound", "outbound": "Outbound"},
    "state": _STATES,
    "category": _CATEGORIES,
    "priority": {"priority": "Priority", "not_priority": "Not priority"},
    "role": {"user": "User", "lead": "Lead"},
}


def heading(column: str) -> str:
    """Return a column's name in words: `company.plan_name` is "plan name"."""
    return column.rpartition(".")[2].replace("_", " ")


def spelled(column: str, value: Any) -> str:
    """Return a value of a column as Intercom's inbox spells it, such as "Messenger" for the channel "conversation"."""
    return _SPELLED.get(column, {}).get(str(value), str(value))
