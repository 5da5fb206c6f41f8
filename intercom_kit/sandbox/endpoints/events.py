"""Answer about what one contact did: there is no list of everybody's events."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.workspace import EMAIL, EXTERNAL_ID
from intercom_kit.sandbox.endpoints.contacts import contact_row
from intercom_kit.sandbox.errors import ApiError, bad_parameter, contact_not_found
from intercom_kit.sandbox.generator.events import Event, colliding
from intercom_kit.sandbox.pagination import per_page
from intercom_kit.sandbox.paging_faults import Place, turn

LISTED = 15  # by the 2.11 spec; UNCONFIRMED [events-page] since
LISTABLE_SECONDS = 90 * 86_400
BEGINNING = float("inf")  # before which everything happened


def list_events(call: Call) -> Record:
    """List a contact's events of the last 90 days, newest first, or count all with summary=true."""
    if call.query.get("type") != "user":
        raise bad_parameter("type must be user", "type")  # UNCONFIRMED [error-codes]
    row = _contact(call)
    events = call.workspace.events(row)
    if call.query.get("summary") == "true":
        return _summary(call.workspace.contacts.record(row), events)
    oldest, since = (call.workspace.now - LISTABLE_SECONDS) * 1000, _moment(call, "since")
    young = [event for event in events if event.milliseconds >= oldest]
    if call.faults.decides("events_same_ms", call.workspace.contacts.id_of(row)):
        young = colliding(young)
    listable = [event for event in young if since is None or event.milliseconds >= since]
    size = per_page(call.query.get("per_page"), LISTED, call.behaviours.of("per-page-over"))
    closed = call.behaviours.of("events-before") == "closed"  # UNCONFIRMED [events-before]

    def read(before: float) -> tuple[list[Event], float | None]:
        older = [event for event in listable if event.milliseconds < before + closed]
        page = older[:size]
        return page, page[-1].milliseconds if len(page) < len(older) else None

    shown, onward = turn(_place(call), BEGINNING, read, call.breaks)
    return _page(call, list(shown), onward)


def _place(call: Call) -> Place[float]:
    """Read after which millisecond the page begins; `turn` says what else a fault wants to know again."""
    before = _moment(call, "before")
    number, _, mark = call.query.get("turn", "").partition("-")
    position = BEGINNING if before is None else before
    return Place(int(number) if number.isdecimal() else 1 if before is None else 2, position, mark)


def _contact(call: Call) -> int:
    """Find the contact by the one identifier given (errors UNCONFIRMED [error-codes])."""
    given = [(name, call.query[name]) for name in ("user_id", "email", "intercom_user_id") if name in call.query]
    if not given:
        raise ApiError(400, "parameter_not_found", "user_id, email or intercom_user_id not specified")
    if len(given) > 1:
        raise bad_parameter("Give exactly one of user_id, email and intercom_user_id")
    name, value = given[0]
    if name == "intercom_user_id":
        return contact_row(call, value)
    rows = call.workspace.contact_rows(EXTERNAL_ID if name == "user_id" else EMAIL, value)
    # Leads, too, have external ids, but only intercom_user_id finds their events.
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


def _page(call: Call, page: list[Event], onward: Place[float] | None) -> Record:
    """Write a page that points to older and newer events by milliseconds, which the events themselves do not show."""
    kept = {name: value for name, value in call.query.items() if name not in ("before", "since", "turn")}
    pages: Record = {"next": None} if call.behaviours.of("events-next") == "null" else {}  # UNCONFIRMED [events-next]
    if onward is not None:
        older = {**kept} if onward.position == BEGINNING else {**kept, "before": int(onward.position)}
        if call.breaks is not None:
            older["turn"] = f"{onward.number}-{onward.mark}"
        pages["next"] = f"{call.address}?{urlencode(older)}"
    if page:
        pages["since"] = f"{call.address}?{urlencode({**kept, 'since': page[0].milliseconds + 1})}"
    return {"type": "event.list", "events": [event.record for event in page], "pages": pages}


def _summary(contact: Record, events: list[Event]) -> Record:
    """Count events by name, those too old to list included; its times are text, in the order of first use."""
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
