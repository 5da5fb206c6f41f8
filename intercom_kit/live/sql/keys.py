"""Tables that Intercom lists only for a key: events of a contact, parts of a conversation, companies of a contact.

A scan of such a table takes its keys from the query: from a comparison with constants, or from the rows of a table
that it is joined to, which is fetched first.
"""

from intercom_kit.live.lists import NO_IDS
from intercom_kit.live.sql.predicates import Both, Either, Predicate, Test
from intercom_kit.tables import COMPANY_CONTACTS, SEGMENT_CONTACTS

# The columns whose values are keys, and for events the API's name of what they are.
KEY_COLUMNS: dict[str, dict[str, str]] = {
    "events": {"intercom_user_id": "intercom_user_id", "user_id": "user_id", "email": "email"},
    "event_summaries": {"intercom_user_id": "intercom_user_id", "user_id": "user_id", "email": "email"},
    "conversation_parts": {"conversation_id": "conversation"},
    "contact_companies": {"contact_id": "contact", "company_id": "company"},
    "contact_tags": {"contact_id": "contact"},
    "contact_segments": {"contact_id": "contact", "segment_id": "segment"},
}

# The links of contacts as they are asked for by what contacts belong to.
MEMBERS = {"company_id": COMPANY_CONTACTS, "segment_id": SEGMENT_CONTACTS}

# Keys of events that contacts have, and the contacts' column of them.
NAMED_BY_CONTACT = {"user_id": "external_id", "email": "email"}

# The column of keys, and the table that has all of them as its ids, where a whole table is wanted.
EVERY_KEY = {
    "events": ("intercom_user_id", "contacts"),
    "event_summaries": ("intercom_user_id", "contacts"),
    "conversation_parts": ("conversation_id", "conversations"),
    "contact_companies": ("contact_id", "contacts"),
    "contact_tags": ("contact_id", "contacts"),
    "contact_segments": ("contact_id", "contacts"),
}

# What a refusal proposes instead.
EXAMPLES = {
    "events": "contacts c join events e on e.user_id = c.external_id where c.last_seen_at > now() - interval 7 day",
    "event_summaries": "contacts c join event_summaries s on s.intercom_user_id = c.id where c.role = 'user'",
    "conversation_parts": "conversations c join conversation_parts p on p.conversation_id = c.id where c.open",
    "contact_companies": "companies co join contact_companies cc on cc.company_id = co.id where co.name = 'Acme'",
    "contact_tags": "contacts c join contact_tags t on t.contact_id = c.id where c.role = 'user'",
    "contact_segments": "contacts c join contact_segments s on s.contact_id = c.id where c.role = 'user'",
}


def is_key(value: str) -> bool:
    """Tell whether a value can be the id of something."""
    return bool(value.strip()) and value.strip() not in NO_IDS


def constant_keys(predicate: Predicate, column: str) -> set[str] | None:
    """Give the values of a column that a predicate allows; None where it does not say."""
    if isinstance(predicate, Test):
        if predicate.column != column or predicate.attribute or predicate.operator not in ("=", "in"):
            return None
        values = predicate.value if predicate.operator == "in" else (predicate.value,)
        return {value for value in values if isinstance(value, str)}
    found = [constant_keys(member, column) for member in predicate.members]
    if isinstance(predicate, Both):
        return next((keys for keys in found if keys is not None), None)
    if isinstance(predicate, Either) and None not in found:
        return set().union(*(keys for keys in found if keys is not None))
    return None
