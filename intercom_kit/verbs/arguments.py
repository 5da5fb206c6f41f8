"""The arguments of verbs, checked and read: ids, limits and filters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from intercom_kit.errors import BadRequestError, MissingIdentifierError, NotFoundError
from intercom_kit.fetch.session import Session
from intercom_kit.live import masking
from intercom_kit.paging.paths import NO_IDS
from intercom_kit.search.conditions import containing
from intercom_kit.search.filters import Selection, select
from intercom_kit.tables import Table
from intercom_kit.values.plain import id_text, plain, whole_number
from intercom_kit.values.times import Time, clock, span


def identifier(value: Any, noun: str, verb: str, *, as_written: bool = False) -> str:
    """Return a value as the text of an id, `as_written` if the id is your own.

    Raises MissingIdentifierError if it is missing, and BadRequestError for a float that cannot be an id.
    """
    converted = plain(value)
    if isinstance(converted, bool) or not isinstance(converted, str | int | float | None):
        kind = type(value).__name__
        raise MissingIdentifierError(
            f"{verb} needs the id of one {noun}, not a {kind}: give a value of its column `id`."
        )
    key = id_text(converted, as_written=as_written)
    if key is None or key == "nan":
        raise MissingIdentifierError(f"{verb} needs the id of a {noun}, and got {value!r}: see the column `id`.")
    if key in NO_IDS:
        raise NotFoundError(f"There is no {noun} {key!r}: give an id from the column `id`.")
    return key


def identifiers(ids: Any, noun: str, verb: str) -> list[str]:
    """Return one id, several, or those of a frame as text; raise MissingIdentifierError if one is missing."""
    if isinstance(ids, pd.DataFrame):
        if "id" not in ids:
            raise MissingIdentifierError(f"{verb} finds no column 'id' in the frame: give ids from that column.")
        ids = ids["id"]
    values = plain(ids)
    several = list(values) if isinstance(values, list | dict) else [values]
    return [identifier(key, noun, verb) for key in several]


@dataclass(frozen=True)
class Times:
    """The arguments with which a call says which span of time it is about, and on which clock."""

    since: Time | None = None
    until: Time | None = None
    during: Time | None = None
    timezone: Any = None

    def read(self, session: Session, now: datetime | None = None) -> tuple[datetime | None, datetime | None]:
        """Return where the span begins and ends, exclusive; raise BadTimeError for what is no time."""
        zone = session.timezone if self.timezone is None else clock(self.timezone)
        return span(self.since, self.until, zone, now, self.during)

    def beginning(self, age: str) -> "Times":
        """Return the same, which begins an age ago unless it says when it begins."""
        return replace(self, since=age) if self.since is None and self.during is None else self

    def named(self) -> dict[str, Any]:
        """Return the arguments that were given, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


def checked_limit(limit: Any) -> int | None:
    """Return a limit: a whole number from 1 up, or None for everything."""
    number = whole_number(limit)
    if limit is not None and (number is None or number < 1):
        raise BadRequestError(f"limit={limit!r} must be a whole number from 1 up, or None for everything.")
    return number


def selected(session: Session, table: Table, filters: Mapping[str, Any]) -> Selection:
    """Return the selection of filters; the timezone is fetched only if there are any."""
    masking.check_filters(table, filters, session.privacy)
    return select(table, filters, session.timezone, session.learning.days(table)) if filters else Selection()


def with_words(session: Session, table: Table, selection: Selection, text: Any, fields: tuple[str, ...]) -> None:
    """Narrow a selection to rows that have every word of a text in one of some fields."""
    masking.check_text(table, fields, session.privacy)
    selection.search(*containing(text, fields))
