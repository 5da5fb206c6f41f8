"""Personal data, as it is, as pseudonyms, or not at all: decided where values land, so that nothing can look behind.

A pseudonym is the same for the same value, whichever table holds it, so that equality and joins are kept. It is a hash
under a key that is made anew for each process and is nowhere in the data.
"""

import re
import secrets
from typing import Literal

from intercom_kit.tables.columns import Column, Kind

Privacy = Literal["full", "masked", "none"]

KEY = secrets.token_hex(32)

# Where a text or a file was, if these are not there at all: that there was one is no secret, and metrics need it.
REMOVED = "[removed]"

_DIGITS = 12
_PSEUDONYM = re.compile(rf"[a-z]+-[0-9a-f]{{{_DIGITS}}}")


def protected(column: Column, value: str, privacy: Privacy) -> str:
    """Write the expression that lands in place of a column's value; with "masked" it takes the parameter `$key`."""
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
    """Tell whether a value can be a pseudonym, and so can be compared with masked values."""
    return isinstance(value, str) and (bool(_PSEUDONYM.fullmatch(value)) or not value)


def _pseudonym(column: Column, value: str) -> str:
    hashed = f"left(sha256($key || lower(trim({value}))), {_DIGITS})"
    return f"if(trim({value}) = '', '', '{column.personal}-' || {hashed})"


def _masked_members(column: Column, value: str) -> str:
    """Mask the members of an object, numbers too, for they may be dates of birth; what is no object goes."""
    pseudonym = _pseudonym(column, "(e.value->>'$')")
    masked = f"if(e.value::varchar in ('true', 'false', 'null'), e.value, to_json({pseudonym}))"
    entries = f"map_entries(try_cast({value} as map(varchar, json)))"
    return f"to_json(map_from_entries(list_transform({entries}, lambda e: {{'k': e.key, 'v': {masked}}})))"
