"""The declaration of a column: its kind, the path of its value in Intercom's JSON, and its meaning."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from intercom_kit.hints import hint


class Kind(Enum):
    """The kinds of values that Intercom's objects hold.

    An `ID` is Intercom's own id: text even where it sends a number, and NULL where it sends 0 for nobody; external ids
    are `TEXT`. A `TIME` is an instant in the years 1 to 9999, sent as unix seconds, milliseconds or ISO text. `JSON`
    is an open-ended object, stored as JSON text.
    """

    ID = "id"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    JSON = "json"
    TEXTS = "texts"

    @property
    def sql(self) -> str:
        """Return the DuckDB type of the kind."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TIME: "TIMESTAMPTZ",
    Kind.JSON: "JSON",
    Kind.TEXTS: "VARCHAR[]",
}

Unit = Literal["seconds", "UTC", "per month", ""]

# The sort of personal data in a column, which is the prefix of its pseudonyms.
Personal = Literal["name", "email", "phone", "place", "address", "attributes", "text", ""]


@dataclass(frozen=True)
class Column:
    """The declaration of one column.

    `path` is the path of the value in the object: `source.author.name`; `tags.tags[].id` for a list of values;
    `contacts.contacts[0].id` for the first of a list; `ticket_attributes->title` for a member of an object that is a
    column itself; `=contact` for a text that all rows of a list have. It defaults to the column's name. Some answers
    have `alias` in place of the last key. `search` is the column's name in Intercom's search, if that can filter by it.
    `personal` marks what identifies a person, or was written by or about one. `values` are all allowed values, if
    Intercom documents them, and `renamed` maps values of older API versions to them. In a `body`, empty text counts as
    missing, since Intercom sends both for a message without text. `names` are the tables in which the names for a
    column of ids are looked up, in this order.
    """

    name: str
    kind: Kind
    meaning: str
    path: str = ""
    unit: Unit = ""
    search: str = ""
    personal: Personal = ""
    values: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict, hash=False)
    body: bool = False
    names: tuple[str, ...] = ()
    alias: str = ""

    def __post_init__(self) -> None:
        if self.names and not self.name.endswith(("_id", "_ids")):
            raise ValueError(f"{self.name} has names in another table, but its own name ends neither in _id nor _ids.")
        object.__setattr__(self, "path", self.path or self.name)
        if self.kind is Kind.TIME:
            object.__setattr__(self, "unit", "UTC")

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the keys of the path; `[]` stands for every member of a list, `[0]` for its first."""
        return tuple(re.findall(r"\[0?\]|[^.\[\]]+", self.path.partition("->")[0]))

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the steps, and the key of the member if the value is one."""
        return (*self.steps, self.member) if self.member else self.steps

    @property
    def member(self) -> str:
        """Return the key of the value in an object that is a column itself; empty for any other path."""
        return self.path.partition("->")[2]

    @property
    def beside(self) -> str:
        """Return the name of a column that shows the names for these ids: owner for owner_id, teams for team_ids."""
        return f"{self.name.removesuffix('_ids')}s" if self.name.endswith("_ids") else self.name.removesuffix("_id")


def impossible(name: str, value: Any, values: Collection[str]) -> str:
    """Return why a value is not allowed, with the closest one that is; empty where it is allowed."""
    allowed = not values or not isinstance(value, str) or value in values
    return "" if allowed else f"{name} is never {value!r}: {hint(value, values)}"
