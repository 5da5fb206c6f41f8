"""The values of ticket attributes, some of which do not have the declared type."""

from datetime import UTC, datetime
from typing import Any

from intercom_kit.sandbox.generator.conversation import Conversation
from intercom_kit.sandbox.generator.seeded import Dice, hexadecimal
from intercom_kit.sandbox.generator.tickets.catalogue import DESCRIPTION, TITLE, Attribute, TicketType

DAY = 86_400
ODD = 0.06  # the share of values of another type, as old clients and imports write them
ORDER_TYPE = "order"


def attribute_values(dice: Dice, type_: TicketType, conversation: Conversation, at: int) -> dict[str, Any]:
    """Return the values by attribute name; an archived attribute only old tickets have."""
    values: dict[str, Any] = {
        TITLE.name: f"{conversation.topic.name}: {conversation.thing}",
        DESCRIPTION.name: conversation.source_body if dice.chance(0.9) else None,
    }
    for attribute in type_.attributes[2:]:
        value = None if dice.chance(0.1) else _value(dice, attribute, at)
        if not attribute.archived or dice.chance(0.2):
            values[attribute.name] = value
    return values


def _value(dice: Dice, attribute: Attribute, at: int) -> Any:
    odd = dice.chance(ODD)
    match attribute.data_type:
        case "list":
            return dice.pick(attribute.options)
        case "integer":
            number = dice.whole(1, 200)
            return str(number) if odd else number
        case "decimal":
            return dice.whole(500, 90_000) / 100
        case "boolean":
            answer = dice.chance(0.5)
            return str(answer).lower() if odd else answer
        case "datetime":
            return _moment(at + dice.whole(1, 21) * DAY, odd=odd)
        case "files":
            return [_file(dice) for _ in range(dice.whole(0, 2))]
    return dice.pick(("High", "Chrome 130", "ask legal"))


def _moment(at: int, *, odd: bool) -> int | str:
    """Return a time as Unix seconds, or as ISO text (UNCONFIRMED [attribute-dates])."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if odd else at


def _file(dice: Dice) -> dict[str, Any]:
    name = f"trace-{dice.whole(100, 999)}.log"
    return {
        "type": "upload",
        "name": name,
        "url": f"https://downloads.intercomcdn.com/{hexadecimal(dice, 12)}/{name}",
        "content_type": "text/plain",
        "filesize": dice.whole(900, 90_000),
        "width": 0,
        "height": 0,
    }


def conversation_values(dice: Dice, at: int) -> dict[str, Any]:
    """Return custom attributes of the conversation, of the types that conversation_attribute_records declares."""
    odd = dice.chance(ODD)
    orders: list[dict[str, Any]] = [
        {"type": ORDER_TYPE, "id": f"ord-{dice.whole(1, 10**6)}", "external_id": None, "custom_attributes": {}}
        for _ in range(dice.whole(0, 2))
    ]
    seats = dice.whole(1, 80)
    values: dict[str, Any] = {
        "Seats at risk": str(seats) if odd else seats,
        "Contract value": dice.whole(10_000, 900_000) / 100,
        "Callback at": _moment(at + DAY, odd=odd),
        "Renewal at risk": dice.chance(0.3),
        "Orders": {"type": f"{ORDER_TYPE}.list", "instances": orders},
    }
    return {name: value for name, value in values.items() if dice.chance(0.7)}
