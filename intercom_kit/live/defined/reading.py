"""The attributes that a query reads by `attr`: what knowing them costs."""

from dataclasses import dataclass, field

from intercom_kit.frames.receipt import Receipt
from intercom_kit.live.counted.estimates import Step
from intercom_kit.sql.attributes.column import Attributes
from intercom_kit.sql.attributes.naming import COLUMN
from intercom_kit.sql.plans import Reading


@dataclass(frozen=True)
class Planned:
    """A query that was read, what its definitions of attributes cost now, and the seconds spent without these."""

    reading: Reading
    cost: Receipt = field(default_factory=lambda: Receipt("attributes"))
    spent: float = 0.0


def defining(attributes: Attributes | None, cost: Receipt) -> list[Step]:
    """Return the step of a plan for the definitions of attributes; a plan fetches them, since it needs them."""
    if attributes is None:
        return []
    names = ", ".join(f"{table}.{COLUMN}" for table in attributes.tables)
    asked = "fetched for this plan, and once for the session" if cost.requests else "cached"
    return [Step("attributes", requests=cost.requests, seconds=0.0, note=f"definitions of {names}: {asked}")]
