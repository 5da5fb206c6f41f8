"""Tests of lists: oversized pages, pages beyond the last, their order, and what the token may not read."""

from collections.abc import Sequence
from itertools import pairwise

from intercom_kit.doctor.object_types import CONVERSATION, ObjectType, Row
from intercom_kit.doctor.questions import NOT_PERMITTED, WITHOUT_SCOPE, Answer, Questions
from intercom_kit.doctor.results import Results

LARGEST = 150
KNOWN = 60  # rows of a page that needs not be full
BEYOND = 168  # the page of 60 companies that begins after 10,000

TOO_FEW = "not seen: there are too few rows to fill a page"
LARGER = "not clear: a page was larger than the maximum"
NO_ORDER = "not tried: there are too few rows to show an order"
FEWER_COMPANIES = "not seen: there are fewer companies than 10,000"
NO_AVATAR = "not seen: no admin has an avatar"
MAY_SEE = "not seen: this token may read tickets, so it does not show what other tokens see"
NO_TICKET = "not seen: this token may not read tickets, and none was among the listed conversations"
NONE_MISSING = "not seen: no permission was missing"
ONE_MISSING = "not clear: only one permission is missing"
NOTHING_REFUSED = "not seen: nothing was refused"

_ORDERS = ("updated_at descending", "created_at ascending", "created_at descending", "updated_at ascending")
_FEWEST = 3


async def first_page(questions: Questions, results: Results, object_type: ObjectType) -> Answer:
    """Return the first page of a list; as long as the effect is unknown, request more rows than a page may hold."""
    assert object_type.listing is not None  # noqa: S101 - only those that are listed
    size = LARGEST + 1 if results.of("per-page-over").found is None else KNOWN
    answer = await _page(questions, object_type, size)
    if answer.refused and size > LARGEST:
        answer = await _page(questions, object_type, LARGEST)
        if not answer.why:
            results.find("per-page-over", "refuse", note=f"tested on {object_type.name}")
    elif size > LARGEST and not answer.why:
        _clipped(results, object_type, answer)
    elif size > LARGEST:
        results.leave("per-page-over", answer.why)
    return answer


async def _page(questions: Questions, object_type: ObjectType, size: int) -> Answer:
    assert object_type.listing is not None  # noqa: S101 - only those that are listed
    return await questions.ask("GET", object_type.listing.path, query={"per_page": size}, items=object_type.items)


def _clipped(results: Results, object_type: ObjectType, answer: Answer) -> None:
    """Record whether the page was clipped, by its number of rows or the `per_page` that it reports."""
    pages, count = answer.whole.get("pages"), len(answer.members(object_type.items))
    echoed = str(pages.get("per_page")) if isinstance(pages, dict) else ""
    if count > LARGEST:
        results.leave("per-page-over", LARGER)
    elif echoed == str(LARGEST) or (count == LARGEST and answer.page and answer.page.next):
        results.find("per-page-over", "clip", note=f"tested on {object_type.name}")
    else:
        results.leave("per-page-over", TOO_FEW)


def list_order(results: Results, object_type: ObjectType, rows: Sequence[Row]) -> None:
    """Record the order of a list's rows."""
    fits = [order for order in _ORDERS if _in_order(rows, order)]
    if len({(row.created_at, row.updated_at) for row in rows}) < _FEWEST:
        results.leave("list-order", NO_ORDER, object_type.name)
    else:
        results.find("list-order", " or ".join(fits) or "none by creation or update", object_type.name)


def _in_order(rows: Sequence[Row], order: str) -> bool:
    name, _, direction = order.partition(" ")
    times = [getattr(row, name) for row in rows]
    return all(after <= before if direction == "descending" else after >= before for before, after in pairwise(times))


async def admins(questions: Questions, results: Results) -> None:
    """Test the form of admins' avatars."""
    answer = await questions.ask("GET", "/admins", query={"display_avatar": "true"}, items="admins")
    avatars = [each["avatar"] for each in answer.members("admins") if each.get("avatar")]
    if answer.why or not avatars:
        results.leave("admin-avatar", answer.why or NO_AVATAR)
    else:
        forms = {"an object" if isinstance(each, dict) else "an address" for each in avatars}
        results.find("admin-avatar", " or ".join(sorted(forms)))


async def companies(questions: Questions, results: Results) -> None:
    """Test a page of companies beyond the last that pages reach."""
    query = {"page": BEYOND, "per_page": 60}
    answer = await questions.ask("POST", "/companies/list", query=query, items="data")
    total = answer.page.total_count if answer.page else None
    if answer.refused:
        results.find("companies-beyond", answer.why)
    elif answer.why or total is None or total <= (BEYOND - 1) * 60:
        results.leave("companies-beyond", answer.why or FEWER_COMPANIES)
    else:
        results.find("companies-beyond", "rows" if answer.members("data") else "an empty page")


def tickets(results: Results, search: Answer, listed: Answer) -> None:
    """Record whether conversations include tickets, for a token that may not read tickets."""
    if search.why and not search.why.startswith(NOT_PERMITTED):
        results.leave("tickets", search.why)
    elif not search.why:
        results.leave("tickets", MAY_SEE)
    elif listed.why:
        results.leave("tickets", listed.why)
    elif any(row.is_ticket for row in CONVERSATION.rows(listed)):
        results.find("tickets", "visible")
    else:
        results.leave("tickets", NO_TICKET)


def refusals(questions: Questions, results: Results) -> None:
    """Record the statuses and codes of all refusals."""
    refused = [each for each in questions.endpoints.values() if each.state == WITHOUT_SCOPE]
    statuses = {status for each in refused for status in each.statuses if status in (401, 403)}
    if len(statuses) > 1:
        results.find("missing-scope", "either")
    elif len({each.scope for each in refused}) > 1:
        results.find("missing-scope", str(statuses.pop()))
    elif refused:
        results.leave("missing-scope", f"{ONE_MISSING}, which is answered with {statuses.pop()}")
    else:
        results.leave("missing-scope", NONE_MISSING)
    if questions.codes:
        results.find("error-codes", ", ".join(sorted(questions.codes)))
    else:
        results.leave("error-codes", NOTHING_REFUSED)
