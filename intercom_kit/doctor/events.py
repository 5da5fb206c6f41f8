"""Tests of the pages of a contact's events: how many a page holds, where the next begins, and how the list ends."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from intercom_kit.doctor.object_types import Row
from intercom_kit.doctor.questions import Answer, Questions
from intercom_kit.doctor.results import Results
from intercom_kit.tables import EVENTS

NOBODY = "not tried: no contact is known"
FEW_EVENTS = "not seen: the tested contacts have too few events"
NO_NEXT = "not seen: a page of two events has no next page"
NOT_THE_END = "not seen: the last page was not reached"
OTHER_MOMENT = "not clear: the URL of the next page has another time than the last event"
EMPTY = "from a list without events"
LARGEST = 150

# How many contacts are tried: those seen last.
_CONTACTS = 2
_FEWEST = 3  # events that make two pages

_SHOWN = ("events-next", "events-before", "events-page")


async def events(questions: Questions, results: Results, contacts: Sequence[Row]) -> None:
    """Test with one to four requests; without a known contact, only whether the token may read events."""
    results.leave(_SHOWN, FEW_EVENTS)
    seen = sorted(contacts, key=lambda row: row.seen_at, reverse=True)[:_CONTACTS]
    if not seen:
        results.leave(_SHOWN, NOBODY)
        await _ask(questions, "0")
    for contact in seen:
        answer = await _ask(questions, contact.id)
        if answer.why:
            results.leave(_SHOWN, answer.why)
            return
        count = len(answer.members("events"))
        _end(results, answer)
        if _next(answer):
            results.find("events-page", f"{count} by default")
            await _following(questions, results, contact.id, answer, LARGEST)
            return
        if count >= _FEWEST:
            first = await _ask(questions, contact.id, per_page=2)
            await _following(questions, results, contact.id, first, 2)
            return


async def _following(questions: Questions, results: Results, contact: str, first: Answer, size: int) -> None:
    """Request the page after the first; bounds are closed if the last event of the first page is in it again.

    Only the time is taken from the next page's URL, so that the token is never sent to another host.
    """
    address, last = _next(first), (first.members("events") or [{}])[-1]
    before = parse_qs(urlsplit(address).query).get("before", [""])[0] if address else ""
    if first.why or not before.isdecimal() or int(before) // 1000 != last.get("created_at"):
        results.leave("events-before", first.why or (OTHER_MOMENT if address else NO_NEXT))
        return
    second = await _ask(questions, contact, before=before, per_page=size)
    if second.why:
        results.leave("events-before", second.why)
        return
    following = second.members("events")
    closed = last.get("id") in [each.get("id") for each in following]
    if following:
        results.find("events-before", "closed" if closed else "open")
    if _next(second) and size == LARGEST:
        default = results.of("events-page").found
        results.find("events-page", f"{default}, {len(following)} where {LARGEST} are asked for")
    _end(results, second)


def _end(results: Results, answer: Answer) -> None:
    """Record how a list ends, if this is its last page."""
    pages = answer.whole.get("pages")
    if _next(answer):
        if results.of("events-next").found is None:
            results.leave("events-next", NOT_THE_END)
    elif isinstance(pages, dict):
        note = "" if answer.members("events") else EMPTY
        results.find("events-next", "null" if "next" in pages else "absent", note=note)


def _next(answer: Answer) -> str:
    pages = answer.whole.get("pages")
    address = pages.get("next") if isinstance(pages, dict) else None
    return address if isinstance(address, str) else ""


async def _ask(questions: Questions, contact: str, **more: Any) -> Answer:
    query = {"type": "user", "intercom_user_id": contact, **more}
    assert EVENTS.listing is not None  # noqa: S101 - declared
    return await questions.ask("GET", EVENTS.listing.path, query=query, items=EVENTS.listing.items)
