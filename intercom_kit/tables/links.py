"""The tables that link contacts to what they belong to; each row is asked for contact by contact."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.structure import ASKED
from intercom_kit.tables.table import Listing, Paging, Table


def _link(name: str, noun: str, items: Listing, *, named: bool = True) -> Table:
    names = (Column(f"{noun}_name", Kind.TEXT, f"name of the {noun}", "name"),) if named else ()
    return Table(
        name=name,
        row=f"one {noun} that one contact has",
        order=f"contact_id, {noun}_id",
        pair=("contact_id", f"{noun}_id"),
        listing=items,
        columns=(
            Column("contact_id", Kind.ID, "Intercom's id of the contact", ASKED),
            Column(f"{noun}_id", Kind.ID, f"id of the {noun}", "id"),
            *names,
        ),
    )


CONTACT_COMPANIES = _link(
    "contact_companies", "company", Listing("/contacts/{id}/companies", "data", Paging.NUMBER, 60), named=False
)
CONTACT_TAGS = _link("contact_tags", "tag", Listing("/contacts/{id}/tags", "data", Paging.WHOLE))
CONTACT_SEGMENTS = _link("contact_segments", "segment", Listing("/contacts/{id}/segments", "data", Paging.WHOLE))

# The same links, asked for company by company.
COMPANY_CONTACTS = Table(
    name="contact_companies",
    row="one company that one contact has",
    order="contact_id, company_id",
    pair=("contact_id", "company_id"),
    listing=Listing("/companies/{id}/contacts", "data", Paging.CURSOR, 50),
    columns=(
        Column("contact_id", Kind.ID, "Intercom's id of the contact", "id"),
        Column("company_id", Kind.ID, "id of the company", ASKED),
    ),
)

# And segment by segment: what a search finds is told with the segment that was searched for.
SEGMENT_CONTACTS = Table(
    name="contact_segments",
    row="one segment that one contact has",
    order="contact_id, segment_id",
    pair=("contact_id", "segment_id"),
    search=Listing("/contacts/search", "data", Paging.SEARCH, 150, "POST"),
    columns=(
        Column("contact_id", Kind.ID, "Intercom's id of the contact", "id"),
        Column("segment_id", Kind.ID, "id of the segment", ASKED),
        Column("segment_name", Kind.TEXT, "name of the segment", "segment_name"),
    ),
)
