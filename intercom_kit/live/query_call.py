"""One call of a query: its text, parameters and frames, and its limits, checked."""

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import pandas as pd

from intercom_kit.errors import BadQueryError, BadRequestError
from intercom_kit.live.memory import Fresh
from intercom_kit.sql.planner import Parameters
from intercom_kit.sql.running import checked_timeout
from intercom_kit.tables import CARRIED_BY, TABLES
from intercom_kit.values.plain import plain, whole_number


@dataclass(frozen=True)
class QueryCall:
    """The arguments of `sql` and `plan`.

    `timeout` limits DuckDB's work, not the fetching, and `whole` names the tables that may be read without keys.
    With `apart`, an amount of memory, the query runs in a separate process. `tells_values`: whether texts in it that no
    row has are noted, as for a query that a person wrote.
    """

    query: str
    parameters: Parameters = None
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    max_requests: int = sys.maxsize
    fresh: Fresh = "live"
    timeout: float | None = None
    max_rows: int | None = None
    whole: Iterable[str] = ()
    apart: str | None = None
    tells_values: bool = False

    def checked(self) -> "QueryCall":
        """Return the same call with its arguments as plain values.

        Raises BadRequestError for a limit that is none, BadQueryError for parameters without names and places.
        """
        if self.fresh not in get_args(Fresh):
            raise BadRequestError(f"fresh={self.fresh!r} must be one of {', '.join(map(repr, get_args(Fresh)))}.")
        if self.apart is not None and len(self.frames):
            raise BadRequestError("A query that is answered apart sees none of your frames: leave frames= out.")
        return replace(
            self,
            parameters=plain_parameters(self.parameters),
            max_requests=checked_requests(self.max_requests),
            timeout=checked_timeout(self.timeout),
            max_rows=_checked_rows(self.max_rows),
            whole=_checked_tables(self.whole),
        )


def plain_parameters(parameters: Any) -> Parameters:
    """Return the parameters of a query as DuckDB accepts them: Series and arrays as lists, missing values as NULL.

    Floats stay floats, even whole ones. Raises BadQueryError for anything but a list or a dict.
    """
    converted = plain(parameters, whole=False)
    if converted is not None and not isinstance(converted, list | dict):
        raise BadQueryError(f"params={parameters!r} must be {{'name': value}} for $name, or a list for each ?.")
    return converted


def checked_requests(max_requests: Any) -> int:
    """Return how many requests a query may send; infinity is no limit."""
    number = sys.maxsize if max_requests == math.inf else whole_number(max_requests)
    if number is None or number < 1:
        raise BadRequestError(f"max_requests={max_requests!r} must be at least 1.")
    return number


def _checked_rows(max_rows: Any) -> int | None:
    number = whole_number(max_rows)
    if max_rows is not None and (number is None or number < 1):
        raise BadRequestError(f"max_rows={max_rows!r} must be at least 1, or None for no limit.")
    return number


def _checked_tables(whole: Iterable[str]) -> set[str]:
    """Return the tables that may be read without keys; raise BadRequestError for one that has none."""
    names = {whole} if isinstance(whole, str) else set(whole)
    by_key = [table.name for table in TABLES.values() if table.keys and table.name not in CARRIED_BY]
    if others := sorted(names - set(by_key)):
        raise BadRequestError(f"whole={others!r} is not possible: only {', '.join(by_key)} are fetched key by key.")
    return names
