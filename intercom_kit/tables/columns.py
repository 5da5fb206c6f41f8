"""What a column of a table is: its kind, where its value stands in Intercom's JSON, and what it means."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from intercom_kit.errors import hint


class Kind(Enum):
    """The kinds of values that Intercom's objects hold.

    An `ID` is Intercom's own: text even where it sends a number, and NULL where it sends 0 for nobody; ids of yours
    are `TEXT`. A `TIME` is an instant of the years 1 to 9999, whether Intercom sends unix seconds, milliseconds or ISO
    text. `JSON` is an open-ended object, kept as its text.
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
        """Give the DuckDB type that holds the kind."""
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

# What is personal about a column's values; pseudonyms begin with it.
Personal = Literal["name", "email", "phone", "place", "address", "attributes", "text", ""]


@dataclass(frozen=True)
class Column:
    """The declaration of one column.

    `path` is where the value stands in the object: `source.author.name`; `tags.tags[].id` for a list of values;
    `contacts.contacts[0].id` for the first of a list. It defaults to the column's name. `search` is the name by
    which Intercom's search knows the column, where it can filter on it. `personal` marks what says who a person is, or
    was written by or about one. `values` are all that there are, where Intercom names them, and `renamed` turns what
    older API versions answer into them. In a `body` an empty text is none: Intercom says both of what has no words.
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.path or self.name)
        if self.kind is Kind.TIME:
            object.__setattr__(self, "unit", "UTC")

    @property
    def steps(self) -> tuple[str, ...]:
        """Split the path into keys; `[]` stands for every member of a list, `[0]` for its first."""
        return tuple(re.findall(r"\[0?\]|[^.\[\]]+", self.path))


def impossible(name: str, value: Any, values: Collection[str]) -> str:
    """Say that a text is none of the values that there are, with the nearest; nothing, where it is or may be one."""
    may_be = not values or not isinstance(value, str) or value in values
    return "" if may_be else f"{name} is never {value!r}: {hint(value, values)}"
