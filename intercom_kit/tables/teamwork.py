"""The tables about teammates' time: `away_status_reasons` and `activity_logs`."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Listing, Paging, Table

AWAY_STATUS_REASONS = Table(
    name="away_status_reasons",
    row="one reason for which teammates are away, deleted ones too",
    key="id",
    order="position, id",
    listing=Listing("/away_status_reasons", "data", Paging.WHOLE),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("label", Kind.TEXT, "what teammates see"),
        Column("emoji", Kind.TEXT, "the emoji before the label"),
        Column("position", Kind.INTEGER, "place in the list that teammates choose from", "order"),
        Column("deleted", Kind.BOOLEAN, "it cannot be chosen any more"),
        Column("created_at", Kind.TIME, "when it was created"),
        Column("updated_at", Kind.TIME, "when it last changed"),
    ),
)

# UNCONFIRMED [activity-page]: the largest page, how far back logs reach, and whether bounds include their second.
ACTIVITY_LOGS = Table(
    name="activity_logs",
    row="one thing that a teammate did or changed in Intercom, such as going away",
    key="id",
    order="created_at desc, id",
    listing=Listing(
        "/admins/activity_logs",
        "activity_logs",
        Paging.ADDRESS,
        100,
        bounds=("created_at_after", "created_at_before"),
    ),
    main=("created_at", "activity_type", "performed_by_id", "description"),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("created_at", Kind.TIME, "when it was done"),
        Column(
            "activity_type", Kind.TEXT, "admin_away_mode_change, role_change …; new types are added from time to time"
        ),
        Column("description", Kind.TEXT, "what was done, in words", "activity_description", personal="text"),
        Column("performed_by_type", Kind.TEXT, "admin", "performed_by.type"),
        # UNCONFIRMED [away-by]: whether this is the teammate who is away, where somebody else set that.
        Column(
            "performed_by_id", Kind.ID, "id of who did it, deleted teammates too", "performed_by.id", names=("admins",)
        ),
        Column("performed_by_email", Kind.TEXT, "email of who did it", "performed_by.email", personal="email"),
        Column("performed_by_ip", Kind.TEXT, "IP address of who did it", "performed_by.ip", personal="address"),
        Column("away_mode", Kind.BOOLEAN, "went away; false for a return", "metadata->away_mode"),
        Column("away_status_reason", Kind.TEXT, "emoji and label of the reason", "metadata->away_status_reason"),
        Column("auto_changed", Kind.BOOLEAN, "went away by inactivity", "metadata->auto_changed"),
        Column("update_by_id", Kind.ID, "id of who set it for them", "metadata->update_by", names=("admins",)),
        Column("metadata", Kind.JSON, "details, which differ by type, a JSON object", personal="attributes"),
    ),
)
