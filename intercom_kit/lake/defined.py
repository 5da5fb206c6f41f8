"""The attributes that a workspace defined, as queries over a lake need them."""

from intercom_kit.errors import BadQueryError
from intercom_kit.sql.plans import Reading


def require_none(reading: Reading) -> None:
    """Raise BadQueryError for a query that needs the definitions of attributes."""
    if reading.undefined:
        raise BadQueryError(
            "attr is known to live queries only: write custom_attributes->>'plan', and attributes->>'Severity' of "
            "tickets, with a name of your own."
        )
