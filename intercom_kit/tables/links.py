"""The tables that link contacts to companies, tags and segments, listed per contact, company or segment."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.structure import ASKED
from intercom_kit.tables.table import Key, Listing, Paging, Table

_CONTACT = Key("contact_id", "contact", every="contacts")

# How `contact_companies` is listed for one company: by the company's contacts.
COMPANY_CONTACTS = Table(
    name="contact_companies",
    row="one company that one contact has",
    order="contact_id, company_id",
    pair=("contact_id", "company_id"),
    keys=(Key("company_id", "company", every="companies"),),
    example="companies co join contact_companies cc on cc.company_id = co.id where co.name = 'Acme'",
    listing=Listing("/companies/{id}/contacts", "data", Paging.CURSOR, 50),
    columns=(
        Column("contact_id", Kind.ID, "Intercom's id of the contact", "id"),
        Column("company_id", Kind.ID, "id of the company", ASKED),
    ),
)

# How `contact_segments` is listed for one segment: by a search for its contacts.
SEGMENT_CONTACTS = Table(
    name="contact_segments",
    row="one segment that one contact has",
    order="contact_id, segment_id",
    pair=("contact_id", "segment_id"),
    keys=(Key("segment_id", "segment", every="segments"),),
    example="segments s join contact_segments cs on cs.segment_id = s.id where s.name = 'Active'",
    search=Listing("/contacts/search", "data", Paging.SEARCH, 150, "POST"),
    columns=(
        Column("contact_id", Kind.ID, "Intercom's id of the contact", "id"),
        Column("segment_id", Kind.ID, "id of the segment", ASKED),
        Column("segment_name", Kind.TEXT, "name of the segment", "segment_name"),
    ),
)


def _link(noun: str, example: str, listing: Listing, *others: Key, named: bool = True) -> Table:
    name = listing.path.rpartition("/")[2]
    names = (Column(f"{noun}_name", Kind.TEXT, f"name of the {noun}", "name"),) if named else ()
    return Table(
        name=f"contact_{name}",
        row=f"one {noun} that one contact has",
        order=f"contact_id, {noun}_id",
        pair=("contact_id", f"{noun}_id"),
        keys=(_CONTACT, *others),
        example=example,
        listing=listing,
        columns=(
            Column("contact_id", Kind.ID, "Intercom's id of the contact", ASKED),
            Column(f"{noun}_id", Kind.ID, f"id of the {noun}", "id"),
            *names,
        ),
    )


CONTACT_COMPANIES = _link(
    "company",
    COMPANY_CONTACTS.example,
    Listing("/contacts/{id}/companies", "data", Paging.NUMBER, 60),
    Key("company_id", "company", listed_by=COMPANY_CONTACTS),
    named=False,
)
CONTACT_TAGS = _link(
    "tag",
    "contacts c join contact_tags t on t.contact_id = c.id where c.role = 'user'",
    Listing("/contacts/{id}/tags", "data", Paging.WHOLE),
)
CONTACT_SEGMENTS = _link(
    "segment",
    "contacts c join contact_segments s on s.contact_id = c.id where c.role = 'user'",
    Listing("/contacts/{id}/segments", "data", Paging.WHOLE),
    Key("segment_id", "segment", listed_by=SEGMENT_CONTACTS),
)
