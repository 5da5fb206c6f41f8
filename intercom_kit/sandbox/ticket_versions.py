"""Tickets in older API versions: they are stored as in 2.16 and converted for the response."""

from typing import Any

from intercom_kit.sandbox.contents.record import Record

Version = tuple[int, int]
OWN_KEY = "ticket_type_attributes"


def ticket_as(version: Version, ticket: Any) -> Any:
    """Return a ticket as in a version; anything else, as a conversation that is none, stays as it is."""
    if not isinstance(ticket, dict):
        return ticket
    ticket = dict(ticket)
    if version < (2, 16):
        ticket.pop("previous_ticket_state_id", None)
        for assignee in ("admin_assignee_id", "team_assignee_id"):
            if isinstance(ticket.get(assignee), int):
                ticket[assignee] = str(ticket[assignee])
    if version < (2, 14):
        _parts_without(ticket, ("updated_attribute_data", *(("app_package_code",) if version < (2, 13) else ())))
    if version < (2, 12):
        _state_as_words(ticket)
    if "ticket_type" in ticket:
        ticket["ticket_type"] = type_as(version, ticket["ticket_type"])
    return ticket


def _parts_without(ticket: Record, names: tuple[str, ...]) -> None:
    listing = ticket.get("ticket_parts")
    if isinstance(listing, dict) and isinstance(listing.get("ticket_parts"), list):
        parts = [{key: value for key, value in part.items() if key not in names} for part in listing["ticket_parts"]]
        ticket["ticket_parts"] = {**listing, "ticket_parts": parts}


def _state_as_words(ticket: Record) -> None:
    """Replace the state object by its category and labels."""
    state = ticket.get("ticket_state")
    if isinstance(state, dict):
        ticket["ticket_state"] = state.get("category")
        for label in ("internal_label", "external_label"):
            ticket[f"ticket_state_{label}"] = state.get(label)


def type_as(version: Version, type_: Any) -> Any:
    """Return a ticket type as in a version: states were added in 2.12."""
    if version >= (2, 12) or not isinstance(type_, dict):
        return type_
    return {name: value for name, value in type_.items() if name != "ticket_states"}


def with_attributes_under(choice: str, type_: Any) -> Any:
    """Return a ticket type with its attributes under `data`, as in examples, or under their own key, as in the schema.

    Which key Intercom uses is UNCONFIRMED [ticket-type-key].
    """
    listing = type_.get(OWN_KEY) if isinstance(type_, dict) else None
    if choice == "data" or not isinstance(listing, dict) or "data" not in listing:
        return type_
    return {**type_, OWN_KEY: {"type": f"{OWN_KEY}.list", OWN_KEY: listing["data"]}}
