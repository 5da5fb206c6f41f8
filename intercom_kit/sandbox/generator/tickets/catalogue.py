"""The workspace's ticket types, with their attributes and states."""

from typing import NamedTuple

from intercom_kit.sandbox.contents.record import Record

FIRST_ATTRIBUTE_ID = 14_162_161
ATTRIBUTES_PER_TYPE = 16  # ids are apart by type: `_default_title_` has another id in each


class Attribute(NamedTuple):
    """One attribute of a ticket type; the same name may have another data type in another ticket type."""

    name: str
    data_type: str
    options: tuple[str, ...] = ()
    archived: bool = False


class TicketType(NamedTuple):
    """One ticket type."""

    id: int
    name: str
    category: str
    icon: str
    attributes: tuple[Attribute, ...]
    archived: bool = False

    def attribute_id(self, name: str) -> str:
        place = next(place for place, attribute in enumerate(self.attributes) if attribute.name == name)
        return str(FIRST_ATTRIBUTE_ID + ATTRIBUTES_PER_TYPE * (self.id - TYPES[0].id) + place)


class State(NamedTuple):
    """One ticket state: several may share a category."""

    id: int
    category: str
    internal_label: str
    external_label: str
    archived: bool = False


TITLE, DESCRIPTION = Attribute("_default_title_", "string"), Attribute("_default_description_", "string")
LEVELS = ("Low", "Medium", "High", "Critical")
TYPES = (
    TicketType(
        1230,
        "Question (old form)",
        "Customer",
        "❓",
        (TITLE, DESCRIPTION, Attribute("Severity", "integer")),
        archived=True,
    ),
    TicketType(
        1231,
        "Bug",
        "Customer",
        "🐞",
        (
            TITLE,
            DESCRIPTION,
            Attribute("Severity", "list", LEVELS),
            Attribute("Due", "datetime"),
            Attribute("Seats affected", "integer"),
            Attribute("Reproduced", "boolean"),
            Attribute("Logs", "files"),
            Attribute("Browser", "string", archived=True),
        ),
    ),
    TicketType(
        1232,
        "Refund request",
        "Customer",
        "💶",
        (
            TITLE,
            DESCRIPTION,
            Attribute("Amount", "decimal"),
            Attribute("Reason", "list", ("Charged twice", "Cancelled in time", "Not as described")),
            Attribute("Due", "datetime"),
        ),
    ),
    TicketType(
        1233,
        "Access review",
        "Back-office",
        "🔑",
        (TITLE, DESCRIPTION, Attribute("Severity", "string"), Attribute("Approved", "boolean")),
    ),
    TicketType(
        1234,
        "Incident",
        "Tracker",
        "🚨",
        (TITLE, DESCRIPTION, Attribute("Severity", "list", LEVELS), Attribute("Started at", "datetime")),
    ),
)
OLD, BUG, REFUND, REVIEW, INCIDENT = TYPES
SUBMITTED = State(7490, "submitted", "Submitted", "Submitted")
IN_PROGRESS = State(7491, "in_progress", "In progress", "In progress")
TIER_2 = State(7492, "in_progress", "With tier 2", "In progress")
WAITING = State(7493, "waiting_on_customer", "Waiting on customer", "Waiting on you")
RESOLVED = State(7494, "resolved", "Resolved", "Resolved")
WILL_NOT_FIX = State(7495, "resolved", "Won't fix", "Closed")
VENDOR = State(7496, "in_progress", "With the vendor", "In progress", archived=True)
STATES = (SUBMITTED, IN_PROGRESS, TIER_2, WAITING, RESOLVED, WILL_NOT_FIX, VENDOR)


def state_record(state: State) -> Record:
    """Return a state as tickets and ticket types show it."""
    return {
        "type": "ticket_state",
        "id": str(state.id),
        "category": state.category,
        "internal_label": state.internal_label,
        "external_label": state.external_label,
    }


def state_records() -> list[Record]:
    """Return all states, archived ones too, with references to the ticket types that use them."""
    used_by = [_reference(type_) for type_ in TYPES]
    return [
        {**state_record(state), "archived": state.archived, "ticket_types": {"type": "list", "data": used_by}}
        for state in STATES
    ]


def type_record(type_: TicketType, workspace_id: str, founded: int) -> Record:
    """Return one ticket type in full, as every ticket embeds it; `is_internal` is not documented."""
    attributes = [
        _attribute_record(type_, attribute, order, workspace_id, founded)
        for order, attribute in enumerate(type_.attributes)
    ]
    return {
        **_reference(type_),
        "workspace_id": workspace_id,
        "created_at": founded,
        "updated_at": founded,
        "ticket_type_attributes": {"type": "list", "data": attributes},
        "ticket_states": {"type": "list", "data": [state_record(state) for state in STATES if not state.archived]},
    }


def _reference(type_: TicketType) -> Record:
    return {
        "type": "ticket_type",
        "id": str(type_.id),
        "name": type_.name,
        "description": f"{type_.name}, filled in by {'a customer' if type_.category == 'Customer' else 'a teammate'}",
        "icon": type_.icon,
        "archived": type_.archived,
        "is_internal": type_.category != "Customer",
        "category": type_.category,
    }


def _attribute_record(type_: TicketType, attribute: Attribute, order: int, workspace_id: str, founded: int) -> Record:
    """Return an attribute; how the options of a list are shown is UNCONFIRMED [list-options]."""
    multiline = {"multiline": attribute is DESCRIPTION}
    own = attribute not in (TITLE, DESCRIPTION)
    return {
        "type": "ticket_type_attribute",
        "id": type_.attribute_id(attribute.name),
        "workspace_id": workspace_id,
        "name": attribute.name,
        "description": "" if own else "Set on every ticket",
        "data_type": attribute.data_type,
        "input_options": multiline if attribute.data_type == "string" else None,
        "order": order,
        "required_to_create": attribute is TITLE,
        "required_to_create_for_contacts": False,
        "visible_on_create": True,
        "visible_to_contacts": type_.category == "Customer",
        "default": not own,
        "ticket_type_id": type_.id,
        "archived": attribute.archived,
        "created_at": founded,
        "updated_at": founded,
    }
