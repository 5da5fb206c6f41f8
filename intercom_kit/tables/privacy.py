"""Personal data in full, masked by pseudonyms, or removed: done while rows are inserted, so no query can undo it.

Equal values have the same pseudonym in every table, so equality and joins still work. A pseudonym is a hash under a
key that is generated for each process and is not stored in the data.
"""

import re
import secrets
from typing import Literal

from intercom_kit.tables.columns import Column, Kind

Privacy = Literal["full", "masked", "none"]

KEY = secrets.token_hex(32)

# Stands in place of a removed text or file: that there was one is not personal, and metrics need to know.
REMOVED = "[removed]"

_DIGITS = 12
_PSEUDONYM = re.compile(rf"[a-z]+-[0-9a-f]{{{_DIGITS}}}")


def protected(column: Column, value: str, privacy: Privacy) -> str:
    """Return the SQL expression inserted in place of a column's value; "masked" needs the parameter `$key`."""
    if not column.personal or privacy == "full":
        return value
    if privacy == "none" and column.kind is Kind.TEXTS:
        return f"if(len({value}) > 0, list_transform({value}, lambda text: '{REMOVED}'), null)"
    if privacy == "none":
        return f"if({value} <> '', '{REMOVED}', null)" if column.personal == "text" else "null"
    match column.kind:
        case Kind.JSON:
            return _masked_members(column, value)
        case Kind.TEXTS:
            return f"list_transform({value}, lambda text: {_pseudonym(column, 'text')})"
        case _:
            return _pseudonym(column, value)


def may_be_masked(value: object) -> bool:
    """Return whether a value may be a pseudonym, so that comparing it with masked values makes sense."""
    return isinstance(value, str) and (bool(_PSEUDONYM.fullmatch(value)) or not value)


def _pseudonym(column: Column, value: str) -> str:
    hashed = f"left(sha256($key || lower(trim({value}))), {_DIGITS})"
    return f"if(trim({value}) = '', '', '{column.personal}-' || {hashed})"


def _masked_members(column: Column, value: str) -> str:
    """Mask the members of an object, numbers too, since they may be dates of birth; anything else becomes NULL."""
    pseudonym = _pseudonym(column, "(e.value->>'$')")
    masked = f"if(e.value::varchar in ('true', 'false', 'null'), e.value, to_json({pseudonym}))"
    entries = f"map_entries(try_cast({value} as map(varchar, json)))"
    return f"to_json(map_from_entries(list_transform({entries}, lambda e: {{'k': e.key, 'v': {masked}}})))"
