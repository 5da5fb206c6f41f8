"""The endpoints of companies."""

from intercom_kit.sandbox import pagination, versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.fields import CONTACT_FIELDS, Field
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.workspace import COMPANY_IDS
from intercom_kit.sandbox.endpoints import contacts
from intercom_kit.sandbox.errors import bad_parameter, company_not_found
from intercom_kit.sandbox.pagination import Ordered

LAST_REQUEST = Field("last_request_at", "date", "last_request_at")
TAG_IDS = Field("tags", "ids", "tags.tags[].id")
SEGMENT_IDS = Field("segments", "ids", "segments.segments[].id")
LISTED, MAX_PER_PAGE = 15, 60


def listable(call: Call, order: str = "desc") -> list[int]:
    """Return the rows of the companies with users, by their last request: Intercom's lists omit the others."""
    companies = call.workspace.simple["companies"]
    rows = companies.order(LAST_REQUEST)[0].tolist()
    if order != "asc":
        rows.reverse()
    return [row for row in rows if companies.items[row].get("user_count", 1) != 0]


def find_or_list(call: Call) -> Record:
    """Return one company by name or company_id (an object, not a list), or a page of companies."""
    companies = call.workspace.simple["companies"]
    for name in ("name", "company_id"):
        if name in call.query:
            rows = companies.texts(Field(name, "text", name)).rows_with(call.query[name])
            if not len(rows):
                raise company_not_found()
            return versions.company_as(call.version, companies.record(int(rows[0])))
    chosen = listable(call, call.query.get("order", "desc"))
    for name, field in (("tag_id", TAG_IDS), ("segment_id", SEGMENT_IDS)):
        if name in call.query:
            having = set(companies.texts(field).rows_with(call.query[name]).tolist())
            chosen = [row for row in chosen if row in having]
    return _numbered(call, chosen)


def list_companies(call: Call) -> Record:
    """Return a page of companies; its page is a query parameter although this is a POST."""
    order = call.query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise bad_parameter("order must be asc or desc", "order")  # UNCONFIRMED [error-codes]
    return _numbered(call, listable(call, order))


def _numbered(call: Call, rows: list[int]) -> Record:
    shown, pages = call.numbered_page(len(rows), LISTED, MAX_PER_PAGE)
    pagination.refuse_beyond_listable(shown)
    companies = call.workspace.simple["companies"]
    data = [versions.company_as(call.version, companies.record(row)) for row in rows[shown]]
    return {"type": "list", "data": data, "pages": pages, "total_count": len(rows)}


def scroll(call: Call) -> Record:
    """Return the next page of the scroll; recorded: in no particular order."""
    companies = call.workspace.simple["companies"]
    records = [companies.record(row) for row in sorted(listable(call), key=lambda row: row * 7919 % len(companies))]
    answer = call.scroll.answer(call.query.get("scroll_param"), records, call.paging_faults)
    answer["data"] = [versions.company_as(call.version, company) for company in answer["data"]]
    return answer


def _company(call: Call) -> Record:
    company = call.workspace.simple["companies"].get(call.path["id"])
    if company is None:
        raise company_not_found()
    return company


def show_company(call: Call) -> Record:
    """Return one company, even one without users."""
    return versions.company_as(call.version, _company(call))


def list_contacts(call: Call) -> Record | str:
    """Return a page of a company's contacts, by cursor or page number; recorded cursors show newest first."""
    id_, people = str(_company(call)["id"]), call.workspace.contacts
    order, keys = people.order(CONTACT_FIELDS["created_at"])
    rows = order[people.texts(COMPANY_IDS).having([id_])[order]]
    request = call.list_request(50)
    if "page" not in call.query or request.cursor:
        return contacts.page(call, people, Ordered(rows, keys[rows], descending=True), request)
    shown, pages = call.numbered_page(len(rows), 50, pagination.MAX_PER_PAGE)
    data = [contacts.rendered(call, row) for row in rows[::-1][shown].tolist()]
    return {"type": "list", "data": data, "total_count": len(rows), "pages": pages}


def list_segments(call: Call) -> Record:
    """Return all segments of a company."""
    segments = _company(call).get("segments") or {}
    return {"type": "list", "data": segments.get("segments", []) if isinstance(segments, dict) else []}
