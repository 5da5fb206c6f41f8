"""Generated contacts as Intercom's JSON, in the recorded key order."""

from collections.abc import Callable
from operator import attrgetter

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.generator.organisation import WORKSPACE_ID, Organisation
from intercom_kit.sandbox.generator.people.customers import Person
from intercom_kit.sandbox.generator.people.notes import extras
from intercom_kit.sandbox.generator.vocabulary import PLACES, names

EMBEDDED = 10  # recorded: an embedded list has at most ten references
# Attributes of Person with the same names and order in the JSON.
IDENTITY = names("external_id,role,email,phone,name")
SETTINGS = names("has_hard_bounced,marked_email_as_spam,unsubscribed_from_emails")
TIMES = names(
    "created_at,updated_at,signed_up_at,last_seen_at,last_replied_at,last_contacted_at,last_email_opened_at,"
    "last_email_clicked_at"
)
_identity, _settings_and_times = attrgetter(*IDENTITY), attrgetter(*SETTINGS, *TIMES)
_APPS: Record = {
    f"{system}_{name}": None
    for system in ("android", "ios")
    for name in ("app_name", "app_version", "device", "os_version", "sdk_version", "last_seen_at")
}
_CAMPAIGN = ("utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term", "referrer")


def embedded_list(path: str, kind: str, ids: list[str]) -> Record:
    """Return an embedded list of references to tags, companies or the like: at most ten, with relative URLs."""
    return {
        "type": "list",
        "data": [{"id": id_, "type": kind, "url": f"/{path.rsplit('/', 1)[-1]}/{id_}"} for id_ in ids[:EMBEDDED]],
        "url": path,
        "total_count": len(ids),
        "has_more": len(ids) > EMBEDDED,
    }


class ContactRecords:
    """The renderer of contacts, with readers of single fields for searches."""

    def __init__(self, organisation: Organisation, segment_ids: dict[str, str]) -> None:
        self._organisation = organisation
        self._segment_ids = segment_ids

    def render(self, person: Person) -> Record:
        base, more = f"/contacts/{person.id}", extras(person)
        tags = [str(self._organisation.tag_ids[name]) for name in person.tags]
        return {
            "type": "contact",
            "id": person.id,
            "workspace_id": WORKSPACE_ID,
            **dict(zip(IDENTITY, _identity(person), strict=True)),
            "avatar": None,
            "owner_id": str(person.owner_id) if person.owner_id else None,
            "social_profiles": {"type": "list", "data": []},
            **dict(zip(SETTINGS + TIMES, _settings_and_times(person), strict=True)),
            "language_override": None,
            "browser": person.browser,
            "browser_version": None,
            "browser_language": _browser_language(person),
            "os": person.os,
            "location": _location(person),
            **_APPS,
            "custom_attributes": person.custom_attributes,
            "tags": embedded_list(f"{base}/tags", "tag", tags),
            "notes": embedded_list(f"{base}/notes", "note", more.note_ids),
            "companies": embedded_list(f"{base}/companies", "company", [c.id for c in person.companies]),
            "opted_out_subscription_types": embedded_list(f"{base}/subscriptions", "subscription", more.opted_out),
            "opted_in_subscription_types": embedded_list(f"{base}/subscriptions", "subscription", more.opted_in),
            **dict.fromkeys(_CAMPAIGN),
            "sms_consent": False,
            "unsubscribed_from_sms": False,
        }

    def readers(self) -> dict[str, Callable[[Person], object]]:
        """Return readers of the fields that are not attributes of the same name."""
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
    place = {"country": country, "region": region, "city": city}
    return {"type": "location", **place, "country_code": code, "continent_code": continent}
