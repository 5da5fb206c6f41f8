"""Render an invented contact as Intercom's JSON, in the recorded key order."""

from collections.abc import Callable
from typing import Any

from intercom_kit.sandbox.generator.organisation import WORKSPACE_ID, Organisation
from intercom_kit.sandbox.generator.people import Person
from intercom_kit.sandbox.generator.vocabulary import PLACES

Record = dict[str, Any]
EMBEDDED = 10  # recorded: an embedded list shows ten references at most

_NULLS: Record = {
    "language_override": None,
    "browser": None,
    "browser_version": None,
    "browser_language": None,
    "os": None,
}
_APPS: Record = {
    f"{system}_{name}": None
    for system in ("android", "ios")
    for name in ("app_name", "app_version", "device", "os_version", "sdk_version", "last_seen_at")
}


def embedded_list(path: str, kind: str, ids: list[str]) -> Record:
    """Render references to a contact's tags, companies and the like: ten at most, and relative addresses."""
    return {
        "type": "list",
        "data": [{"id": id_, "type": kind, "url": f"/{path.rsplit('/', 1)[-1]}/{id_}"} for id_ in ids[:EMBEDDED]],
        "url": path,
        "total_count": len(ids),
        "has_more": len(ids) > EMBEDDED,
    }


class ContactRecords:
    """Renders contacts, and reads single fields of them for searching without rendering."""

    def __init__(self, organisation: Organisation, segment_ids: dict[str, str]) -> None:
        self._organisation = organisation
        self._segment_ids = segment_ids

    def render(self, person: Person) -> Record:
        """Render one contact as version 2.16 would."""
        base = f"/contacts/{person.id}"
        tags = [str(self._organisation.tag_ids[name]) for name in person.tags]
        return {
            "type": "contact",
            "id": person.id,
            "workspace_id": WORKSPACE_ID,
            "external_id": person.external_id,
            "role": person.role,
            "email": person.email,
            "phone": person.phone,
            "name": person.name,
            "avatar": None,
            "owner_id": str(person.owner_id) if person.owner_id else None,
            "social_profiles": {"type": "list", "data": []},
            "has_hard_bounced": person.has_hard_bounced,
            "marked_email_as_spam": person.marked_email_as_spam,
            "unsubscribed_from_emails": person.unsubscribed_from_emails,
            **self._times(person),
            **_NULLS,
            "browser": person.browser,
            "os": person.os,
            "browser_language": _browser_language(person),
            "location": _location(person),
            **_APPS,
            "custom_attributes": person.custom_attributes,
            "tags": embedded_list(f"{base}/tags", "tag", tags),
            "notes": embedded_list(f"{base}/notes", "note", []),
            "companies": embedded_list(f"{base}/companies", "company", [c.id for c in person.companies]),
            "opted_out_subscription_types": embedded_list(f"{base}/subscriptions", "subscription", []),
            "opted_in_subscription_types": embedded_list(f"{base}/subscriptions", "subscription", []),
            **dict.fromkeys(("utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term", "referrer")),
            "sms_consent": False,
            "unsubscribed_from_sms": False,
        }

    @staticmethod
    def _times(person: Person) -> Record:
        return {
            "created_at": person.created_at,
            "updated_at": person.updated_at,
            "signed_up_at": person.signed_up_at,
            "last_seen_at": person.last_seen_at,
            "last_replied_at": person.last_replied_at,
            "last_contacted_at": person.last_contacted_at,
            "last_email_opened_at": person.last_email_opened_at,
            "last_email_clicked_at": person.last_email_clicked_at,
        }

    def readers(self) -> dict[str, Callable[[Person], object]]:
        """List how to read the fields that are not simply attributes of the same name."""
        tag_ids = self._organisation.tag_ids
        return {
            "email_domain": lambda person: person.email.partition("@")[2] if person.email else None,
            "browser_language": _browser_language,
            "location.country": lambda person: PLACES[person.place][2],
            "location.region": lambda person: PLACES[person.place][1],
            "location.city": lambda person: PLACES[person.place][0],
            "tag_id": lambda person: [str(tag_ids[name]) for name in person.tags],
            "segment_id": lambda person: [self._segment_ids[name] for name in person.segments],
            "company_id": lambda person: [company.id for company in person.companies],
        }


def _browser_language(person: Person) -> str | None:
    return PLACES[person.place][5] if person.browser else None


def _location(person: Person) -> Record:
    city, region, country, code, continent, _, _ = PLACES[person.place]
    return {
        "type": "location",
        "country": country,
        "region": region,
        "city": city,
        "country_code": code,
        "continent_code": continent,
    }
