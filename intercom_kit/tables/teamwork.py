"""The tables about teammates' time: `away_status_reasons`."""

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
