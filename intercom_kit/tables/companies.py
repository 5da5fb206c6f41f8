"""The table `companies`."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Listing, Paging, Table

COMPANIES = Table(
    name="companies",
    row="one company with at least one contact",
    key="id",
    changed="updated_at",
    order="created_at, id",
    listing=Listing("/companies/list", "data", Paging.NUMBER, 60, "POST"),
    scroll=Listing("/companies/scroll", "data", Paging.SCROLL),
    one="/companies/{id}",
    notes=("Intercom lists no company without contacts; company(id) still finds one.",),
    main=(
        *("id", "company_id", "name", "plan_name", "monthly_spend", "user_count", "size", "industry", "created_at"),
        *("last_request_at", "tag_names"),
    ),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("company_id", Kind.TEXT, "your own id for the company"),
        Column("name", Kind.TEXT, "name"),
        Column("created_at", Kind.TIME, "when the company was created in Intercom"),
        Column("updated_at", Kind.TIME, "when the company last changed"),
        Column("remote_created_at", Kind.TIME, "when the company was created in your app"),
        Column("last_request_at", Kind.TIME, "when one of its contacts was last active"),
        Column("plan_id", Kind.ID, "id of the plan", "plan.id"),
        Column("plan_name", Kind.TEXT, "plan", "plan.name"),
        Column("monthly_spend", Kind.NUMBER, "revenue, in your own currency", unit="per month"),
        Column("session_count", Kind.INTEGER, "sessions of all its contacts"),
        Column("user_count", Kind.INTEGER, "contacts in the company"),
        Column("size", Kind.INTEGER, "employees"),
        Column("industry", Kind.TEXT, "industry"),
        Column("website", Kind.TEXT, "website"),
        Column("tag_ids", Kind.TEXTS, "ids of tags", "tags.tags[].id"),
        Column("tag_names", Kind.TEXTS, "names of tags", "tags.tags[].name"),
        Column("segment_ids", Kind.TEXTS, "ids of segments", "segments.segments[].id"),
        Column(
            "custom_attributes", Kind.JSON, "your own attributes as JSON; in SQL also attr.name", personal="attributes"
        ),
    ),
)
