"""The table `contacts`: people, both users and leads."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Listing, Paging, Table


def _device(system: str) -> tuple[Column, ...]:
    """Return the columns about the app on one mobile system."""
    # The search has no field for Android's version, and its name for the Android SDK version lacks an r.
    os, sdk = f"{system}_os_version", f"{system}_sdk_version"
    return (
        Column(f"{system}_app_name", Kind.TEXT, f"name of the {system} app", search=f"{system}_app_name"),
        Column(f"{system}_app_version", Kind.TEXT, f"version of the {system} app", search=f"{system}_app_version"),
        Column(f"{system}_device", Kind.TEXT, f"{system} device", search=f"{system}_device"),
        Column(os, Kind.TEXT, f"version of {system}", search=os if system == "ios" else ""),
        Column(sdk, Kind.TEXT, f"version of Intercom's {system} SDK", search=sdk if system == "ios" else ""),
        Column(f"{system}_last_seen_at", Kind.TIME, f"last seen on {system}", search=f"{system}_last_seen_at"),
    )


CONTACTS = Table(
    name="contacts",
    row="one person in the workspace, a user or a lead; merged contacts are not listed",
    key="id",
    changed="updated_at",
    order="created_at, id",
    listing=Listing("/contacts", "data", Paging.CURSOR, 150),
    search=Listing("/contacts/search", "data", Paging.SEARCH, 150, "POST"),
    one="/contacts/{id}",
    opens="contact",
    search_only={
        "segment_id": "",
        "tag_id": "tag_ids",
        "email_domain": "email",
        "custom_attributes": "custom_attributes",
    },
    main=(
        *("id", "external_id", "role", "name", "email", "owner_id", "created_at", "last_seen_at", "location_country"),
        *("company_ids", "tag_names", "segment_names"),
    ),
    included=("tag_names", "segment_ids", "segment_names"),
    columns=(
        Column("id", Kind.ID, "Intercom's id", search="id"),
        Column("external_id", Kind.TEXT, "your own id for the person", search="external_id"),
        Column("role", Kind.TEXT, "user or lead", search="role", values=("user", "lead")),
        Column("email", Kind.TEXT, "email address; missing for many leads", search="email", personal="email"),
        Column("name", Kind.TEXT, "full name, as it was entered", search="name", personal="name"),
        Column("phone", Kind.TEXT, "phone number", search="phone", personal="phone"),
        Column(
            "owner_id",
            Kind.ID,
            "id of the admin who owns the contact",
            search="owner_id",
            names=("admins",),
        ),
        Column("created_at", Kind.TIME, "when the contact was created in Intercom", search="created_at"),
        Column("updated_at", Kind.TIME, "when the contact last changed", search="updated_at"),
        Column("signed_up_at", Kind.TIME, "when the person signed up, as your app said", search="signed_up_at"),
        Column("last_seen_at", Kind.TIME, "when the person was last active", search="last_seen_at"),
        Column("last_replied_at", Kind.TIME, "when the person last wrote", search="last_replied_at"),
        Column(
            "last_contacted_at",
            Kind.TIME,
            "when somebody last wrote to the person",
            search="last_contacted_at",
        ),
        Column("last_email_opened_at", Kind.TIME, "last email opened", search="last_email_opened_at"),
        Column(
            "last_email_clicked_at",
            Kind.TIME,
            "last link in an email clicked",
            search="last_email_clicked_at",
        ),
        Column("has_hard_bounced", Kind.BOOLEAN, "an email bounced for good", search="has_hard_bounced"),
        Column("marked_email_as_spam", Kind.BOOLEAN, "marked an email as spam", search="marked_email_as_spam"),
        Column(
            "unsubscribed_from_emails",
            Kind.BOOLEAN,
            "wants no more emails",
            search="unsubscribed_from_emails",
        ),
        Column("language_override", Kind.TEXT, "language chosen for the person", search="language_override"),
        Column("browser", Kind.TEXT, "browser last used", search="browser"),
        Column("browser_version", Kind.TEXT, "version of that browser"),
        Column("browser_language", Kind.TEXT, "language of that browser", search="browser_language"),
        Column("os", Kind.TEXT, "operating system last used", search="os"),
        Column("location_country", Kind.TEXT, "country", "location.country", search="location.country"),
        Column("location_region", Kind.TEXT, "region", "location.region", search="location.region", personal="place"),
        Column("location_city", Kind.TEXT, "city", "location.city", search="location.city", personal="place"),
        Column("location_country_code", Kind.TEXT, "ISO 3166 code of the country", "location.country_code"),
        Column("location_continent_code", Kind.TEXT, "code of the continent", "location.continent_code"),
        *_device("android"),
        *_device("ios"),
        Column("utm_campaign", Kind.TEXT, "campaign that brought the person"),
        Column("utm_content", Kind.TEXT, "content that brought the person"),
        Column("utm_medium", Kind.TEXT, "medium that brought the person"),
        Column("utm_source", Kind.TEXT, "source that brought the person"),
        Column("utm_term", Kind.TEXT, "search term that brought the person"),
        Column("referrer", Kind.TEXT, "page that the person came from", personal="address"),
        Column("sms_consent", Kind.BOOLEAN, "agreed to text messages"),
        Column("unsubscribed_from_sms", Kind.BOOLEAN, "wants no more text messages"),
        Column(
            "custom_attributes", Kind.JSON, "your own attributes as JSON; in SQL also attr.name", personal="attributes"
        ),
        Column(
            "company_ids",
            Kind.TEXTS,
            "ids of companies; only the first ten, unless more were requested",
            "companies.data[].id",
        ),
        Column("company_count", Kind.INTEGER, "companies that the person belongs to", "companies.total_count"),
        Column("tag_ids", Kind.TEXTS, "ids of tags; only the first ten, unless more were requested", "tags.data[].id"),
        Column("tag_count", Kind.INTEGER, "tags on the person", "tags.total_count"),
    ),
)
