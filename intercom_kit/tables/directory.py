"""The tables that describe the workspace itself: `segments`, `teams`, `admins` and `tags`."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Listing, Paging, Table

SEGMENTS = Table(
    name="segments",
    row="one segment of people",
    key="id",
    changed="updated_at",
    order="name, id",
    listing=Listing("/segments", "segments", Paging.WHOLE),
    one="/segments/{id}",
    main=("id", "name", "person_type", "count"),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("name", Kind.TEXT, "name"),
        Column("person_type", Kind.TEXT, "user, or contact for leads"),
        Column("count", Kind.INTEGER, "members; only with include_count=True"),
        Column("created_at", Kind.TIME, "when the segment was created"),
        Column("updated_at", Kind.TIME, "when the segment last changed"),
    ),
)

TEAMS = Table(
    name="teams",
    row="one team of admins",
    key="id",
    order="name, id",
    listing=Listing("/teams", "teams", Paging.WHOLE),
    one="/teams/{id}",
    main=("id", "name", "admin_ids"),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("name", Kind.TEXT, "name"),
        Column("admin_ids", Kind.TEXTS, "ids of its admins", "admin_ids[]", names=("admins",)),
        Column("distribution_method", Kind.TEXT, "how conversations are assigned, such as round_robin"),
        Column("assignment_limit", Kind.INTEGER, "limit of open conversations per admin, if load is balanced"),
    ),
)

ADMINS = Table(
    name="admins",
    row="one teammate, or a bot of Intercom's",
    key="id",
    order="name, id",
    listing=Listing("/admins", "admins", Paging.WHOLE),
    one="/admins/{id}",
    main=("id", "name", "email", "job_title", "away_mode_enabled", "team_ids"),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("name", Kind.TEXT, "name", personal="name"),
        Column("email", Kind.TEXT, "email address", personal="email"),
        Column("job_title", Kind.TEXT, "job title; missing for bots"),
        Column("role_name", Kind.TEXT, "role in the workspace", "role.name"),
        Column("away_mode_enabled", Kind.BOOLEAN, "is away now"),
        Column("away_mode_reassign", Kind.BOOLEAN, "replies while away go to the team"),
        Column("away_status_reason_id", Kind.ID, "id of the reason for being away, see away_status_reasons"),
        Column("has_inbox_seat", Kind.BOOLEAN, "has a paid seat in the inbox"),
        Column("team_ids", Kind.TEXTS, "ids of teams", "team_ids[]", names=("teams",)),
    ),
)

TAGS = Table(
    name="tags",
    row="one tag, for contacts, companies and conversations alike",
    key="id",
    order="name, id",
    listing=Listing("/tags", "data", Paging.WHOLE),
    one="/tags/{id}",
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("name", Kind.TEXT, "name"),
    ),
)
