"""What a table is: its columns, and where Intercom lists, gives and searches its objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from intercom_kit.tables.columns import Column


class Paging(Enum):
    """The ways in which Intercom divides a list into pages."""

    WHOLE = "one answer holds everything"
    CURSOR = "`starting_after` in the query"
    SEARCH = "`pagination.starting_after` in the body of a search"
    NUMBER = "`page` in the query"
    SCROLL = "`scroll_param` in the query, one scroll at a time"
    ADDRESS = "`pages.next` is the address of the next page"


@dataclass(frozen=True)
class Listing:
    """One way to list objects: the path, the key that holds them, the paging, the largest page and a fixed query."""

    path: str
    items: str
    paging: Paging
    per_page: int = 0
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Key:
    """A column for whose values Intercom lists the rows of a table, one value a request.

    `noun` is what a value names, and `parameter` the query's name of it where it does not stand in the path.
    `every` names the table whose ids are all such values. `of_contact` is the column of contacts that has the same
    values. `listed_by` declares how the rows are listed for this key, where that is otherwise than the table says.
    """

    column: str
    noun: str
    parameter: str = ""
    every: str = ""
    of_contact: str = ""
    listed_by: "Table | None" = None

    @property
    def nouns(self) -> str:
        """Return the plural of the noun."""
        return f"{self.noun[:-1]}ies" if self.noun.endswith("y") else f"{self.noun}s"


@dataclass(frozen=True)
class Table:
    """The declaration of one table; DDL, JSON structure, `schema()` and documentation follow from this alone.

    `row` says what one row is and `order` how a frame is sorted. `key` names the column that tells rows apart, or
    `pair` the columns that do so together. `changed` is the time by which the newer of two answers is known. `keys` are
    given where Intercom lists the rows for a given value only, with an `example` of a query that gives such values.
    `whole_day_search` marks searches that compare times by whole days in the workspace's timezone, and `search_only`
    names what can be searched by without being a column of one value, each with the column that it looks into, "" where
    no column holds that.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    order: str
    key: str = ""
    pair: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    example: str = ""
    changed: str = ""
    listing: Listing | None = None
    search: Listing | None = None
    scroll: Listing | None = None
    one: str = ""
    whole_day_search: bool = False
    search_only: Mapping[str, str] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for a declaration of which something is missing."""
        named = {self.key, *self.pair, *(key.column for key in self.keys)} - {""}
        if unknown := sorted(name for name in named if name not in self):
            raise ValueError(f"{self.name} declares no column {', '.join(unknown)}, which tells its rows apart.")
        if not self.key and not self.pair:
            raise ValueError(f"{self.name} declares neither a key nor a pair of columns that tells its rows apart.")
        if self.listing and "{id}" in self.listing.path and not self.keys:
            raise ValueError(f"{self.name} is listed at {self.listing.path}, and declares no keys to put into that.")
        if self.keys and not (self.example and any(key.every for key in self.keys)):
            raise ValueError(f"{self.name} declares keys, and no example, or no table that has all of them.")

    @property
    def every_key(self) -> Key:
        """Return the key of which another table has all values."""
        return next(key for key in self.keys if key.every)

    def key_for(self, column: str) -> Key:
        """Find a key by its column; raise KeyError if there is none."""
        for key in self.keys:
            if key.column == column:
                return key
        raise KeyError(f"{self.name} is not listed by {column!r}")

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> Column:
        """Find a column by its name; raise KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")
