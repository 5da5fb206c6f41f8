"""The endpoint of events, which lists those of one contact; Intercom has no list across contacts."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.workspace import EMAIL, EXTERNAL_ID
from intercom_kit.sandbox.endpoints.contacts import contact_row
from intercom_kit.sandbox.errors import ApiError, bad_parameter, contact_not_found
from intercom_kit.sandbox.generator.events import Event, with_shared_milliseconds
from intercom_kit.sandbox.pagination import per_page
from intercom_kit.sandbox.paging_faults import Place, read_page

LISTED = 15  # by the 2.11 spec; UNCONFIRMED [events-page] since
LISTABLE_SECONDS = 90 * 86_400
BEGINNING = float("inf")  # later than every event


def list_events(call: Call) -> Record:
    """Return a contact's events of the last 90 days, newest first, or counts of all with summary=true."""
    if call.query.get("type") != "user":
        raise bad_parameter("type must be user", "type")  # UNCONFIRMED [error-codes]
    row = _contact(call)
    events = call.workspace.events(row)
    if call.query.get("summary") == "true":
        return _summary(call.workspace.contacts.record(row), events)
    oldest, since = (call.workspace.now - LISTABLE_SECONDS) * 1000, _moment(call, "since")
    recent = [event for event in events if event.milliseconds >= oldest]
    if call.faults.applies_to("events_same_ms", call.workspace.contacts.id_of(row)):
        recent = with_shared_milliseconds(recent)
    listable = [event for event in recent if since is None or event.milliseconds >= since]
    size = per_page(call.query.get("per_page"), LISTED, call.behaviours.of("per-page-over"))
    closed = call.behaviours.of("events-before") == "closed"  # UNCONFIRMED [events-before]

    def read(before: float) -> tuple[list[Event], float | None]:
        older = [event for event in listable if event.milliseconds < before + closed]
        page = older[:size]
        return page, page[-1].milliseconds if len(page) < len(older) else None

    shown, next_place = read_page(_place(call), BEGINNING, read, call.paging_faults)
    return _page(call, list(shown), next_place)


def _place(call: Call) -> Place[float]:
    """Return the place of the page, from `before` in milliseconds; `turn` carries a fault's page number and mark."""
    before = _moment(call, "before")
    number, _, mark = call.query.get("turn", "").partition("-")
    position = BEGINNING if before is None else before
    return Place(int(number) if number.isdecimal() else 1 if before is None else 2, position, mark)


def _contact(call: Call) -> int:
    """Return the row of the contact with the identifier in the query (errors UNCONFIRMED [error-codes])."""
    identifiers = [(name, call.query[name]) for name in ("user_id", "email", "intercom_user_id") if name in call.query]
    if not identifiers:
        raise ApiError(400, "parameter_not_found", "user_id, email or intercom_user_id not specified")
    if len(identifiers) > 1:
        raise bad_parameter("Give exactly one of user_id, email and intercom_user_id")
    name, value = identifiers[0]
    if name == "intercom_user_id":
        return contact_row(call, value)
    rows = call.workspace.contact_rows(EXTERNAL_ID if name == "user_id" else EMAIL, value)
    # Leads have external ids too, but only intercom_user_id finds their events.
    users = [row for row in rows if call.workspace.contacts.record(row).get("role") != "lead"]
    if not users:
        raise contact_not_found()
    return users[0]


def _moment(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise bad_parameter(f"{name} must be in milliseconds", name)
    return int(text)


def _page(call: Call, page: list[Event], next_place: Place[float] | None) -> Record:
    """Return a page with links to older and newer events by milliseconds, which the events do not show."""
    filters = {name: value for name, value in call.query.items() if name not in ("before", "since", "turn")}
    pages: Record = {"next": None} if call.behaviours.of("events-next") == "null" else {}  # UNCONFIRMED [events-next]
    if next_place is not None:
        older = {**filters} if next_place.position == BEGINNING else {**filters, "before": int(next_place.position)}
        if call.paging_faults is not None:
            older["turn"] = f"{next_place.number}-{next_place.mark}"
        pages["next"] = f"{call.address}?{urlencode(older)}"
    if page:
        pages["since"] = f"{call.address}?{urlencode({**filters, 'since': page[0].milliseconds + 1})}"
    return {"type": "event.list", "events": [event.record for event in page], "pages": pages}


def _summary(contact: Record, events: list[Event]) -> Record:
    """Return event counts by name, in order of first use, including events too old to list; times are ISO text."""
    counted: dict[str, list[int]] = {}
    for event in reversed(events):
        counted.setdefault(event.name, []).append(event.milliseconds)
    items = [
        {"name": name, "first": _iso(times[0]), "last": _iso(times[-1]), "count": len(times), "description": ""}
        for name, times in counted.items()
    ]
    return {
        "type": "event.summary",
        "email": contact.get("email"),
        "intercom_user_id": contact["id"],
        "user_id": contact.get("external_id"),
        "events": items,
    }


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds")
